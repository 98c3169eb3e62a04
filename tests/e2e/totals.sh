#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The bundled sample through the real programs: what the collector counts is what contrib/sample/usage.txt says, though
# the transcripts hold each response several times (a line a block, a resumed copy).
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs jq

use_sample
start_collector
want=$(awk '$1 == "answer" || $1 == "agent" {
    at = $1 == "agent" ? 3 : 2
    n++; input += $(at + 3); write5m += $(at + 4); write1h += $(at + 5); read += $(at + 6); output += $(at + 7)
  }
  END { print n, input, output, write5m, write1h, read }' "$TREE/contrib/sample/usage.txt")
got=$(shmeter json | jq -r '.totals.all | [.requests, .input_tokens, .output_tokens, .cache_creation_5m_tokens,
  .cache_creation_1h_tokens, .cache_read_tokens] | join(" ")')
[[ $got == "$want" ]] || die "counted $got, the sample says $want"
# By hand from the price list: opus 4.8 0.3713225, opus 5.5 0.796785 ... in all
cost=$(shmeter json | jq .totals.all.cost_usd)
[[ $cost == 1.834295* || $cost == 1.8343* ]] || die "cost $cost"
sessions=$(shmeter json | jq '.sessions | length')
[[ $sessions -eq 5 ]] || die "$sessions sessions"
stop_collector
