// SPDX-License-Identifier: MIT
// A body of POST /v1/logs. Every record is accepted or refused, a body that is wrong hands nothing
// over, and what is handed over can be counted once.
#include "collector/source/otlp_json.hpp"
#include "tests/fuzz/observed.hpp"

namespace shmeter::fuzz {
namespace {

using collector::EventKind;
using collector::EventSeen;
using collector::Observation;
using collector::OtlpTaken;
using collector::RequestSeen;
using collector::Source;

constexpr shm::i64 kNow_ms = 1'795'300'000'000;
constexpr shm::i64 kAhead_ms = 5 * 60'000;
constexpr shm::i64 kDay_ms = 86'400'000;

void check_telemetry(const Observation& seen) {
  if (const auto* request = std::get_if<RequestSeen>(&seen)) {
    holds(!request->request_id.empty() && request->uuid.empty() && request->message_id.empty(),
          "a request has its request id and no other");
    holds(request->source == Source::telemetry, "it is said who told");
    holds(!shm::known(request->cost_nanousd), "prices decide what it costs");
    holds(request->at_ms >= kNow_ms - kDay_ms && request->at_ms <= kNow_ms + kAhead_ms,
          "a request is of this day");
    return;
  }
  const auto* event = std::get_if<EventSeen>(&seen);
  holds(event != nullptr, "it is a request or an event");
  holds(event->kind == EventKind::tool_call || event->kind == EventKind::message ||
            event->kind == EventKind::failure,
        "it is of a kind that telemetry tells");
  holds(event->source == Source::telemetry, "it is said who told");
  holds(event->at_ms <= kNow_ms + kAhead_ms, "an event is not in the future");
}

void check_answer(const OtlpTaken& taken) {
  holds((taken.rejected > 0) == !taken.reason.empty(), "who refuses says why");
  holds(is_one_line(taken.reason), "the reason is in our words", taken.reason);
  const std::string answer = otlp_response(collector::OtlpSignal::logs, taken);
  holds(is_json(answer), "the answer is JSON", answer);
  holds((answer == "{}") == (taken.rejected == 0), "the answer tells of what was refused", answer);
}

struct Run {
  bool ok = false;
  OtlpTaken taken;
  Checked seen;
};

void run(std::string_view body, const collector::OtlpLimits& limits, Run& to) {
  const auto keep = to.seen.take();
  auto taken = parse_otlp_logs(
      body, kNow_ms,
      [&](const Observation& seen) {
        check_telemetry(seen);
        keep(seen);
      },
      limits);
  to.ok = taken.has_value();
  if (taken)
    to.taken = *taken;
  else
    holds(is_one_line(taken.error().message), "an error is one line", taken.error().message);
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  const std::string_view body = text_of(data, size);
  Run whole, again, few;
  run(body, {}, whole);
  run(body, {}, again);
  run(body, {.records = 2}, few);
  holds(whole.ok || whole.seen.lines().empty(), "what is wrong hands nothing over");
  holds(whole.seen.lines() == again.seen.lines(), "the same body says the same");
  holds(whole.seen.lines().size() <= whole.taken.accepted, "what is refused is not handed over");
  holds(few.ok == whole.ok && few.taken.accepted <= 2, "no more than the limit is accepted");
  holds(few.taken.accepted + few.taken.rejected == whole.taken.accepted + whole.taken.rejected,
        "each record has an answer");
  check_answer(whole.taken);
  check_answer(few.taken);
  return 0;
}
