// SPDX-License-Identifier: MIT
// A made-up history of a Claude Code user, and the truth about it. The truth is summed from what
// was meant to be written, with prices and rounding of its own: nothing of shmeter's parsing,
// counting or pricing is used, so a scan that agrees with it agrees with a second opinion.
// Invariant: the same options give the same bytes and the same truth.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace shmeter::bench {

using i64 = std::int64_t;
using u64 = std::uint64_t;

struct CorpusOptions {
  i64 sessions = 40;    // transcripts of the main chain, forks included
  i64 requests = 3000;  // API responses, about
  i64 bytes = 0;        // size wanted, about; what the lines need at least when smaller
  i64 end_s = 0;        // the newest line is a little before this epoch second
  i64 days = 45;        // the oldest is at most this long before it
  u64 seed = 1;
  bool shuffled_mtimes = false;  // file times that say nothing about what is in the file
};

/// What a set of requests adds up to; the members of shm::Usage, summed independently.
struct Sum {
  i64 requests = 0;
  i64 input = 0;
  i64 output = 0;
  i64 write_5m = 0;
  i64 write_1h = 0;
  i64 read = 0;
  i64 cost_nanousd = 0;
  i64 unpriced_tokens = 0;

  i64 tokens() const { return input + output + write_5m + write_1h + read; }
  Sum& operator+=(const Sum& other);
  bool operator==(const Sum&) const = default;
};

struct Truth {
  Sum all;
  std::map<std::string, Sum> models;    // by model name without date
  std::map<std::string, Sum> sessions;  // by the id that owns the request
  std::map<i64, Sum> days;              // by days since the epoch, UTC
  i64 files = 0;
  i64 lines = 0;
  i64 bytes = 0;
};

/// Writes `root`/projects/…; `root` must not hold a corpus yet.
/// Throws std::runtime_error with path and cause when a file cannot be written.
Truth write_corpus(const std::filesystem::path& root, const CorpusOptions& options);

/// One JSON object of the totals, for people and scripts.
std::string describe(const Truth& truth);

/// The main chain's transcript that was written last: its folders are watched. Empty without any.
std::filesystem::path newest_transcript(const std::filesystem::path& root);

/// A complete assistant line of one response that counts once, for live appends: 3 input and 5
/// output tokens, `id` makes message and request ids unique.
std::string live_line(std::string_view session_id, i64 id, i64 at_ms);

}  // namespace shmeter::bench
