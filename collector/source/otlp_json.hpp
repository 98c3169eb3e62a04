// SPDX-License-Identifier: MIT
// What Claude Code exports by OTLP/HTTP as JSON: the body of a POST to /v1/logs or /v1/metrics.
// Invariant: only ids, names, times and numbers leave a body; prompts, answers, errors' texts, mail
// addresses and account ids are not looked at. A record that is wrong is refused alone, the others
// stand; everything handed over has an id of its own, so that a body sent twice counts once.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/metric_sums.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// A client sends 512 records at once at most, a few hundred KB.
struct OtlpLimits {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t records = 100'000;  // log records or data points; the others are refused
};

/// What became of a body's records or data points.
struct OtlpTaken {
  std::size_t accepted = 0;  // also what there is nothing to do with
  std::size_t rejected = 0;
  std::string reason;  // of the first that was rejected; in our words only
};

/// Events. By `event.name`:
///
/// - api_request with `request_id`: a RequestSeen that has this id and no other, no cost (prices
///   decide) and the endpoint `query_source`. Without the id it is an aggregate: nothing.
/// - api_error: a failure under `request_id`, else session, sequence and time; named by its status
///   as transcripts name it. (Their line about it has a uuid besides.)
/// - tool_result: a tool call under `tool_use_id`, as the transcript's; at the time of the result.
/// - user_prompt: a message under `prompt.id`, else `message.uuid`, as the transcript's; none if it
///   is a command of the client's own. A task's notification looks like a prompt here.
///
/// All others are accepted, nothing of them is taken. The time is `event.timestamp`, else that of
/// the record; at most five minutes ahead, and of a request at most a day ago. Errors (invalid):
/// not JSON, or no OTLP logs; then nothing was handed over.
[[nodiscard]] Result<OtlpTaken> parse_otlp_logs(std::string_view body, i64 now_ms,
                                                const std::function<void(const Observation&)>& take,
                                                const OtlpLimits& limits = {});

/// Metrics, into `sums`; then an AggregateSeen for each session of which something grew: its cost,
/// lines and tokens by model since it was first heard of. Nothing that counts. What clients before
/// 2.1.214 say of tokens and cost is left out: behind a gateway they count a response several
/// times. Errors as above; then `sums` is as before.
[[nodiscard]] Result<OtlpTaken> parse_otlp_metrics(
    std::string_view body, i64 now_ms, MetricSums& sums,
    const std::function<void(const Observation&)>& take, const OtlpLimits& limits = {});

enum class OtlpSignal { logs, metrics };

/// The body of the answer (status 200): `{}`, or what was rejected of this signal and why.
std::string otlp_response(OtlpSignal signal, const OtlpTaken& taken);

}  // namespace shmeter::collector
