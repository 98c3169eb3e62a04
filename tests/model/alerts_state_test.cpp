// SPDX-License-Identifier: MIT
// What alerts remember, over another process too, and what is told of them.
#include "tests/model/alerts_world.hpp"

namespace shmeter::collector {
namespace {

TEST(Alerts, AnotherProcessGoesOnWhereThisOneEnded) {
  const Config config =
      config_with(alert("five_hour >= 80") + alert("session.context >= 90", "", "b"));
  World world;
  world.five_hour(85);
  world.add_session("s1", 0, 95);
  Alerts before(config);
  EXPECT_FALSE(before.changed());
  EXPECT_EQ(judge(before, world), "work s1");
  EXPECT_TRUE(before.changed());
  const std::vector<ToldAlert> told = before.told();
  EXPECT_FALSE(before.changed());
  EXPECT_EQ(judge(before, world), "");
  EXPECT_FALSE(before.changed()) << "nothing new is not written again";

  Alerts after(config);
  after.restore(told);
  EXPECT_EQ(after.told(), told);
  EXPECT_EQ(judge(after, world), "");
  world.five_hour(85, kNow_s + 9 * 3600);
  EXPECT_EQ(judge(after, world), "work");

  Alerts changed(config_with(alert("five_hour >= 82")));
  changed.restore(told);
  EXPECT_TRUE(changed.told().empty()) << "another condition is another alert";
  EXPECT_EQ(judge(changed, world), "work");
}

TEST(Alerts, AtMostSoManyAreRemembered) {
  const Config config = config_with(alert("session.context >= 90"));
  World world;
  for (std::size_t i = 0; i < kMaxTold; ++i) world.add_session("s" + std::to_string(i), 0, 95);
  Alerts alerts(config);
  EXPECT_EQ(alerts.judge(world.picture(), kNow_s).size(), kMaxTold);
  world.add_session("more", 0, 95);
  world.add_session("than that", 0, 95);
  EXPECT_EQ(judge(alerts, world), "") << "all the others still stand";
  EXPECT_TRUE(alerts.left_out());
  EXPECT_EQ(alerts.told().size(), kMaxTold);
  world.pointers.erase(world.pointers.begin());
  EXPECT_EQ(judge(alerts, world), "");
  EXPECT_EQ(judge(alerts, world), "more") << "in the place of the one that vanished";
  EXPECT_EQ(judge(alerts, world), "");
  EXPECT_EQ(alerts.told().size(), kMaxTold);

  std::vector<ToldAlert> too_many = alerts.told();
  too_many.push_back({"a", "session.context >= 90", "one more", kUnknown});
  Alerts restored(config);
  restored.restore(too_many);
  EXPECT_EQ(restored.told().size(), kMaxTold);
}

TEST(Alerts, WhatIsTold) {
  Alerts alerts(config_with(alert("five_hour >= 80") + alert("session.cost > 1", "", "b")));
  World world;
  world.five_hour(85, kNow_s + 77);
  shm::Session& session = world.add_session("s1", 1, 5);
  session.name.assign("mine");
  session.cost_nanousd = 3 * kDollar;
  const auto told = alerts.judge(world.picture(), kNow_s);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].alert->name, "a");
  EXPECT_EQ(told[0].value, 85 * kPercent);
  EXPECT_EQ(told[0].account, "work");
  EXPECT_EQ(told[0].resets_at_s, kNow_s + 77);
  EXPECT_EQ(told[1].alert->name, "b");
  EXPECT_EQ(told[1].value, 3 * kDollar);
  EXPECT_EQ(told[1].account, "home");
  EXPECT_EQ(told[1].session_id, "s1");
  EXPECT_EQ(told[1].session_name, "mine");
  EXPECT_EQ(told[1].resets_at_s, kUnknown);
}

TEST(Alerts, HowTheyStandIsLookedAtWithoutTelling) {
  World world;
  Alerts alerts(config_with(alert("five_hour >= 80") +
                            alert("session.context >= 90", "quiet = \"11:00-13:00\"", "b") +
                            alert("today.cost > 5", "", "c")));
  world.five_hour(85);
  world.add_session("s1", 1, 95);
  auto standing = alerts.look(world.picture(), kNow_s);
  ASSERT_EQ(standing.size(), 3u);
  ASSERT_EQ(standing[0].subjects.size(), 2u);
  EXPECT_EQ(standing[0].subjects[0].account, "work");
  EXPECT_EQ(standing[0].subjects[0].value, 85 * kPercent);
  EXPECT_TRUE(standing[0].subjects[0].holds);
  EXPECT_FALSE(standing[0].subjects[0].told);
  EXPECT_FALSE(shm::known(standing[0].subjects[1].value)) << "of home nothing is known";
  EXPECT_TRUE(standing[1].quiet_now && standing[1].subjects[0].holds);
  EXPECT_EQ(standing[1].subjects[0].session_id, "s1");
  EXPECT_FALSE(standing[2].subjects[0].holds);

  ASSERT_EQ(alerts.judge(world.picture(), kNow_s).size(), 1u) << "looking told nothing";
  standing = alerts.look(world.picture(), kNow_s + 5);
  EXPECT_TRUE(standing[0].subjects[0].told);
  EXPECT_EQ(standing[0].subjects[0].told_s, kNow_s);
  EXPECT_EQ(standing[0].told_s, kNow_s);
  EXPECT_FALSE(shm::known(standing[0].back_s));
  world.five_hour(10);
  EXPECT_TRUE(alerts.judge(world.picture(), kNow_s + 10).empty());

  Alerts after(config_with(alert("five_hour >= 80")));
  after.restore(alerts.told(), alerts.past());
  standing = after.look(world.picture(), kNow_s + 20);
  EXPECT_FALSE(standing[0].subjects[0].told);
  EXPECT_EQ(standing[0].told_s, kNow_s);
  EXPECT_EQ(standing[0].back_s, kNow_s + 10);
}

}  // namespace
}  // namespace shmeter::collector
