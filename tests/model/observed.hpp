// SPDX-License-Identifier: MIT
// Observations as the model's tests make them, and pictures that can be compared.
#pragma once

#include <string>
#include <vector>

#include "collector/model/model.hpp"

namespace shmeter::collector {

inline constexpr i64 kSecond_ms = 1000;
inline constexpr i64 kMinute_ms = 60 * kSecond_ms;
inline constexpr i64 kHour_ms = 60 * kMinute_ms;
inline constexpr i64 kDay_ms = 24 * kHour_ms;
inline constexpr i64 kNoon_ms = 20'778 * kDay_ms + 12 * kHour_ms;  // Saturday, 2026-11-21, UTC

inline Config utc() {
  Config config;
  config.timezone = "UTC";
  return config;
}

inline AccountConfig account_config(std::string name, std::string dir, std::string tier = "") {
  AccountConfig config;
  config.name = std::move(name);
  config.config_dir = std::move(dir);
  config.tier = std::move(tier);
  return config;
}

inline RequestSeen request(std::string_view id, std::string_view session, i64 at_ms,
                           i64 output = 100) {
  RequestSeen seen;
  seen.message_id = id;
  seen.request_id = id;
  seen.session_id = session;
  seen.model = "claude-opus-5-5";
  seen.at_ms = at_ms;
  seen.tokens.output = output;
  return seen;
}

inline StatusLineSeen status(std::string_view session, i64 at_ms, i64 percent = 0,
                             i64 resets_at_s = kUnknown) {
  StatusLineSeen seen;
  seen.session.session_id.assign(session);
  seen.received_at_ms = at_ms;
  if (shm::known(resets_at_s)) seen.five_hour = {percent * 10'000, resets_at_s};
  return seen;
}

inline EventSeen event(EventKind kind, std::string_view id, std::string_view session, i64 at_ms,
                       i64 value = 1, Source source = Source::transcript) {
  EventSeen seen;
  seen.kind = kind;
  seen.id = id;
  seen.session_id = session;
  seen.at_ms = at_ms;
  seen.value = value;
  seen.source = source;
  return seen;
}

inline HookSeen hook(HookEvent event, std::string_view session, i64 at_ms) {
  HookSeen seen;
  seen.event = event;
  seen.session_id = session;
  seen.received_at_ms = at_ms;
  return seen;
}

/// The models' texts must outlive what is returned.
inline AggregateSeen aggregate(std::string_view session, i64 cost_nanousd,
                               std::span<const ModelTokens> models) {
  AggregateSeen seen;
  seen.session_id = session;
  seen.cost_nanousd = cost_nanousd;
  seen.models = models;
  return seen;
}

/// A picture's parts, by value.
struct Copy {
  shm::Summary summary;
  std::vector<shm::Account> accounts;
  std::vector<shm::Model> models;
  std::vector<shm::Session> sessions;
  bool operator==(const Copy&) const = default;
};

inline Copy copy(const shm::Picture& picture) {
  Copy out{picture.summary,
           {picture.accounts.begin(), picture.accounts.end()},
           {picture.models.begin(), picture.models.end()},
           {}};
  for (const shm::Session* session : picture.sessions) out.sessions.push_back(*session);
  return out;
}

}  // namespace shmeter::collector
