// SPDX-License-Identifier: MIT
#include "collector/report/api_reading.hpp"

#include <algorithm>
#include <tuple>

#include "collector/report/export.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

using formats::floor_div;

constexpr i64 kQuarter_ms = 900'000;
constexpr i64 kQuarter_s = 900;
constexpr i64 kDay_s = 86'400;
constexpr i64 kDay_ms = kDay_s * 1000;

tl::unexpected<ApiError> unavailable(const Error& error) {
  return tl::unexpected<ApiError>(ApiError{ApiError::Code::unavailable, error.message, {}});
}

ApiResult<void> or_unavailable(const Result<void>& read) {
  if (!read) return unavailable(read.error());
  return {};
}

tl::unexpected<ApiError> not_found(std::string_view field, std::string_view what) {
  return tl::unexpected<ApiError>(
      ApiError{ApiError::Code::not_found, std::string(what), std::string(field)});
}

Result<Catalogue> read_catalogue(StoreReader& store) {
  auto names = store.names();
  if (!names) return tl::unexpected(names.error());
  auto accounts = store.accounts();
  if (!accounts) return tl::unexpected(accounts.error());
  auto sessions = store.session_accounts();
  if (!sessions) return tl::unexpected(sessions.error());
  return Catalogue(std::move(*names), std::move(*accounts), std::move(*sessions));
}

bool is_configured(const Config& config, std::string_view name) {
  return std::any_of(config.accounts.begin(), config.accounts.end(),
                     [&](const AccountConfig& account) { return account.name == name; });
}

}  // namespace

ApiResult<ApiReading> ApiReading::of(StoreReader& store) {
  auto reading = Reading::of(store);
  if (!reading) return unavailable(reading.error());
  auto catalogue = read_catalogue(store);
  if (!catalogue) return unavailable(catalogue.error());
  return ApiReading(store, std::move(*reading), std::move(*catalogue));
}

ApiResult<ApiScope> ApiReading::scope(const ApiQuery& query, const Config& config) const {
  ApiScope scope;
  scope.filter.from_ms = query.after_ms;
  scope.filter.until_ms = query.before_ms;
  scope.filter.kind = query.event_type;
  scope.filter.pick = EventFilter::Pick::usage;
  if (!query.account.empty() && !catalogue_.has_account(query.account) &&
      !is_configured(config, query.account))
    return not_found("account", "no such account");
  if (!query.session_id.empty()) {
    scope.filter.session = catalogue_.session_number(query.session_id);
    if (!scope.filter.session) return not_found("sessionId", "no such session");
  }
  if (!query.agent_name.empty()) {
    scope.filter.agent = catalogue_.agent_number(query.agent_name);
    scope.nobody = !scope.filter.agent;
  }
  scope.sessions.resize(catalogue_.session_count());
  for (u32 number = 0; number < scope.sessions.size(); ++number)
    scope.sessions[number] =
        (!scope.filter.session || *scope.filter.session == number) &&
        (query.account.empty() || catalogue_.account_of(number) == query.account);
  return scope;
}

ApiResult<void> ApiReading::events(const EventFilter& filter,
                                   const std::function<bool(const StoredEvent&)>& take) const {
  return or_unavailable(store_->events(filter, take));
}

ApiResult<void> ApiReading::outcomes(
    const ApiTimes& times, const std::function<void(i64, const OutcomeSum&)>& take) const {
  return or_unavailable(
      store_->outcomes(times.from_ms, times.until_ms,
                       [&](i64 at_ms, const OutcomeSum& sum) { take(at_ms / 1000, sum); }));
}

ApiResult<void> ApiReading::callers(const ApiTimes& times, StoreReader::Grain grain,
                                    const std::function<void(const CallerSum&)>& take) const {
  return or_unavailable(store_->callers(times.from_ms, times.until_ms, grain, take));
}

ApiResult<void> ApiReading::latencies(const ApiTimes& times,
                                      const std::function<void(const LatencySum&)>& take) const {
  return or_unavailable(store_->latencies(times.from_ms, times.until_ms, take));
}

ApiResult<void> ApiReading::sums(i64 from_quarter, i64 until_quarter,
                                 const TakeAmount& take) const {
  return or_unavailable(store_->rollups(from_quarter, until_quarter,
                                        [&](const RollupKey& key, const shm::Usage& amount) {
                                          take(key.quarter * kQuarter_s, key, amount);
                                        }));
}

ApiResult<void> ApiReading::requests(const ApiTimes& times, const TakeAmount& take) const {
  EventFilter filter;
  filter.from_ms = times.from_ms;
  filter.until_ms = times.until_ms;
  filter.kind = EventKind::tokens;
  filter.texts = false;
  return events(filter, [&](const StoredEvent& event) {
    take(event.at_ms / 1000, {floor_div(event.at_ms, kQuarter_ms), event.session, event.model},
         usage_of(event));
    return true;
  });
}

template <class Whole, class Rest>
ApiResult<void> ApiReading::by_unit(const ApiTimes& times, i64 unit_ms, Whole&& whole,
                                    Rest&& rest) const {
  const auto [from_ms, until_ms] = times;
  if (shm::known(until_ms) && until_ms <= from_ms) return {};
  const auto is_cut = [&](i64 at_ms) { return shm::known(at_ms) && at_ms % unit_ms != 0; };
  // The first and the last whole unit; what the span cuts lies outside them.
  const i64 first = shm::known(from_ms) ? floor_div(from_ms + unit_ms - 1, unit_ms) : kUnknown;
  const i64 last = shm::known(until_ms) ? floor_div(until_ms, unit_ms) : kUnknown;
  if (is_cut(from_ms) && is_cut(until_ms) && first > last) return rest(times);
  if (is_cut(from_ms))
    if (auto done = rest(ApiTimes{from_ms, first * unit_ms}); !done) return done;
  if (auto done = whole(first, last); !done) return done;
  return is_cut(until_ms) ? rest(ApiTimes{last * unit_ms, until_ms}) : ApiResult<void>{};
}

ApiResult<void> ApiReading::amounts(const ApiTimes& times, const TakeAmount& take) const {
  return by_unit(
      times, kQuarter_ms, [&](i64 first, i64 last) { return sums(first, last, take); },
      [&](const ApiTimes& rest) { return requests(rest, take); });
}

ApiResult<void> ApiReading::amounts_by_day(const ApiTimes& times, const TakeAmount& take) const {
  return by_unit(
      times, kDay_ms,
      [&](i64 first, i64 last) {
        return or_unavailable(store_->day_rollups(
            first, last, [&](i64 day, u32 session, u32 model, const shm::Usage& amount) {
              take(day * kDay_s, {day * kDay_s / kQuarter_s, session, model}, amount);
            }));
      },
      [&](const ApiTimes& rest) { return amounts(rest, take); });
}

ApiResult<void> ApiReading::totals(const ApiTimes& times,
                                   const std::function<void(i64, const shm::Usage&)>& take) const {
  return by_unit(
      times, kQuarter_ms,
      [&](i64 first, i64 last) {
        return or_unavailable(store_->quarter_totals(
            first, last,
            [&](i64 quarter, const shm::Usage& sum) { take(quarter * kQuarter_s, sum); }));
      },
      [&](const ApiTimes& rest) {
        return requests(rest, [&](i64 at_s, const RollupKey&, const shm::Usage& amount) {
          take(at_s, amount);
        });
      });
}

bool is_dearer(const shm::Usage& a, std::string_view name_a, const shm::Usage& b,
               std::string_view name_b) {
  return std::tuple(-a.cost_nanousd, -shm::total_tokens(a), name_a) <
         std::tuple(-b.cost_nanousd, -shm::total_tokens(b), name_b);
}

}  // namespace shmeter::collector
