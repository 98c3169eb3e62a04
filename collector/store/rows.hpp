// SPDX-License-Identifier: MIT
// What goes into the store in one commit, and what comes out of it when the collector starts, as
// values. Invariant: a batch holds everything it names; once it is committed, the file positions in
// it never say more than the events in it and in earlier batches.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collector/ledger/journal.hpp"
#include "collector/model/session_state.hpp"
#include "collector/source/transcript_file.hpp"
#include "collector/store/text_blocks.hpp"

namespace shmeter::collector {

struct FileRow {
  std::string path;
  FileCursor cursor;
};

struct AccountRow {
  u32 number = 0;
  std::string config_dir;
  std::string name;   // of the last run
  std::string login;  // uuid of the login whose limits these are; empty = not known
};

/// A limit window as it was when it changed; `window` is five_hour, seven_day, extra_usage,
/// spend_limit or scoped:LABEL.
struct QuotaRow {
  u32 account = 0;
  std::string window;
  shm::Window value;           // five_hour, seven_day, scoped
  std::string details;         // extra_usage, spend_limit: members as JSON, else empty
  i64 response_ms = kUnknown;  // newest response of the session that reported it
  i64 at_ms = kUnknown;        // when it was taken over
};

struct NameRow {
  NameTable table = NameTable::session;
  u32 number = 0;
  std::string text;
};

/// Sum of the bookings of one quarter hour (UTC), session and model.
struct RollupKey {
  i64 quarter = 0;  // epoch seconds / 900
  u32 session = 0;
  u32 model = 0;
  auto operator<=>(const RollupKey&) const = default;
};

/// How requests went, of those that tell: failures, and requests that failed or have details of
/// their call.
struct OutcomeSum {
  i64 requests = 0;         // that were booked
  i64 tokens = 0;           // of these, of all kinds
  i64 failures = 0;         // events of that kind: requests that nobody booked
  i64 failed_requests = 0;  // booked ones that failed all the same
  i64 timed = 0;
  i64 latency_ms = 0;  // sum of the timed ones

  void add(const OutcomeSum& other);
};

/// Requests that took about as long, within 1/32 of it; buckets are numbered from the shortest on.
struct LatencySum {
  i64 bucket = 0;
  i64 requests = 0;
  i64 latency_ms = 0;  // sum

  void add(const LatencySum& other) {
    requests += other.requests;
    latency_ms += other.latency_ms;
  }
};

/// One commit. Move-only: its events' texts lie in its own memory.
class StoreBatch {
 public:
  StoreBatch() = default;
  StoreBatch(StoreBatch&&) noexcept = default;
  StoreBatch& operator=(StoreBatch&&) noexcept = default;

  /// Copies the texts. One with the same key and chain gives way (see only_counted).
  void keep(const StoredEvent& event);
  void book(const Booking& booking);

  /// Empty again, but for the memory of what there are many of, which the next ones use.
  void clear();

  bool empty() const;
  std::size_t bytes() const;  // about what it takes in memory

  std::vector<NameRow> names;
  std::vector<AccountRow> accounts;
  std::vector<SessionRow> sessions;  // as they stand now
  std::vector<QuotaRow> quota;
  std::vector<FileRow> files;
  std::vector<std::string> forgotten_files;
  std::vector<Joined> joined;  // after the events
  const std::vector<StoredEvent>& events() const { return events_; }
  const std::map<RollupKey, shm::Usage>& rollups() const { return rollups_; }

 private:
  /// Half of the key's hash beside the place, so that looking past others, or making room for more
  /// of them, does not touch the events.
  struct Slot {
    u32 place = 0;  // in events_ + 1, 0 = free
    u32 hash = 0;
  };
  std::size_t find_slot(const StoredEvent& event, u32 hash) const;
  void grow_slots();

  std::vector<StoredEvent> events_;  // each key and chain once: the newest
  std::vector<Slot> slots_;          // by hash; a power of two
  std::map<RollupKey, shm::Usage> rollups_;
  TextBlocks texts_;
};

/// How far back a model wants to know what.
struct Reach {
  i64 rollups_s = kUnknown;  // quarter-hour sums; kUnknown = all
  i64 recent_ms = 0;         // counted requests
  i64 hot_ms = 0;            // events with their keys
};

/// Everything the model starts with. Names are in the order of their numbers.
struct StoredState {
  /// False: there are no events, sums or file positions, only what was said of accounts, sessions
  /// and limits. Everything else is then to be read for the first time.
  bool has_usage = true;
  std::vector<std::string> session_names, model_names, agent_names;
  std::vector<AccountRow> accounts;
  std::vector<SessionRow> sessions;  // in the order of their numbers, those that have a row
  std::vector<shm::Usage> models;    // all of time, by number
  std::vector<std::pair<RollupKey, shm::Usage>> rollups;  // of the time asked for
  shm::Usage all = shm::no_usage();
  /// Events kept from Reach::hot_ms on, by time, without their texts and details of calls.
  std::vector<StoredEvent> hot;
  /// Counted requests from Reach::recent_ms on, by time.
  std::vector<Booking> recent;
  struct RequestTime {
    i64 at_ms = 0;
    u32 session = 0;
  };
  /// Counted requests before that, newest first, back to the last pause of more than five hours in
  /// which no account had any (blocks begin behind it), at most 31 days. Of a quarter hour of a
  /// session that is all before that, one request stands for all.
  std::vector<RequestTime> before_recent;
  std::vector<QuotaRow> quota;  // the newest of each account and window
  std::vector<FileRow> files;
};

}  // namespace shmeter::collector
