#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `shmeter setup HOST` in the real hosts, from a folder whose name needs quotes everywhere: what it writes is shown, once,
# and nothing is left of it afterwards. What the shells show is a file that this test writes, as the collector would.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs tmux jq zsh bash fish python3 socat

bin="$work/it's 9%H (a) #S \$HOME \"q\""
mkdir "$bin"
cp "$SHMETER" "$(dirname -- "$SHMETER")/shmeterd" "$bin"
unit_bin="$work/9%H (a) #S \$HOME ;" # systemd takes no quotes
cp -r "$bin" "$unit_bin"
setup() { "$bin/shmeter" setup "$@" < /dev/null > "$work/output" 2>&1; }
says() { grep -qF -- "$1" "$work/output" || die "no '$1' in: $(cat "$work/output")"; }
all=(claude-code hooks tmux starship waybar polybar zsh bash fish)

# ---- The files: shown only, changed, not changed twice, and back to the byte ----

corpus=$TREE/tests/data/setup
mkdir -p "$HOME"/.claude "$HOME"/dotfiles "$XDG_CONFIG_HOME"/{waybar,polybar,tmux,systemd/user}
printf '\357\273\277' | cat - "$corpus/claude/other-line.json" > "$HOME/dotfiles/settings.json"
ln -s ../dotfiles/settings.json "$HOME/.claude/settings.json"
cp "$corpus/tmux/tpm.conf" "$XDG_CONFIG_HOME/tmux/tmux.conf"
cp "$corpus/starship/multiline.toml" "$XDG_CONFIG_HOME/starship.toml"
cp "$corpus/waybar/array.jsonc" "$XDG_CONFIG_HOME/waybar/config.jsonc"
cp "$corpus/polybar/two-bars.ini" "$XDG_CONFIG_HOME/polybar/config.ini"
cp "$corpus/zsh/no-newline.zshrc" "$HOME/.zshrc"
cp "$corpus/bash/debian.bashrc" "$HOME/.bashrc"
chmod 640 "$HOME/.zshrc" "$HOME/dotfiles/settings.json"
state() { (cd "$HOME" && find . -type f -exec sha256sum {} + | sort -k 2 && find . ! -type d -printf '%p %m %l\n' | sort); }
state > "$work/before"

setup "${all[@]}" --dry-run || die "dry run: $(cat "$work/output")"
state | cmp - "$work/before" || die "a dry run changed something"
says '+# >>> shmeter >>>'
status=0
setup tmux || status=$?
[[ $status -eq 64 ]] || die "nobody to ask, exit $status"
says '--yes changes it'
state | cmp - "$work/before" || die "changed without asking"

setup "${all[@]}" --yes || die "$(cat "$work/output")"
says "tmux source-file $XDG_CONFIG_HOME/tmux/tmux.conf"
state > "$work/once"
setup "${all[@]}" || die "a second time: $(cat "$work/output")"
[[ $(grep -c 'nothing to change' "$work/output") -eq ${#all[@]} ]] || die "a second time: $(cat "$work/output")"
state | cmp - "$work/once" || die "a second time is not the first"
[[ -L $HOME/.claude/settings.json && $(stat -c %a "$HOME/.zshrc" "$HOME/dotfiles/settings.json" | sort -u) == 640 ]] ||
  die "the link, or a mode, is gone"

# What was written is what the host will run.
settings=$(sed '1s/^\xef\xbb\xbf//' "$HOME/.claude/settings.json")
[[ $(jq -r '.hooks.Stop | length' <<< "$settings") == 2 ]] || die "hooks: $settings"
jq -r '.hooks.SessionEnd[0].hooks[0].command' <<< "$settings" > "$work/hook"
echo '{}' | sh "$work/hook" || die "the hook does not run: $(cat "$work/hook")"
jq -r .statusLine.command <<< "$settings" | grep -q -- '--autostart --then' || die "status line: $settings"
python3 - "$XDG_CONFIG_HOME/starship.toml" "$bin/shmeter" <<'PY' || die "starship.toml"
import sys
try:
    import tomllib
except ImportError:
    sys.exit(0)
with open(sys.argv[1], "rb") as file:
    module = tomllib.load(file)["custom"]["shmeter"]
sys.exit(module["shell"] != [sys.argv[2], "starship"])
PY
setup "${all[@]}" --uninstall --yes || die "$(cat "$work/output")"
state | diff "$work/before" - || die "not as before"
setup "${all[@]}" --uninstall || die "nothing is there, yet: $(cat "$work/output")"
[[ $(grep -c 'nothing of ours' "$work/output") -eq ${#all[@]} ]] || die "uninstalled twice: $(cat "$work/output")"

# The user's own changes stay; so does what one host has when another one goes.
setup claude-code hooks zsh --yes
printf '\nalias mine=1\n' >> "$HOME/.zshrc"
sed -i 's/"padding": 0/"padding": 7/' "$HOME/dotfiles/settings.json"
setup hooks --uninstall --yes
grep -q -- '--autostart' "$HOME/dotfiles/settings.json" || die "the status line went with the hooks"
setup claude-code zsh --uninstall --yes
cmp <(sed 's/"padding": 0/"padding": 7/' "$corpus/claude/other-line.json") <(tail -c +4 "$HOME/dotfiles/settings.json") ||
  die "the user's change of the settings"
cmp <(cat "$corpus/zsh/no-newline.zshrc"; printf '\nalias mine=1\n') "$HOME/.zshrc" || die "the user's line in .zshrc"
[[ -z $(find "$HOME" -name '*shmeter*') ]] || die "left: $(find "$HOME" -name '*shmeter*')"

# A file that cannot be changed is left, and what has to be in it is printed.
echo '{ "statusLine": 1' > "$work/broken.json"
mkdir "$work/other"
cp "$work/broken.json" "$work/other/settings.json"
status=0
setup claude-code --yes --config-dir "$work/other" || status=$?
[[ $status -eq 78 ]] || die "broken settings, exit $status: $(cat "$work/output")"
says "$work/other/settings.json:2:1: a comma is expected"
says '"refreshInterval": 10'
cmp "$work/broken.json" "$work/other/settings.json" || die "broken settings were changed"
mkdir -p "$work/etc/claude-code"
echo '{"statusLine": {"type": "command", "command": "corp"}}' > "$work/etc/claude-code/managed-settings.json"
managed() { unshare -rm sh -c 'mount --bind "$1" /etc && shift && exec "$@"' sh "$work/etc" "$@"; }
if managed true 2> /dev/null; then
  status=0
  managed "$bin/shmeter" setup claude-code --yes > "$work/output" 2>&1 || status=$?
  [[ $status -eq 69 ]] || die "managed settings, exit $status: $(cat "$work/output")"
  says '/etc/claude-code/managed-settings.json: statusLine stands before'
  says '"refreshInterval": 10'
  managed "$bin/shmeter" setup hooks --yes > "$work/output" 2>&1 || die "hooks, which are not ruled: $(cat "$work/output")"
  setup hooks --uninstall --yes
fi
chmod 711 "$work"
mkdir -m 755 "$work/locked"
echo 'mine=1' > "$work/locked/.zshrc"
chmod 444 "$work/locked/.zshrc"
as_other=()
[[ $(id -u) -ne 0 ]] || as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
status=0
ZDOTDIR=$work/locked "${as_other[@]}" "$bin/shmeter" setup zsh --yes > "$work/output" 2>&1 || status=$?
[[ $status -eq 69 ]] || die "a read-only file, exit $status: $(cat "$work/output")"
says 'this has to be in it:'
says '# >>> shmeter >>>'
[[ $(cat "$work/locked/.zshrc") == mine=1 ]] || die "a read-only file was changed"
rm "$XDG_CONFIG_HOME/polybar/config.ini"
! setup polybar --yes || die "a polybar without a bar"
says '[module/shmeter]'
for words in '' 'emacs' 'tmux otel' 'tmux --config x' 'tmux --config-dir x' 'otel --yes'; do
  status=0
  # shellcheck disable=SC2086  # several words
  setup $words || status=$?
  [[ $status -eq 64 ]] || die "setup $words: exit $status"
done

# ---- The READMEs print what is written, but for the path ----

mkdir "$work/bin" "$work/readme"
cp "$SHMETER" "$(dirname -- "$SHMETER")/shmeterd" "$work/bin"
echo '{"modules-right": ["clock"]}' > "$XDG_CONFIG_HOME/waybar/config"
printf '[bar/main]\nmodules-right = date\n' > "$XDG_CONFIG_HOME/polybar/config.ini"
written() { # HOST FILE: the file as it is after that alone, with `shmeter` by name
  HOME=$work/readme "$work/bin/shmeter" setup "$1" --yes < /dev/null > "$work/output" || die "$1: $(cat "$work/output")"
  sed "s|$work/bin/shmeter|shmeter|g" "$2"
  HOME=$work/readme "$work/bin/shmeter" setup "$1" --uninstall --yes > /dev/null
}
marked() { sed -n '/^# >>> shmeter/,/^# <<< shmeter/p'; }
mv "$XDG_CONFIG_HOME/starship.toml" "$work"
rm -r "$XDG_CONFIG_HOME/tmux"
cmp <(written tmux "$work/readme/.tmux.conf") <(snippet tmux tmux) || die "contrib/tmux"
cmp <(written starship "$XDG_CONFIG_HOME/starship.toml") <(snippet starship toml) || die "contrib/starship"
cmp <(written zsh "$work/readme/.zshrc") <(snippet zsh zsh 3) || die "contrib/zsh"
cmp <(written bash "$work/readme/.bashrc") <(snippet bash bash 2) || die "contrib/bash"
cmp <(written fish "$XDG_CONFIG_HOME/fish/conf.d/shmeter.fish") <(snippet fish fish) || die "contrib/fish"
cmp <(written polybar "$XDG_CONFIG_HOME/polybar/config.ini" | marked) <(snippet polybar ini) || die "contrib/polybar"
cmp <(written waybar "$XDG_CONFIG_HOME/waybar/config" | jq '."custom/shmeter"') <(jq '."custom/shmeter"' <<< "{$(snippet waybar jsonc)}") ||
  die "contrib/waybar"
cmp <(written claude-code "$work/readme/.claude/settings.json") <(snippet claude-code json) || die "contrib/claude-code"
cmp <(written hooks "$work/readme/.claude/settings.json" | jq .) <(snippet claude-code json 2 | jq .) || die "contrib/claude-code, hooks"

# ---- A person at a terminal is asked ----

rm -f "$HOME/.tmux.conf" "$XDG_CONFIG_HOME/tmux/tmux.conf"
answers() { # ANSWER: what is left in the file after it
  open_terminal "'$SHMETER' setup tmux; echo ended"
  within 10 shows '[y/N]' || die "does not ask"
  type_keys "$1" Enter
  within 10 shows ended || die "did not end"
  close_terminal
}
answers n
[[ ! -e $HOME/.tmux.conf ]] || die "changed after no"
answers y
[[ -s $HOME/.tmux.conf ]] || die "not changed after yes"

# ---- tmux ----

use_sample
start_collector
today=$(shmeter plain '{today.cost}')
rm "$HOME/.tmux.conf"
printf 'set -g status-right-length 60\nset -g status-right "clock"\n' > "$HOME/.tmux.conf"
setup tmux --yes || die "$(cat "$work/output")"
tmux -L inner -u -f "$HOME/.tmux.conf" new-session -d -x 160 -y 24 'sleep 600'
once() { [[ $(tmux -L inner show -gv status-right) == '#(exec '*' tmux --watch) '"$1" ]] || die "status-right: $(tmux -L inner show -gv status-right)"; }
once clock
tmux -L inner source-file "$HOME/.tmux.conf"
once clock
tmux -L inner set -g status-right 'theme %H #{?client_prefix,a,b}'
grep -v '^set -g status-right' "$HOME/.tmux.conf" > "$work/ours.conf"
tmux -L inner source-file "$work/ours.conf"
tmux -L inner source-file "$work/ours.conf"
once 'theme %H #{?client_prefix,a,b}'
[[ $(tmux -L inner show -gv status-right-length) == 120 ]] || die "the status line was not widened"
for length in 5 99 119 120 200; do
  tmux -L inner set -g status-right-length "$length"
  tmux -L inner source-file "$work/ours.conf"
  [[ $(tmux -L inner show -gv status-right-length) == $((length < 120 ? 120 : length)) ]] || die "length $length: $(tmux -L inner show -gv status-right-length)"
done
open_terminal "env -u TMUX tmux -L inner -u attach"
within 10 shows "$today" || die "tmux never showed $today"
within 10 shows theme || die "tmux does not show the theme"
[[ $(ours_named '[^ ]*shmeter.* tmux --watch' | wc -l) -eq 1 ]] || die "not one watcher: $(ours)"

# By options: on the side and in the form that they say, once, and after they have changed.
option() { tmux -L inner set -g "@shmeter_$1" "$2"; }
by_options() { tmux -L inner run-shell "$TREE/contrib/tmux/shmeter.tmux" || die "shmeter.tmux"; }
tmux -L inner set -g status-right 'theme' \; set -g status-left 'left ' \; set -g status-right-length 40
option command "$bin/shmeter"
option format '[{today.cost} of 9%H #S]'
by_options
by_options
[[ $(tmux -L inner show -gv status-right) == '#(exec '*' tmux --watch --format '*') theme' ]] || die "status-right: $(tmux -L inner show -gv status-right)"
[[ $(tmux -L inner show -gv status-right-length) == 120 ]] || die "not widened by its script"
within 10 shows "$today of 9%H #S" || die "tmux never showed the form of the options"
option side left
by_options
[[ $(tmux -L inner show -gv status-right) == theme ]] || die "it stays on the right: $(tmux -L inner show -gv status-right)"
[[ $(tmux -L inner show -gv status-left) == '#(exec '*') left ' ]] || die "status-left: $(tmux -L inner show -gv status-left)"
option side above
by_options
[[ $(tmux -L inner show -gv status-right) == theme ]] || die "on a side that there is not"
tmux -L inner kill-server
close_terminal
stop_collector

# ---- The shells: the line stands there, follows its file, is asked for, and nothing breaks without it ----

lines=$XDG_RUNTIME_DIR/shmeter/line
rm -rf "$XDG_RUNTIME_DIR/shmeter"
line() { mkdir -p "$lines"; printf '%s' "$2" > "$lines/new" && mv "$lines/new" "$lines/$1"; }
mkdir -p "$work/zsh" "$XDG_CONFIG_HOME/fish"

# follows SHELL TEXT COMMAND: a prompt without the file, one that asks for it, one with it, and with another one.
follows() {
  local shell=$1 text=$2 command=$3
  rm -rf "$lines"
  open_terminal "$command"
  within 10 shows 'ready>' || die "$shell: no prompt"
  ! screen | grep -iE 'error|not found|bad|unbound|no such|shmeter|parameter' || die "$shell complains"
  mkdir -p "$lines"
  type_keys Enter
  within 10 test -e "$lines/$shell" || die "$shell does not ask for its line"
  line "$shell" "${text//FIGURE/one}"
  type_keys Enter
  within 10 shows '$(echo 1%) one' || die "$shell does not show the line"
  line "$shell" "${text//FIGURE/two}"
  type_keys Enter
  within 10 shows '$(echo 1%) two' || die "$shell does not show the new line"
  type_keys C-l
  type_keys "sh -c 'exit 3'" Enter
  within 10 shows 'was 3' || die "$shell: the status of a command is gone"
  if [[ -n ${4-} ]]; then within 10 shows "$4" || die "$shell: $4 is gone"; fi
  rm -r "$lines"
  type_keys C-l Enter
  close_terminal
}
zsh_text='%F{red}$(echo 1%%)%f FIGURE'
for options in 'setopt prompt_subst' 'setopt ksh_arrays no_unset no_clobber' 'setopt sh_word_split glob_subst warn_create_global'; do
  printf '%s\nPROMPT="ready> "\nRPROMPT="was %%? mine"\n' "$options" > "$work/zsh/.zshrc"
  ZDOTDIR=$work/zsh setup zsh --yes || die "$(cat "$work/output")"
  follows zsh "$zsh_text" "env ZDOTDIR=$work/zsh zsh -i" mine
done
# Twice in one shell, and a theme that makes the prompt anew each time.
printf 'PROMPT="ready> "\nprecmd() { RPROMPT="was $? mine" }\n' > "$work/zsh/.zshrc"
ZDOTDIR=$work/zsh setup zsh --yes
echo ". $work/zsh/again" >> "$work/zsh/.zshrc"
sed -n '/>>> shm/,/<<< shm/p' "$work/zsh/.zshrc" > "$work/zsh/again"
follows zsh "$zsh_text" "env ZDOTDIR=$work/zsh zsh -i" mine
[[ -z $(ZDOTDIR=$work/zsh zsh -c ". $work/zsh/again; print -r -- \$RPROMPT" 2>&1) ]] || die "zsh: not interactive, yet something"

bash_text=$(printf '\001\033[31m\002$(echo 1%%)\001\033[0m\002 FIGURE')
for command in 'was() { echo "was $?"; }; PROMPT_COMMAND="was;"' 'was() { echo "was $?"; }; PROMPT_COMMAND=(true was)' \
  'was() { echo "was $?"; PS1="ready> "; }; PROMPT_COMMAND=(was)' 'set -u; was() { echo "was $?"; PS1="ready> "; }; PROMPT_COMMAND=was' \
  'set -Ce; trap "echo was 3" EXIT' true; do
  printf '%s\nPS1="ready> "\n' "$command" > "$HOME/.bashrc"
  setup bash --yes || die "$(cat "$work/output")"
  sed -n '/>>> shm/,/<<< shm/p' "$HOME/.bashrc" > "$work/again.bash"
  echo ". $work/again.bash" >> "$HOME/.bashrc"
  [[ $command != true ]] || echo "PROMPT_COMMAND+='; echo \"was \$?\"'" >> "$HOME/.bashrc" # somebody's after ours
  follows bash "$bash_text" "bash --noprofile --rcfile $HOME/.bashrc -i"
done
[[ -z $(bash --norc -uec ". $work/again.bash; echo \"\${PROMPT_COMMAND-}\"" 2>&1) ]] || die "bash: not interactive, yet something"

fish_text=$(printf '\033[31m$(echo 1%%)\033[0m FIGURE')
printf 'function fish_prompt\n  printf "ready> "\nend\nfunction fish_right_prompt\n  printf "was %%s mine" $status\nend\nset fish_greeting\n' > "$XDG_CONFIG_HOME/fish/config.fish"
setup fish --yes || die "$(cat "$work/output")"
follows fish "$fish_text" "fish -i" mine
sed -i '/fish_right_prompt/,/^end/d' "$XDG_CONFIG_HOME/fish/config.fish"
sed -i 's/printf "ready> "/printf "was %s ready> " $status/' "$XDG_CONFIG_HOME/fish/config.fish"
follows fish "$fish_text" "fish -i"
[[ -z $(fish -c true 2>&1) ]] || die "fish: not interactive, yet something"

# ---- systemd: a unit that it takes, and the collector says when there is something to read, and when it goes ----

! setup systemd --yes || die "a unit that systemd would not take"
says 'systemd starts nothing with a quote'
unit=$XDG_CONFIG_HOME/systemd/user/shmeterd.service
[[ ! -e $unit ]] || die "refused, but there is a unit"
"$unit_bin/shmeter" setup systemd --yes > "$work/output" || die "$(cat "$work/output")"
says 'systemctl --user enable --now shmeterd'
if command -v systemd-analyze > /dev/null; then
  systemd-analyze --user verify "$unit" > "$work/verify" 2>&1 && ! grep -F shmeterd "$work/verify" || die "systemd unit: $(cat "$work/verify")"
  ! systemd-analyze --user verify <(sed 's/^ExecStart=.*/ExecStart=\/none/' "$unit") 2> /dev/null || die "systemd-analyze sees nothing"
fi
"$unit_bin/shmeter" setup systemd --uninstall --yes > /dev/null
[[ ! -e $unit ]] || die "the unit stays"

socat -u "UNIX-RECVFROM:$work/notify,fork" "OPEN:$work/notified,creat,append" &
manager=$!
within 10 test -S "$work/notify" || die "no socket to notify"
NOTIFY_SOCKET=$work/notify "$bin/shmeterd" daemon run 2> "$work/daemon.log" &
daemon=$!
within 20 grep -qsx READY=1 "$work/notified" || die "never ready: $(cat "$work/daemon.log")"
shmeter json | jq -e .state > /dev/null || die "ready, but there is no region"
: > "$work/notified"
NOTIFY_SOCKET=$work/notify "$bin/shmeterd" daemon run 2> "$work/second.log" || die "a second one: $(cat "$work/second.log")"
within 10 grep -qsx READY=1 "$work/notified" || die "a second one leaves the service manager waiting"
kill "$daemon"
wait "$daemon" || die "ended with $?"
within 10 grep -qsx STOPPING=1 "$work/notified" || die "went without a word"
kill "$manager"
wait "$manager" 2> /dev/null || true
