// SPDX-License-Identifier: MIT
// Bodies of POST /v1/metrics, one a line, one after another into the same sums: deltas, cumulative
// sums and clients that begin anew. Sums only grow, a body that comes again adds nothing, and no
// more is kept than allowed.
#include <map>

#include "collector/source/otlp_json.hpp"
#include "tests/fuzz/observed.hpp"

namespace shmeter::fuzz {
namespace {

using collector::AggregateSeen;
using collector::MetricSums;
using collector::Observation;
using collector::Quantity;

constexpr shm::i64 kNow_ms = 1'795'300'000'000;
constexpr std::size_t kFewStreams = 5;
constexpr shm::i64 kMostSum = shm::i64{1} << 53;

/// What was last said of each session.
class Grown {
 public:
  void take(const Observation& seen) {
    check(seen);
    const auto* now = std::get_if<AggregateSeen>(&seen);
    holds(now != nullptr && now->source == collector::Source::telemetry,
          "metrics say aggregates only");
    ++count_;
    Said& before = said_[std::string(now->session_id)];
    grows(before.cost, now->cost_nanousd);
    grows(before.added, now->lines_added);
    grows(before.removed, now->lines_removed);
    grows(before.at_ms, now->at_ms);
    for (const auto& model : now->models)
      grows(before.models[std::string(model.model)], model.tokens);
  }
  std::size_t count() const { return count_; }

 private:
  struct Said {
    shm::i64 cost = shm::kUnknown, added = shm::kUnknown, removed = shm::kUnknown,
             at_ms = shm::kUnknown;
    std::map<std::string, shm::i64> models;
  };
  // What was said once is never unsaid: unknown is the least number.
  static void grows(shm::i64& before, shm::i64 now) {
    holds(now >= before, "sums only grow");
    before = now;
  }

  std::map<std::string, Said> said_;
  std::size_t count_ = 0;
};

struct Sums {
  explicit Sums(std::size_t most) : sums(most), most_streams(most) {}

  /// How many sessions grew.
  std::size_t post(std::string_view body, Grown& grown) {
    const std::size_t before = grown.count();
    const auto taken =
        parse_otlp_metrics(body, kNow_ms, sums, [&](const Observation& seen) { grown.take(seen); });
    const std::size_t came = grown.count() - before;
    holds(taken || came == 0, "what is wrong hands nothing over");
    holds(sums.streams() <= most_streams, "no more streams than allowed are kept");
    if (taken) check_answer(*taken);
    return came;
  }
  static void check_answer(const collector::OtlpTaken& taken) {
    const std::string answer = otlp_response(collector::OtlpSignal::metrics, taken);
    holds(is_json(answer), "the answer is JSON", answer);
    holds((answer == "{}") == (taken.rejected == 0), "the answer tells of what was refused");
  }

  MetricSums sums;
  std::size_t most_streams;
};

void check_sums(std::string_view session, const MetricSums& sums) {
  const collector::SessionSums* const found = sums.find(session);
  if (found == nullptr) return;
  for (const shm::i64 sum : found->all)
    holds(sum == shm::kUnknown || (sum >= 0 && sum <= kMostSum), "a sum is a whole number of JSON");
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  std::string_view rest = text_of(data, size);
  Sums all(MetricSums::kMaxStreams), few(kFewStreams);
  Grown grown;
  while (!rest.empty()) {
    const std::string_view body = take_line(rest);
    all.post(body, grown);
    holds(all.post(body, grown) == 0, "a body that comes again adds nothing");
    // What is forgotten begins anew, so nothing is compared.
    Grown forgetful;
    few.post(body, forgetful);
    check_sums("s", all.sums);
    check_sums("s", few.sums);
  }
  return 0;
}
