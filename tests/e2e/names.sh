#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever a session, model, branch or folder is called: tmux, zsh, bash and fish, set up by `shmeter setup`, show it as text
# without a colour, and run none of it.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux jq zsh bash fish

mkdir -p "$work/zsh" "$XDG_CONFIG_HOME/fish"
printf 'set -g status-right ""\nset -g status-left ""\nset -g status-right-length 160\nset -g window-status-current-format ""\n' > "$HOME/.tmux.conf"
echo "set -g status-style 'bg=default fg=default'" >> "$HOME/.tmux.conf"
printf 'PROMPT="ready> "\nsetopt prompt_subst\n' > "$work/zsh/.zshrc"
printf 'PS1="ready> "\n' > "$HOME/.bashrc"
printf 'function fish_prompt\n  printf "ready> "\nend\nset fish_greeting\n' > "$XDG_CONFIG_HOME/fish/config.fish"
ZDOTDIR=$work/zsh shmeter setup tmux zsh bash fish --yes < /dev/null > "$work/setup.log" || die "setup: $(cat "$work/setup.log")"

use_sample
own_form "$hostile_form" tmux zsh bash fish
start_collector
tmux -L inner -u -f "$HOME/.tmux.conf" new-session -d -x 160 -y 24 'sleep 600'
open_terminal "env -u TMUX tmux -L inner -u attach"
in_tmux=$terminal
open_terminal "env ZDOTDIR=$work/zsh zsh -i"
in_zsh=$terminal
open_terminal "bash --noprofile --rcfile $HOME/.bashrc -i"
in_bash=$terminal
open_terminal "fish -i"
in_fish=$terminal

# A shell asks for its line with its first prompt and shows it with a later one.
prompt_shows() {
  type_keys Enter
  sleep 0.1
  shows "$1"
}
no_colour() { ! tmux -L "$terminal" capture-pane -pe | grep -E $'\e\\[[0-9;]*(3[0-8]|4[0-8]|9[0-7])[;m]' || die "$terminal: a colour for $shown"; }
n=0
while hostile_line $((n++)); do
  for terminal in "$in_zsh" "$in_bash" "$in_fish"; do
    within 10 prompt_shows "$shown" || die "$terminal never showed $shown"
    no_colour
  done
  terminal=$in_tmux
  within 10 shows "$shown" || die "tmux never showed $shown"
  no_colour
  nothing_ran
done

for terminal in "$in_tmux" "$in_zsh" "$in_bash" "$in_fish"; do close_terminal; done
tmux -L inner kill-server
stop_collector
