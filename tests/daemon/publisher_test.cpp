// SPDX-License-Identifier: MIT
// When a picture comes into the region: at most every so often, but for the one that is complete.
// The loop never turns here, so no time passes for the publisher.
#include "collector/publish/region_publisher.hpp"

#include <gtest/gtest.h>

#include "shm/reader.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

class RegionPublisherTest : public testing::Test {
 protected:
  RegionPublisherTest() : lock_(shm::WriterLock::take(dir_.path("runtime"), why_)) {}

  shm::Summary summary() const {
    shm::FileReader reader;
    shm::Summary summary;
    EXPECT_EQ(reader.open(dir_.path("runtime/region.1").c_str(), false), shm::Opened::ok);
    EXPECT_EQ(reader.snapshot([&](shm::FileSlot& slot) { return slot.summary(summary); }),
              shm::Opened::ok);
    return summary;
  }
  void scanned(RegionPublisher& publisher, i64 files, shm::Completeness completeness) {
    model_.set_scan(files, 5, completeness);
    publisher.changed(completeness == shm::Completeness::complete);
  }

  test::TempDir dir_;
  shm::Failure why_;
  std::optional<shm::WriterLock> lock_;
  Loop loop_;
  Model model_{Config{}};
};

TEST_F(RegionPublisherTest, OnlyTheCompletePictureDoesNotWaitForItsTurn) {
  ASSERT_TRUE(lock_) << why_.message;
  RegionPublisher publisher(loop_, *lock_, model_, 16, {});
  ASSERT_TRUE(publisher.start());
  scanned(publisher, 3, shm::Completeness::today_only);
  EXPECT_EQ(summary().files_read, 0) << "one was published just now";
  scanned(publisher, 5, shm::Completeness::complete);
  EXPECT_EQ(summary().files_read, 5);
  EXPECT_EQ(summary().completeness, static_cast<i64>(shm::Completeness::complete));
  model_.set_troubles({.damaged_lines = 7});
  publisher.changed(true);
  EXPECT_EQ(summary().damaged_lines, 0) << "nor is it complete each time anew";
}

TEST_F(RegionPublisherTest, CountsWhatItPublishesAndHowLongThatWaited) {
  ASSERT_TRUE(lock_) << why_.message;
  RegionPublisher publisher(loop_, *lock_, model_, 16, {});
  ASSERT_TRUE(publisher.start());
  scanned(publisher, 3, shm::Completeness::today_only);  // waits for its turn
  EXPECT_EQ(publisher.figures().publications, 0u);
  scanned(publisher, 5, shm::Completeness::complete);
  EXPECT_EQ(publisher.figures().publications, 1u);
  const double lag_s = publisher.figures().lag_s;
  EXPECT_GT(lag_s, 0);
  publisher.changed(true);
  EXPECT_EQ(publisher.figures().publications, 1u) << "nothing is new";
  EXPECT_EQ(publisher.figures().lag_s, lag_s);
}

}  // namespace
}  // namespace shmeter::collector
