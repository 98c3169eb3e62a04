// SPDX-License-Identifier: MIT
// Hours or days up to now, from quarter-hour sums of what was booked and of how requests went.
#include <algorithm>

#include "collector/ledger/ledger.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/report/api_buckets.hpp"
#include "collector/report/api_outcomes.hpp"
#include "collector/report/api_reading.hpp"
#include "collector/report/json_text.hpp"

namespace shmeter::collector {
namespace {

class Timeline {
 public:
  explicit Timeline(std::vector<ApiBucket> buckets)
      : buckets_(std::move(buckets)), sums_(buckets_.size()) {}

  ApiTimes times() const {
    return {buckets_.front().period.begin_s * 1000, buckets_.back().period.end_s * 1000};
  }
  void book(i64 at_s, const shm::Usage& amount) { collector::add(at(at_s).usage, amount); }
  void add(i64 at_s, const OutcomeSum& sum) { at(at_s).outcomes.add(sum); }

  void write(JsonText& out) const {
    out.name("timeline").open('[');
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      const auto& [usage, outcomes] = sums_[i];
      out.open('{').name("date").text(buckets_[i].date);
      out.name("requests").number(usage.requests + outcomes.failures);
      out.name("successCount").number(usage.requests - outcomes.failed_requests);
      out.name("errorCount").number(outcomes.failed());
      out.name("avgLatencyMs").number(outcomes.average_latency_ms());
      out.name("inputTokens").number(usage.input_tokens);
      out.name("outputTokens").number(usage.output_tokens).close('}');
    }
    out.close(']');
  }

 private:
  struct Sum {
    shm::Usage usage = shm::no_usage();
    ApiOutcomes outcomes;
  };
  /// Of a moment within times().
  Sum& at(i64 at_s) {
    const auto behind = std::upper_bound(
        buckets_.begin(), buckets_.end(), at_s,
        [](i64 moment, const ApiBucket& bucket) { return moment < bucket.period.begin_s; });
    return sums_[static_cast<std::size_t>(behind - buckets_.begin()) - 1];
  }

  std::vector<ApiBucket> buckets_;
  std::vector<Sum> sums_;
};

std::string_view name_of(ApiSpan span) {
  return span == ApiSpan::day ? "day" : span == ApiSpan::week ? "week" : "month";
}

}  // namespace

ApiResult<std::string> answer_timeline(StoreReader& store, const ApiQuery& query,
                                       const ApiContext& context) {
  const auto reading = ApiReading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  const ApiSpan span = query.period.value_or(ApiSpan::week);
  Timeline timeline(make_buckets(context.calendar, context.now_ms / 1000, span, query.group_by));
  const ApiTimes times = timeline.times();
  const auto booked = reading->totals(
      times, [&](i64 at_s, const shm::Usage& amount) { timeline.book(at_s, amount); });
  if (!booked) return tl::unexpected(booked.error());
  const auto read =
      reading->outcomes(times, [&](i64 at_s, const OutcomeSum& sum) { timeline.add(at_s, sum); });
  if (!read) return tl::unexpected(read.error());
  JsonText out;
  out.open('{');
  timeline.write(out);
  out.name("period").text(name_of(span));
  out.name("groupBy").text(query.group_by == ApiBuckets::hour ? "hour" : "day");
  out.name("from").number(times.from_ms / 1000);
  out.name("to").number(times.until_ms / 1000);
  return out.close('}').take();
}

}  // namespace shmeter::collector
