#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The prompt snippets as printed, in interactive zsh and bash: the line stands there, follows the picture, and says
# nothing at all when there is no collector.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux jq zsh bash

use_sample
start_collector
today() { shmeter plain '{today.cost}'; }
mkdir "$work/zsh" "$work/zsh-watch"
{ echo "PROMPT='ready> '"; snippet zsh zsh; } > "$work/zsh/.zshrc"
{ echo "PROMPT='ready> '"; snippet zsh zsh 2; } > "$work/zsh-watch/.zshrc"
{ echo "PS1='ready> '"; snippet bash bash; } > "$work/bashrc"

n=0
# prompt_follows COMMAND KEYS...: the prompt shows today's cost, and the new one after KEYS (none: by itself).
prompt_follows() {
  local command=$1 before
  shift
  before=$(today)
  open_terminal "$command"
  within 10 shows 'ready>' || die "$command: no prompt"
  within 10 shows "$before" || die "$command: never showed $before"
  append_response "prompt$((++n))"
  within 10 eval '[[ $(today) != "$before" ]]' || die "today stayed $before"
  [[ $# -eq 0 ]] || type_keys "$@"
  within 10 shows "$(today)" || die "$command: never showed $(today)"
  close_terminal
}
prompt_follows "env ZDOTDIR=$work/zsh zsh -i" Enter
prompt_follows "env ZDOTDIR=$work/zsh-watch zsh -i"
prompt_follows "bash --noprofile --rcfile $work/bashrc -i" Enter

no_reader() { [[ -z $(ours_named '[^ ]*shmeter .*plain') ]]; }
within 10 no_reader || die "left behind: $(ours)"

stop_collector
rm -rf "$XDG_RUNTIME_DIR"/shmeter
for command in "env ZDOTDIR=$work/zsh zsh -i" "bash --noprofile --rcfile $work/bashrc -i"; do
  open_terminal "$command"
  within 10 shows 'ready>' || die "$command: no prompt without a collector"
  ! screen | grep -v 'ready>' | grep -q . || die "$command: more than a prompt without a collector"
  close_terminal
done
