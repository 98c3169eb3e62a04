#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `shmeter doctor` over what people break: it finds each thing, says what to do about it, which then helps; it changes
# nothing, waits for nobody, and with --redact tells nothing private.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
unset SHMETER_RUNTIME_DIR # how places are found is looked at here
needs tmux jq

export HOME=$work/home/zyqqhome XDG_CONFIG_HOME=$work/home/zyqqhome/.config XDG_STATE_HOME=$work/home/zyqqhome/.local/state
mkdir "$HOME"
state() { find "$work/home" "$XDG_RUNTIME_DIR" -printf '%p %m %s %T@ %l\n' | sort; }
# doctor STATUS WORD...: its report is in $work/screen. starship gives its command half a second, which a busy machine may
# take away: what is bad for once is looked at again.
doctor() {
  local want=$1 status try
  shift
  for try in 1 2 3 4 5; do
    status=0
    shmeter doctor "$@" < /dev/null > "$work/screen" 2> "$work/err" || status=$?
    [[ ! -s $work/err ]] || die "doctor $* said: $(cat "$work/err")"
    [[ $status -ne $want ]] || return 0
  done
  die "doctor $* ended with $status, not $want, $try times"
}
says() { grep -qF -- "$1" "$work/screen" || die "it does not say: $1"; }
says_not() { ! grep -qF -- "$1" "$work/screen" || die "it says: $1"; }
# redacts STATUS: nothing private is left; the home's name is there without --redact.
redacts() {
  doctor "$1"
  says zyqq
  cp "$work/screen" "$work/mine"
  doctor "$1" --redact
  ! grep -qi zyqq "$work/screen" || die "private: $(grep -i zyqq "$work/screen")"
}

# ---- A new user ----

state > "$work/before"
doctor 0
[[ $(tail -n 1 "$work/screen") == *'. shmeter setup claude-code' ]] || die "what to do does not end with setup"
for host in claude-code hooks tmux starship waybar polybar zsh bash fish systemd; do
  says "$host: not set up (shmeter setup $host)"
done
redacts 0
status=0
shmeter doctor --nonsense 2> "$work/err" || status=$?
[[ $status -eq 64 && -s $work/err ]] || die "--nonsense ended with $status"
(unset HOME XDG_CONFIG_HOME XDG_STATE_HOME && doctor 69) || exit 1
state | diff "$work/before" - || die "something changed for a new user"
[[ ! -e $work/tmux-$(id -u) ]] || die "tmux was asked where no server runs"
[[ $(shmeter doctor --help) == 'usage: shmeter doctor '* ]] || die "--help"

# ---- All is well ----

use_sample
mkdir -p "$XDG_CONFIG_HOME/shmeter" "$XDG_CONFIG_HOME/waybar" "$HOME/bin"
printf '[[account]]\nname = "zyqq@example.com"\nconfig_dir = "%s"\n' "$CLAUDE_CONFIG_DIR" > "$XDG_CONFIG_HOME/shmeter/config.toml"
echo '{"modules-right": ["clock"]}' > "$XDG_CONFIG_HOME/waybar/config"
printf '{"statusLine": {"type": "command", "command": "cat > %s/seen; echo zyqqbranch"}}' "$work" > "$CLAUDE_CONFIG_DIR/settings.json"
shmeter setup claude-code hooks tmux starship waybar zsh bash --yes > /dev/null
mkdir -m 700 "$XDG_RUNTIME_DIR/shmeter" "$XDG_RUNTIME_DIR/shmeter/line"
for shell in zsh bash; do : > "$XDG_RUNTIME_DIR/shmeter/line/$shell"; done # as prompts would, long before
start_collector
shmeter claude < "$work/sample/statusline.json" > /dev/null
jq -c '.session_name = "zyqqsession" | .cwd = "/srv/zyqq" | .workspace.current_dir = "/srv/zyqq"' \
  "$work/sample/statusline.json" | shmeter claude > /dev/null
has_limit() { [[ $(shmeter plain '{five_hour.used}') == *% ]]; }
within 10 has_limit || die "the status line's limits never arrived"
tmux -f "$HOME/.tmux.conf" new-session -d 'sleep 600'
line_is_there() { [[ -s $XDG_RUNTIME_DIR/shmeter/line/bash ]]; }
within 20 line_is_there || die "no line file"
shmeter json | jq '[.sessions[].session_id], .totals.all' > "$work/json"
rm -f "$work/seen"
doctor 0
says_not BAD
says 'Nothing to do.'
says 'zyqqbranch'
grep -qE 'ok +claude-code: [0-9]+ ms: .*Opus 5.5' "$work/screen" || die "the status line was not run"
for host in tmux starship waybar; do
  grep -qE "ok +$host: [0-9]+ ms: .*%" "$work/screen" || die "$host was not run, or shows nothing"
done
grep -qE 'ok +hooks: [0-9]+ ms: prints nothing' "$work/screen" || die "the hook was not run"
says "line file $XDG_RUNTIME_DIR/shmeter/line/bash: "
says 'quota of account zyqq@example.com: five hours 42%, said by the status line'
says "the server's environment is like this one"
[[ $(jq -r .session_id "$work/seen") == shmeter-doctor ]] || die "the other status line was given: $(cat "$work/seen")"
redacts 0
shmeter json | jq '[.sessions[].session_id], .totals.all' | cmp - "$work/json" || die "the samples were counted"
shmeter daemon status | grep -qx 'dropped datagrams 0' || die "the samples were refused"

# ---- A server of tmux that began elsewhere, and one that hangs ----

tmux set-environment -g XDG_RUNTIME_DIR "$work/zyqqgone"
doctor 69
says "BAD   XDG_RUNTIME_DIR is $work/zyqqgone there and $XDG_RUNTIME_DIR here: jobs look where no region is"
redacts 69
remedy=$(sed -n "s/^ *[0-9]*\. \(tmux set-environment .*\), then: .*/\1/p" "$work/mine")
sh -c "$remedy"
doctor 0
tmux set-option -g status-right none
doctor 69
says 'the server that runs has not read what is in its file'
sh -c "$(sed -n 's/^ *[0-9]*\. \(tmux source-file .*\)/\1/p' "$work/screen")"
doctor 0
server=$(tmux display-message -p '#{pid}')
kill -STOP "$server"
doctor 69
kill -CONT "$server"
says 'the tmux server does not answer'

# ---- Files that are broken, and commands that are ----

settings=$CLAUDE_CONFIG_DIR/settings.json
cp "$settings" "$work/settings.json"
command_is() { jq --arg c "$1" '.statusLine.command = $c' "$work/settings.json" > "$settings"; }
cp "$XDG_CONFIG_HOME/starship.toml" "$work"
printf '#!/bin/sh\necho zyqq went wrong >&2; exit 7\n' > "$HOME/bin/shmeter"
chmod +x "$HOME/bin/shmeter"
sed -i "s|^shell = .*|shell = [\"$HOME/bin/shmeter\", \"starship\"]|" "$XDG_CONFIG_HOME/starship.toml"
command_is "exec shmeter claude --autostart | sleep 600"
sed -i 's|"exec [^"]* waybar --watch"|"shmeter waybar \| yes zyqq"|' "$XDG_CONFIG_HOME/waybar/config"
rm "$HOME/.zshrc"
truncate -s 100M "$HOME/.zshrc"
printf 'x = "zyqq"\n' > "$XDG_CONFIG_HOME/shmeter/config.toml"
chmod 644 "$XDG_RUNTIME_DIR/shmeter/region.1"
chmod 755 "$XDG_RUNTIME_DIR/shmeter"
files() { find "$HOME" "$CLAUDE_CONFIG_DIR" ! -path '*/state*' -printf '%p %m %s %T@ %l\n' | sort; }
files > "$work/before"
doctor 69
files | diff "$work/before" - || die "something changed while a collector runs"
says 'BAD   claude-code: did not end within 5000 ms'
says 'BAD   starship: ended with status 7 (it said: zyqq went wrong)'
says 'BAD   waybar: printed more than a line can hold'
says "BAD   zsh: $HOME/.zshrc cannot be read:"
says "BAD   $XDG_CONFIG_HOME/shmeter/config.toml:1:1: "
says 'region.1: mode 644'
says 'shmeter: mode 755'
says "chmod 700 $XDG_RUNTIME_DIR/shmeter"
chmod 600 "$XDG_RUNTIME_DIR/shmeter/region.1"
chmod 700 "$XDG_RUNTIME_DIR/shmeter"
command_is "exec $HOME/gone/shmeter claude"
rm "$HOME/.zshrc" "$XDG_CONFIG_HOME/shmeter/config.toml"
mkfifo "$HOME/.zshrc" "$XDG_CONFIG_HOME/shmeter/config.toml"
redacts 69
cp "$work/mine" "$work/screen"
says "BAD   claude-code: not found: $HOME/gone/shmeter"
says 'config.toml: not a plain file'
says '.zshrc cannot be read: not a regular file'
rm "$HOME/.zshrc" "$XDG_CONFIG_HOME/shmeter/config.toml"
jq '.statusLine.command = "line.sh | shmeter claude"
  | .hooks.Stop[0].hooks = [range(6) | {type: "command", command: "shmeter hook --verbose \(.)"}]' "$work/settings.json" > "$settings"
cp "$work/starship.toml" "$XDG_CONFIG_HOME"
rm "$XDG_CONFIG_HOME/waybar/config"
doctor 0
says 'names shmeter in a form that is not run here'
[[ $(grep -c 'hooks: not run, as enough' "$work/screen") -ge 2 ]] || die "any number of commands is run"
cp "$work/settings.json" "$settings"

# ---- A collector that hangs, is killed, or has never run ----

pid=$(shmeter daemon status | sed -n 's/^running, pid //p')
kill -STOP "$pid"
doctor 69
kill -CONT "$pid"
says 'it does not answer on its socket'
kill -KILL "$pid"
killed() { ! shmeter daemon status > /dev/null; }
within 10 killed || die "still there"
state > "$work/before"
doctor 69
says 'BAD   none runs'
says 'what hosts show is old'
says '. shmeter daemon start'
redacts 69
state | diff "$work/before" - || die "something changed"
killed || die "doctor started a collector"
rm -r "$XDG_RUNTIME_DIR/shmeter"
state > "$work/before"
doctor 0
says 'note  none runs'
says "Claude Code's status line starts one"
state | diff "$work/before" - || die "something changed"
tmux kill-server
