// SPDX-License-Identifier: MIT
// Which message holds the lines of a request, for telemetry, which knows the request's id alone.
// Invariant: empty, and costs nothing, until there is any telemetry.
#pragma once

#include <unordered_map>
#include <utility>

#include "collector/ledger/request_log.hpp"

namespace shmeter::collector {

/// A line whose sender knew no message id: it is kept under its request instead.
inline bool is_telemetry(const Line& line) { return line.message == line.request; }

class RequestHomes {
 public:
  /// Stands for a message that memory does not hold: no group has this name.
  static constexpr u64 kElsewhere = 0;

  /// There is telemetry.
  bool needed() const { return needed_; }
  /// From now on there is; `log` has all lines seen so far.
  void need(const RequestLog& log) {
    needed_ = true;
    log.each([&](const Line& line) { note(line); });
  }
  /// Lines have left the log. A home that did stays one as long as telemetry of its request is
  /// there.
  void follow(const RequestLog& log) {
    const RequestHomes before = std::exchange(*this, {});
    log.each([&](const Line& line) { needed_ = needed_ || is_telemetry(line); });
    if (!needed_) return;
    need(log);
    log.each([&](const Line& line) {
      if (is_telemetry(line) && before.has(line.request))
        homes_.emplace(line.request, before.of(line.request));
    });
  }

  /// Of several messages with one request, which no client writes, the smallest is its home.
  void note(const Line& line) {
    if (line.request == 0 || is_telemetry(line)) return;
    u64& home = homes_.emplace(line.request, line.message).first->second;
    if (home == kElsewhere || line.message < home) home = line.message;
  }
  /// The request's telemetry was kept and did not count, so something else of it did.
  void note_elsewhere(u64 request) { homes_.emplace(request, kElsewhere); }

  bool has(u64 request) const { return homes_.contains(request); }
  /// kElsewhere when there is none, too.
  u64 of(u64 request) const {
    const auto found = homes_.find(request);
    return found == homes_.end() ? kElsewhere : found->second;
  }

  /// Memory taken, for the record.
  std::size_t bytes() const { return homes_.size() * kEntry + homes_.bucket_count() * sizeof(u64); }

 private:
  static constexpr std::size_t kEntry = 40;  // a node

  bool needed_ = false;
  std::unordered_map<u64, u64> homes_;
};

}  // namespace shmeter::collector
