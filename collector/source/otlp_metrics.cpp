// SPDX-License-Identifier: MIT
// Metrics: data points into sums by session.
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <vector>

#include "collector/source/json_fields.hpp"
#include "collector/source/otlp_json.hpp"
#include "collector/source/otlp_values.hpp"

namespace shmeter::collector {
namespace {

using json::Value;
using otlp::Attributes;

constexpr i64 kAhead_ns = i64{5} * 60 * 1'000'000'000;  // another machine's clock
constexpr std::string_view kDelta = "AGGREGATION_TEMPORALITY_DELTA";
constexpr std::string_view kCumulative = "AGGREGATION_TEMPORALITY_CUMULATIVE";

struct Measure {
  std::string_view metric;
  std::string_view type;  // empty = the metric has none
  Quantity quantity;
  double scale;
};

constexpr Measure kMeasures[] = {
    {"claude_code.cost.usage", "", Quantity::cost_nanousd, 1e9},
    {"claude_code.token.usage", "input", Quantity::input_tokens, 1},
    {"claude_code.token.usage", "output", Quantity::output_tokens, 1},
    {"claude_code.token.usage", "cacheRead", Quantity::cache_read_tokens, 1},
    {"claude_code.token.usage", "cacheCreation", Quantity::cache_creation_tokens, 1},
    {"claude_code.lines_of_code.count", "added", Quantity::lines_added, 1},
    {"claude_code.lines_of_code.count", "removed", Quantity::lines_removed, 1},
    {"claude_code.active_time.total", "user", Quantity::active_user_ms, 1e3},
    {"claude_code.active_time.total", "cli", Quantity::active_cli_ms, 1e3},
    {"claude_code.commit.count", "", Quantity::commits, 1},
    {"claude_code.pull_request.count", "", Quantity::pull_requests, 1},
};

const Measure* measure_of(std::string_view metric, std::string_view type) {
  const auto* const found =
      std::find_if(std::begin(kMeasures), std::end(kMeasures), [&](const Measure& measure) {
        return measure.metric == metric && (measure.type.empty() || measure.type == type);
      });
  return found == std::end(kMeasures) ? nullptr : found;
}

/// Empty: neither of the two.
std::optional<bool> is_cumulative(const Value& temporality) {
  const std::string_view name = json::text(temporality);
  const i64 number = json::whole(temporality);
  if (number == 1 || name == kDelta) return false;
  if (number == 2 || name == kCumulative) return true;
  return std::nullopt;
}

/// Behind a gateway these count a response as often as it says how far it is.
bool counts_frames_twice(std::string_view version) {
  constexpr std::array<int, 3> kMended{2, 1, 214};
  std::array<int, 3> parts{};
  const char* at = version.data();
  const char* const end = at + version.size();
  for (int& part : parts) {
    const auto [rest, error] = std::from_chars(at, end, part);
    if (error != std::errc{}) return false;
    at = rest + (rest != end && *rest == '.' ? 1 : 0);
  }
  return parts < kMended;
}

bool is_usage(Quantity quantity) { return quantity <= Quantity::cache_creation_tokens; }

/// A metric, and where it stands.
struct Metric {
  std::string_view name;
  u64 hash;       // of what tells the same metric of two resources apart
  bool doubtful;  // in what it says of usage
};

class PointReader {
 public:
  PointReader(i64 now_ms, MetricSums& sums, const OtlpLimits& limits)
      : now_ns_(now_ms * 1'000'000), sums_(sums), limits_(limits) {}

  void read(const Metric& metric, const Value& sum) {
    const auto cumulative = is_cumulative(sum["aggregationTemporality"]);
    otlp::each(sum["dataPoints"], [&](const Value& point) {
      json::Trouble trouble;
      if (taken_.accepted + taken_.rejected >= limits_.records)
        trouble.note({}, "more than " + std::to_string(limits_.records) + " data points");
      else
        read(metric, cumulative, point, trouble);
      settle(trouble);
    });
  }

  OtlpTaken& taken() { return taken_; }

 private:
  void settle(const json::Trouble& trouble) {
    if (!trouble.any()) {
      ++taken_.accepted;
      return;
    }
    if (++taken_.rejected == 1) taken_.reason = trouble.error().value().message;
  }

  void read(const Metric& metric, std::optional<bool> cumulative, const Value& value,
            json::Trouble& trouble) {
    attributes_.clear();
    if (!attributes_.read(value["attributes"]))
      return trouble.note(
          {}, "a data point has more than " + std::to_string(otlp::kMaxAttributes) + " attributes");
    const Measure* const measure = measure_of(metric.name, attributes_.text("type"));
    const std::string_view session = attributes_.text("session.id");
    // Without a session it is nobody's; that, too, can be configured.
    if (measure == nullptr || session.empty()) return;
    if (metric.doubtful && is_usage(measure->quantity)) return;
    const json::Place place{nullptr, measure->metric};
    const auto note = [&](std::string_view member, std::string_view what) {
      trouble.note({&place, member}, what);
    };
    if (!cumulative) note("aggregationTemporality", "neither delta nor cumulative");
    if (!valid_session_id(session)) note("session.id", "not a session id");
    MetricPoint point;
    point.session_id = session;
    point.model = attributes_.name("model");
    point.quantity = measure->quantity;
    point.cumulative = cumulative.value_or(false);
    point.stream = metric.hash + attributes_.hash();
    point.start_ns = std::max(otlp::nanoseconds(value["startTimeUnixNano"]), i64{0});
    point.time_ns = otlp::nanoseconds(value["timeUnixNano"]);
    point.value = amount(value, measure->scale);
    if (point.time_ns <= 0) note("timeUnixNano", "missing, or not a time");
    if (point.time_ns > now_ns_ + kAhead_ns) note("timeUnixNano", "in the future");
    if (point.value == kUnknown) note({}, "not a number from 0 on");
    if (!trouble.any()) add(point, note);
  }

  template <class Note>
  void add(const MetricPoint& point, const Note& note) {
    const MetricSums::Taken taken = sums_.add(point);
    if (taken == MetricSums::Taken::fell) note({}, "less than before");
    if (taken == MetricSums::Taken::too_much) note({}, "more than can be kept");
  }

  static i64 amount(const Value& point, double scale) {
    const i64 whole = json::scaled(point["asInt"], scale);
    return whole != kUnknown ? whole : json::scaled(point["asDouble"], scale);
  }

  i64 now_ns_;
  MetricSums& sums_;
  const OtlpLimits& limits_;
  Attributes attributes_;
  OtlpTaken taken_;
};

AggregateSeen aggregate_of(const SessionSums& sums, std::vector<ModelTokens>& models) {
  models.clear();
  for (const auto& [model, tokens] : sums.tokens_by_model) models.push_back({model, tokens});
  AggregateSeen seen;
  seen.session_id = sums.session_id;
  seen.source = Source::telemetry;
  seen.cost_nanousd = sums.of(Quantity::cost_nanousd);
  seen.lines_added = sums.of(Quantity::lines_added);
  seen.lines_removed = sums.of(Quantity::lines_removed);
  seen.at_ms = sums.at_ms;
  seen.models = models;
  return seen;
}

}  // namespace

Result<OtlpTaken> parse_otlp_metrics(std::string_view body, i64 now_ms, MetricSums& sums,
                                     const std::function<void(const Observation&)>& take,
                                     const OtlpLimits& limits) {
  simdjson::dom::parser parser;
  const auto resources = otlp::request_list(parser, body, limits.bytes, "resourceMetrics");
  if (!resources) return tl::unexpected(resources.error());
  PointReader reader(now_ms, sums, limits);
  otlp::each(*resources, [&](const Value& resource) {
    Attributes about;
    about.read(resource["resource"]["attributes"]);
    otlp::each(resource["scopeMetrics"], [&](const Value& scope) {
      const std::string_view version = json::text(scope["scope"]["version"]);
      const u64 hash = about.hash() * 3 + shm::hash_text(json::text(scope["scope"]["name"]));
      otlp::each(scope["metrics"], [&](const Value& metric) {
        const std::string_view name = json::text(metric["name"]);
        reader.read({name, hash * 3 + shm::hash_text(name), counts_frames_twice(version)},
                    metric["sum"]);
      });
    });
  });
  std::vector<ModelTokens> models;
  sums.each_grown([&](const SessionSums& grown) { take(aggregate_of(grown, models)); });
  return reader.taken();
}

}  // namespace shmeter::collector
