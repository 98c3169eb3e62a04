// SPDX-License-Identifier: MIT
// Lines and events that speak of a time that is no longer in memory, until the store was asked what
// it keeps of their messages, and of what telemetry told of their requests. Invariant: each is
// asked for once, however many lines wait for it; what waits owns its texts.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "collector/ledger/event_log.hpp"
#include "collector/ledger/request_log.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// What is said of a line or an event and not kept in memory.
struct Details {
  std::string_view text;  // a request's id, an event's name
  CallDetails call;
};

class WaitingRoom {
 public:
  struct WaitingLine {
    Line line;
    Details details;
  };
  struct WaitingEvent {
    Event event;
    Details details;
  };

  /// The line that came last, for a line like it to join; nullptr = none. Valid until add().
  WaitingLine* last_line() { return lines_.empty() ? nullptr : &lines_.back(); }

  void add(const Line& line, const Details& details) {
    lines_.push_back({line, kept(details)});
    await(line.message);
    if (line.request != 0) await(line.request);
  }
  void add(const Event& event, const Details& details) {
    events_.push_back({event, kept(details)});
    await(event.key);
  }
  Details kept(const Details& details) {
    const CallDetails& call = details.call;
    return {copy(details.text),
            {copy(call.endpoint), copy(call.key), call.latency_ms, call.failed}};
  }

  std::vector<u64> take_wanted() { return std::exchange(wanted_, {}); }

  /// Calls take(Line or Event, Details) for all that waits for one of these messages.
  template <class Take>
  void release(std::span<const u64> messages, Take&& take) {
    for (const u64 message : messages) awaited_.erase(message);
    std::erase_if(lines_, [&](const WaitingLine& waiting) {
      if (waits(waiting.line)) return false;
      take(waiting.line, waiting.details);
      return true;
    });
    std::erase_if(events_, [&](const WaitingEvent& waiting) {
      if (awaited_.contains(waiting.event.key)) return false;
      take(waiting.event, waiting.details);
      return true;
    });
    if (size() == 0) *this = WaitingRoom();  // gives the memory back
  }

  std::size_t size() const { return lines_.size() + events_.size(); }
  /// Memory taken, for the record.
  std::size_t bytes() const {
    return lines_.capacity() * sizeof(WaitingLine) + events_.capacity() * sizeof(WaitingEvent) +
           texts_.size() * kTextBytes + awaited_.size() * kAwaitedBytes +
           wanted_.capacity() * sizeof(u64);
  }

 private:
  static constexpr std::size_t kTextBytes = 80;     // a string and its memory
  static constexpr std::size_t kAwaitedBytes = 32;  // a node and its place in the table

  bool waits(const Line& line) const {
    return awaited_.contains(line.message) || awaited_.contains(line.request);
  }
  std::string_view copy(std::string_view text) {
    return text.empty() ? std::string_view() : texts_.emplace_back(text);
  }
  void await(u64 message) {
    if (awaited_.insert(message).second) wanted_.push_back(message);
  }

  std::vector<WaitingLine> lines_;
  std::vector<WaitingEvent> events_;
  std::deque<std::string> texts_;    // never move
  std::unordered_set<u64> awaited_;  // asked for, or in wanted_
  std::vector<u64> wanted_;          // not given out yet
};

}  // namespace shmeter::collector
