// SPDX-License-Identifier: MIT
// What a client's metrics add up to, by session. Points say how much came since the last one
// (delta) or since the client began (cumulative); a stream is a series of points with the same
// attributes. Invariant: a point that comes again adds nothing; sums only grow, and a session's die
// together with its streams, so that a stream that is heard of again is never added to a sum that
// has it already. At most most_streams() streams are kept; the session that was silent longest goes
// first.
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// What a point measures, in what it is counted.
enum class Quantity : std::uint8_t {
  cost_nanousd,
  input_tokens,
  output_tokens,
  cache_read_tokens,
  cache_creation_tokens,
  lines_added,
  lines_removed,
  active_user_ms,  // somebody typed
  active_cli_ms,   // the client worked
  commits,
  pull_requests,
  last_ = pull_requests
};

struct MetricPoint {
  std::string_view session_id;  // valid by valid_session_id
  std::string_view model;       // empty = not said
  Quantity quantity = Quantity::cost_nanousd;
  bool cumulative = false;
  u64 stream = 0;    // names all that tells this stream from others, but for `start_ns`
  i64 start_ns = 0;  // epoch
  i64 time_ns = 0;
  i64 value = 0;  // not negative
};

/// Of one session; kUnknown = nothing was said.
struct SessionSums {
  SessionSums() { all.fill(kUnknown); }
  i64 of(Quantity quantity) const { return all[static_cast<std::size_t>(quantity)]; }

  std::string session_id;
  i64 at_ms = kUnknown;                                                // of the newest point
  std::array<i64, static_cast<std::size_t>(Quantity::last_) + 1> all;  // by Quantity
  std::map<std::string, i64, std::less<>> tokens_by_model;             // of all four kinds
};

class MetricSums {
 public:
  /// Some hundred sessions, each with a few models and kinds of query: about 2 MB.
  static constexpr std::size_t kMaxStreams = 8192;

  explicit MetricSums(std::size_t most_streams = kMaxStreams) : most_streams_(most_streams) {}
  MetricSums(const MetricSums&) = delete;
  MetricSums& operator=(const MetricSums&) = delete;

  enum class Taken {
    added,
    repeated,  // known already
    fell,      // a cumulative sum that is smaller than before
    too_much   // more streams in this session, or a greater sum, than can be kept
  };
  Taken add(const MetricPoint& point);

  /// Nothing: the session was never heard of, or is forgotten.
  const SessionSums* find(std::string_view session_id) const;
  /// Calls visit(const SessionSums&) for each session that grew since the last call.
  template <class Visit>
  void each_grown(Visit&& visit) {
    for (auto session = sessions_.begin(); session != sessions_.end() && session->grown;
         ++session) {
      visit(session->sums);
      session->grown = false;
    }
  }
  std::size_t streams() const { return streams_; }

 private:
  struct Stream {
    i64 time_ns = 0;
    i64 value = 0;  // of a cumulative one
  };
  struct Session {
    SessionSums sums;
    std::unordered_map<u64, Stream> streams;
    bool grown = false;
  };
  using Sessions = std::list<Session>;

  Session& newest(std::string_view session_id);
  bool make_room();
  static void grow(Session& session, const MetricPoint& point, i64 came);

  std::size_t most_streams_;
  std::size_t streams_ = 0;
  Sessions sessions_;  // what grew last comes first
  std::map<std::string, Sessions::iterator, std::less<>> by_id_;
};

}  // namespace shmeter::collector
