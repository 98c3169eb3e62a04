// SPDX-License-Identifier: MIT
// What of a picture is made for those who show it: levels by the hour, the way to the dashboard.
#include <gtest/gtest.h>

#include "tests/model/observed.hpp"

namespace shmeter::collector {
namespace {

TEST(ModelPicture, HoursAreDigitsOfTheirGreatest) {
  Model model(utc());
  const shm::u32 account = model.account("/p");
  model.apply(request("m1", "a", kNoon_ms, 700), account, kNoon_ms);
  model.apply(request("m2", "a", kNoon_ms - kHour_ms, 350), account, kNoon_ms);
  model.apply(request("m3", "a", kNoon_ms - 23 * kHour_ms, 1), account, kNoon_ms);
  EXPECT_TRUE(model.picture(kNoon_ms).summary.hours_tokens.empty()) << "not everything is read";
  model.set_scan(1, 1, shm::Completeness::complete);
  const shm::Summary& summary = model.picture(kNoon_ms).summary;
  EXPECT_EQ(summary.hours_tokens.view(), "100000000000000000000047");
  EXPECT_EQ(summary.hours_cost.view(), "100000000000000000000047");
  EXPECT_EQ(model.picture(kNoon_ms + kHour_ms).summary.hours_tokens.view(),
            "000000000000000000000470");
}

TEST(ModelPicture, HoursOfAModelWithoutPriceHaveNoCost) {
  Model model(utc());
  RequestSeen seen = request("m1", "a", kNoon_ms, 700);
  seen.model = "some-other-model";
  model.apply(seen, model.account("/p"), kNoon_ms);
  model.set_scan(1, 1, shm::Completeness::complete);
  EXPECT_TRUE(model.picture(kNoon_ms).summary.hours_cost.empty());
  EXPECT_EQ(model.picture(kNoon_ms).summary.hours_tokens.view(), "000000000000000000000007");
}

TEST(ModelPicture, TheDashboardsAddressIsPublished) {
  Model model(utc());
  model.picture(kNoon_ms);
  model.set_dashboard("http://127.0.0.1:7483");
  EXPECT_TRUE(model.dirty());
  EXPECT_EQ(model.picture(kNoon_ms).summary.dashboard.view(), "http://127.0.0.1:7483");
  model.set_dashboard("http://127.0.0.1:7483");
  EXPECT_FALSE(model.dirty());
  model.set_dashboard("");
  EXPECT_TRUE(model.picture(kNoon_ms).summary.dashboard.empty());
}

}  // namespace
}  // namespace shmeter::collector
