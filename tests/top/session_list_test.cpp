// SPDX-License-Identifier: MIT
#include "collector/top/session_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/top/top_sample.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;

std::vector<std::string> ids(const std::vector<shm::Session>& sessions, SessionOrder order,
                             OnlyActive active = OnlyActive::no, std::string_view filter = "") {
  std::vector<std::string> out;
  for (const shm::Session* session : list_sessions(sessions, order, active, filter, kNow))
    out.emplace_back(session->session_id.view());
  return out;
}

TEST(SessionList, OrdersAndPutsUnknownLast) {
  const auto sessions = sample_picture().sessions;
  EXPECT_THAT(ids(sessions, SessionOrder::age),
              ElementsAre("097a6729", "b-waits", "c-ended", "d-old"));
  EXPECT_THAT(ids(sessions, SessionOrder::cost),
              ElementsAre("c-ended", "b-waits", "097a6729", "d-old"));
  EXPECT_THAT(ids(sessions, SessionOrder::tokens),
              ElementsAre("c-ended", "097a6729", "b-waits", "d-old"));
  EXPECT_THAT(ids(sessions, SessionOrder::context),
              ElementsAre("c-ended", "097a6729", "b-waits", "d-old"));
}

TEST(SessionList, EqualsStayAsPublished) {
  const std::vector<shm::Session> sessions = {bare_session("x", 5), bare_session("a", 5),
                                              bare_session("m", 5)};
  for (int order = 0; order < kSessionOrders; ++order)
    EXPECT_THAT(ids(sessions, static_cast<SessionOrder>(order)), ElementsAre("x", "a", "m"));
}

TEST(SessionList, ActiveIsHeardOfWithinTenMinutesAndNotEnded) {
  std::vector<shm::Session> sessions = {bare_session("now", 0),    bare_session("ahead", -50),
                                        bare_session("last", 600), bare_session("late", 601),
                                        bare_session("ended", 0),  bare_session("unknown", 0),
                                        bare_session("absurd", 0)};
  sessions[4].status = static_cast<i64>(shm::SessionStatus::ended);
  sessions[5].updated_at_s = shm::kUnknown;
  sessions[6].updated_at_s = std::numeric_limits<i64>::min() + 1;
  EXPECT_THAT(ids(sessions, SessionOrder::age, OnlyActive::yes),
              ElementsAre("ahead", "now", "last"));
}

TEST(SessionList, FiltersByWhatASessionIsKnownBy) {
  auto sessions = sample_picture().sessions;
  const struct {
    std::string_view filter;
    std::vector<std::string> want;
  } rows[] = {{"", {"097a6729", "b-waits", "c-ended", "d-old"}},
              {"REFAC", {"097a6729"}},      // name
              {"/dev/other", {"c-ended"}},  // directory
              {"opus 4", {"097a6729"}},     // model
              {"sonnet", {"b-waits"}},
              {"main", {"097a6729"}},      // branch
              {"reviewer", {"097a6729"}},  // agent
              {"waiting", {"b-waits"}},    // status
              {"日本", {"b-waits"}},
              {"d-ol", {"d-old"}},  // id
              {"\x1b", {}},
              {"nowhere", {}}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.filter);
    EXPECT_EQ(ids(sessions, SessionOrder::age, OnlyActive::no, row.filter), row.want);
  }
}

}  // namespace
}  // namespace shmeter::collector
