// SPDX-License-Identifier: MIT
// Amounts come from the quarter-hour sums and stand under their account and `messages` at first;
// events that say another key or endpoint move their own share there.
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

constexpr std::size_t kMostFailures = 20;
constexpr std::size_t kMostMessage = 200;
constexpr std::size_t kMostType = 64;
constexpr std::size_t kPrefix = 12;  // `sk-ant-api03`: what kind of key, nothing of the secret
constexpr std::string_view kEndpoint = "messages";
constexpr i64 kQuarter_s = 900;

template <class Map>
auto& entry(Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found != map.end() ? found->second : map[std::string(name)];
}

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

SummaryTally::Key& SummaryTally::account_key(std::string_view account) {
  Key& key = entry(accounts_, account);
  if (!key.name.id.empty()) return key;
  key.name = {std::string(account), std::string(account), {}};
  for (const AccountRow& row : catalogue_.accounts())
    if (account_name(row) == account) key.name.id = write_hex(shm::hash_text(row.config_dir));
  return key;
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
  Key& account = account_key(catalogue_.account_of(key.session));
  account.booked += amount.requests;
  account.tokens += shm::total_tokens(amount);
  if (amount.requests > 0)
    account.quarter_s =
        std::max(account.quarter_s, formats::floor_div(at_s, kQuarter_s) * kQuarter_s);
  endpoint(kEndpoint).booked += amount.requests;
}

void SummaryTally::add(const StoredEvent& event) {
  const bool is_booked = event.kind == EventKind::tokens;
  Endpoint& where = endpoint(event.call.endpoint);
  const std::string_view account = catalogue_.account_of(event.session);
  Key& who = event.call.key.empty() ? account_key(account) : posted_key(event.call.key);
  if (is_booked) {
    --endpoint(kEndpoint).booked;
    ++where.booked;
  }
  if (is_booked && !event.call.key.empty()) {
    Key& from = account_key(account);
    --from.booked;
    ++who.booked;
    from.tokens -= event.tokens.total();
    who.tokens += event.tokens.total();
  }
  for (ApiOutcomes* outcomes : {&outcomes_, &where.outcomes, &who.outcomes}) outcomes->add(event);
  if (!is_booked || !event.call.key.empty()) who.last_ms = std::max(who.last_ms, event.at_ms);
  if (shm::known(event.call.latency_ms)) latencies_ms_.push_back(event.call.latency_ms);
  if (is_failed(event) && failures_.size() < kMostFailures)
    note_failure(event, event.call.endpoint.empty() ? kEndpoint : event.call.endpoint);
}

void SummaryTally::note_failure(const StoredEvent& event, std::string_view endpoint) {
  const std::string type = one_line(event.name.substr(0, event.name.find(':')), kMostType);
  failures_.push_back({event_id(event.key), std::string(endpoint), type.empty() ? "error" : type,
                       one_line(event.name, kMostMessage), event.at_ms});
}

std::map<std::string, i64> SummaryTally::last_quarters() const {
  std::map<std::string, i64> quarters;
  for (const auto& [account, key] : accounts_)
    if (shm::known(key.quarter_s) && key.booked > 0) quarters[account] = key.quarter_s;
  return quarters;
}

void SummaryTally::used(std::string_view account, i64 at_ms) {
  Key& key = account_key(account);
  key.last_ms = std::max(key.last_ms, at_ms);
}

i64 SummaryTally::percentile_ms(i64 percent) const {
  if (latencies_ms_.empty()) return kUnknown;
  std::vector<i64> all = latencies_ms_;
  const auto count = static_cast<i64>(all.size());
  const auto nth = all.begin() + (count * percent + 99) / 100 - 1;
  std::nth_element(all.begin(), nth, all.end());
  return *nth;
}

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
      out.name("lastUsed").text_or_null(shm::known(key.last_ms) ? write_iso(key.last_ms) : "");
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

std::string SummaryTally::json() const {
  JsonText out;
  out.open('{');
  write_totals(out);
  write_keys(out);
  write_endpoints(out);
  write_failures(out);
  write_models(out);
  out.name("latency").open('{').name("p50Ms").number(percentile_ms(50));
  out.name("p95Ms").number(percentile_ms(95)).close('}');
  out.name("measured").open('{').name("latency_requests").number(outcomes_.timed);
  // A response is a success, and what fails leaves a line: every outcome is known.
  out.name("outcome_requests").number(all_.requests + outcomes_.failures).close('}');
  return out.close('}').take();
}

namespace {

/// The sums say in which quarter hour an account asked last; its events say when.
ApiResult<void> find_last_used(const ApiReading& reading, const ApiTimes& times,
                               SummaryTally& tally) {
  for (const auto& [whose, quarter_s] : tally.last_quarters()) {
    const auto account = whose;  // clang 14 lets no function capture a part of a binding
    EventFilter filter;
    filter.from_ms = std::max(times.from_ms, quarter_s * 1000);
    filter.until_ms = (quarter_s + kQuarter_s) * 1000;
    if (shm::known(times.until_ms)) filter.until_ms = std::min(filter.until_ms, times.until_ms);
    filter.kind = EventKind::tokens;
    filter.newest_first = true;
    i64 last_ms = quarter_s * 1000;  // of SET_USAGE there is no event
    const auto read = reading.events(filter, [&, account = account](const StoredEvent& event) {
      if (!event.call.key.empty() || reading.catalogue().account_of(event.session) != account)
        return true;
      last_ms = event.at_ms;
      return false;
    });
    if (!read) return read;
    tally.used(account, last_ms);
  }
  return {};
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
  const ApiTimes times = times_of(query, context);
  SummaryTally tally(reading->catalogue());
  const auto booked =
      reading->amounts(times, [&](i64 at_s, const RollupKey& key, const shm::Usage& amount) {
        tally.book(at_s, key, amount);
      });
  if (!booked) return tl::unexpected(booked.error());
  EventFilter filter = outcome_filter(times);
  filter.newest_first = true;
  const auto read = reading->events(filter, [&](const StoredEvent& event) {
    tally.add(event);
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  if (const auto found = find_last_used(*reading, times, tally); !found)
    return tl::unexpected(found.error());
  return tally.json();
}

}  // namespace shmeter::collector
