#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real polybar on an X server without a screen, set up by `shmeter setup polybar`: what it draws is the reader's line,
# whatever happens to the reader and the collector. A picture is left in $PICTURES.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs polybar Xvfb import jq od
# shellcheck source=bars.sh
. "$TREE/tests/e2e/bars.sh"
host=polybar
width=1600 height=200 bar_height=30

grab() {
  local y=0
  [[ $1 == top ]] || y=$((height - bar_height))
  import -silent -window root -crop "${width}x$bar_height+0+$y" +repage -depth 8 ppm:-
}
markup() { sed 's/%{/% {/g'; }
red() { echo '%{B#ff0000}x%{B-}'; }
look="width = 100%
height = $bar_height
background = #102030
foreground = #ffffff
font-0 = DejaVu Sans:size=8;2
modules-left = mark
[module/mark]
type = custom/text
content = left"
start_reference() {
  printf '[bar/reference]\nbottom = true\nmodules-right = told\n%s\n[module/told]\ntype = custom/script\nexec = %s\ntail = true\n' \
    "$look" "exec tail -n 1 -F $work/told" > "$work/reference.ini"
  polybar -c "$work/reference.ini" reference > "$work/reference.log" 2>&1 &
  reference=$!
}
start_bar() {
  polybar main > "$work/bar.log" 2>&1 &
  bar=$!
}

mkdir -p "$XDG_CONFIG_HOME/polybar"
printf '[bar/main]\nmodules-right =\n%s\n' "$look" > "$XDG_CONFIG_HOME/polybar/config.ini"
shmeter setup polybar --yes < /dev/null > "$work/setup.log" || die "setup: $(cat "$work/setup.log")"

Xvfb -displayfd 3 -screen 0 "${width}x${height}x24" -nolisten tcp 3> "$work/display" > "$work/x.log" 2>&1 &
x=$!
within 20 grep -qs . "$work/display" || die "no X server: $(cat "$work/x.log")"
DISPLAY=:$(cat "$work/display")
export DISPLAY

bar_follows
import -silent -window root "$PICTURES/polybar.png"
bar_survives
bar_shows_names
bar_ends
kill "$x"
wait "$x" || true
