#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# contrib/grafana with the real Prometheus: it takes the configuration, the rules fire at what they should, it reads a
# collector over TCP with its token and then says what /api/usage says, and every number on the dashboard and in the
# rules is one that /metrics has.
# CTest also sets CACHE, a folder that outlives the test. Prometheus is fetched there as a Debian package and unpacked, not
# installed: as a package it would start a service. Skipped where it cannot be had.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq curl python3

# fetch_package NAME FOLDER: unpacks it there, with the package lists of this machine or else with fresh ones of its own.
fetch_package() {
  local part lists
  part=$(mktemp -d "$work/package.XXXXXX")
  lists=$work/lists
  mkdir -p "$lists/partial"
  (
    cd "$part"
    timeout 120 apt-get -qq download "$1" || {
      own=(-o "Dir::State::Lists=$lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o Debug::NoLocking=1)
      timeout 120 apt-get -qq "${own[@]}" update && timeout 120 apt-get -qq "${own[@]}" download "$1"
    }
  ) > "$work/fetch.log" 2>&1 || return 1
  dpkg-deb -x "$part/$1"_*.deb "$part/tree" || return 1
  mkdir -p "$(dirname -- "$2")"
  rm -rf "$2"
  mv "$part/tree" "$2"
}

if ! command -v prometheus > /dev/null || ! command -v promtool > /dev/null; then
  needs apt-get dpkg-deb timeout
  : "${CACHE:=$work/cache}"
  if [[ ! -x $CACHE/prometheus/usr/bin/promtool ]]; then
    trap - ERR
    fetch_package prometheus "$CACHE/prometheus" \
      || { echo "$name: skipped, no prometheus here and its package cannot be fetched: $(tail -n 1 "$work/fetch.log")"; exit 77; }
  fi
  PATH=$CACHE/prometheus/usr/bin:$PATH
fi
trap 'echo "$name: stopped at line $LINENO: $BASH_COMMAND" >&2' ERR

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# ---- a collector with data, and what it says of itself
port=$(free_port)
mkdir -p "$XDG_CONFIG_HOME/shmeter"
printf '[http]\nlisten = "127.0.0.1:%s"\n' "$port" > "$XDG_CONFIG_HOME/shmeter/config.toml"
use_sample
start_collector
shmeter claude < "$work/sample/statusline.json" > /dev/null
token=$XDG_STATE_HOME/shmeter/http.token
ask() { curl -sSf -m 10 -H "Authorization: Bearer $(cat "$token")" "http://127.0.0.1:$port$1" "${@:2}"; }
within 10 test -s "$token" || die "no token"
within 10 ask /healthz > /dev/null || die "no HTTP over TCP: $(cat "$work/start.log")"
for form in text/plain application/openmetrics-text; do
  ask /metrics -H "Accept: $form" > "$work/metrics"
  promtool check metrics < "$work/metrics" > "$work/promtool" 2>&1 || [[ $form != text/plain ]] || die "promtool check metrics: $(cat "$work/promtool")"
done
ask /metrics > "$work/metrics"

# ---- configuration and rules
mkdir "$work/prometheus"
sed -e "s|/home/USER/.local/state/shmeter/http.token|$token|" -e "s|127.0.0.1:7483|127.0.0.1:$port|" \
  -e 's/interval: 15s/interval: 1s/' "$TREE/contrib/grafana/prometheus.yml" > "$work/prometheus/prometheus.yml"
grep -q "$token" "$work/prometheus/prometheus.yml" || die "the example names no token"
cp "$TREE/contrib/grafana/prometheus-rules.yml" "$TREE/tests/e2e/prometheus-rules.test.yml" "$work/prometheus"
promtool check config "$work/prometheus/prometheus.yml" > "$work/promtool" 2>&1 || die "config: $(cat "$work/promtool")"
promtool check rules "$work/prometheus/prometheus-rules.yml" > "$work/promtool" 2>&1 || die "rules: $(cat "$work/promtool")"
(cd "$work/prometheus" && promtool test rules prometheus-rules.test.yml) > "$work/promtool" 2>&1 \
  || die "rule tests: $(cat "$work/promtool")"

# ---- every name exists
dashboard=$TREE/contrib/grafana/dashboard.json
jq -r '.panels[].targets[]?.expr' "$dashboard" > "$work/exprs"
[[ $(wc -l < "$work/exprs") -ge 30 ]] || die "the dashboard asks for little"
sed -n 's/^# TYPE \([^ ]*\) .*/\1/p' "$work/metrics" > "$work/families"
{ cat "$work/exprs"; grep -v '^ *- alert:\|summary:\|^#' "$TREE/contrib/grafana/prometheus-rules.yml"; } \
  | grep -oE '\b(shmeter|process)_[a-z0-9_]+' | sort -u > "$work/names"
[[ $(wc -l < "$work/names") -ge 30 ]] || die "found only $(cat "$work/names")"
while read -r one; do
  grep -qxF -e "$one" -e "${one%_sum}" -e "${one%_count}" -e "${one%_bucket}" "$work/families" || die "$one is used and /metrics has no such family"
done < "$work/names"
jq -e '[.templating.list[] | select(.type == "datasource" and .query == "prometheus")] | length == 1' "$dashboard" > /dev/null \
  || die "one variable for the data source"
jq -e '[.. | .datasource? | select(type == "object") | .uid] | unique == ["${datasource}"]' "$dashboard" > /dev/null \
  || die "a panel with a data source of its own"
jq -e '[.panels[].id] | length == (unique | length)' "$dashboard" > /dev/null || die "two panels with one id"

# ---- Prometheus reads the collector
web=$(free_port)
(cd "$work/prometheus" && exec prometheus --config.file prometheus.yml --storage.tsdb.path data --log.level warn \
  --web.listen-address "127.0.0.1:$web") > "$work/prometheus.log" 2>&1 &
prometheus=$!
query() { curl -sSf -m 10 "http://127.0.0.1:$web/api/v1/query" --data-urlencode "query=$1" 2> /dev/null; }
value() { query "$1" | jq -r '.data.result[0].value[1] // empty'; }
is_up() { [[ $(value 'up{job="shmeter"}') == 1 && -n $(value 'shmeter_quota_used_ratio{window="five_hour"}') ]]; }
within 30 is_up || die "never up: $(cat "$work/prometheus.log") $(curl -s "http://127.0.0.1:$web/api/v1/targets" | jq -c '.data.activeTargets[].lastError')"

# same WHAT QUERY NUMBER: to the last digit that a double has.
same() {
  local is
  is=$(value "$2")
  jq -ne --arg is "${is:-null}" --argjson want "$3" '($is | tonumber) as $is | ($is - $want | fabs) <= 1e-9 * ([$want, 1] | max)' > /dev/null \
    || die "$1: Prometheus says $is, the collector $3"
}
usage=$(ask /api/usage)
of() { jq "$1" <<< "$usage"; }
[[ $(of .input_tokens_used) -gt 0 ]] || die "no data: $usage"
same input 'sum(shmeter_period_tokens{kind="input"})' "$(of .input_tokens_used)"
same output 'sum(shmeter_period_tokens{kind="output"})' "$(of .output_tokens_used)"
same "cache writes" 'sum(shmeter_period_tokens{kind=~"cache_creation.*"})' "$(of .cache_creation_tokens)"
same "cache reads" 'sum(shmeter_period_tokens{kind="cache_read"})' "$(of .cache_read_tokens)"
same cost 'sum(shmeter_period_cost_usd)' "$(of .estimated_cost)"
same "five hours" '100 * shmeter_quota_used_ratio{window="five_hour"}' "$(of '.windows[] | select(.name == "five_hour") | .used_percentage')"
same "its reset" 'shmeter_quota_reset_timestamp_seconds{window="five_hour"}' "$(of '.windows[] | select(.name == "five_hour") | .resets_at')"
totals=$(shmeter json | jq .totals)
same requests 'sum(shmeter_requests_total)' "$(jq .all.requests <<< "$totals")"
same tokens 'sum(shmeter_tokens_total)' "$(jq .all.total_tokens <<< "$totals")"
same "cost of all" 'sum(shmeter_cost_usd)' "$(jq .all.cost_usd <<< "$totals")"
same "all accounts" 'sum(shmeter_account_requests)' "$(jq .all.requests <<< "$totals")"
same today 'shmeter_calendar_cost_usd{span="day"}' "$(jq .today.cost_usd <<< "$totals")"

# One more response arrives there, too, and counts as an increase.
before=$(jq .all.requests <<< "$totals")
append_response prometheus
arrived() { [[ $(value 'sum(shmeter_requests_total)') == $((before + 1)) ]]; }
within 15 arrived || die "the new response never came: $(value 'sum(shmeter_requests_total)') after $before"
grown() { jq -ne --arg is "$(value 'sum(increase(shmeter_requests_total[1m]))')" '($is | tonumber) > 0' > /dev/null 2>&1; }
within 15 grown || die "no increase"

# Each expression of the dashboard is one that it understands.
while IFS= read -r expr; do
  query "${expr//\$__rate_interval/1m}" | jq -e '.status == "success"' > /dev/null || die "the dashboard's: $expr"
done < "$work/exprs"
[[ -n $(value 'shmeter_build_info{version!=""}') ]] || die "no version"
curl -sSf "http://127.0.0.1:$web/api/v1/rules" | jq -e '[.data.groups[].rules[]] | length >= 10 and all(.health != "err")' > /dev/null \
  || die "rules: $(curl -sS "http://127.0.0.1:$web/api/v1/rules")"

# With a token that is none, nothing.
[[ $(curl -s -o /dev/null -w '%{http_code}' -H 'Authorization: Bearer no' "http://127.0.0.1:$port/metrics") == 401 ]] || die "any token will do"

kill "$prometheus"
wait "$prometheus" 2> /dev/null || true
stop_collector
