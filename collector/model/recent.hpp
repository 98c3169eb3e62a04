// SPDX-License-Identifier: MIT
// The counted requests of the last days, by time: what the rolling seven days and the running
// blocks are made from, per account and in total. A session's account is asked for when sums are
// made, so that a session that changes its account takes its requests along. Invariant: what
// evaluate() gives is a function of the set of bookings, the accounts and the clock; bookings may
// come in any order, and one that is taken back leaves nothing behind.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "collector/ledger/interner.hpp"
#include "collector/model/blocks.hpp"

namespace shmeter::collector {

/// What an account used lately.
struct RecentUse {
  i64 week_cost_nanousd = 0;     // of the last 168 h, where the price is known
  i64 week_unpriced_tokens = 0;  // in the same time
  shm::Block block;              // the active one; all unknown = none
};

class Recent {
 public:
  static constexpr i64 kWeek_ms = i64{168} * 3'600'000;
  /// Clocks differ: what is dated this far ahead has happened; what is further ahead has not yet.
  static constexpr i64 kAhead_ms = i64{10} * 60'000;
  /// Block begins are traced back this far at most.
  static constexpr i64 kTrace_ms = i64{31} * 86'400'000;

  /// A booking of the ledger; a negative one takes back an equal one, whichever came first. What is
  /// older than the floor is remembered by its time only.
  void book(u32 session, i64 at_ms, const shm::Usage& amount);
  /// A counted request older than the floor, of which only the time is known.
  void note_before(i64 at_ms, u32 session);
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
  /// When evaluate() gives something else though nothing is booked. Requests that leave the seven
  /// days alone ask for it once a minute at most.
  i64 deadline_ms() const { return deadline_ms_; }

  /// Requests kept with their amounts, and the memory all takes.
  std::size_t size() const { return entries_.size() + pending_.size(); }
  std::size_t bytes() const;

 private:
  /// 40 bytes. `odd`: the amount does not fit and is odd_[tokens[0]].
  struct Entry {
    u64 at_ms : 60;
    u64 odd : 1;
    u64 taken_back : 1;
    u64 unpriced : 1;
    i64 cost_nanousd;
    u32 session;
    std::array<u32, 5> tokens;
  };
  std::vector<Entry> entries_;
  std::vector<Entry> pending_;
  std::vector<shm::Usage> odd_;
  std::vector<RecentUse> uses_;
  i64 deadline_ms_ = kUnknown;
};

}  // namespace shmeter::collector
