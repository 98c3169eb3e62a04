// SPDX-License-Identifier: MIT
// Local days, weeks and months as spans of UTC, in the time zone the user configured. Invariant:
// the moment asked for always lies in the period given, periods of one kind touch without gap or
// overlap, and a day is as long as its zone made it (23, 24 or 25 hours).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "collector/config/config.hpp"

namespace shmeter::collector {

/// [begin_s, end_s) in epoch seconds.
struct Period {
  i64 begin_s = 0;
  i64 end_s = 0;
  bool contains(i64 at_s) const { return begin_s <= at_s && at_s < end_s; }
  bool operator==(const Period&) const = default;
};

/// A time in which the zone's offset does not change.
struct OffsetSpan {
  Period period;
  i64 offset_s = 0;  // local time - UTC
  bool operator==(const OffsetSpan&) const = default;
};

/// Changes further away than this are not told.
inline constexpr i64 kOffsetHorizon_s = i64{400} * 86'400;

/// A time zone: nothing but offsets. Implementations may remember what they found.
class Zone {
 public:
  virtual ~Zone() = default;
  /// A span around the moment. Its neighbours may have the same offset.
  virtual OffsetSpan at(i64 at_s) = 0;
  /// Looks whether the system's own zone has become another one.
  virtual void refresh() {}
};

/// "local" is the C library's idea of local time (TZ, /etc/localtime; followed when it changes);
/// everything else a name of the time zone database. When it cannot be had, the zone is UTC and
/// `trouble` says why.
std::unique_ptr<Zone> make_zone(std::string_view name, std::string& trouble);

class Calendar {
 public:
  Calendar(std::string_view zone, Weekday week_start);

  Period day(i64 at_s) const;
  Period week(i64 at_s) const;
  Period month(i64 at_s) const;

  /// The local day of a moment, in days since 1970-01-01, and the first moment of such a day. A day
  /// that the zone left out is empty: it begins where the next one does.
  i64 day_index(i64 at_s) const;
  i64 start_of(i64 day_index) const;

  i64 offset_s(i64 at_s) const { return zone_->at(at_s).offset_s; }
  /// When the offset changes next, kUnknown if not within kOffsetHorizon_s.
  i64 next_change_s(i64 at_s) const;

  void refresh() { zone_->refresh(); }
  /// Why this is UTC instead of what was asked for; empty = it is not.
  std::string_view trouble() const { return trouble_; }

 private:
  std::string trouble_;
  std::unique_ptr<Zone> zone_;
  i64 week_start_;  // 0 = Monday
};

}  // namespace shmeter::collector
