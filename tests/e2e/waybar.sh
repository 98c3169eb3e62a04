#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A real waybar under a sway without a screen, set up by `shmeter setup waybar` and with the style that contrib/waybar
# prints: what it draws is the reader's line, whatever happens to the reader, the collector and the outputs. A picture is
# left in $PICTURES.

# Sway refuses root; nobody cannot read everybody's folders.
if [[ $(id -u) -eq 0 ]]; then
  set -eu
  copy=$(mktemp -d /tmp/shmeter-e2e.XXXXXX)
  trap 'rm -rf "$copy"' EXIT
  mkdir -p "$copy/tests" "$copy/bin" "$copy/pictures"
  cp "$SHMETER" "$(dirname -- "$SHMETER")/shmeterd" "$copy/bin"
  cp -r "$TREE/contrib" "$copy"
  cp -r "$TREE/tests/e2e" "$copy/tests"
  chmod -R a+rX "$copy"
  chown 65534:65534 "$copy/pictures"
  status=0
  env SHMETER="$copy/bin/${SHMETER##*/}" TREE="$copy" PICTURES="$copy/pictures" \
    setpriv --reuid=65534 --regid=65534 --clear-groups bash "$copy/tests/e2e/waybar.sh" || status=$?
  if [[ -n ${PICTURES-} && -s $copy/pictures/waybar.png ]]; then
    mkdir -p "$PICTURES"
    cp "$copy/pictures/waybar.png" "$PICTURES"
  fi
  exit "$status"
fi

# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs waybar sway grim jq od
# shellcheck source=bars.sh
. "$TREE/tests/e2e/bars.sh"
host=waybar
width=1600 height=200 bar_height=30

output=0
grab() { # of the output that stands at $output
  local y=0
  [[ $1 == top ]] || y=$((height - bar_height))
  grim -t ppm -g "$output,$y ${width}x$bar_height" -
}
# Pango's characters, and the backslash, in which waybar sees escapes of its own.
markup() { jq -Rc '{text: (@html | gsub("\\\\"; "&#92;"))}'; }
red() { echo "{\"text\":\"<span background='red'>x</span>\"}"; }
start_reference() {
  jq -n --arg told "$work/told" --argjson height "$bar_height" '{position: "bottom", height: $height,
    "modules-right": ["custom/shmeter"],
    "custom/shmeter": {exec: ("exec tail -n 1 -F " + $told), "return-type": "json", format: "{}"}}' > "$work/reference.json"
  waybar -c "$work/reference.json" > "$work/reference.log" 2>&1 &
  reference=$!
}
start_bar() {
  waybar > "$work/bar.log" 2>&1 &
  bar=$!
}

mkdir -p "$XDG_CONFIG_HOME/waybar"
echo "{ \"height\": $bar_height, \"modules-right\": [] }" > "$XDG_CONFIG_HOME/waybar/config.jsonc"
{
  echo '* { font-family: "DejaVu Sans"; font-size: 11px; } window#waybar { background: #102030; color: #ffffff; }'
  snippet waybar css
} > "$XDG_CONFIG_HOME/waybar/style.css"
shmeter setup waybar --yes < /dev/null > "$work/setup.log" || die "setup: $(cat "$work/setup.log")"

echo "output * resolution ${width}x$height" > "$work/sway.conf"
WLR_BACKENDS=headless WLR_LIBINPUT_NO_DEVICES=1 WLR_RENDERER=pixman LIBSEAT_BACKEND=noop \
  sway -c "$work/sway.conf" > "$work/sway.log" 2>&1 &
sway=$!
within 20 test -S "$XDG_RUNTIME_DIR/wayland-1" || die "no sway: $(cat "$work/sway.log")"
export WAYLAND_DISPLAY=wayland-1 GDK_BACKEND=wayland
SWAYSOCK=$(find "$XDG_RUNTIME_DIR" -name 'sway-ipc.*.sock')
export SWAYSOCK

bar_follows
grim "$PICTURES/waybar.png"
bar_survives

bar_shows_names

# The style sheet's classes, and a bar with a reader of its own on each output.
! has_colour top ff5f00 || die "a limit that is not used up looks so"
jq -c '.rate_limits.five_hour.used_percentage = 97' "$work/sample/statusline.json" | shmeter claude > /dev/null
within 10 has_colour top ff5f00 || die "the class crit is not styled"
swaymsg -q create_output
two_readers() { [[ $(readers | wc -l) -eq 2 ]]; }
within 10 two_readers || die "two outputs: $(ours)"
output=$width
within 10 has_colour top ff5f00 || die "nothing on the second output"
grep -qx "$reader" <<< "$(readers)" || die "the first output has lost its reader $reader: $(ours)"
bar_ends
kill "$sway"
wait "$sway" || true
