#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Whatever a session, model, branch or folder is called: tmux, zsh, bash and fish, set up by `shmeter setup`, and the prompts
# that the READMEs print, show it as text without a colour, and run none of it.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux jq zsh bash fish

mkdir -p "$work"/zsh{,-plain,-watch} "$XDG_CONFIG_HOME/fish"
printf 'set -g status-right ""\nset -g status-left ""\nset -g status-right-length 160\nset -g window-status-current-format ""\n' > "$HOME/.tmux.conf"
echo "set -g status-style 'bg=default fg=default'" >> "$HOME/.tmux.conf"
printf 'PROMPT="ready> "\nsetopt prompt_subst\n' > "$work/zsh/.zshrc"
printf 'PS1="ready> "\n' > "$HOME/.bashrc"
printf 'function fish_prompt\n  printf "ready> "\nend\nset fish_greeting\n' > "$XDG_CONFIG_HOME/fish/config.fish"
ZDOTDIR=$work/zsh shmeter setup tmux zsh bash fish --yes < /dev/null > "$work/setup.log" || die "setup: $(cat "$work/setup.log")"

{ echo 'PROMPT="ready> "'; snippet zsh zsh; } > "$work/zsh-plain/.zshrc"
{ echo 'PROMPT="ready> "'; snippet zsh zsh 2; } > "$work/zsh-watch/.zshrc"
{ echo 'PS1="ready> "'; snippet bash bash; } > "$work/plain.bashrc"

use_sample
own_form "$hostile_form" tmux zsh bash fish plain
start_collector
tmux -L inner -u -f "$HOME/.tmux.conf" new-session -d -x 160 -y 24 'sleep 600'
open_terminal "env -u TMUX tmux -L inner -u attach"
in_tmux=$terminal
declare -A prompts # by terminal
for command in "env ZDOTDIR=$work/"{zsh,zsh-plain,zsh-watch}" zsh -i" \
  "bash --noprofile --rcfile "{"$HOME/.bashrc","$work/plain.bashrc"}" -i" 'fish -i'; do
  open_terminal "$command"
  prompts[$terminal]=$command
done

# A shell asks for its line with one prompt and shows it with a later one.
prompt_shows() {
  shows "$1" || { type_keys Enter && false; }
}
no_colour() { ! tmux -L "$terminal" capture-pane -pe | grep -E $'\e\\[[0-9;]*(3[0-8]|4[0-8]|9[0-7])[;m]' || die "${prompts[$terminal]-tmux}: a colour for $shown"; }
n=0
while hostile_line $((n++)); do
  for terminal in "${!prompts[@]}"; do type_keys Enter; done
  for terminal in "${!prompts[@]}"; do
    within 10 prompt_shows "$shown" || die "${prompts[$terminal]} never showed $shown"
    no_colour
  done
  terminal=$in_tmux
  within 10 shows "$shown" || die "tmux never showed $shown"
  no_colour
  nothing_ran
done

for terminal in "$in_tmux" "${!prompts[@]}"; do close_terminal; done
tmux -L inner kill-server
stop_collector
