#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every snippet that the READMEs print is read by what it is for; where the host is not at hand, what it would start is
# started as the host would start it.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq tmux zsh bash curl

# All blocks of all READMEs for users, as FOLDER.N.LANGUAGE.
mkdir "$work/blocks"
for file in "$TREE"/README.md "$TREE"/contrib/README.md "$TREE"/contrib/*/README.md; do
  folder=$(basename -- "$(dirname -- "$file")")
  awk -v prefix="$work/blocks/$folder." '
    /^```[a-z]/ { out = prefix (++n) "." substr($0, 4); next }
    /^```/ { out = ""; next }
    out { print > out }' "$file"
done
read=0 # a server of its own for each: the one before may still be ending
for block in "$work"/blocks/*; do
  case $block in
    *.sh | *.bash) bash -n "$block" ;;
    *.zsh) zsh -n "$block" ;;
    *.fish) ! command -v fish > /dev/null || fish -n "$block" ;;
    *.tmux) tmux -L "read-$((++read))" -f /dev/null -u start-server \; source-file -n "$block" ;;
    *.json) jq -e . "$block" > /dev/null ;;
    *.jsonc) jq -e . <<< "{$(cat "$block")}" > /dev/null ;;
    *.toml) grep -q custom.shmeter "$block" || shmeter config validate --config "$block" > /dev/null ;;
    *.ini | *.text) ;; # run below, or shown only
    *.css) ;; # waybar.sh
    *) die "nobody reads ${block##*/}" ;;
  esac || die "bad snippet ${block##*/}: $(cat "$block")"
done

use_sample
start_collector
shmeter claude < "$work/sample/statusline.json" > /dev/null # so that every field is known

# What the READMEs show at work, does something.
grep -h '^shmeter ' "$work"/blocks/*.sh > "$work/shown"
while read -r command; do
  [[ -n $(sh -c "$command") ]] || die "shows nothing: $command"
done < "$work/shown"

# first_line COMMAND: of what /bin/sh -c prints, as bars start it; the stream is ended after that.
first_line() {
  mkfifo "$work/fifo"
  setsid sh -c "$1" > "$work/fifo" < /dev/null &
  local pid=$! line
  IFS= read -r -t 10 line < "$work/fifo" || die "nothing from: $1"
  kill "$pid" 2> /dev/null || true
  wait "$pid" 2> /dev/null || true
  rm "$work/fifo"
  printf '%s\n' "$line"
}
waybar=$(jq -r '."custom/shmeter".exec' <<< "{$(snippet waybar jsonc)}")
first_line "$waybar" | jq -e '.text | test("5[.-]5")' > /dev/null || die "waybar: $waybar"
polybar=$(snippet polybar ini | sed -n 's/^exec = //p')
first_line "$polybar" | grep -q '%{F#.*5[.-]5' || die "polybar: $polybar"

# starship: execve of shell[0] with its arguments and the command as the last one, on an open pipe.
mapfile -t shell < <(snippet starship toml | sed -n 's/^shell = //p' | jq -r '.[]')
sleep 600 | timeout 5 "${shell[@]}" "" > "$work/starship" &
within 5 grep -q '5[.-]5' "$work/starship" || die "starship: ${shell[*]}"
ours_named 'sleep 600' | while read -r pid _; do kill "$pid"; done

# Claude Code: the command in a shell, JSON on stdin.
claude=$(snippet claude-code json | jq -r .statusLine.command)
sh -c "$claude" < "$work/sample/statusline.json" | grep -q 'Opus 5[.-]5' || die "claude: $claude"

if command -v systemd-analyze > /dev/null; then
  sed "s|%h/.local/bin|$(dirname -- "$SHMETER")|" "$TREE/contrib/systemd/shmeterd.service" > "$work/shmeterd.service"
  systemd-analyze --user verify "$work/shmeterd.service" || die "systemd unit"
fi

# What is asked over HTTP is answered; last, as a session comes in with it.
grep -h '^curl ' "$work"/blocks/*.sh > "$work/asked"
while read -r command; do
  [[ -n $(cd "$XDG_RUNTIME_DIR/shmeter" && sh -c "$command" 2> "$work/curl") ]] || die "answers nothing: $command $(cat "$work/curl")"
done < "$work/asked"
stop_collector
