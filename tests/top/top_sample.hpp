// SPDX-License-Identifier: MIT
// A picture with two accounts and four sessions, for tests to change.
#pragma once

#include "collector/top/top_picture.hpp"
#include "tests/formats/sample.hpp"

namespace shmeter::collector {

inline constexpr i64 kNow = formats::kNow;

/// Known by its id alone, but for when it was heard of.
inline shm::Session bare_session(std::string_view id, i64 age_s) {
  shm::Session session;
  session.session_id.assign(id);
  session.updated_at_s = kNow - age_s;
  return session;
}

inline TopPicture sample_picture() {
  const formats::Sample sample = formats::sample();
  TopPicture picture;
  picture.summary = sample.summary;
  picture.accounts = {sample.account, sample.account};
  shm::Account& second = picture.accounts[1];
  second.name.assign("private");
  second.tier.assign("");
  second.five_hour = {950'000, kNow + 600, kNow - 7'300, 1};
  second.five_hour_projected_ppm = shm::kUnknown;
  second.seven_day = {};
  second.scoped_1 = {};
  second.extra_usage = {};
  second.spend_limit = {};

  picture.sessions = {sample.session, bare_session("b-waits", 30), bare_session("c-ended", 90),
                      bare_session("d-old", 90'000)};
  shm::Session& waits = picture.sessions[1];
  waits.name.assign("日本語の長い名前日本語の長い名前");
  waits.status = static_cast<i64>(shm::SessionStatus::waiting);
  waits.cost_nanousd = 3 * formats::kDollar;
  waits.model.assign("claude-sonnet-5-5");
  shm::Session& ended = picture.sessions[2];
  ended.cwd.assign("/home/dev/other");
  ended.status = static_cast<i64>(shm::SessionStatus::ended);
  ended.usage = {1, 5'000, 50, 0, 0, 0, 10 * formats::kDollar, 0};
  ended.context_used_ppm = 920'000;
  picture.freshness = formats::Freshness::live;
  picture.age_s = 0;
  picture.read_at_s = kNow;
  picture.version = "1.2.3";
  return picture;
}

}  // namespace shmeter::collector
