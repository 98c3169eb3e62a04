// SPDX-License-Identifier: MIT
// Offsets of a time zone, from the two places that know: the C library for the machine's own local
// time (it understands every form of TZ and /etc/localtime, and follows a traveller), the date
// library for zones by name. The only file that includes date/tz.h.
#include <date/tz.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "collector/model/calendar.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kDay_s = 86'400;
constexpr const char* kDatabase = "/usr/share/zoneinfo";

class Utc : public Zone {
 public:
  OffsetSpan at(i64 at_s) override {
    return {{at_s - kOffsetHorizon_s, at_s + kOffsetHorizon_s}, 0};
  }
};

class Named : public Zone {
 public:
  explicit Named(const date::time_zone* zone) : zone_(zone) {}
  OffsetSpan at(i64 at_s) override {
    const auto info = zone_->get_info(date::sys_seconds{std::chrono::seconds{at_s}});
    return {{info.begin.time_since_epoch().count(), info.end.time_since_epoch().count()},
            info.offset.count()};
  }

 private:
  const date::time_zone* zone_;
};

/// The C library tells offsets, not when they change, so changes are looked for: by day, then by
/// halves. No zone changes twice within a day.
class Local : public Zone {
 public:
  Local() { ::tzset(); }
  void refresh() override {
    ::tzset();
    std::erase_if(spans_, [](const OffsetSpan& span) { return !still_true(span); });
  }
  OffsetSpan at(i64 at_s) override {
    const auto known = std::find_if(spans_.begin(), spans_.end(), [&](const OffsetSpan& span) {
      return span.period.contains(at_s);
    });
    if (known != spans_.end()) return *known;
    if (spans_.size() == kRemembered) spans_.erase(spans_.begin());
    spans_.push_back({{edge(at_s, -kDay_s), edge(at_s, kDay_s)}, offset(at_s)});
    return spans_.back();
  }

 private:
  static constexpr std::size_t kRemembered = 8;

  /// Looked at every ten days: the shortest change there is, for Ramadan, lasts thirty.
  static bool still_true(const OffsetSpan& span) {
    for (i64 at = span.period.begin_s; at < span.period.end_s; at += 10 * kDay_s) {
      if (offset(at) != span.offset_s) return false;
    }
    return offset(span.period.end_s - 1) == span.offset_s;
  }

  static i64 offset(i64 at_s) {
    const time_t at = at_s;
    struct tm local = {};
    return ::localtime_r(&at, &local) == nullptr ? 0 : local.tm_gmtoff;
  }

  /// Where the offset stops being that of `from`: the span's end, or with a negative step its
  /// beginning.
  static i64 edge(i64 from, i64 step) {
    const i64 want = offset(from);
    i64 inside = from;
    while (std::abs(inside - from) < kOffsetHorizon_s && offset(inside + step) == want)
      inside += step;
    i64 outside = inside + step;
    if (offset(outside) == want) return outside;
    while (std::abs(outside - inside) > 1) {
      const i64 middle = inside + (outside - inside) / 2;
      (offset(middle) == want ? inside : outside) = middle;
    }
    return std::max(inside, outside);
  }

  std::vector<OffsetSpan> spans_;
};

bool in_database(std::string_view name) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(std::filesystem::path(kDatabase) / name, ignored);
}

/// The C library takes any TZ it cannot understand for UTC and says nothing.
std::string trouble_with_tz() {
  const char* variable = ::getenv("TZ");
  std::string_view name = variable == nullptr ? "" : variable;
  if (name.starts_with(':')) name.remove_prefix(1);
  std::error_code ignored;
  const bool understood =
      name.empty() || name == "UTC" || name == "GMT" ||
      (name.front() == '/' ? std::filesystem::is_regular_file(name, ignored)
                           : in_database(name) || name.find_first_of("0123456789") < name.size());
  if (understood) return {};
  return "time zone TZ=" + std::string(name) + " is not in " + kDatabase +
         "; days are counted in UTC; install tzdata or set \"timezone\"";
}

}  // namespace

std::unique_ptr<Zone> make_zone(std::string_view name, std::string& trouble) {
  trouble.clear();
  if (name == "local") {
    trouble = trouble_with_tz();
    return std::make_unique<Local>();
  }
  if (name == "UTC") return std::make_unique<Utc>();
  try {
    return std::make_unique<Named>(date::locate_zone(std::string(name)));
  } catch (const std::exception&) {
    trouble = "time zone \"" + std::string(name) + "\" is not in " + kDatabase +
              "; days are counted in UTC; install tzdata or correct \"timezone\"";
    return std::make_unique<Utc>();
  }
}

}  // namespace shmeter::collector
