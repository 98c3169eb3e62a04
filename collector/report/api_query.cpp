// SPDX-License-Identifier: MIT
#include "collector/report/api_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "collector/report/api_cursor.hpp"
#include "collector/report/day.hpp"
#include "collector/source/timestamp.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kMostLimit = 1000;
/// The last second of the year 9999, as everywhere. Milliseconds are beyond it.
constexpr i64 kMostEpoch_s = 253'402'300'799;

constexpr std::string_view kTimeForm =
    "must be a time: ISO 8601 with its offset, a date, or epoch seconds";

constexpr unsigned bit(ApiRoute route) { return 1u << static_cast<unsigned>(route); }

std::optional<i64> whole(std::string_view text) {
  i64 number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

bool is_number(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

i64 parse_time_ms(std::string_view text, const Calendar& calendar) {
  if (is_number(text)) {
    const auto at_s = whole(text);
    return at_s && *at_s <= kMostEpoch_s ? *at_s * 1000 : kUnknown;
  }
  if (const auto day = parse_day(text)) return calendar.start_of(*day) * 1000;
  // A `+` that nobody encoded arrives as a space, and there is none in a time.
  std::string time(text);
  std::replace(time.begin(), time.end(), ' ', '+');
  return parse_timestamp_ms(time);
}

/// What a reader answers: nothing, or what the value must be.
using Said = std::string_view;
using Read = Said (*)(ApiQuery& query, std::string_view value, const Calendar& calendar);

Said read_event_type(ApiQuery& query, std::string_view value, const Calendar&) {
  for (const auto& [name, kind] : {std::pair<Said, EventKind>{"tokens", EventKind::tokens},
                                   {"tool_call", EventKind::tool_call},
                                   {"message", EventKind::message},
                                   {"compute", EventKind::compute}})
    if (value == name) query.event_type = kind;
  return query.event_type ? Said{} : "must be tokens, tool_call, message or compute";
}

Said read_limit(ApiQuery& query, std::string_view value, const Calendar&) {
  const auto limit = is_number(value) ? whole(value) : std::nullopt;
  if (!limit || *limit < 1 || *limit > kMostLimit) return "must be a whole number from 1 to 1000";
  query.limit = *limit;
  return {};
}

Said read_cursor(ApiQuery& query, std::string_view value, const Calendar&) {
  query.cursor = parse_cursor(value);
  return query.cursor ? Said{} : "must be the next_cursor of an earlier answer";
}

std::optional<ApiSpan> span_of(std::string_view value) {
  if (value == "day") return ApiSpan::day;
  if (value == "week") return ApiSpan::week;
  if (value == "month") return ApiSpan::month;
  return {};
}

Said read_granularity(ApiQuery& query, std::string_view value, const Calendar&) {
  const auto span = span_of(value);
  query.granularity = span.value_or(ApiSpan::day);
  return span ? Said{} : "must be day, week or month";
}

Said read_period(ApiQuery& query, std::string_view value, const Calendar&) {
  query.period = span_of(value);
  return query.period ? Said{} : "must be day, week or month";
}

Said read_group_by(ApiQuery& query, std::string_view value, const Calendar&) {
  query.group_by = value == "hour" ? ApiBuckets::hour : ApiBuckets::day;
  return value == "hour" || value == "day" ? Said{} : "must be hour or day";
}

template <std::string ApiQuery::*kMember>
Said read_text(ApiQuery& query, std::string_view value, const Calendar&) {
  query.*kMember = value;
  return value.empty() ? "must not be empty" : Said{};
}

template <i64 ApiQuery::*kMember>
Said read_time(ApiQuery& query, std::string_view value, const Calendar& calendar) {
  query.*kMember = value.empty() ? kUnknown : parse_time_ms(value, calendar);
  return shm::known(query.*kMember) ? Said{} : kTimeForm;
}

struct Parameter {
  std::string_view name;
  unsigned routes;
  Read read;
};

constexpr unsigned kFiltered = bit(ApiRoute::events) | bit(ApiRoute::stats);
constexpr unsigned kTimed = kFiltered | bit(ApiRoute::history) | bit(ApiRoute::summary);

constexpr std::array<Parameter, 11> kParameters = {{
    {"account", bit(ApiRoute::usage) | kFiltered, read_text<&ApiQuery::account>},
    {"sessionId", kFiltered, read_text<&ApiQuery::session_id>},
    {"agentName", kFiltered, read_text<&ApiQuery::agent_name>},
    {"eventType", kFiltered, read_event_type},
    {"after", kTimed, read_time<&ApiQuery::after_ms>},
    {"before", kTimed, read_time<&ApiQuery::before_ms>},
    {"limit", bit(ApiRoute::events), read_limit},
    {"cursor", bit(ApiRoute::events), read_cursor},
    {"granularity", bit(ApiRoute::history), read_granularity},
    {"period", bit(ApiRoute::summary) | bit(ApiRoute::timeline), read_period},
    {"groupBy", bit(ApiRoute::timeline), read_group_by},
}};

tl::unexpected<ApiError> wrong(std::string_view field, std::string_view what) {
  return tl::unexpected<ApiError>(ApiError{
      ApiError::Code::invalid, std::string(field) + " " + std::string(what), std::string(field)});
}

/// For the message about one that is not known.
std::string taken_by(ApiRoute route) {
  std::string names;
  for (const Parameter& parameter : kParameters)
    if ((parameter.routes & bit(route)) != 0)
      names.append(names.empty() ? "" : ", ").append(parameter.name);
  return names;
}

}  // namespace

ApiRoute usage_route(std::span<const ApiParameter> parameters) {
  const auto is_filter = [](const ApiParameter& asked) {
    return std::any_of(kParameters.begin(), kParameters.end(), [&](const Parameter& parameter) {
      return parameter.name == asked.first && (parameter.routes & bit(ApiRoute::events)) != 0 &&
             (parameter.routes & bit(ApiRoute::usage)) == 0;
    });
  };
  return std::any_of(parameters.begin(), parameters.end(), is_filter) ? ApiRoute::events
                                                                      : ApiRoute::usage;
}

ApiResult<ApiQuery> parse_api_query(ApiRoute route, std::span<const ApiParameter> parameters,
                                    const Calendar& calendar) {
  ApiQuery query;
  unsigned there = 0;
  for (const auto& [name, value] : parameters) {
    const auto* found = std::find_if(
        kParameters.begin(), kParameters.end(), [&, name = name](const Parameter& parameter) {
          return parameter.name == name && (parameter.routes & bit(route)) != 0;
        });
    if (found == kParameters.end())
      return wrong(name, "is no parameter here; known: " + taken_by(route));
    const unsigned place = 1u << (found - kParameters.begin());
    if ((there & place) != 0) return wrong(name, "is there twice");
    there |= place;
    if (const Said said = found->read(query, value, calendar); !said.empty())
      return wrong(name, said);
  }
  if (route == ApiRoute::summary && query.period &&
      (shm::known(query.after_ms) || shm::known(query.before_ms)))
    return wrong("period", "stands for after and before: give one or the other");
  return query;
}

}  // namespace shmeter::collector
