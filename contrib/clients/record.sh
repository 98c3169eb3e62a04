#!/bin/sh
# SPDX-License-Identifier: MIT
# Tells the collector about one thing that happened, over its control socket. Needs `nc` that knows
# unix sockets (netcat-openbsd) or `socat`. May also be sourced: then post and the functions below
# it are yours.
#
#   record.sh message SESSION [AGENT]
#   record.sh tool SESSION TOOL-USE-ID [AGENT]
#   record.sh tokens SESSION MODEL INPUT OUTPUT [REQUEST-ID]
#   record.sh compute SESSION SECONDS [AGENT]
#
# Prints the collector's answer (`OK 1`); ends with 0 when it is stored, 1 when it was refused, 69
# when no collector answers. Something posted twice under the same id counts once.

control_socket() {
  if [ -n "${SHMETER_RUNTIME_DIR:-}" ]; then
    set -- "$SHMETER_RUNTIME_DIR"
  else
    set -- "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/shmeter" "/run/user/$(id -u)/shmeter" "/tmp/shmeter-$(id -u)"
  fi
  for dir; do
    if [ -S "$dir/control.sock" ]; then
      printf '%s\n' "$dir/control.sock"
      return 0
    fi
  done
  return 1
}

# exchange: stdin to the socket, the answer to stdout.
exchange() {
  socket=$(control_socket) || return 69
  if command -v nc > /dev/null 2>&1; then
    nc -N -U "$socket" 2> /dev/null || return 69
  else
    socat -t 5 - "UNIX-CONNECT:$socket" || return 69
  fi
}

# quoted TEXT: as a JSON string.
quoted() {
  printf '"%s"' "$(printf '%s' "$1" | tr '\000-\037' ' ' | sed 's/[\\"]/\\&/g')"
}

# post JSON: one event, or an array of them.
post() {
  # The length is in bytes, and wc counts bytes in every locale.
  length=$(printf '%s' "$1" | wc -c)
  answer=$(printf 'INGEST events %d\n%s' "$length" "$1" | exchange) || return 69
  [ -n "$answer" ] || return 69
  printf '%s\n' "$answer"
  case $answer in OK*) return 0 ;; *) return 1 ;; esac
}

# event SESSION TYPE MORE-MEMBERS
event() {
  post "{\"session_id\":$(quoted "$1"),\"event_type\":\"$2\"$3}"
}

agent() {
  if [ -n "${1:-}" ]; then printf ',"agent_name":%s' "$(quoted "$1")"; fi
}

record_message() { event "$1" message ",\"value\":1$(agent "${2:-}")"; }
record_tool() { event "$1" tool_call ",\"value\":1,\"id\":$(quoted "$2")$(agent "${3:-}")"; }
record_compute() { event "$1" compute ",\"value\":$2$(agent "${3:-}")"; }
record_tokens() {
  id=
  if [ -n "${5:-}" ]; then id=",\"id\":$(quoted "$5")"; fi
  event "$1" tokens \
    ",\"value\":$(($3 + $4)),\"model\":$(quoted "$2"),\"input_tokens\":$3,\"output_tokens\":$4$id"
}

usage() {
  sed -n 's/^#   //p' "$0" >&2
  exit 64
}

case $0 in
  *record.sh)
    [ $# -ge 2 ] || usage
    what=$1
    shift
    case $what:$# in
      message:[12]) record_message "$@" ;;
      tool:[23]) record_tool "$@" ;;
      tokens:[45]) record_tokens "$@" ;;
      compute:[23]) record_compute "$@" ;;
      *) usage ;;
    esac
    ;;
esac
