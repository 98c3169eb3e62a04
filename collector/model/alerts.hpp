// SPDX-License-Identifier: MIT
// Which alerts have something to tell: pictures and the clock in, crossings out. Invariant: a
// crossing is told once, and again only after the value went back by the hysteresis or its window
// is another one; a value that is not known for sure neither tells nor puts back.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "collector/config/config.hpp"
#include "shm/picture.hpp"

namespace shmeter::formats {
struct Field;
}

namespace shmeter::collector {

using shm::i64;
using shm::kUnknown;

/// Crossings that are remembered over all alerts. Who has more than that over a line at one time is
/// not told of the others.
inline constexpr std::size_t kMaxTold = 4096;

/// A crossing that was told and stands. Names what it was about by texts: it outlives the process.
struct ToldAlert {
  std::string alert;
  std::string when;         // another condition under the same name is another alert
  std::string subject;      // account or session id; empty = the totals
  i64 window_s = kUnknown;  // names the window it was told in; unknown = it has none
  i64 at_s = kUnknown;      // when it was told
  bool operator==(const ToldAlert&) const = default;
};

/// When an alert was last told, and when a crossing of it was last over.
struct AlertPast {
  std::string alert;
  std::string when;
  i64 told_s = kUnknown;
  i64 back_s = kUnknown;
  bool operator==(const AlertPast&) const = default;
};

/// How an alert stands at one moment.
struct AlertStanding {
  struct Subject {
    std::string account;  // name; empty = it is about the totals
    std::string session_id;
    std::string session_name;
    i64 value = kUnknown;  // as the field is kept
    bool at_least = false;
    bool holds = false;  // the condition, for sure
    bool told = false;   // a crossing that stands
    i64 told_s = kUnknown;
  };
  const AlertConfig* alert = nullptr;  // of the Alerts that was asked
  bool quiet_now = false;
  i64 told_s = kUnknown;
  i64 back_s = kUnknown;
  std::vector<Subject> subjects;
};

/// What there is to tell.
struct Firing {
  const AlertConfig* alert = nullptr;  // of the Alerts that told it
  i64 value = 0;                       // as the field is kept
  bool at_least = false;               // money: some requests have no known price
  std::string account;                 // name; empty = it is about the totals
  std::string session_id;
  std::string session_name;
  i64 resets_at_s = kUnknown;
};

class Alerts {
 public:
  explicit Alerts(const Config& config);

  bool none() const { return rules_.empty(); }
  /// In the order of the configuration. Accounts are judged one by one; of the sessions those that
  /// are live. `age` is `silence_s`: for how long nobody kept the picture, until now.
  std::vector<Firing> judge(const shm::Picture& picture, i64 now_s, i64 silence_s = 0);

  /// How each stands in that picture; nothing is told by it.
  std::vector<AlertStanding> look(const shm::Picture& picture, i64 now_s);

  /// What must outlive the process, and whether it changed since the last time told() was asked
  /// for.
  std::vector<ToldAlert> told();
  std::vector<AlertPast> past() const;
  bool changed() const { return changed_; }
  /// What is of no alert that is configured now is forgotten; so is what is too much.
  void restore(std::span<const ToldAlert> told, std::span<const AlertPast> past = {});
  /// Some crossings were not told since kMaxTold others stand.
  bool left_out() const { return left_out_; }

 private:
  enum class Span : std::uint8_t { none, day, week, month };
  struct Told {
    i64 window_s = kUnknown;
    i64 at_s = kUnknown;
    shm::u64 seen = 0;  // number of the judgement that last looked at its subject
  };
  struct Rule {
    AlertConfig config;
    const formats::Field* field = nullptr;
    const formats::Field* ends_in = nullptr;  // of the field's window; may be null
    const formats::Field* begun = nullptr;    // the same, told from its beginning
    const formats::Field* name = nullptr;     // of the window the field chose; may be null
    Span span = Span::none;
    std::map<std::string, Told, std::less<>> told;  // by subject
    i64 told_s = kUnknown;                          // the last time
    i64 back_s = kUnknown;
  };
  struct Subject;

  static Rule make_rule(const AlertConfig& config);
  void set_clock(const shm::Picture& picture, i64 now_s);
  template <class Visit>
  void each_subject(const Rule& rule, const shm::Picture& picture, Visit&& visit) const;
  Rule* find_rule(std::string_view alert, std::string_view when);
  static std::string key_of(const Rule& rule, const Subject& subject);
  void judge_subject(Rule& rule, const Subject& subject, std::vector<Firing>& out);
  i64 window_of(const Rule& rule, const Subject& subject) const;
  bool is_quiet(const AlertConfig& alert) const;
  bool make_room();

  std::vector<Rule> rules_;
  i64 week_start_;
  std::size_t told_count_ = 0;
  shm::u64 judgement_ = 0;
  i64 now_s_ = 0;  // of the judgement that runs
  i64 silence_s_ = 0;
  i64 local_s_ = 0;  // the same as a local clock shows it
  bool full_ = false;
  bool changed_ = false;
  bool left_out_ = false;
};

}  // namespace shmeter::collector
