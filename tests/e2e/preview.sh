#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `shmeter preview`: samples without a collector, the picture of this moment with one, and what it says of tmux is what
# a real tmux shows.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux jq

# of PART HOST: a host's line below that title.
of() { awk -v part="$1" -v host="$2" '/^[^ ]/ { inside = $0 == part } inside && $1 == host { sub(/^ *[^ ]+ */, ""); print }'; }

shmeter preview > "$work/alone" 2> "$work/err" || die "without a collector it failed"
grep -q 'samples alone' "$work/err" || die "it does not say that there is no picture: $(cat "$work/err")"
[[ $(of 'a session at work' tmux < "$work/alone") == 'Opus 5.5 '*'$1.23'* ]] || die "no sample: $(cat "$work/alone")"
[[ -z $(of now tmux < "$work/alone") ]] || die "a picture without a collector"
! grep -q $'\e' "$work/alone" || die "escapes without a terminal"

use_sample
start_collector
shmeter claude < "$work/sample/statusline.json" > /dev/null
has_limit() { [[ $(shmeter plain '{five_hour.used}') == *% ]]; }
within 10 has_limit || die "the status line's limits never arrived"
# Times left may change between two commands, so each comparison has more than one try.
shows_as_plain() { [[ $(shmeter preview | of now "$1") == "$(shmeter plain)" ]]; }
for host in tmux starship waybar polybar plain ansi claude; do
  within 10 shows_as_plain "$host" || die "$host is not as plain: $(shmeter preview)"
done
is_raw() { [[ $(shmeter preview --raw | of now tmux) == "$(shmeter tmux)" ]]; }
within 10 is_raw || die "--raw is not what tmux gets"
shmeter preview --width 20 | of now plain | awk '{ exit length($0) > 20 }' || die "--width 20"
[[ -n $(FORCE_COLOR=3 shmeter preview | grep -F $'\e[38;2;95;135;215m') ]] || die "no colours"

refused() {
  local want=$1 status=0
  shift
  shmeter preview "$@" > "$work/out" 2> "$work/err" || status=$?
  [[ $status -eq $want && -s $work/err && ! -s $work/out ]] || die "preview $* ended with $status: $(cat "$work/err")"
}
refused 69 --session no-such-session
refused 64 --session 'a b'
refused 64 --width 0
refused 64 --nonsense
refused 69 --html "$work/no/such/folder.html"
id=$(shmeter json | jq -r '.sessions[-1].session_id')
is_session() { [[ $(shmeter preview --session "$id" | of now plain) == "$(shmeter plain --session "$id")" ]]; }
within 10 is_session || die "--session"
shmeter preview --html "$work/page.html"
grep -q '<span style="color:#5f87d7;">' "$work/page.html" || die "the page has no colours"

# A real tmux reads the bytes as preview says.
inner=inner
shmeter preview --raw | of 'limits and context nearly used up' tmux > "$work/bytes"
tmux -L "$inner" -u -f /dev/null new-session -d -x 160 -y 24 'sleep 600'
tmux -L "$inner" set -g status-left-length 150
tmux -L "$inner" set -g status-left "#(cat $work/bytes)"
open_terminal "env -u TMUX tmux -L $inner -u attach"
want=$(shmeter preview | of 'limits and context nearly used up' tmux)
within 10 shows "$want" || die "tmux does not show '$want'"
close_terminal
tmux -L "$inner" kill-server
stop_collector
