#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# `shmeter setup otel` as a client meets it: its settings are changed and changed back, the script in them says the
# headers, and what was captured of a client's telemetry is counted once beside its transcripts.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq curl gzip python3

id=c9bec15a-c582-41d2-a016-dceacfb47ad5
settings=$HOME/.claude/settings.json config=$XDG_CONFIG_HOME/shmeter/config.toml
mkdir -p "$HOME/.claude/projects" "$HOME/dotfiles" "$XDG_CONFIG_HOME/shmeter"
printf '{\n    "model": "opus",\n    "env": { "A": "b" }\n}' > "$HOME/dotfiles/settings.json" # no newline at its end
ln -s "$HOME/dotfiles/settings.json" "$settings"
chmod 640 "$HOME/dotfiles/settings.json"
port=$((20000 + RANDOM % 20000))
printf '[http]\nlisten = "127.0.0.1:%s"\n' "$port" > "$config"
cp "$HOME/dotfiles/settings.json" "$work/settings.before"
cp "$config" "$work/config.before"

# Nothing is touched before it is wanted, or when telemetry goes somewhere else.
shmeter setup otel --dry-run > "$work/dry"
grep -qF "+    \"otelHeadersHelper\": \"$XDG_STATE_HOME/shmeter/otel-headers\"" "$work/dry" || die "dry run: $(cat "$work/dry")"
refused() {
  ! "$@" > "$work/refused" 2>&1 || die "not refused: $*"
  grep -q 'sends telemetry somewhere already' "$work/refused" || die "refused, but: $(cat "$work/refused")"
}
refused env OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.corp:4318 shmeter setup otel
refused env OTEL_LOGS_EXPORTER=otlp shmeter setup otel
mkdir "$work/other"
echo '{"env":{"OTEL_METRICS_EXPORTER":"otlp","OTEL_EXPORTER_OTLP_ENDPOINT":"http://collector.corp:4318"}}' > "$work/other/settings.json"
refused shmeter setup otel --config-dir "$work/other"
cmp "$work/settings.before" "$settings" && cmp "$work/config.before" "$config" || die "changed though refused"
[[ ! -e $XDG_STATE_HOME/shmeter/otel-headers ]] || die "a script though refused"

start_collector
shmeter setup otel > "$work/setup" || die "setup: $(cat "$work/setup")"
[[ -L $settings && $(stat -c %a "$HOME/dotfiles/settings.json") == 640 ]] || die "the link, or the mode, is gone"
token=$(cat "$XDG_STATE_HOME/shmeter/otel.token")
! grep -rqF "$token" "$HOME/dotfiles" || die "the secret is in the settings"
shmeter setup otel | grep -q 'set up already' || die "twice is once"

# The client's side: the script's headers, the variables' endpoint.
endpoint=$(jq -r .env.OTEL_EXPORTER_OTLP_ENDPOINT "$settings")
header=$(sh -c "$(jq -r .otelHeadersHelper "$settings")" | jq -r '"Authorization: \(.Authorization)"')
shift_by=$(($(date +%s) - $(date -d 2026-11-21T21:20:00Z +%s)))
send() { # FILE CURL-OPTION...
  local signal=logs
  [[ $1 != *metrics* ]] || signal=metrics
  curl -sS -H "$header" -H 'Content-Type: application/json' "${@:2}" --data-binary @- "$endpoint/v1/$signal"
}
for file in "$TREE"/tests/data/otlp/*.json; do
  python3 "$TREE/tests/e2e/shift_time.py" "$shift_by" < "$file" > "$work/body"
  [[ $(send "$file" < "$work/body") == '{}' ]] || die "$file: $(send "$file" < "$work/body")"
  [[ $(gzip -c "$work/body" | send "$file" -H 'Content-Encoding: gzip') == '{}' ]] || die "$file, packed"
done
session() { shmeter json | jq -c --arg id "$id" '.sessions[] | select(.session_id == $id) | {requests, counted_cost_usd, messages, tool_calls}'; }
told=$(session)
[[ $(jq '[.requests, .counted_cost_usd] == [8, 0.311672]' <<< "$told") == true ]] || die "telemetry alone: $told"

# The transcripts of the same session: six of the eight requests, its prompts and its tool calls again.
project=$HOME/.claude/projects/-home-dev-proj
from=$TREE/tests/data/claude-config/projects/-home-dev-proj
mkdir -p "$project/$id/subagents"
for file in "$id.jsonl" "$id/subagents/agent-a7124027ff6cbb224.jsonl"; do
  python3 "$TREE/tests/e2e/shift_time.py" "$shift_by" < "$from/$file" > "$project/$file"
done
heard() { [[ $(session | jq .messages) == 3 ]]; } # telemetry took a notification for a prompt
within 20 heard || die "the transcripts were not read: $(session)"
both=$(session)
[[ $(jq '[.requests, .counted_cost_usd] == [8, 0.311672]' <<< "$both") == true ]] || die "with transcripts: $both"
summary() { curl -sS --unix-socket "$XDG_RUNTIME_DIR/shmeter/http.sock" 'http://localhost/api/usage/summary?period=day'; }
jq -e '.measured.latency_requests >= 8 and .summary.avgLatencyMs > 0 and ([.byEndpoint[].endpoint] | index("generate_session_title") != null)' <<< "$(summary)" > /dev/null ||
  die "what telemetry told of the requests: $(summary)"
stop_collector
start_collector
[[ $(session) == "$both" ]] || die "after a restart: $(session)"

# The token hands in and reads nothing; one that is old is told so.
[[ $(curl -s -o /dev/null -w '%{http_code}' -H "$header" "$endpoint/api/usage") == 403 ]] || die "it reads"
shmeter token rotate > /dev/null
send logs < /dev/null | grep -q 'shmeter setup otel' || die "an old token: $(send logs < /dev/null)"
header=$(sh -c "$(jq -r .otelHeadersHelper "$settings")" | jq -r '"Authorization: \(.Authorization)"')
[[ $(echo '{}' | send logs) == '{}' ]] || die "the script says the new one"

# And back, byte for byte; after the user's own changes, without ours.
shmeter setup otel --uninstall > "$work/undone" || die "uninstall: $(cat "$work/undone")"
cmp "$work/settings.before" "$settings" && cmp "$work/config.before" "$config" || die "not as before"
[[ -L $settings && ! -e $XDG_STATE_HOME/shmeter/otel-headers ]] || die "something is left"
[[ $(ls -A "$HOME/dotfiles") == settings.json ]] || die "left beside the settings: $(ls -A "$HOME/dotfiles")"

rm "$config" "$settings" "$HOME/dotfiles/settings.json"
shmeter daemon reload > /dev/null
if ! curl -s -o /dev/null http://127.0.0.1:7483/healthz; then # the usual port may be somebody's
  shmeter setup otel > "$work/setup" 2>&1 || die "from nothing: $(cat "$work/setup")"
  curl -sSf http://127.0.0.1:7483/healthz > /dev/null || die "nobody listens at the usual port"
  [[ $(stat -c %a "$settings") == 600 ]] || die "new settings that others can read"
  shmeter setup otel --uninstall > /dev/null
  [[ ! -e $settings && ! -e $config ]] || die "files that were not there: $(ls -A "$HOME/.claude" "$XDG_CONFIG_HOME/shmeter")"
  ! curl -s -o /dev/null http://127.0.0.1:7483/healthz || die "it still listens"
fi
stop_collector
