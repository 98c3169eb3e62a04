#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real tmux with attached clients: contrib/tmux as printed shows the figure, shows the next one after a transcript
# grew or another collector came, by the same process, and nothing stays behind when a client or the server goes.
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

watchers() { ours_named '[^ ]*shmeter .*tmux --watch' | cut -d' ' -f1; }
# Page faults of the server's children that have ended: the same as before means that it started none that did.
ended_children() { sed 's/.*) //' "/proc/$(tmux -L "$inner" display-message -p '#{pid}')/stat" | cut -d' ' -f9; }

before=$(today)
within 10 shows "$before" || die "the status line never showed $before"
within 10 eval '[[ $(watchers | wc -l) -eq 1 ]]' || die "not one watcher: $(ours)"
watcher=$(watchers) ended=$(ended_children)
append_response 1
within 10 eval '[[ $(today) != "$before" ]]' || die "today stayed $before"
after=$(today)
within 10 shows "$after" || die "the status line never showed $after"
! shows "$before today" || die "both figures at once"
[[ $(watchers) == "$watcher" && $(ended_children) == "$ended" ]] || die "another process: $(watchers) not $watcher, $(ended_children) not $ended"

# Another client has a watcher of its own; both go on with the next collector.
first=$terminal
open_terminal "env -u TMUX tmux -L $inner -u attach"
within 10 shows "$after" || die "a second client never showed $after"
[[ $(watchers | wc -l) -eq 2 ]] || die "not two watchers: $(ours)"
stop_collector
is_dimmed() { shows "$after" && shows 'old)'; }
within 20 is_dimmed || die "without a collector the line is not marked as old"
start_collector
append_response 2
within 10 eval '[[ $(today) != "$after" ]]' || die "today stayed $after"
after=$(today)
for terminal in "$terminal" "$first"; do
  within 10 shows "$after" || die "with the next collector $terminal never showed $after"
  ! shows 'old)' || die "$terminal still calls it old"
done
grep -qx "$watcher" <<< "$(watchers)" || die "the first watcher is gone: $(ours)"
terminal=terminal-$terminals
close_terminal
within 10 eval '[[ $(watchers) == "$watcher" ]]' || die "one client gone: $(ours)"
terminal=$first

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
