#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The dashboard in a real Chromium: what stands there is what the API says, what is hostile stays text, and who may look
# at it. dashboard.py is the test; pictures of the page are left in $PICTURES.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs chromium chromedriver python3 curl jq

mkdir -p "${PICTURES:=$work/pictures}"
export PICTURES
export CLAUDE_CONFIG_DIR=$work/nothing
mkdir -p "$CLAUDE_CONFIG_DIR/projects"
start_collector
python3 -B "$TREE/tests/e2e/dashboard.py" "$work" Empty || die "with nothing to show"
stop_collector

# Where there is a screen, the link is handed to the browser as one word, and nobody waits for it.
mkdir "$work/bin"
printf '#!/bin/sh\nprintf "%%s\\n" "$#" "$1" > "%s/opened"\nsleep 600\n' "$work" > "$work/bin/xdg-open"
chmod +x "$work/bin/xdg-open"
start_collector
link=$(DISPLAY=:9 PATH=$work/bin:$PATH timeout 5 shmeter dashboard) || die "waits for the browser"
opened() { [[ $(cat "$work/opened" 2> /dev/null) == $'1\n'$link ]]; }
within 5 opened || die "did not open $link: $(cat "$work/opened")"
rm "$work/opened"
DISPLAY=:9 PATH=$work/bin:$PATH shmeter dashboard --print > /dev/null
PATH=$work/bin:$PATH shmeter dashboard > /dev/null
sleep 0.3
[[ ! -e $work/opened ]] || die "opened without being wanted"
ours_named '(sleep 600|/bin/sh .*/xdg-open)' | while read -r pid _; do kill "$pid"; done
stop_collector

mkdir -p "$XDG_CONFIG_HOME/shmeter"
printf '[store]\nkeep = "memory"\n' > "$XDG_CONFIG_HOME/shmeter/config.toml"
start_collector
python3 -B "$TREE/tests/e2e/dashboard.py" "$work" Memory || die "with nothing kept"
stop_collector

use_sample
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf '[http]\nlisten = "127.0.0.1:%s"\n' "$port" > "$XDG_CONFIG_HOME/shmeter/config.toml"
start_collector
linked() { [[ $(shmeter claude < "$work/sample/statusline.json") == *$'\e]8;;http://127.0.0.1:'"$port"$'\e\\'* ]]; }
within 10 linked || die "the statusLine leads nowhere"
python3 -B "$TREE/tests/e2e/dashboard.py" "$work" Sample Live Doors || die "over the sample"
stop_collector
