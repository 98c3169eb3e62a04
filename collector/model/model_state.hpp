// SPDX-License-Identifier: MIT
// The inside of the model, in four files: model.cpp (its face), model_take.cpp (observations in),
// model_picture.cpp (the picture out) and model_store.cpp (what outlives the process). Invariant:
// only the ledger, and SET_USAGE of sessions without requests, write into the books: totals,
// sessions' counted, recent requests and the running period, always all four together.
#pragma once

#include <vector>

#include "collector/ledger/interner.hpp"
#include "collector/ledger/ledger.hpp"
#include "collector/model/accounts.hpp"
#include "collector/model/calendar.hpp"
#include "collector/model/model.hpp"
#include "collector/model/recent.hpp"
#include "collector/model/sessions.hpp"
#include "collector/model/totals.hpp"
#include "shm/format_list.hpp"

namespace shmeter::collector {

/// Events of this time are kept in memory with their keys: what nearly all lines speak of.
inline constexpr i64 kHot_ms = i64{1} * 86'400'000;
/// Requests of this time are kept with their amounts: the rolling week and a day.
inline constexpr i64 kRecent_ms = i64{8} * 86'400'000;
static_assert(kRecent_ms > Recent::kWeek_ms);

struct Model::State final : Books {
  explicit State(Config configuration);

  // ---- Books ----
  void book(const Booking& booking) override;
  void book_event(const EventBooking& booking) override;
  void owned_by_another(u32 number, int change) override;

  // ---- Sessions ----
  u32 number_of(std::string_view id);
  SessionState& session(u32 number);
  void mark_if(bool changed, u32 number) {
    if (changed) session(number);
  }
  bool assign_account(u32 number, u32 account, bool said);
  u32 account_of(u32 session) const;
  void note_request(u32 number);
  void find_last_request(u32 account);

  // ---- Observations ----
  void saw(const RequestSeen& seen, u32 account, i64 now_ms);
  void saw(const EventSeen& seen, u32 account, i64 now_ms);
  void saw(const SessionSeen& seen, u32 account, i64 now_ms);
  void saw(const StatusLineSeen& seen, u32 account, i64 now_ms);
  void saw(const AggregateSeen& seen, u32 account, i64 now_ms);
  void saw(const LimitHitSeen& seen, u32 account, i64 now_ms);
  void saw(const QuotaSeen& seen, u32 account, i64 now_ms);
  void saw(const LoginSeen& seen, u32 account, i64 now_ms);
  void saw(const HookSeen& seen, u32 account, i64 now_ms);
  void saw(const LiveSeen& seen, u32 account, i64 now_ms);
  void saw(const ReportedSeen& seen, u32 account, i64 now_ms);
  void refuse();
  bool take_in(Source source, EventKind kind, const CallDetails& call, Ledger::Outcome outcome);
  void put_reported_into_books(u32 number, bool in);

  // ---- Periods ----
  void set_periods(i64 now_s);
  void roll_usage_period(const Period& to);
  Period usage_period(i64 now_s) const;
  void book_period(const Booking& booking);
  void rebook_everything(i64 now_s);
  void forget_old_requests(i64 now_ms);

  // ---- Picture ----
  void set_formats();
  void fill_summary(i64 now_ms);
  void fill_accounts(i64 now_ms);
  void note_deadline(i64 now_ms);

  // ---- Store ----
  void restore_accounts(StoredState& stored);
  void restore_sessions(StoredState& stored);
  void restore_sums(StoredState& stored, const Reach& reach, i64 now_ms);
  void restore_recent(const StoredState& stored);

  bool complete() const { return completeness == shm::Completeness::complete; }

  Interner names;  // of sessions
  u64 last_model_hash = 0;
  u32 last_model = kNone;
  Sessions sessions;
  Totals totals;
  Recent recent;
  i64 recent_floor_ms = kUnknown;
  Period period;               // the running [usage] period, unless that is the block
  std::vector<Booking> ahead;  // dated behind its end
  Calendar calendar;
  Ledger ledger;
  Accounts accounts;
  Config config;
  Journal* journal = nullptr;
  bool needs_reload = false;
  shm::Text<shm::kAddressBytes> dashboard;
  Troubles troubles;
  i64 refused = 0;
  TakenIn taken;
  i64 files_read = 0;
  i64 files_known = 0;
  shm::Completeness completeness = shm::Completeness::nothing_yet;

  bool dirty = true;
  i64 pictured_at_ms = kUnknown;
  i64 deadline_ms = kUnknown;  // when the picture changes by itself
  i64 utc_offset_s = kUnknown;
  shm::Picture picture;
  std::vector<shm::Account> published_accounts;
  std::vector<shm::Model> published_models;
  shm::FormatList formats;
};

}  // namespace shmeter::collector
