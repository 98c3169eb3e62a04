#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A made-up history through ccusage and through shmeter: the same tokens of every kind, for each day and model in zones
# whose clocks change within it, and for each five-hour block. shmeter answers three times, from transcripts alone, from
# a collector that runs and from the store that it leaves: always the same bytes.
# CTest also sets CORPUS, the generator. Without ccusage one is installed with npm; skipped when that cannot be.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq timeout

theirs=$(command -v ccusage || true)
if [[ -z $theirs ]]; then
  needs npm
  timeout 200 npm install --silent --no-fund --no-audit --prefix "$work/npm" ccusage@20.0.24 > "$work/npm.log" 2>&1 \
    || { echo "$name: skipped, npm cannot install ccusage"; exit 77; }
  theirs=$work/npm/node_modules/.bin/ccusage
fi

# Up to 2025-11-21, so that no block still runs: the clocks of Europe and America changed in the weeks before.
mkdir "$work/claude"
"$CORPUS" "$work/claude" sessions=30 requests=2500 bytes=1 end_s=1763700000 days=45 seed=3 > "$work/truth.json"
# Some gateways send no request ids. ccusage then counts each line with a time of its own, and shmeter each response; so
# that they can agree, those responses get one.
find "$work/claude" -name '*.jsonl' | while read -r file; do
  jq -rR '. as $line | (fromjson? | if .type == "assistant" and (.requestId | not)
    then .requestId = "req_of_" + .message.id | tojson else $line end) // $line' "$file" > "$work/line" < /dev/null
  mv "$work/line" "$file"
done
export CLAUDE_CONFIG_DIR=$work/claude

# Lines of: day or block, model, input, output, cache writes, cache reads. Theirs names models with their date, and fast
# mode as a model of its own.
their_days() {
  "$theirs" daily --json --offline --timezone "$1" 2> /dev/null | jq -r '
    [.daily[] | .period as $day | .modelBreakdowns[]
      | {$day, model: (.modelName | sub("-fast$"; "") | sub("-[0-9]{8}$"; "")), inputTokens, outputTokens,
         cacheCreationTokens, cacheReadTokens}]
    | group_by([.day, .model])[]
    | [.[0].day, .[0].model, (map(.inputTokens) | add), (map(.outputTokens) | add),
       (map(.cacheCreationTokens) | add), (map(.cacheReadTokens) | add)] | join(" ")' | sort
}
our_days() {
  jq -r '.days[] | .date as $day | .models[]
    | [$day, .model, .input_tokens, .output_tokens, .cache_creation_tokens, .cache_read_tokens] | join(" ")' | sort
}
their_blocks() {
  "$theirs" blocks --json --offline 2> /dev/null | jq -r '.blocks[]
    | [(if .isGap then "gap" else .startTime end), .tokenCounts.inputTokens, .tokenCounts.outputTokens,
       .tokenCounts.cacheCreationInputTokens, .tokenCounts.cacheReadInputTokens] | join(" ")'
}
our_blocks() {
  jq -r '.blocks[]
    | [(if .is_gap then "gap" else .id end), .input_tokens, .output_tokens, .cache_creation_tokens,
       .cache_read_tokens] | join(" ")'
}
same() {
  [[ -s $work/theirs ]] || die "$1: ccusage said nothing"
  diff "$work/theirs" "$work/ours" > "$work/screen" || die "$1: ccusage (<) and shmeter (>) differ"
}

ask_shmeter() {
  local zone
  for zone in UTC Europe/Berlin America/New_York Asia/Kathmandu; do
    shmeter daily --json --breakdown --timezone "$zone" > "$1.${zone//\//-}.json"
  done
  shmeter blocks --json > "$1.blocks.json"
}
ask_shmeter "$work/transcripts"
for zone in UTC Europe/Berlin America/New_York Asia/Kathmandu; do
  their_days "$zone" > "$work/theirs"
  our_days < "$work/transcripts.${zone//\//-}.json" > "$work/ours"
  same "days in $zone"
done
# Its blocks count what a helper repeats of its parent twice, unlike its days, and take an error line, which used nothing,
# for activity, so that a gap may begin later.
cp -r "$work/claude" "$work/alone"
find "$work/alone" -name subagents -prune -exec rm -r {} +
CLAUDE_CONFIG_DIR=$work/alone their_blocks > "$work/theirs"
shmeter blocks --json --config-dir "$work/alone" | our_blocks > "$work/ours"
same blocks

start_collector
ask_shmeter "$work/collector"
stop_collector
ask_shmeter "$work/store"
for source in collector store; do
  for answer in "$work/transcripts".*.json; do
    diff "$answer" "$work/$source.${answer#"$work"/transcripts.}" > /dev/null \
      || die "${answer##*/} is another one from the $source"
  done
done
