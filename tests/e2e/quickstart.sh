#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# contrib/quickstart as a newcomer runs it: a fresh copy of the tree, a machine without Claude Code. It shows every host's
# line, says how to stop what it started, and has written nothing to the home directory. Then once more.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux cmake ninja
unset SHMETER_RUNTIME_DIR # as a newcomer

mkdir "$work/clone"
(cd "$TREE" && tar cf - --exclude=./build --exclude='./build-*' --exclude=./.git .) | tar xf - -C "$work/clone"
export TMPDIR=$work/tmp CCACHE_BASEDIR=$work/clone # ccache, if any, may know what this tree compiles to
mkdir "$TMPDIR"

quickstart() {
  (cd / && "$work/clone/contrib/quickstart" "$@" < /dev/null > "$work/output" 2>&1) || die "exit $?: $(cat "$work/output")"
}
says() { grep -qE -- "$1" "$work/output" || die "no '$1' in: $(cat "$work/output")"; }
collectors() { ours_named '[^ ]*shmeterd' | wc -l; }

check_output() {
  says 'THE BUNDLED SAMPLE'
  says 'Found: +8 transcripts, 5 sessions, 33 requests'
  says ' \$1\.83 in all'
  for host in plain 'Claude Code' tmux starship waybar polybar; do
    says "^  $host +.*(Opus|Sonnet) 5\.5"
  done
  says 'as sent: #\['
  says 'as sent: \{"text":'
  says 'as sent: %\{F'
  says "#\(exec $work/clone/build/release/bin/shmeter tmux --watch\)"
  says "\"exec $work/clone/build/release/bin/shmeter claude --autostart\""
  says "$work/clone/build/release/bin/shmeter plain"
  [[ $(collectors) -eq 1 ]] || die "not one collector: $(ours)"
}
# Runs the command it prints.
stop_as_told() {
  local command
  command=$(sed -n 's/^Stop it: *//p' "$work/output")
  [[ -n $command ]] || die "does not say how to stop: $(cat "$work/output")"
  sh -c "$command" > /dev/null || die "failed: $command"
  none() { [[ $(collectors) -eq 0 ]]; }
  within 10 none || die "still running after: $command"
  [[ -z $(ls -A "$TMPDIR") ]] || die "left in TMPDIR: $(find "$TMPDIR")"
}

quickstart # no data: the sample without being told to
check_output
quickstart --yes --sample
check_output
stop_as_told
[[ -z $(find "$HOME" -mindepth 1) ]] || die "touched the home directory: $(find "$HOME")"

# Own data: both default places, the normal runtime dir.
"$TREE/contrib/sample/make" "$work/own"
mv "$work/own/claude" "$HOME/.claude"
find "$HOME" | sort > "$work/before"
quickstart --yes
says "Data: .*$HOME/\.claude"
says 'Found: +8 transcripts, 5 sessions, 33 requests'
! grep -q SAMPLE "$work/output" || die "the sample, though there is data"
stop_as_told
find "$HOME" | sort | diff "$work/before" - || die "touched the home directory"
