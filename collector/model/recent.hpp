// SPDX-License-Identifier: MIT
// The counted requests of the last days, by time: what the rolling seven days and the running
// blocks are made from, per account and in total. A session's account is asked for when sums are
// made, so that a session that changes its account takes its requests along. Invariant: what
// evaluate() gives is a function of the set of bookings, the accounts and the clock; bookings may
// come in any order, and one that is taken back leaves nothing behind.
#pragma once

#include <array>
#include <functional>
#include <limits>
#include <unordered_map>
#include <vector>

#include "collector/ledger/interner.hpp"
#include "collector/model/blocks.hpp"
#include "collector/model/request_trace.hpp"

namespace shmeter::collector {

/// What an account used lately.
struct RecentUse {
  i64 week_cost_nanousd = 0;     // of the last 168 h, where the price is known
  i64 week_unpriced_tokens = 0;  // in the same time
  shm::Block block;              // the active one; all unknown = none
};

/// What was used in one hour of UTC.
struct HourUse {
  i64 cost_nanousd = 0;  // where the price is known
  i64 unpriced_tokens = 0;
  i64 tokens = 0;  // input + output
  bool operator==(const HourUse&) const = default;
};
using Hours = std::array<HourUse, shm::kHours>;  // the running one last

class Recent {
 public:
  static constexpr i64 kWeek_ms = i64{168} * 3'600'000;
  /// Clocks differ: what is dated this far ahead has happened; what is further ahead has not yet.
  static constexpr i64 kAhead_ms = i64{10} * 60'000;

  /// A booking of the ledger; a negative one takes back an equal one, whichever came first. What is
  /// older than the floor is remembered by its time only.
  void book(u32 session, i64 at_ms, const shm::Usage& amount);
  /// So many bookings are about to come.
  void reserve(std::size_t bookings) { pending_.reserve(pending_.size() + bookings); }
  /// A counted request older than the floor, of which only the time is known; count -1 takes one
  /// back.
  void note_before(i64 at_ms, u32 session, int count = 1);
  /// Amounts before this moment are forgotten. Keep it more than 168 h in the past.
  void set_floor(i64 at_ms);
  void clear();

  /// Below `accounts`, or any other number for none.
  using AccountOf = std::function<u32(u32 session)>;
  /// By account, then the sum over all requests, those without account included: `accounts` + 1
  /// entries, valid until the next call. Costs a look at each session with requests, and the
  /// requests since the last call.
  const std::vector<RecentUse>& evaluate(i64 now_ms, BlockMode mode, u32 accounts,
                                         const AccountOf& account_of);
  /// The hours up to the last evaluation's; what is ahead of it counts when its hour has come.
  Hours hours(i64 now_ms) const;
  /// When evaluate() gives something else though nothing is booked; kUnknown = never. Requests that
  /// leave the seven days alone ask for it once a minute at most.
  i64 deadline_ms() const { return deadline_ms_; }

  /// Requests kept with their amounts, and the memory all takes.
  std::size_t size() const { return entries_.size() + pending_.size(); }
  std::size_t bytes() const;

 private:
  static constexpr i64 kNever = std::numeric_limits<i64>::max();
  static constexpr i64 kHour_ms = 3'600'000;
  static constexpr std::size_t kHourPlaces = 256;
  static_assert(kHourPlaces * kHour_ms > kWeek_ms + kAhead_ms + 2 * kHour_ms);
  static constexpr i64 kAlways = std::numeric_limits<i64>::min();

  /// A booking in 40 bytes. An amount that does not fit is `odd`: tokens[0] is its place in odd_.
  struct Entry {
    u64 at_ms : 61;
    u64 odd : 1;
    u64 taken_back : 1;  // the amount is that of the booking it takes back
    u64 unpriced : 1;
    i64 cost_nanousd;
    std::array<u32, 5> tokens;
    u32 session;

    i64 time() const { return static_cast<i64>(at_ms); }
  };
  static_assert(sizeof(Entry) == 40);
  using Entries = std::vector<Entry>;

  struct SessionUse {
    i64 week_cost_nanousd = 0;
    i64 week_unpriced_tokens = 0;
    u32 account = 0;
    bool asked = false;
  };
  /// The newest block of an account; the last of them is that of all requests.
  struct Running {
    BlockWalk walk;
    shm::Usage usage = shm::no_usage();
    i64 from_ms = kAlways;  // requests from then on are still to be walked over
  };

  Entry entry_of(u32 session, i64 at_ms, const shm::Usage& amount);
  shm::Usage amount_of(const Entry& entry) const;
  bool less(const Entry& a, const Entry& b) const;

  void take_pending();
  void merge_pending();
  void put(Entries& to, Entry entry, std::size_t copies, std::ptrdiff_t net);
  void count(const Entry& entry, std::ptrdiff_t more);
  void collect_odd();
  void add_to_week(const Entry& entry, int sign);
  void add_to_week(i64 after_ms, i64 until_ms, int sign);
  void move_window(i64 after_ms, i64 until_ms);
  void ask_accounts(u32 accounts, const AccountOf& account_of);
  void resume(Running& running, BlockMode mode);
  void walk_blocks(BlockMode mode, u32 accounts);
  void step(Running& running, i64 at_ms, const Entry* entry);
  void sum_up(i64 now_ms, u32 accounts);
  void forget_sessions();
  HourUse& hour_of(i64 at_ms);
  Entries::const_iterator first_at(i64 at_ms) const;

  Entries entries_;  // by time; after cancelling, nothing stands beside what takes it back
  Entries pending_;  // booked since the last evaluation
  Entries merged_;   // empty, for the next merge
  std::vector<shm::Usage> odd_;
  std::size_t odd_unused_ = 0;
  RequestTrace trace_;  // before the floor
  i64 floor_ms_ = kAlways;

  std::unordered_map<u32, SessionUse> sessions_;
  // Requests in (after, until] stand in the sessions' sums, those up to until in the blocks.
  i64 after_ms_ = kNever;
  i64 until_ms_ = kAlways;
  i64 changed_from_ms_ = kAlways;  // the oldest change since the blocks were walked
  BlockMode mode_ = BlockMode::activity;
  std::vector<Running> running_;
  // Of what stands in the sessions' sums, by hour: more places than the window has hours.
  std::vector<HourUse> by_hour_ = std::vector<HourUse>(kHourPlaces);
  std::vector<RecentUse> uses_;
  i64 deadline_ms_ = kUnknown;
};

}  // namespace shmeter::collector
