#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `shmeter bench` for a user: a row for each program, with and without a collector, which hears of no session by it.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq

rows() {
  shmeter bench --rounds 20 > "$work/rows" || die "exit $?"
  for row in 'a program that only exits' 'shmeter tmux' 'shmeter plain' 'shmeter claude' '/bin/true, a small C program' \
    "sh -c 'exec' of what only exits" "sh -c 'exec shmeter tmux'"; do
    grep -qE "^$row +[1-9][0-9]* us +[0-9.]+x +[0-9]+ - +[0-9]+ +[0-9.]+$" "$work/rows" || die "no row '$row' in $(cat "$work/rows")"
  done
  grep -qE '^a program that only exits .* 1\.00x ' "$work/rows" || die "not measured by it: $(cat "$work/rows")"
}
rows

use_sample
start_collector
before=$(shmeter json | jq -c '[.sessions[].session_id]')
rows
sleep 0.3
[[ $(shmeter json | jq -c '[.sessions[].session_id]') == "$before" ]] || die "the collector heard of a session"
stop_collector

for words in '--rounds 9' '--rounds x' '--rounds 100001' 'more'; do
  status=0
  # shellcheck disable=SC2086  # words
  shmeter bench $words 2> /dev/null || status=$?
  [[ $status -eq 64 ]] || die "bench $words: exit $status"
done
mkdir "$work/alone"
cp "$(dirname -- "$SHMETER")/shmeterd" "$work/alone"
status=0
"$work/alone/shmeterd" bench 2> "$work/said" || status=$?
[[ $status -eq 69 && -s $work/said ]] || die "without a reader: exit $status"
