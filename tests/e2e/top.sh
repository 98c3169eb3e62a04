#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `shmeter top` in a real tmux: what it shows, what keys and a new size do, and that the terminal is as it was before on
# every way out: q, Ctrl-C, SIGTERM, SIGHUP, Ctrl-Z and back, a popup.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux jq

use_sample
start_collector
shmeter claude < "$work/sample/statusline.json" > /dev/null
has_limit() { [[ $(shmeter plain '{five_hour.used}') == *% ]]; }
within 10 has_limit || die "the status line's limits never arrived"

# No terminal: one plain frame, and whoever has read enough may go.
once=$(shmeter top) || die "without a terminal it failed"
for words in 'live' 'orchard' 'ferry-times' 'resets' 'today $' 'block $'; do
  grep -qF -- "$words" <<< "$once" || die "no '$words' in: $once"
done
! grep -q $'\e' <<< "$once" || die "escapes without a terminal: $once"
shmeter top | head -1 | grep -q live || die "top | head"
LC_ALL=C shmeter top | LC_ALL=C grep -q '[^ -~]' && die "not ASCII in the C locale"
shmeter top < /dev/null | grep -q live || die "top < /dev/null"
shmeter top --region "$XDG_RUNTIME_DIR/shmeter/region.1" | grep -q live || die "--region"
shmeter top --runtime-dir "$work/nowhere" | grep -q 'no region' || die "it does not say that there is no region"
status=0
shmeter top > /dev/full || status=$?
[[ $status -eq 69 ]] || die "a full disk ended with $status"
status=0
shmeter top --nonsense 2> "$work/err" || status=$?
[[ $status -eq 64 && -s $work/err ]] || die "--nonsense ended with $status"

# A shell with job control, whose screen and settings must come back.
open_terminal "env PS1='ready> ' bash --norc --noprofile -i"
type_keys "PATH=$(dirname -- "$SHMETER"):\$PATH; clear; stty -g > $work/stty.before; echo a line from before" Enter
within 10 shows 'a line from before' || die "no shell"
before=$(screen)
modes() { tmux -L "$terminal" display -p '#{alternate_on} #{cursor_flag} #{wrap_flag}'; }
is_back() { [[ $(modes) == "0 1 1" ]]; }
is_up() { [[ $(modes) == "1 0 0" ]] && shows 'q quit'; }
start_top() {
  type_keys "shmeter top; echo ended \$?" Enter
  within 10 is_up || die "it never filled the screen"
}
# as_before WORDS: the shell's screen again, with WORDS below, and its settings.
as_before() {
  within 10 is_back || die "$1: alternate screen, cursor and wrapping are $(modes)"
  within 10 shows "$1" || die "no '$1'"
  screen > /dev/null
  [[ $(head -1 "$work/screen") == "$(head -1 <<< "$before")" ]] || die "$1: not the screen of before"
  type_keys "stty -g > $work/stty.after; echo compared; clear; echo a line from before" Enter
  within 10 eval "! shows compared && shows 'a line from before'" || die "$1: the shell does not go on"
  cmp "$work/stty.before" "$work/stty.after" || die "$1: the terminal's settings changed"
}

start_top
for words in 'live' '▸ ' 'orchard' 'resets' 'burn' 'tokens ' 'today $'; do
  within 10 shows "$words" || die "no '$words'"
done
selected() { screen | grep -F '▸'; }
first=$(selected)
type_keys j
moved() { [[ $(selected) != "$first" ]]; }
within 10 moved || die "j selects no other session"
type_keys Up
within 10 eval '! moved' || die "Up does not go back"
type_keys s
within 10 shows 'by cost' || die "s does not sort by cost"
type_keys / o r c h
within 10 shows '/orch_' || die "the filter is not shown"
type_keys Enter
within 10 shows 'with "orch"' || die "the filter is not kept"
! screen | grep -qF ferry || die "the filter keeps others"
type_keys Escape
within 10 shows ferry-times || die "Esc does not end the filter"
type_keys Enter
within 10 eval '! shows "  cost \$"' || die "Enter does not hide the details"
type_keys '?'
within 10 shows 'draw anew' || die "no help"
type_keys Escape
within 10 eval '! shows "draw anew"' || die "the help stays"

# It follows what happens, and the size.
total() { shmeter plain '{today.cost}'; }
old=$(total)
append_response 1
within 10 eval '[[ $(total) != "$old" ]]' || die "today stayed $old"
within 10 shows "today $(total)" || die "it does not show today $(total)"
for size in '20 5' '300 100' '1 1' '60 12' '160 24'; do
  read -r columns rows <<< "$size"
  tmux -L "$terminal" resize-window -x "$columns" -y "$rows"
  fits() {
    screen > /dev/null
    ((columns < 20)) || grep -q live "$work/screen"
  }
  within 10 fits || die "nothing at $size"
done
within 10 shows 'q quit' || die "it does not come back from small sizes"

# Suspended, the shell is as before; continued, so is the view.
type_keys C-z
as_before Stopped
type_keys fg Enter
within 10 is_up || die "fg does not bring it back"
type_keys q
as_before 'ready> fg'

start_top
type_keys q
as_before 'ended 0'
start_top
type_keys C-c
as_before 'ended 0'
for signal in TERM HUP QUIT; do
  start_top
  kill -"$signal" "$(ours_named '[^ ]*shmeterd top' | cut -d' ' -f1)"
  as_before "ended $((128 + $(kill -l "$signal")))"
done

# Stopped by others than itself, it takes the terminal anew.
start_top
top=$(ours_named '[^ ]*shmeterd top' | cut -d' ' -f1)
kill -STOP "$top"
within 10 shows Stopped || die "SIGSTOP"
type_keys fg Enter
within 10 is_up || die "fg after SIGSTOP does not bring it back"

# The collector goes: the last values, said to be old. It comes again.
stop_collector
within 10 shows 'stale' || die "it does not say that the collector is gone"
shows orchard || die "the last values are gone"
start_collector
within 10 shows 'live' || die "it does not see the next collector"
rm "$XDG_RUNTIME_DIR/shmeter/region.1"
old=$(total)
append_response 2
within 20 eval '[[ $(total) != "$old" ]]' || die "today stayed $old"
within 20 shows "today $(total)" || die "it does not find the region made anew"
type_keys q
within 10 is_back || die "q after that: $(modes)"

# A popup, where no shell could continue it.
inner=inner
tmux -L "$inner" -u -f /dev/null new-session -d -x 100 -y 24 'sleep 600'
if tmux -L "$inner" list-commands | grep -q '^display-popup'; then
  close_terminal
  open_terminal "env -u TMUX tmux -L $inner -u attach"
  attached() { [[ -n $(tmux -L "$inner" list-clients) ]]; }
  within 10 attached || die "no client"
  tmux -L "$inner" display-popup -w 90 -h 20 -E "$SHMETER top" &
  within 10 shows 'q quit' || die "nothing in the popup"
  type_keys C-z
  type_keys s
  within 10 shows 'by cost' || die "Ctrl-Z in a popup stopped it for ever"
  type_keys q
  within 10 eval '! shows "q quit"' || die "the popup stays"
  wait
fi
no_top() { [[ -z $(ours_named '[^ ]*shmeterd top') ]]; }
within 10 no_top || die "left: $(ours)"
stop_collector
