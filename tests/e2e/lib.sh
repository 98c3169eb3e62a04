# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Shared by the end-to-end tests: a world of its own for each (home, runtime dir, tmux sockets, Claude Code data), a
# terminal to look at, and the promise that nothing is left running at the end.
# CTest sets SHMETER (the reader's path) and TREE (the source tree).
set -euo pipefail

name=$(basename -- "$0" .sh)
work=$(mktemp -d /tmp/shmeter-e2e.XXXXXX) # short: socket paths end at 107 bytes
export HOME=$work/home XDG_CONFIG_HOME=$work/home/.config XDG_STATE_HOME=$work/home/.local/state
export XDG_CACHE_HOME=$work/home/.cache XDG_RUNTIME_DIR=$work/run
export SHMETER_RUNTIME_DIR=$XDG_RUNTIME_DIR/shmeter # there and nowhere else: a collector of the developer's may run
PATH=$(dirname -- "$SHMETER"):$PATH
export PATH LC_ALL=C.UTF-8 TERM=xterm-256color
export SHMETER_E2E=$work # marks our processes, whatever becomes of their parents
unset CLAUDE_CONFIG_DIR SHMETER_CONFIG TMUX TMUX_PANE NO_COLOR FORCE_COLOR COLUMNS CI TMPDIR DISPLAY WAYLAND_DISPLAY
mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR"
cd "$HOME"

# The programs this test started and that still run, as PID COMMAND LINE. A shell's own environ is the one it was
# started with, so the mark is not in this script's or its subshells'.
ours() {
  local dir
  for dir in /proc/[0-9]*; do
    if grep -qzxF "SHMETER_E2E=$work" "$dir/environ" 2> /dev/null; then
      printf '%s %s\n' "${dir#/proc/}" "$(tr '\0' ' ' 2> /dev/null < "$dir/cmdline" || true)"
    fi
  done
}
ours_named() { ours | grep -E "^[0-9]+ $1" || true; }

die() {
  printf '%s: FAILED: %s\n' "$name" "$*" >&2
  [[ ! -s $work/screen ]] || { echo "the screen was:" >&2; cat "$work/screen" >&2; }
  exit 1
}
needs() {
  local tool
  for tool; do command -v "$tool" > /dev/null || { echo "$name: skipped, no $tool"; exit 77; }; done
}

finish() {
  local status=$? left socket
  trap - EXIT
  for socket in "$work"/tmux-*/*; do
    [[ ! -S $socket ]] || tmux -S "$socket" kill-server 2>/dev/null || true
  done
  left=$(ours)
  if [[ -n $left ]]; then
    ours | while read -r pid _; do kill -KILL "$pid" 2>/dev/null || true; done
    if [[ $status -eq 0 ]]; then
      printf '%s: FAILED: left running:\n%s\n' "$name" "$left" >&2
      status=1
    fi
  fi
  rm -rf "$work"
  exit "$status"
}
export TMUX_TMPDIR=$work # sockets too
terminal=terminal-0 terminals=0
trap finish EXIT
trap 'echo "$name: stopped at line $LINENO: $BASH_COMMAND" >&2' ERR
set -E

# within SECONDS COMMAND...: waits until the command succeeds; false if it never does.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    sleep 0.1
  done
}

# The bundled sample as this test's Claude Code data.
use_sample() {
  "$TREE/contrib/sample/make" "$work/sample"
  export CLAUDE_CONFIG_DIR=$work/sample/claude
}
is_live() { [[ $(shmeter json | jq -r .state) == live ]]; }
start_collector() {
  shmeter daemon start > "$work/start.log" 2>&1 || die "daemon start: $(cat "$work/start.log")"
  within 20 is_live || die "no complete picture: $(shmeter json)"
}
stop_collector() { shmeter daemon stop > /dev/null || die "daemon stop"; }

# append_response ID: one more response of the newest session of the sample, 2.002 dollars by the price list.
append_response() {
  local id=$1 file
  file=$(find "$CLAUDE_CONFIG_DIR/projects" -name 'f6c21e88*.jsonl')
  jq -cn --arg id "$id" --arg now "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" '{type: "assistant", timestamp: $now,
    sessionId: "f6c21e88-04db-4a35-97ef-52d8b3a16e05", uuid: ("e2e-" + $id), requestId: ("req_e2e" + $id),
    cwd: "/home/sam/ferry-times", version: "2.1.330", isSidechain: false,
    message: {id: ("msg_e2e" + $id), role: "assistant", model: "claude-sonnet-5-5", content: [],
      usage: {input_tokens: 1000, output_tokens: 200000, cache_creation_input_tokens: 0, cache_read_input_tokens: 0}}}' >> "$file"
}

# own_form TEMPLATE HOST...: the user's own line for these hosts.
own_form() {
  local template=$1
  shift
  mkdir -p "$XDG_CONFIG_HOME/shmeter"
  printf "[format.%s]\ntemplate = '$template'\n" "$@" > "$work/config.toml"
  mv "$work/config.toml" "$XDG_CONFIG_HOME/shmeter/config.toml"
}

# hostile_line N: the collector hears of a session whose name, model, branch and folder are called as four names of
# hostile_names.json, which are [name, as any host shows it]; $shown is then what $hostile_form comes to. Each name has its
# turn in two of the places; false when all had.
# shellcheck disable=SC2034  # used by the tests
hostile_form='{session.pr|raw}|{session.name|max:36}|{session.model|max:36}|{session.branch|max:36}|{session.dir|max:36}'
# shellcheck disable=SC2034  # shown: the same
hostile_line() {
  local names=$TREE/tests/e2e/hostile_names.json
  ((2 * $1 < $(jq length "$names"))) || return 1
  jq -c --argjson n "$1" --slurpfile status "$work/sample/statusline.json" '
    . as $names | (9000 + $n) as $pr
    | [range(4) | $names[(2 * $n + .) % ($names | length)]] as [$name, $model, $branch, $folder]
    | {status: ($status[0] | .pr.number = $pr | .session_name = $name[0] | .model.display_name = $model[0]
        | .worktree.branch = $branch[0] | .workspace.current_dir = "/home/sam/" + $folder[0]),
       shown: ([$pr, $name[1], $model[1], $branch[1], ($folder[1] | split("/") | last)] | map(tostring) | join("|"))}
    ' "$names" > "$work/hostile" || die "no hostile line $1"
  shown=$(jq -r .shown "$work/hostile")
  jq -c .status "$work/hostile" | shmeter claude > /dev/null || die "shmeter claude with hostile line $1"
}
# What those names would make, were one of them run.
nothing_ran() { [[ -z $(find "$work" -name x) ]] || die "a name was run: $(find "$work" -name x)"; }

# A terminal: a tmux server whose only pane is 160 x 24 and runs COMMAND. screen reads it back as a person sees it.
open_terminal() {
  terminal=terminal-$((++terminals)) # a name of its own: the one before may not be gone yet
  tmux -L "$terminal" -f /dev/null -u new-session -d -x 160 -y 24 "$@"
  tmux -L "$terminal" set -g status off
  tmux -L "$terminal" set -g remain-on-exit on
}
screen() { tmux -L "$terminal" capture-pane -p > "$work/screen"; cat "$work/screen"; }
shows() { screen | grep -qF -- "$1"; }
type_keys() { tmux -L "$terminal" send-keys "$@"; }
close_terminal() { tmux -L "$terminal" kill-server; }

# snippet FOLDER LANGUAGE [N]: the N-th such block of contrib/FOLDER/README.md, as printed there.
snippet() {
  awk -v open="\`\`\`$2" -v want="${3:-1}" '
    $0 == open { if (++seen == want) inside = 1; next }
    /^```/ { inside = 0 }
    inside' "$TREE/contrib/$1/README.md" | grep . || die "contrib/$1 has no $2 snippet ${3:-1}"
}
