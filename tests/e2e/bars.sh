# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What every bar is held to, by comparing pictures: the bar under test, which `shmeter setup` has changed, is on the upper
# edge, and on the lower one stands a bar like it whose only module shows what the test tells it to. When the reader's
# line and the one that the test has made are drawn alike, to the pixel, the host has drawn that line and nothing else.
# A host's script has: host; grab EDGE, which prints that edge as a PPM; start_bar and start_reference, which set bar and
# reference to a process; markup, which makes the host's line of plain text, and red, a line with red behind it.
# shellcheck disable=SC2154  # host, bar, reference: see above; shown: lib.sh
: "${PICTURES:=$work/pictures}"
mkdir -p "$PICTURES"

told=
tell_reference() {
  told=$1
  printf '%s\n' "$1" >> "$work/told"
}
# has_colour EDGE RRGGBB: one pixel at least.
has_colour() { grab "$1" | tail -c +16 | od -An -v -tx1 -w3 | awk -v want="$2" '$1 $2 $3 == want { has = 1 } END { exit !has }'; }
# The upper edge is left in $work/top.
alike() {
  grab top > "$work/top"
  grab bottom | cmp -s - "$work/top"
}
differ() { ! alike; }
is_hidden() {
  grab top > "$work/top"
  cmp -s "$work/empty" "$work/top"
}
draws() { alike && ! cmp -s "$work/empty" "$work/top"; }
# line_is_drawn LINE: waits until the bar shows it.
line_is_drawn() {
  tell_reference "$1"
  within 10 draws
}
# The line that a reader who is started now would print; tried again as a time left may have changed meanwhile.
follows() {
  local line
  line=$(shmeter "$host")
  [[ $line == "$told" ]] || tell_reference "$line"
  draws
}
today() { shmeter plain '{today.cost}'; }
is_not() { [[ $(today) != "$1" ]]; }
is_stale() { [[ $(shmeter json | jq -r .state) == stale ]]; }

readers() { ours_named "[^ ]*shmeter $host --watch" | cut -d' ' -f1; }
one_reader() { [[ $(readers | wc -l) -eq 1 ]]; }
no_reader() { [[ -z $(readers) ]]; }
# Page faults of children that have ended: the same as before means that there was no child meanwhile but those that live.
ended_children() { awk '{ print $11 }' "/proc/$bar/stat"; }
same_reader() {
  [[ $(readers) == "$reader" && $(ended_children) == "$ended" ]] ||
    die "$1: the reader was $reader, now: $(ours); the bar had ended children worth $ended, now $(ended_children)"
}

# grow N: a response more, which changes what is shown.
grow() {
  local before
  before=$(today)
  append_response "$1"
  within 10 is_not "$before" || die "today stayed $before"
}

# Hidden without a collector; then the picture's line, and each next one, by one reader and no other process.
bar_follows() {
  local picture n
  : > "$work/told"
  start_reference
  start_bar
  within 20 has_colour top 102030 || die "no bar: $(cat "$work/bar.log")"
  within 20 alike || die "the two bars are not alike"
  within 10 one_reader || die "not one reader: $(ours)"
  cp "$work/top" "$work/empty"
  tell_reference "$(red)"
  within 10 has_colour bottom ff0000 || die "red is not seen where it is"
  tell_reference ''

  use_sample
  mkdir -p "$XDG_CONFIG_HOME/shmeter" # a folder that comes later is seen later
  start_collector
  shmeter claude < "$work/sample/statusline.json" > /dev/null
  within 10 follows || die "never showed $told; $(cat "$work/bar.log")"
  [[ $told == *"$(today)"* ]] || die "today's cost is not in: $told"
  reader=$(readers) ended=$(ended_children)
  for n in 1 2 3; do
    picture=$(cksum < "$work/top")
    grow "$n"
    within 10 follows || die "never showed $told"
    [[ $(cksum < "$work/top") != "$picture" ]] || die "another line, the same picture"
  done
  same_reader "after updates"
}

# A reader or a bar that was stopped shows the newest afterwards; a reader whose collector was killed goes on with the next one.
bar_survives() {
  kill -STOP "$reader"
  grow stopped1
  grow stopped2
  kill -CONT "$reader"
  within 10 follows || die "continued, it never showed $told"
  kill -STOP "$bar"
  grow late1
  grow late2
  grow late3
  kill -CONT "$bar"
  within 10 follows || die "a bar that was stopped never showed $told"
  ours_named '[^ ]*shmeterd' | while read -r pid _; do kill -KILL "$pid"; done
  within 10 is_stale || die "killed, the collector is $(shmeter json | jq .state)"
  within 10 differ || die "with a killed collector it still shows $told"
  start_collector
  grow again
  within 10 follows || die "with a new collector it never showed $told"
  same_reader "after stops and a killed collector"
}

# Nothing to say hides the module; whatever things are called is shown as such.
bar_shows_names() {
  own_form '[{session.agent}]' "$host"
  within 10 is_hidden || die "an empty line leaves something"
  own_form "$hostile_form" "$host"
  local n=0
  while hostile_line $((n++)); do
    line_is_drawn "$(markup <<< "$shown")" || die "never showed $shown as $told, but $(shmeter "$host")"
    ! has_colour top ff0000 || die "red by a name: $shown"
    nothing_ran
  done
  same_reader "after names"
}

bar_ends() {
  kill "$bar"
  wait "$bar" || true
  within 10 no_reader || die "the ended bar left: $(ours)"
  kill "$reference"
  wait "$reference" || true
  stop_collector
}
