// SPDX-License-Identifier: MIT
// What the tests of the ledger share: books that remember everything that can be asked of them, and
// lines and events to fill them with.
#pragma once

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {

// Found by argument-dependent lookup: what a failed comparison prints.
inline void PrintTo(const RequestSeen& seen, std::ostream* out) {
  *out << seen.message_id << '/' << seen.request_id << ' ' << seen.session_id << " @" << seen.at_ms;
}

inline constexpr i64 kDay_ms = 86'400'000;
inline constexpr i64 kMidnight_ms = 20'000 * kDay_ms;

/// Everything that can be asked of the books.
struct Account : Books {
  const Ledger* ledger = nullptr;
  const Interner* sessions = nullptr;
  std::map<std::string, shm::Usage> rows;
  std::map<std::string, i64> events;  // values and counts, by all an event says
  std::map<std::string, int> shared;  // by session: responses that another owns

  void post(const std::string& name, const shm::Usage& amount) {
    auto [at, added] = rows.try_emplace(name, shm::no_usage());
    add(at->second, amount);
    if (at->second == shm::no_usage()) rows.erase(at);
  }
  void post_all(std::string_view session, std::string_view model, i64 at_ms,
                const shm::Usage& amount) {
    post("all", amount);
    post("session " + std::string(session), amount);
    post("model " + std::string(model), amount);
    post("day " + std::to_string(at_ms / kDay_ms), amount);
    post("time " + std::to_string(at_ms), amount);
  }
  void post_event(std::string_view session, std::string_view agent, const EventBooking& b) {
    const std::string kind = std::to_string(static_cast<int>(b.kind));
    for (const std::string& name :
         {"kind " + kind, "kind " + kind + " session " + std::string(session),
          "kind " + kind + " agent " + std::string(agent),
          "kind " + kind + " time " + std::to_string(b.at_ms),
          "kind " + kind + " source " + std::to_string(static_cast<int>(b.source))}) {
      if ((events[name] += b.sign) == 0) events.erase(name);
      if ((events[name + " value"] += b.sign * b.value) == 0) events.erase(name + " value");
    }
  }
  void book(const Booking& b) override {
    post_all(sessions->text(b.session), ledger->model_name(b.model), b.at_ms, b.amount);
  }
  void book_event(const EventBooking& b) override {
    post_event(sessions->text(b.session), ledger->agent_name(b.agent), b);
  }
  void owned_by_another(u32 session, int change) override {
    const std::string name(sessions->text(session));
    if ((shared[name] += change) == 0) shared.erase(name);
  }
  bool never_negative() const {
    return std::all_of(rows.begin(), rows.end(), [](const auto& row) {
      const shm::Usage& u = row.second;
      return u.requests >= 0 && u.input_tokens >= 0 && u.output_tokens >= 0 &&
             u.cache_write_5m_tokens >= 0 && u.cache_write_1h_tokens >= 0 &&
             u.cache_read_tokens >= 0 && u.cost_nanousd >= 0 && u.unpriced_tokens >= 0;
    });
  }
};

// ---- The naive reading --------------------------------------------------------------------------

/// The counting rules again, by somebody who sees all at once.
Account recount(const std::vector<RequestSeen>& lines, const std::vector<EventSeen>& events = {});

// ---- Sets of lines ------------------------------------------------------------------------------

inline RequestSeen line(std::string_view message, std::string_view request, i64 output,
                        std::string_view session = "a", i64 at_ms = kMidnight_ms) {
  RequestSeen seen;
  seen.message_id = message;
  seen.request_id = request;
  seen.session_id = session;
  seen.model = "claude-sonnet-5-5";
  seen.at_ms = at_ms;
  seen.has_speed = true;
  seen.tokens = {.input = 10, .output = output, .write_5m = 100, .read = 1000};
  return seen;
}

inline RequestSeen side(RequestSeen seen) {
  seen.side_chain = true;
  return seen;
}

inline RequestSeen with_uuid(RequestSeen seen, std::string_view uuid) {
  seen.uuid = uuid;
  return seen;
}

inline RequestSeen of_model(RequestSeen seen, std::string_view model) {
  seen.model = model;
  return seen;
}

inline RequestSeen by_agent(RequestSeen seen, std::string_view agent) {
  seen.agent = agent;
  return seen;
}

/// What telemetry tells of a request.
inline RequestSeen told(std::string_view request, i64 output, std::string_view session = "a",
                        i64 at_ms = kMidnight_ms) {
  RequestSeen seen = line("", request, output, session, at_ms);
  seen.source = Source::telemetry;
  return seen;
}

inline RequestSeen costing(RequestSeen seen, i64 nanousd) {
  seen.cost_nanousd = nanousd;
  return seen;
}

inline RequestSeen no_speed(RequestSeen seen) {
  seen.has_speed = false;
  return seen;
}

inline RequestSeen kinds(RequestSeen seen, const Tokens& tokens) {
  seen.tokens = tokens;
  return seen;
}

inline EventSeen event(EventKind kind, std::string_view id, std::string_view session = "a",
                       i64 value = 1, i64 at_ms = kMidnight_ms) {
  EventSeen seen;
  seen.kind = kind;
  seen.id = id;
  seen.session_id = session;
  seen.at_ms = at_ms;
  seen.value = value;
  return seen;
}

}  // namespace shmeter::collector
