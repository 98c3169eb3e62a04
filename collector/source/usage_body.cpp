// SPDX-License-Identifier: MIT
#include "collector/source/usage_body.hpp"

#include <algorithm>
#include <cmath>

namespace shmeter::collector {
namespace {

using json::Fields;
using json::Place;
using json::Trouble;
using simdjson::dom::element;

constexpr double kPpmPerPercent = 10'000;
constexpr i64 kPpm = 1'000'000;
constexpr double kMostPercent = 100'000;  // of what may exceed the whole

// More than the whole is a mistake in what somebody sends, and all the same full in what the
// service says.
i64 share(const Fields& fields, std::string_view name) {
  const i64 ppm = fields.scaled(name, kPpmPerPercent, kMostPercent);
  if (ppm > kPpm) fields.note(name, "not a percentage from 0 to 100");
  return std::min(ppm, kPpm);
}

i64 reset_s(const Fields& fields, i64 now_ms) {
  constexpr std::string_view kName = "resets_at";
  const i64 at_ms = fields.time_ms(kName);
  if (at_ms == kUnknown) return at_ms;
  const i64 left_s = at_ms / 1000 - now_ms / 1000;
  if (left_s > 0 && left_s <= kLongestWindow_s) return at_ms / 1000;
  fields.note(kName, left_s > 0 ? "more than 32 days ahead" : "in the past");
  return kUnknown;
}

WindowSeen window(const Fields& fields, std::string_view used_name, i64 now_ms) {
  const WindowSeen seen{share(fields, used_name), reset_s(fields, now_ms)};
  if (seen.used_ppm != kUnknown && seen.resets_at_s != kUnknown) return seen;
  // Null, or 0 without a reset, is how the service says that a window is not open.
  if (seen.used_ppm > 0) fields.note("resets_at", "missing");
  if (seen.resets_at_s != kUnknown) fields.note(used_name, "missing");
  return {};
}

WindowSeen named_window(const Fields& body, std::string_view name, i64 now_ms) {
  const auto value = body.get(name);
  if (!value) return {};
  const Place place{&body.place(), name};
  const Fields fields(*value, place, body.trouble());
  const bool line = fields.has("used_percentage");
  if (line && fields.has("utilization"))
    fields.note("utilization", "beside used_percentage: give one of them");
  return window(fields, line ? "used_percentage" : "utilization", now_ms);
}

bool open(const WindowSeen& seen) { return seen.resets_at_s != kUnknown; }

void add_scoped(UsageBody& out, std::string_view label, const WindowSeen& seen) {
  const bool there = std::any_of(out.scoped.begin(), out.scoped.end(),
                                 [&](const auto& row) { return row.label == label; });
  if (open(seen) && !there) out.scoped.push_back({label, seen});
}

std::string_view scope_label(const Fields& row) {
  const auto scope = row.get("scope");
  if (!scope) return {};
  const Place place{&row.place(), "scope"};
  const Fields scopes(*scope, place, row.trouble());
  for (const std::string_view kind : {"model", "surface"}) {
    const auto named = scopes.get(kind);
    if (!named) continue;
    const Place named_place{&place, kind};
    const auto label = Fields(*named, named_place, row.trouble()).text("display_name");
    if (!label.empty()) return label;
  }
  return {};
}

// Rows are told apart by `kind`, never by their labels.
void read_limit(element entry, const Place& place, i64 now_ms, UsageBody& out, Trouble& trouble) {
  const Fields row(entry, place, trouble);
  const std::string_view kind = row.text("kind");
  if (kind != "session" && kind != "weekly_all" && kind != "weekly_scoped") return;
  const WindowSeen seen = window(row, "percent", now_ms);
  if (kind == "session" && !open(out.five_hour)) out.five_hour = seen;
  if (kind == "weekly_all" && !open(out.seven_day)) out.seven_day = seen;
  if (kind != "weekly_scoped") return;
  const std::string_view label = scope_label(row);
  if (label.empty()) return row.note("scope", "without a display_name");
  add_scoped(out, label, seen);
}

void read_scoped(const Fields& body, i64 now_ms, UsageBody& out) {
  body.each("limits", kMaxLimitRows, [&](element entry, const Place& place) {
    read_limit(entry, place, now_ms, out, body.trouble());
  });
  body.each("model_scoped", kMaxLimitRows, [&](element entry, const Place& place) {
    const Fields row(entry, place, body.trouble());
    const std::string_view label = row.text("display_name");
    if (label.empty()) return row.note("display_name", "missing");
    add_scoped(out, label, window(row, "utilization", now_ms));
  });
  add_scoped(out, "Opus", named_window(body, "seven_day_opus", now_ms));
  add_scoped(out, "Sonnet", named_window(body, "seven_day_sonnet", now_ms));
  out.says_scoped = body.has("limits") || body.has("model_scoped") || !out.scoped.empty();
}

// Amounts come in the smallest unit of their currency.
i64 minor_nanousd(const Fields& fields, std::string_view amount, std::string_view exponent) {
  constexpr i64 kMostDigits = 9;
  if (fields.has("currency") && fields.text("currency") != "USD") return kUnknown;
  const i64 digits = fields.has(exponent) ? fields.whole(exponent, kMostDigits) : 2;
  if (digits == kUnknown) return kUnknown;
  const double scale = std::pow(10.0, static_cast<double>(kMostDigits - digits));
  return fields.scaled(amount, scale, json::kMostDollars * json::kNano / scale);
}

i64 spend_amount(const Fields& spend, std::string_view name) {
  const auto value = spend.get(name);
  if (!value) return kUnknown;
  const Place place{&spend.place(), name};
  return minor_nanousd(Fields(*value, place, spend.trouble()), "amount_minor", "exponent");
}

void read_extra_usage(const Fields& body, UsageBody& out) {
  if (const auto value = body.get("extra_usage")) {
    const Place place{&body.place(), "extra_usage"};
    const Fields extra(*value, place, body.trouble());
    out.says_extra_usage = true;
    out.extra_usage.is_enabled = extra.flag("is_enabled");
    out.extra_usage.monthly_limit_nanousd = minor_nanousd(extra, "monthly_limit", "decimal_places");
    out.extra_usage.used_nanousd = minor_nanousd(extra, "used_credits", "decimal_places");
    out.extra_usage.used_ppm = extra.scaled("utilization", kPpmPerPercent, kMostPercent);
  } else if (const auto other = body.get("spend")) {
    const Place place{&body.place(), "spend"};
    const Fields spend(*other, place, body.trouble());
    out.says_extra_usage = true;
    out.extra_usage.is_enabled = spend.flag("enabled");
    out.extra_usage.monthly_limit_nanousd = spend_amount(spend, "limit");
    out.extra_usage.used_nanousd = spend_amount(spend, "used");
    out.extra_usage.used_ppm = spend.scaled("percent", kPpmPerPercent, kMostPercent);
  }
}

void read_spend_limit(const Fields& body, i64 now_ms, UsageBody& out) {
  const auto value = body.get("spend_limit");
  if (!value) return;
  const Place place{&body.place(), "spend_limit"};
  const Fields limit(*value, place, body.trouble());
  out.spend_limit.used_ppm = limit.scaled("used_percentage", kPpmPerPercent, kMostPercent);
  out.spend_limit.resets_at_s = reset_s(limit, now_ms);
  out.spend_limit.used_nanousd = limit.nanousd("used_usd");
  out.spend_limit.limit_nanousd = limit.nanousd("limit_usd");
  out.spend_limit.period.assign(limit.text("period"));
}

}  // namespace

bool UsageBody::says_nothing() const {
  return !open(five_hour) && !open(seven_day) && scoped.empty() && !says_extra_usage &&
         spend_limit == shm::SpendLimit{};
}

UsageBody read_usage_body(element body, const Place& place, i64 now_ms, Trouble& trouble) {
  UsageBody out;
  const Fields fields(body, place, trouble);
  out.five_hour = named_window(fields, "five_hour", now_ms);
  out.seven_day = named_window(fields, "seven_day", now_ms);
  read_scoped(fields, now_ms, out);
  read_extra_usage(fields, out);
  read_spend_limit(fields, now_ms, out);
  return out;
}

QuotaSeen quota_seen(const UsageBody& body, shm::QuotaSource source, i64 observed_at_ms) {
  return {.source = source,
          .login = {},
          .observed_at_ms = observed_at_ms,
          .five_hour = body.five_hour,
          .seven_day = body.seven_day,
          .says_scoped = body.says_scoped,
          .scoped = body.scoped,
          .says_extra_usage = body.says_extra_usage,
          .extra_usage = body.extra_usage,
          .spend_limit = body.spend_limit};
}

}  // namespace shmeter::collector
