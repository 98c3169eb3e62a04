#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real tmux with an attached client: contrib/tmux as printed shows the figure, shows the next one after a transcript
# grew, and nothing stays behind when the client or the server goes.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux jq

inner=inner
use_sample
start_collector
today() { shmeter plain '{today.cost}'; }

snippet tmux tmux > "$work/tmux.conf"
tmux -L "$inner" -u -f "$work/tmux.conf" new-session -d -x 160 -y 24 'sleep 600'
open_terminal "env -u TMUX tmux -L $inner -u attach"

before=$(today)
within 10 shows "$before" || die "the status line never showed $before"
append_response 1
within 10 eval '[[ $(today) != "$before" ]]' || die "today stayed $before"
after=$(today)
within 10 shows "$after" || die "the status line never showed $after"
! shows "$before today" || die "both figures at once"
[[ $(ours_named '[^ ]*shmeter .*tmux --watch' | wc -l) -eq 1 ]] || die "not one watcher: $(ours)"

tmux -L "$inner" detach-client -a 2>/dev/null || true
close_terminal
no_watcher() { [[ -z $(ours_named '[^ ]*shmeter .*tmux') ]]; }
within 10 no_watcher || die "a detached client left: $(ours)"

open_terminal "env -u TMUX tmux -L $inner -u attach"
within 10 shows "$after" || die "attached again, it does not show $after"

# The session of a pane: who speaks there says so.
claude_here="shmeter claude < $work/sample/statusline.json > /dev/null; exec sleep 600"
pane=$(tmux -L "$inner" new-window -P -F '#{pane_id}' "$claude_here")
other=$(tmux -L "$inner" new-window -P -F '#{pane_id}' 'exec sleep 600')
here() { [[ $(shmeter tmux --color never --pane "$pane" '[{session.dir}]') == orchard ]]; }
within 10 here || die "pane $pane shows: $(shmeter tmux --pane "$pane" '[{session.dir}]')"
[[ -z $(shmeter tmux --color never --pane "$other" '[{session.dir}]') ]] || die "pane $other shows another one's session"
tmux -L "$inner" set -g window-status-format '#I:#W#(exec shmeter tmux --watch --pane #{pane_id} "[ {session.dir}]")'
within 10 shows ' orchard' || die "the window's status never showed its session"

tmux -L "$inner" kill-server
within 10 no_watcher || die "the ended server left: $(ours)"
stop_collector
