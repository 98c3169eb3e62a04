#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shmeter claude fed with everything a client was seen to send: without a collector a right line from stdin alone, with
# one the same session's line and the quota on its way to the others; fifty at once start one collector.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq iconv

# line_of FILE: what shmeter claude shows for it, checked to be text that names the model.
line_of() {
  local line
  line=$(shmeter claude --color never < "$1") || die "exit $? on $1"
  [[ -n $line ]] || die "blank on $1"
  iconv -f UTF-8 -t UTF-8 <<< "$line" > /dev/null || die "not UTF-8 on $1: $line"
  [[ $line == *"$(jq -r .model.display_name "$1")"* ]] || die "no model name on $1: $line"
  printf '%s\n' "$line"
}
fixtures=("$TREE"/tests/data/statusline/*.json)
((${#fixtures[@]} >= 8)) || die "only ${#fixtures[@]} fixtures"

for file in "${fixtures[@]}"; do line_of "$file"; done
[[ -z $(ours) ]] || die "started something without being told to"

use_sample
line_of "$work/sample/statusline.json" > "$work/alone"
grep -qF '42%' "$work/alone" || die "no five-hour quota from stdin alone: $(cat "$work/alone")"
start_collector
for file in "${fixtures[@]}"; do line_of "$file"; done
line_of "$work/sample/statusline.json"
has_quota() { [[ $(shmeter json | jq '[.accounts[].five_hour.used_percentage] | index(42) != null') == true ]]; }
within 10 has_quota || die "the quota did not reach the collector: $(shmeter json | jq -c .accounts)"
knows_session() { shmeter json | jq -e '.sessions[] | select(.session_id | startswith("e50a93b6")) | .cost_usd == 0.800438' > /dev/null; }
within 10 knows_session || die "the session's own cost did not reach the collector"
stop_collector

none_running() { [[ -z $(ours_named '[^ ]*shmeterd') ]]; }
within 10 none_running || die "stopped, but: $(ours)"
rm -rf "$XDG_RUNTIME_DIR"/shmeter
for ((i = 0; i < 50; i++)); do
  shmeter claude --autostart < "$work/sample/statusline.json" > "$work/out.$i" &
done
wait
within 20 is_live || die "--autostart started nothing: $(ours)"
for ((i = 0; i < 50; i++)); do [[ -s $work/out.$i ]] || die "blank line $i"; done
one_running() { [[ $(ours_named '[^ ]*shmeterd' | wc -l) -eq 1 ]]; }
within 10 one_running || die "not one collector: $(ours)"
stop_collector
within 10 none_running || die "did not stop: $(ours)"
