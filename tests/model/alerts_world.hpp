// SPDX-License-Identifier: MIT
// A picture that is changed piece by piece, and alerts that look at it.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <list>
#include <string>
#include <vector>

#include "collector/model/alerts.hpp"

namespace shmeter::collector {

inline constexpr i64 kMonday_s = 1'795'392'000;  // 2026-11-23 00:00 UTC
inline constexpr i64 kNow_s = kMonday_s + 12 * 3600;
inline constexpr i64 kPercent = 10'000;
inline constexpr i64 kDollar = 1'000'000'000;

inline Config config_with(const std::string& alerts) {
  static const std::string kAccounts =
      "[[account]]\nname = \"work\"\nconfig_dir = \"/w\"\n"
      "[[account]]\nname = \"home\"\nconfig_dir = \"/h\"\n";
  auto config = parse_config(kAccounts + alerts, "c", "/h");
  EXPECT_TRUE(config) << config.error().message;
  return config ? *config : Config{};
}
inline std::string alert(const std::string& when, const std::string& more = "",
                         const std::string& name = "a") {
  return "[[alert]]\nname = \"" + name + "\"\nnotify = true\nwhen = \"" + when + "\"\n" + more +
         "\n";
}

/// A picture with two accounts that is changed piece by piece.
struct World {
  World() {
    summary.utc_offset_s = 0;
    accounts[0].id.assign("0000000000000001");
    accounts[0].name.assign("work");
    accounts[1].id.assign("0000000000000002");
    accounts[1].name.assign("home");
  }
  shm::Session& add_session(const std::string& id, i64 account, i64 context_percent) {
    shm::Session& session = sessions.emplace_back();
    session.session_id.assign(id);
    session.account = account;
    session.status = static_cast<i64>(shm::SessionStatus::busy);
    session.context_used_ppm = context_percent * kPercent;
    pointers.push_back(&session);
    return session;
  }
  void five_hour(i64 percent, i64 resets_at_s = kNow_s + 3 * 3600, std::size_t account = 0) {
    accounts[account].five_hour = {percent * kPercent, resets_at_s, kNow_s, 1};
  }
  void today(i64 dollars, i64 now_s, i64 unpriced = 0) {
    summary.today = shm::no_usage();
    summary.today.cost_nanousd = dollars * kDollar;
    summary.today.input_tokens = 1'000'000;
    summary.today.unpriced_tokens = unpriced;
    summary.published_at_ms = now_s * 1000;
  }
  shm::Picture picture() const {
    shm::Picture out;
    out.summary = summary;
    out.accounts = accounts;
    out.sessions = pointers;
    return out;
  }

  shm::Summary summary;
  std::array<shm::Account, 2> accounts;
  std::list<shm::Session> sessions;
  std::vector<const shm::Session*> pointers;
};

/// Whom it told: account names, session ids, "totals".
inline std::string judge(Alerts& alerts, const World& world, i64 now_s = kNow_s) {
  std::string out;
  for (const Firing& one : alerts.judge(world.picture(), now_s)) {
    const std::string whom = !one.session_id.empty() ? one.session_id
                             : one.account.empty()   ? "totals"
                                                     : one.account;
    out += (out.empty() ? "" : " ") + whom;
  }
  return out;
}

}  // namespace shmeter::collector
