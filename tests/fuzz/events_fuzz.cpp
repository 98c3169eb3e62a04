// SPDX-License-Identifier: MIT
// A body of POST /api/usage/events. All of it or nothing, an id for each, and the same again when
// it is sent with the ids that it got.
#include "collector/source/events_json.hpp"
#include "tests/fuzz/observed.hpp"

namespace shmeter::fuzz {
namespace {

using collector::EventSeen;
using collector::Observation;
using collector::RequestSeen;

constexpr shm::i64 kNow_ms = 1'795'300'000'000;

void check_posted(const Observation& seen, const std::string& id) {
  if (const auto* request = std::get_if<RequestSeen>(&seen)) {
    holds(request->uuid == "posted:" + id, "a request has the id that is answered", request->uuid);
    holds(request->at_ms <= kNow_ms + 300'000, "it is not in the future");
    return;
  }
  const auto* event = std::get_if<EventSeen>(&seen);
  holds(event != nullptr && event->id == id, "an event has the id that is answered", id);
  holds(event->at_ms <= kNow_ms + 300'000, "it is not in the future");
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter;
  using namespace shmeter::fuzz;
  int made = 0;
  Checked seen;
  std::vector<std::string> handed;
  const auto keep = seen.take();
  const auto ids = collector::parse_events(
      text_of(data, size), kNow_ms, [&] { return "made-" + std::to_string(++made); },
      [&](const collector::Observation& one) {
        keep(one);
        const auto* request = std::get_if<collector::RequestSeen>(&one);
        handed.emplace_back(request != nullptr ? request->uuid.substr(7)
                                               : std::get<collector::EventSeen>(one).id);
        check_posted(one, handed.back());
      });
  if (!ids) {
    holds(handed.empty() && made == 0, "what is wrong hands nothing over");
    holds(is_one_line(ids.error().message) && !ids.error().message.empty(), "an error is one line",
          ids.error().message);
    return 0;
  }
  holds(*ids == handed, "the ids are those of the events, in order");
  return 0;
}
