// SPDX-License-Identifier: MIT
// What the collector knows, as one value: sessions, accounts, totals, quota. Observations go in,
// the picture to publish comes out. Single-threaded; no I/O beyond time zone data; the clock is an
// argument. Invariant: what was counted is a pure function of the set of requests seen, in whatever
// order and how often they arrived, and what is not known for sure yet is unknown, never a smaller
// number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/ledger/journal.hpp"
#include "collector/model/call_figures.hpp"
#include "collector/source/observation.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

struct Reach;
class StoreBatch;
struct Reach;
struct StoredState;

/// What the sources could not use, for the picture's counters.
struct Troubles {
  i64 damaged_lines = 0;
  i64 skipped_lines = 0;
  i64 unreadable_files = 0;
  i64 dropped_datagrams = 0;
  bool operator==(const Troubles&) const = default;
};

/// What was taken in since this model began: plain counts, one addition an observation.
struct TakenIn {
  static constexpr std::size_t kSources = 10;  // by Source
  static constexpr std::size_t kKinds = 6;     // by EventKind
  /// Lines about things that count once, copies included.
  std::array<std::array<std::uint64_t, kKinds>, kSources> events{};
  std::uint64_t repeated = 0;  // of them, those that said nothing new
  std::uint64_t failures = 0;  // of them, failed requests that were not known before
  CallFigures calls;           // of them, those that were not known before
  /// Every observation, by its index in Observation; and when the last one came, 0 = none did.
  static constexpr std::array<std::string_view, std::variant_size_v<Observation>> kObservations = {
      "request", "event", "session", "statusline", "aggregate", "limit",
      "quota",   "login", "hook",    "live",       "reported"};
  std::array<std::uint64_t, std::variant_size_v<Observation>> observations{};
  std::array<i64, std::variant_size_v<Observation>> heard_ms{};
};

class Model {
 public:
  /// More config directories than the picture has room for: their requests are counted, their
  /// quota is not shown.
  static constexpr shm::u32 kNoAccount = 0xffffffffu;

  explicit Model(Config config);
  ~Model();
  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;

  /// The account of a config directory, made on first use; the ninth and later ones are kNoAccount.
  /// An empty directory is kNoAccount.
  shm::u32 account(std::string_view config_dir);

  /// Takes in what a source saw. The observation's texts are copied.
  void apply(const Observation& seen, shm::u32 account, i64 now_ms);

  // ---- memory that outlives the process ----

  /// How much of a store restore() wants. Quarter-hour sums go a day further back than any running
  /// period, so that a clock put back by less needs no store.
  Reach reach(i64 now_ms) const;
  /// Everything that must be stored is said to the journal from now on; nullptr = nothing is
  /// stored, and everything stays in memory.
  void set_journal(Journal* journal);
  /// What a store had; call it first of all. The picture is then as it was when that was written.
  void restore(StoredState stored, i64 now_ms);
  /// Sessions, accounts and limits that changed since the last call are put into the batch.
  void put_changes(StoreBatch& batch);
  /// Drops from memory what happened more than two days ago and is stored. Lines that speak of a
  /// time more than a day ago wait from then on until the store was asked about them.
  void cool(i64 now_ms);
  /// EventKey::message of what the waiting lines speak of; each is given out once.
  std::vector<u64> take_wanted();
  /// What the store has of those, and that it has nothing else of them: the waiting lines go on.
  void thaw(std::span<const u64> wanted, std::span<const StoredEvent> found, i64 now_ms);
  /// Lines that wait.
  std::size_t waiting() const;
  /// True when the books depend on what is only in the store: prices are others than before, or a
  /// period begins before all that memory has. Nothing here is wrong yet; make a new model from the
  /// store (Store::reprice first, if the prices are others). Never without a journal.
  bool needs_reload() const;
  /// The first list of live sessions is complete: those that a store remembers as live and that
  /// were not in it have ended.
  void live_sessions_listed(i64 now_ms);

  /// How far the first scan is. Before `today_only` no total is known, before `complete` only
  /// today's.
  void set_scan(i64 files_read, i64 files_known, shm::Completeness completeness);
  void set_troubles(const Troubles& troubles);
  /// Where a browser finds the dashboard; empty = nowhere now.
  void set_dashboard(std::string_view address);

  /// Looks at the clock and at the system's time zone: a new day, an expired window, a session that
  /// is no longer live make the model dirty. Call it at each heartbeat.
  void tick(i64 now_ms);

  /// Takes over a changed configuration; everything counted is priced and dated anew.
  void reconfigure(Config config, i64 now_ms);

  /// True when the picture would differ from the last one handed out.
  bool dirty() const;

  /// The picture at this moment. Valid until the next call of a non-const member; summary.sequence,
  /// checksum, published_at_ms and the counts of what fits are the publisher's to fill in.
  const shm::Picture& picture(i64 now_ms);

  /// Any session known, also one that the region has no room for; nullptr = never heard of. Valid
  /// as the picture is.
  const shm::Session* find_session(std::string_view session_id);
  /// Number of sessions known; their records, newest first, are those of the picture.
  u32 session_count() const;
  /// Only what this object itself was given; a model made anew from the store begins at 0.
  const TakenIn& taken_in() const;

  /// What went wrong with the configured time zone, for people; empty = nothing.
  std::string_view time_zone_trouble() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace shmeter::collector
