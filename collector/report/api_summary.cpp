// SPDX-License-Identifier: MIT
// Amounts come from the quarter-hour sums and stand under their account and `messages` at first;
// what told another key or endpoint then moves its share there.
#include "collector/report/api_summary.hpp"

#include <algorithm>

#include "collector/ledger/ledger.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/report/api_buckets.hpp"
#include "collector/report/day.hpp"
#include "collector/report/export.hpp"
#include "collector/report/numbers.hpp"
#include "formats/units.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kMostFailures = 20;
constexpr std::size_t kMostMessage = 200;
constexpr std::size_t kMostType = 64;
constexpr std::size_t kPrefix = 12;  // `sk-ant-api03`: what kind of key, nothing of the secret
constexpr std::string_view kEndpoint = "messages";
constexpr i64 kQuarter_s = 900;
constexpr i64 kHour_ms = 3'600'000;
constexpr i64 kDay_s = 86'400;

template <class Map>
auto& entry(Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found != map.end() ? found->second : map[std::string(name)];
}

/// Of the account, which the sums of bookings do not tell, or of the payer.
bool is_use(const CallerSum& caller) { return !caller.payer.empty() || caller.sum.failures > 0; }

/// A share of requests, 0-1.
void write_rate(JsonText& out, i64 part, i64 whole) {
  constexpr i64 kMillion = 1'000'000;
  if (whole <= 0)
    out.null();
  else
    out.number((part * kMillion + whole / 2) / whole, 6);
}

/// The names of `map`, those with the most requests first.
template <class Map, class Requests>
std::vector<const typename Map::value_type*> busiest_first(const Map& map, Requests&& requests) {
  std::vector<const typename Map::value_type*> rows;
  for (const auto& row : map) rows.push_back(&row);
  std::stable_sort(rows.begin(), rows.end(), [&](const auto* a, const auto* b) {
    return requests(a->second) > requests(b->second);
  });
  return rows;
}

}  // namespace

ApiKeyName key_name(std::string_view key) {
  const std::string id = write_hex(hash_name(NameKind::content, key));
  if (!key.starts_with("sk-")) return {id, std::string(key), {}};
  const std::string prefix = one_line(key, kPrefix);
  return {id, prefix + "…", prefix};
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line;
  for (std::size_t characters = 0; !text.empty() && characters < most; ++characters) {
    const formats::Decoded one = formats::decode(text);
    const bool is_space = formats::is_control(one.code) || formats::breaks_line(one.code);
    line.append(!one.valid ? "\uFFFD" : is_space ? " " : text.substr(0, one.bytes));
    text.remove_prefix(one.bytes);
  }
  return line;
}

SummaryTally::SummaryTally(const Catalogue& catalogue)
    : catalogue_(catalogue), messages_(&endpoint({})) {}

SummaryTally::Key& SummaryTally::account_key(std::string_view account) {
  Key& key = entry(accounts_, account);
  if (!key.name.id.empty()) return key;
  key.name = {std::string(account), std::string(account), {}};
  for (const AccountRow& row : catalogue_.accounts())
    if (account_name(row) == account) key.name.id = write_hex(shm::hash_text(row.config_dir));
  return key;
}

SummaryTally::Key& SummaryTally::account_key(u32 session) {
  if (session >= of_session_.size()) of_session_.resize(session + std::size_t{1});
  Key*& key = of_session_[session];
  if (key == nullptr) key = &account_key(catalogue_.account_of(session));
  return *key;
}

SummaryTally::Key& SummaryTally::posted_key(std::string_view posted) {
  Key& key = entry(posted_, posted);
  if (key.name.id.empty()) key.name = key_name(posted);
  return key;
}

SummaryTally::Endpoint& SummaryTally::endpoint(std::string_view name) {
  return entry(endpoints_, name.empty() ? kEndpoint : name);
}

void SummaryTally::book(i64 at_s, const RollupKey& key, const shm::Usage& amount) {
  collector::add(all_, amount);
  collector::add(models_.try_emplace(key.model, shm::no_usage()).first->second, amount);
  Key& account = account_key(key.session);
  account.booked += amount.requests;
  account.tokens += shm::total_tokens(amount);
  if (amount.requests > 0) account.used_on(at_s);
  messages_->booked += amount.requests;
}

void SummaryTally::add(const CallerSum& caller) {
  const OutcomeSum& sum = caller.sum;
  Endpoint& where = endpoint(caller.endpoint);
  Key& account = account_key(caller.session);
  Key& who = caller.payer.empty() ? account : posted_key(caller.payer);
  messages_->booked -= sum.requests;
  where.booked += sum.requests;
  if (&who != &account) {
    account.booked -= sum.requests;
    who.booked += sum.requests;
    account.tokens -= sum.tokens;
    who.tokens += sum.tokens;
  }
  for (ApiOutcomes* outcomes : {&outcomes_, &where.outcomes, &who.outcomes}) outcomes->add(sum);
  if (is_use(caller)) who.used_on(caller.at_ms / 1000);
}

void SummaryTally::add_failure(const StoredEvent& event) {
  const std::string type = one_line(event.name.substr(0, event.name.find(':')), kMostType);
  failures_.push_back({event_id(event.key),
                       std::string(event.call.endpoint.empty() ? kEndpoint : event.call.endpoint),
                       type.empty() ? "error" : type, one_line(event.name, kMostMessage),
                       event.at_ms});
}

template <class Use>
void SummaryTally::each_key(Use&& use) {
  for (auto* keys : {&accounts_, &posted_})
    for (auto& [name, key] : *keys) use(key);
}

std::set<i64> SummaryTally::last_days() {
  std::set<i64> days;
  each_key([&](Key& key) {
    if (shm::known(key.day)) days.insert(key.day);
  });
  return days;
}

void SummaryTally::look_at(i64 at_s, const RollupKey& key, const shm::Usage& amount) {
  Key& account = account_key(key.session);
  if (amount.requests > 0 && account.day == formats::floor_div(at_s, kDay_s))
    account.quarter_s =
        std::max(account.quarter_s, formats::floor_div(at_s, kQuarter_s) * kQuarter_s);
}

void SummaryTally::look_at(const CallerSum& caller) {
  Key& key = caller.payer.empty() ? account_key(caller.session) : posted_key(caller.payer);
  if (is_use(caller) && key.day == caller.at_ms / (kDay_s * 1000))
    key.told_hour = std::max(key.told_hour, caller.at_ms / kHour_ms);
}

std::set<i64> SummaryTally::last_hours() {
  std::set<i64> hours;
  each_key([&](Key& key) {
    if (shm::known(key.booked_hour())) hours.insert(key.booked_hour());
    if (shm::known(key.told_hour)) hours.insert(key.told_hour);
  });
  return hours;
}

void SummaryTally::begin_hour(i64 hour) {
  looked_for_.clear();
  each_key([&](Key& key) {
    if (key.booked_hour() == hour || key.told_hour == hour) looked_for_.insert(&key);
  });
}

bool SummaryTally::used(const StoredEvent& event) {
  Key& key = event.call.key.empty() ? account_key(event.session) : posted_key(event.call.key);
  if (looked_for_.erase(&key) != 0) key.last_ms = std::max(key.last_ms, event.at_ms);
  return !looked_for_.empty();
}

void SummaryTally::Key::used_on(i64 at_s) { day = std::max(day, formats::floor_div(at_s, kDay_s)); }

void SummaryTally::write_totals(JsonText& out) const {
  const bool has_requests = all_.requests + outcomes_.failures > 0;
  const auto endpoints = std::count_if(endpoints_.begin(), endpoints_.end(), [](const auto& row) {
    return row.second.booked + row.second.outcomes.failures > 0;
  });
  out.name("summary").open('{');
  out.name("totalRequests").number(all_.requests + outcomes_.failures);
  out.name("successfulRequests").number(all_.requests - outcomes_.failed_requests);
  out.name("failedRequests").number(outcomes_.failed());
  out.name("avgLatencyMs").number(outcomes_.average_latency_ms());
  out.name("totalInputTokens").number(all_.input_tokens);
  out.name("totalOutputTokens").number(all_.output_tokens);
  out.name("uniqueEndpoints").number(has_requests ? endpoints : 0).close('}');
}

void SummaryTally::write_keys(JsonText& out) const {
  const auto requests = [](const Key& key) { return key.booked + key.outcomes.failures; };
  out.name("byApiKey").open('[');
  for (const auto* keys : {&accounts_, &posted_}) {
    for (const auto* row : busiest_first(*keys, requests)) {
      const Key& key = row->second;
      if (requests(key) == 0 && key.tokens == 0) continue;
      out.open('{').name("keyId").text(key.name.id);
      out.name("keyName").text(key.name.name);
      out.name("keyPrefix").text_or_null(key.name.prefix);
      out.name("requestCount").number(requests(key));
      write_rate(out.name("successRate"), requests(key) - key.outcomes.failed(), requests(key));
      out.name("totalTokens").number(key.tokens);
      // Of SET_USAGE there is no event: the sums say in which quarter hour.
      const i64 last_ms =
          std::max(key.last_ms,
                   key.booked > 0 && shm::known(key.quarter_s) ? key.quarter_s * 1000 : kUnknown);
      out.name("lastUsed").text_or_null(shm::known(last_ms) ? write_iso(last_ms) : "");
      out.close('}');
    }
  }
  out.close(']');
}

void SummaryTally::write_endpoints(JsonText& out) const {
  const auto requests = [](const Endpoint& endpoint) {
    return endpoint.booked + endpoint.outcomes.failures;
  };
  out.name("byEndpoint").open('[');
  for (const auto* row : busiest_first(endpoints_, requests)) {
    const Endpoint& endpoint = row->second;
    if (requests(endpoint) == 0) continue;
    out.open('{').name("endpoint").text(row->first);
    out.name("requestCount").number(requests(endpoint));
    out.name("avgLatencyMs").number(endpoint.outcomes.average_latency_ms());
    write_rate(out.name("errorRate"), endpoint.outcomes.failed(), requests(endpoint));
    out.close('}');
  }
  out.close(']');
}

void SummaryTally::write_failures(JsonText& out) const {
  out.name("recentErrors").open('[');
  for (const Failure& failure : failures_) {
    out.open('{').name("id").text(failure.id);
    out.name("endpoint").text(failure.endpoint);
    out.name("errorType").text(failure.type);
    out.name("errorMessage").text_or_null(failure.message);
    out.name("timestamp").text(write_iso(failure.at_ms)).close('}');
  }
  out.close(']');
}

void SummaryTally::write_models(JsonText& out) const {
  struct Row {
    std::string_view name;
    const shm::Usage* usage;
  };
  std::vector<Row> rows;
  for (const auto& [model, usage] : models_) {
    const std::string_view name = catalogue_.model(model);
    rows.push_back({name.empty() ? "unknown" : name, &usage});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return is_dearer(*a.usage, a.name, *b.usage, b.name);
  });
  out.name("byModel").open('[');
  for (const Row& row : rows)
    out.open('{').name("model").text(row.name).usage(*row.usage).close('}');
  out.close(']');
}

std::string SummaryTally::json(const ApiTimes& times) const {
  JsonText out;
  out.open('{');
  write_totals(out);
  write_keys(out);
  write_endpoints(out);
  write_failures(out);
  write_models(out);
  out.name("latency").open('{').name("p50Ms").number(latencies_.percentile_ms(50));
  out.name("p95Ms").number(latencies_.percentile_ms(95)).close('}');
  out.name("measured").open('{').name("latency_requests").number(outcomes_.timed);
  // A response is a success, and what fails leaves a line: every outcome is known.
  out.name("outcome_requests").number(all_.requests + outcomes_.failures).close('}');
  out.name("from").number(times.from_ms, 3);
  out.name("to").number(times.until_ms, 3);
  return out.close('}').take();
}

namespace {

/// What of [from_ms, until_ms) lies in the span.
ApiTimes within(const ApiTimes& times, i64 from_ms, i64 until_ms) {
  return {std::max(times.from_ms, from_ms),
          shm::known(times.until_ms) ? std::min(times.until_ms, until_ms) : until_ms};
}

/// Sums of days said on which day somebody asked last; smaller ones of that day say in which hour.
ApiResult<void> find_last_hours(const ApiReading& reading, const ApiTimes& times,
                                SummaryTally& tally) {
  for (const i64 day : tally.last_days()) {
    const ApiTimes span = within(times, day * kDay_s * 1000, (day + 1) * kDay_s * 1000);
    auto done =
        reading.amounts(span, [&](i64 at_s, const RollupKey& key, const shm::Usage& amount) {
          tally.look_at(at_s, key, amount);
        });
    if (done)
      done = reading.callers(span, StoreReader::Grain::hours,
                             [&](const CallerSum& sum) { tally.look_at(sum); });
    if (!done) return done;
  }
  return {};
}

/// And the events of that hour say when.
ApiResult<void> find_last_used(const ApiReading& reading, const ApiTimes& times,
                               SummaryTally& tally) {
  for (const i64 hour : tally.last_hours()) {
    tally.begin_hour(hour);
    const ApiTimes span = within(times, hour * kHour_ms, (hour + 1) * kHour_ms);
    EventFilter filter;
    filter.from_ms = span.from_ms;
    filter.until_ms = span.until_ms;
    filter.pick = EventFilter::Pick::requests;
    filter.newest_first = true;
    const auto read =
        reading.events(filter, [&](const StoredEvent& event) { return tally.used(event); });
    if (!read) return read;
  }
  return {};
}

ApiResult<void> read_failures(const ApiReading& reading, const ApiTimes& times,
                              SummaryTally& tally) {
  EventFilter filter;
  filter.from_ms = times.from_ms;
  filter.until_ms = times.until_ms;
  filter.pick = EventFilter::Pick::failures;
  filter.newest_first = true;
  filter.limit = kMostFailures;
  return reading.events(filter, [&](const StoredEvent& event) {
    tally.add_failure(event);
    return true;
  });
}

/// Everything that is about the span.
ApiResult<void> read(const ApiReading& reading, const ApiTimes& times, SummaryTally& tally) {
  auto done =
      reading.amounts_by_day(times, [&](i64 at_s, const RollupKey& key, const shm::Usage& amount) {
        tally.book(at_s, key, amount);
      });
  if (done)
    done = reading.callers(times, StoreReader::Grain::days,
                           [&](const CallerSum& sum) { tally.add(sum); });
  if (done) done = reading.latencies(times, [&](const LatencySum& sum) { tally.add(sum); });
  if (done) done = read_failures(reading, times, tally);
  if (done) done = find_last_hours(reading, times, tally);
  if (done) done = find_last_used(reading, times, tally);
  return done;
}

ApiTimes times_of(const ApiQuery& query, const ApiContext& context) {
  if (!query.period) return {query.after_ms, query.before_ms};
  const Period period = span_of(context.calendar, context.now_ms / 1000, *query.period);
  return {period.begin_s * 1000, period.end_s * 1000};
}

}  // namespace

ApiResult<std::string> answer_summary(StoreReader& store, const ApiQuery& query,
                                      const ApiContext& context) {
  const auto reading = ApiReading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  SummaryTally tally(reading->catalogue());
  const ApiTimes times = times_of(query, context);
  if (const auto done = read(*reading, times, tally); !done) return tl::unexpected(done.error());
  return tally.json(times);
}

}  // namespace shmeter::collector
