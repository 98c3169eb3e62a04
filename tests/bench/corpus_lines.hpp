// SPDX-License-Identifier: MIT
// The shapes of transcript lines, as clients of two generations write them: one JSON object per
// line, members in the order of the captures under tests/data. Only shapes; what is said is the
// caller's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/bench/random.hpp"
#include "tests/bench/corpus_price.hpp"

namespace shmeter::bench {

/// Text that looks like tool output and prose, already escaped for JSON, cut only where it may be.
class Filler {
 public:
  explicit Filler(Random& random);
  /// About `bytes` bytes, at most 1 MiB.
  std::string_view text(Random& random, i64 bytes) const;

 private:
  std::string pool_;
  std::vector<std::size_t> starts_;  // where a piece may begin or end
};

/// Who writes: one transcript file.
struct Speaker {
  std::string session_id;
  std::string agent_id;  // empty: the main chain
  std::string cwd;
  std::string branch;
  bool recent = true;  // writes what clients since 2.1.3xx add: api-request lines and blobs
};

std::string make_uuid(Random& random);
/// `2026-11-21T21:07:25.359Z`
std::string iso8601(i64 at_ms);

/// Lines append to `out`, newline included.
class Lines {
 public:
  Lines(std::string& out, Random& random, const Filler& filler)
      : out_(out), random_(random), filler_(filler) {}

  void opening(const Speaker& who);
  void prompt(const Speaker& who, i64 at_ms, i64 text_bytes);
  void tool_result(const Speaker& who, i64 at_ms, i64 text_bytes);
  void attachment(const Speaker& who, i64 at_ms, i64 text_bytes);
  void api_request(const Speaker& who, i64 at_ms, std::string_view model);
  void api_request_blob(const Speaker& who, i64 text_bytes);
  void turn_end(const Speaker& who, i64 at_ms);
  /// One content block of a response. `output` is the count this line claims.
  void assistant(const Speaker& who, const Request& r, i64 block, i64 at_ms, i64 output,
                 bool side_chain, i64 text_bytes);
  void synthetic(const Speaker& who, i64 at_ms);

 private:
  void tail(const Speaker& who);
  void member(std::string_view name, i64 value);

  std::string& out_;
  Random& random_;
  const Filler& filler_;
};

}  // namespace shmeter::bench
