// SPDX-License-Identifier: MIT
// A made-up home, what was told to the collector there, and what may therefore be shown. Invariant:
// a begun count rises before its write, a done count after it, so the truth lies between the two.
#pragma once

#include <array>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "shm/picture.hpp"
#include "tests/bench/corpus.hpp"

namespace shmeter::crash {

using bench::Sum;
using shm::i64;
using shm::u64;

/// The first thing that was wrong, with the moment at which it was. Any thread may say it.
class Findings {
 public:
  void stage(i64 round, std::string phase);
  void wrong(const std::string& what);
  bool any() const { return any_; }
  std::string first() const;

 private:
  mutable std::mutex mutex_;
  std::atomic<bool> any_ = false;
  i64 round_ = 0;
  std::string phase_ = "setting up";
  std::string first_;
};

inline constexpr std::size_t kReported = 8;  // sessions that SET_USAGE speaks of

/// How much was said so far. Events are posted one at a time: at most one is begun and not
/// acknowledged.
struct Told {
  std::atomic<i64> lines_begun = 0, lines_written = 0;
  std::atomic<i64> events_begun = 0, events_acked = 0;
  std::atomic<i64> posts = 0;                          // events and reports
  std::array<std::atomic<i64>, kReported> reported{};  // `messages`, as begun
};

/// Transcript lines and posted events, beside the history there was before.
struct Counts {
  i64 lines = 0;
  i64 events = 0;
};

class World {
 public:
  /// In a new folder in memory, which stays unless remove() is called. Throws std::runtime_error.
  explicit World(u64 seed);
  void remove() const;

  const std::string& folder() const { return folder_; }
  std::filesystem::path config() const { return folder_ + "/claude"; }
  std::string region() const { return folder_ + "/runtime/region.1"; }
  std::string control_socket() const { return folder_ + "/runtime/control.sock"; }
  std::string log() const { return folder_ + "/shmeterd.log"; }
  std::vector<std::string> environment() const;
  /// Neither database nor region, as on the first day. Nothing may have been posted yet.
  void forget() const;
  /// Other capacities make the collector replace the region's file.
  void configure(int sessions) const;

  /// What these totals are made of; nothing when no lines and events add up to them.
  std::optional<Counts> counts(const Sum& total) const;
  i64 requests(Counts counts) const { return history_.requests + counts.lines + counts.events; }

  Told told;
  Findings findings;

 private:
  std::string folder_;
  Sum history_;
};

/// An event as it is posted; the same number is the same event.
std::string event_json(i64 number);
Sum sum_of(const shm::Usage& usage);

}  // namespace shmeter::crash
