#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Others can map it: the clients of contrib/clients over libshmeter, in Python by ctypes and in LuaJIT by FFI, show what
# `shmeter json` shows of a real collector's region, follow it, and say why of what is no region. So does a C program, built as a stranger builds it: by pkg-config, over what
# `cmake --install` of BUILD has put there.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs python3 luajit jq cc cmake pkg-config
export PYTHONDONTWRITEBYTECODE=1

cmake --install "$BUILD" --prefix "$work/installed" --component library > "$work/install.log"
LIBRARY=$(find "$work/installed" -name libshmeter.so.1)
PKG_CONFIG_PATH=$(dirname -- "$(find "$work/installed" -name shmeter.pc)")
export PKG_CONFIG_PATH
read -ra flags <<< "$(pkg-config --cflags --libs shmeter)"
cc -std=c99 -Wall -Wextra -Werror -o "$work/today" "$TREE/tests/e2e/today.c" "${flags[@]}" -Wl,-rpath,"$(dirname -- "$LIBRARY")"
header=$(find "$work/installed" -name shmeter.h)
clients=("python3 $TREE/contrib/clients/region.py" "luajit $TREE/contrib/clients/region.lua")

# What a client is to print, by `shmeter json`.
wanted() {
  shmeter json | python3 -c '
import json, sys
def scaled(n, digits): return "-" if n is None else f"{n:.{digits}f}"
p = json.load(sys.stdin)
print("state", p["state"], p["age_s"], sep="\t")
print("today", scaled((p["totals"]["today"] or {}).get("cost_usd"), 2), sep="\t")
for a in p["accounts"]:
    print("account", a["name"], *(scaled((a[w] or {}).get("used_percentage"), 1) for w in ("five_hour", "seven_day")), sep="\t")
for s in p["sessions"]:
    print("session", s["session_id"], s["model_name"] or "-", scaled(s["cost_usd"], 2),
          scaled((s["context"] or {}).get("used_percentage"), 1), sep="\t")'
}
shown() { $client --library "$LIBRARY" --header "$header" "$@"; }
agrees() { diff <(wanted) <(shown) > "$work/difference"; }
refused() { # refused WORDS CLIENT-OPTION...: exit 69 and a sentence
  local words=$1 status=0
  shift
  shown "$@" > "$work/out" 2> "$work/err" || status=$?
  [[ $status -eq 69 && ! -s $work/out ]] || die "$client $*: exit $status, $(cat "$work/out" "$work/err")"
  grep -q "$words" "$work/err" || die "$client $*: $(cat "$work/err")"
}
is_stale() {
  shown "$@" > "$work/out" 2>&1 || die "$client $*: exit $?, $(cat "$work/out")"
  grep -q '^state.stale' "$work/out" || die "$client $*: $(cat "$work/out")"
}

for client in "${clients[@]}"; do SHMETER_RUNTIME_DIR=$work/none refused 'shmeter daemon start'; done

use_sample
start_collector
shmeter claude < "$work/sample/statusline.json" > /dev/null
within 10 eval '[[ $(shmeter json | jq ".accounts[0].five_hour.used_percentage != null") == true ]]' || die "no limits came"
for client in "${clients[@]}"; do
  within 10 agrees || die "$client: $(cat "$work/difference")"
  [[ $(shown | grep -c '^session.*[0-9]\.[0-9]') -ge 1 ]] || die "$client shows no session: $(shown)"
done
[[ $("$work/today") == "$(wanted | grep '^today')" ]] || die "a C program: $("$work/today")"

# Nothing that a model is called reaches the terminal as more than text.
jq -c '.model.display_name = "a\u001b[31mb\u009bc"' "$work/sample/statusline.json" | shmeter claude > /dev/null
for client in "${clients[@]}"; do
  harmless() { shown > "$work/out" && grep -qF 'a?[31mb?c' "$work/out"; }
  within 10 harmless || die "$client shows: $(cat -v "$work/out")"
done

# It sleeps until the picture changes, and finds the new region of the next collector.
for client in "${clients[@]}"; do
  $client --library "$LIBRARY" --watch > "$work/watched" &
  watcher=$!
  within 20 grep -q '^state.live' "$work/watched" || die "$client --watch shows nothing"
  today=$(wanted | grep '^today')
  append_response "region$watcher"
  changed() { now=$(wanted | grep '^today') && [[ $now != "$today" ]]; }
  within 20 changed || die "today does not change"
  within 20 grep -qF "$now" "$work/watched" || die "$client --watch does not show $now: $(cat "$work/watched")"
  stop_collector
  within 30 grep -q '^state.stale' "$work/watched" || die "$client --watch does not see the end: $(cat "$work/watched")"
  : > "$work/watched"
  start_collector
  within 30 grep -q '^state.live' "$work/watched" || die "$client --watch does not come back: $(cat "$work/watched")"
  kill "$watcher"
  wait "$watcher" || true
done

# What is no region, at its own place and by name.
stop_collector
export SHMETER_RUNTIME_DIR=$XDG_RUNTIME_DIR/shmeter # and no other place
region=$SHMETER_RUNTIME_DIR/region.1
whole=$work/whole
cp "$region" "$whole"
for client in "${clients[@]}"; do
  for bytes in 0 100 1024 5000 20000; do
    head -c "$bytes" "$whole" > "$region"
    refused 'damaged'
  done
  head -c 50000 /dev/urandom > "$region"
  refused 'damaged'
  cp "$whole" "$region"
  is_stale
  chmod 666 "$region"
  refused 'only you can write'
  is_stale --region "$region"
  chmod 600 "$region"
  if [[ $(id -u) -eq 0 ]]; then
    chown 65534 "$region"
    refused 'only you can write'
    chown 0 "$region"
  fi
  refused 'only you can write' --region "$work"
  refused 'shmeter daemon start' --region "$work/none"
done
