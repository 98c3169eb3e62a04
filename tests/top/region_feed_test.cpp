// SPDX-License-Identifier: MIT
// Real regions of a real writer, in a folder of its own.
#include "collector/top/region_feed.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <optional>

#include "shm/publisher.hpp"
#include "tests/shm/temp_dir.hpp"
#include "tests/top/top_sample.hpp"

namespace shmeter::collector {
namespace {

using formats::Freshness;

class Feed : public testing::Test {
 protected:
  Feed() {
    places_.dirs = shm::runtime_dirs(dir_.path(), "", "", 0);
    places_.euid = ::geteuid();
  }

  void publish(i64 cost) {
    picture_ = sample_picture();
    picture_.summary.today.cost_nanousd = cost;
    pointers_.clear();
    for (const shm::Session& session : picture_.sessions) pointers_.push_back(&session);
    shm::Picture out;
    out.summary = picture_.summary;
    out.accounts = picture_.accounts;
    out.sessions = pointers_;
    if (publisher_) return publisher_->publish(out);
    shm::Failure why;
    lock_ = shm::WriterLock::take(dir_.path(), why);
    ASSERT_TRUE(lock_) << why.message;
    publisher_ = shm::Publisher::open(*lock_, 16, out, "9.8.7", why);
    ASSERT_TRUE(publisher_) << why.message;
  }
  void end_writer() {
    publisher_.reset();
    lock_.reset();
  }
  /// Takes pictures until one is like that; false when none comes.
  template <class Like>
  static bool comes(RegionFeed& feed, Like like) {
    for (int tries = 0; tries < 100; ++tries) {
      if (like(*feed.take())) return true;
      pollfd wait = {feed.fd(), POLLIN, 0};
      ::poll(&wait, 1, 200);
    }
    return false;
  }

  shm::test::TempDir dir_;
  plugin::Places places_;
  TopPicture picture_;
  std::vector<const shm::Session*> pointers_;
  std::optional<shm::WriterLock> lock_;
  std::optional<shm::Publisher> publisher_;
};

TEST_F(Feed, ASourceReadsTheWholePicture) {
  publish(5);
  RegionSource source(places_);
  const TopPicture picture = source.read(kNow);
  EXPECT_EQ(picture.freshness, Freshness::live);
  EXPECT_EQ(picture.summary.today.cost_nanousd, 5);
  EXPECT_EQ(picture.accounts, picture_.accounts);
  EXPECT_EQ(picture.sessions, picture_.sessions);
  EXPECT_EQ(picture.version, "9.8.7");
}

TEST_F(Feed, WithoutARegionItSaysWhy) {
  RegionSource source(places_);
  const TopPicture picture = source.read(kNow);
  EXPECT_EQ(picture.freshness, Freshness::absent);
  EXPECT_NE(picture.trouble, "");
  EXPECT_TRUE(picture.sessions.empty());
}

TEST_F(Feed, FollowsAWriterThatComesAndGoes) {
  auto feed = RegionFeed::start(places_);
  ASSERT_TRUE(feed);
  EXPECT_TRUE(comes(*feed, [](const TopPicture& p) { return !p.trouble.empty(); }));
  publish(1);
  EXPECT_TRUE(comes(*feed, [](const TopPicture& p) { return p.freshness == Freshness::live; }));
  for (i64 cost = 2; cost < 50; ++cost) {
    publish(cost);
    EXPECT_TRUE(
        comes(*feed, [&](const TopPicture& p) { return p.summary.today.cost_nanousd == cost; }));
  }
  end_writer();
  EXPECT_TRUE(comes(*feed, [](const TopPicture& p) { return p.freshness == Freshness::stale; }));
  EXPECT_EQ(feed->take()->summary.today.cost_nanousd, 49);
  publish(60);
  EXPECT_TRUE(comes(
      *feed, [](const TopPicture& p) { return p.live() && p.summary.today.cost_nanousd == 60; }));
}

TEST_F(Feed, FollowsThePathAndNotAFileThatWasMovedAway) {
  publish(1);
  auto feed = RegionFeed::start(places_);
  ASSERT_TRUE(feed);
  EXPECT_TRUE(comes(*feed, [](const TopPicture& p) { return p.live(); }));
  std::filesystem::rename(dir_.region(), dir_ / "moved");
  EXPECT_TRUE(comes(*feed, [](const TopPicture& p) { return p.freshness == Freshness::absent; }));
  std::filesystem::rename(dir_ / "moved", dir_.region());
  EXPECT_TRUE(comes(*feed, [](const TopPicture& p) { return p.live(); }));
}

TEST_F(Feed, SaysNothingWhileNothingChanges) {
  publish(1);
  auto feed = RegionFeed::start(places_);
  ASSERT_TRUE(feed);
  EXPECT_TRUE(comes(*feed, [](const TopPicture& p) { return p.live(); }));
  pollfd wait = {feed->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&wait, 1, 1'500), 0);
}

}  // namespace
}  // namespace shmeter::collector
