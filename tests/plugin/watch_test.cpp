// SPDX-License-Identifier: MIT
// --watch as a bar lives with it: a collector that comes, changes its mind, dies and comes back; a
// bar that stops, continues, ends and vanishes.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "tests/plugin/reader_run.hpp"
#include "tests/plugin/region_owner.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::test {
namespace {

PictureText costing(std::string_view nanousd) {
  return PictureText(
      "session.0.session_id = s\nsession.0.updated_at_s = now\n"
      "session.0.cost_nanousd = " +
          std::string(nanousd) + "\n",
      std::time(nullptr));
}

class Watch : public testing::TestWithParam<Build> {
 protected:
  Invocation watch(const std::string& verb) const {
    return {GetParam().path,
            {verb, "--watch", "--format", "cost {session.cost}"},
            {"SHMETER_RUNTIME_DIR=" + dir_.path(), "NO_COLOR=1"},
            {},
            false};
  }

  shm::test::TempDir dir_;
  PictureText one_ = costing("1000000000");
  PictureText two_ = costing("2000000000");
};

TEST_P(Watch, EveryHostGetsItsFirstLineAndEveryChange) {
  RegionOwner owner(dir_.path(), one_);
  for (const char* verb : {"plain", "ansi", "tmux", "polybar", "waybar"}) {
    SCOPED_TRACE(verb);
    owner.publish(one_);
    Running reader(watch(verb));
    EXPECT_NE(reader.line().find("cost $1.00"), std::string::npos);
    owner.publish(two_);
    reader.line_with("cost $2.00");
    reader.signal(SIGTERM);
    EXPECT_EQ(reader.wait(), 0);
  }
}

TEST_P(Watch, AnUnchangedPictureIsNotPrintedAgain) {
  RegionOwner owner(dir_.path(), one_);
  Running reader(watch("plain"));
  EXPECT_EQ(reader.line(), "cost $1.00");
  for (int i = 0; i < 5; ++i) owner.publish(one_);
  owner.publish(two_);
  EXPECT_EQ(reader.line(), "cost $2.00");
}

TEST_P(Watch, PolybarGetsALineWhenItHasReadTheLastOne) {
  RegionOwner owner(dir_.path(), one_);
  Running reader(watch("polybar"));
  EXPECT_EQ(reader.line(), "cost $1.00");
  owner.publish(two_);
  reader.await_output();
  for (int cost = 3; cost <= 9; ++cost) {
    PictureText next = costing(std::to_string(cost) + "000000000");
    owner.publish(next);
    ::usleep(5'000);  // time enough to write it, were it not to wait
  }
  EXPECT_EQ(reader.line(), "cost $2.00");
  EXPECT_EQ(reader.line(), "cost $9.00");
}

TEST_P(Watch, TmuxGetsEachLineTwice) {
  RegionOwner owner(dir_.path(), one_);
  Running reader(watch("tmux"));
  EXPECT_EQ(reader.line(), "cost $1.00");
  EXPECT_EQ(reader.line(), "cost $1.00");
  owner.publish(two_);
  EXPECT_EQ(reader.line(), "cost $2.00");
  EXPECT_EQ(reader.line(), "cost $2.00");
}

TEST_P(Watch, TmuxSeesABlankAsAStyle) {
  Running reader(watch("tmux"));
  EXPECT_EQ(reader.line(), "#[default]");
  Running bar(watch("polybar"));
  EXPECT_EQ(bar.line(), "");
}

TEST_P(Watch, ARegionThatAppearsLaterIsFound) {
  Running reader(watch("plain"));
  EXPECT_EQ(reader.line(), "");
  const RegionOwner owner(dir_.path(), one_);
  EXPECT_EQ(reader.line(), "cost $1.00");
}

TEST_P(Watch, ACollectorThatDiesAndComesBackIsFollowed) {
  auto owner = std::make_unique<RegionOwner>(dir_.path(), one_);
  Running reader(watch("plain"));
  EXPECT_EQ(reader.line(), "cost $1.00");
  owner->leave();
  EXPECT_TRUE(reader.line().find("old") != std::string::npos);  // dead: the age is shown
  owner = std::make_unique<RegionOwner>(dir_.path(), two_);
  reader.line_with("cost $2.00");
  owner.reset();
  owner = std::make_unique<RegionOwner>(dir_.path(), one_, 128);  // another capacity: a new file
  reader.line_with("cost $1.00");
  owner->publish(two_);
  reader.line_with("cost $2.00");
}

// tmux is told another age each second, which leaves no time to wait for anything.
TEST_P(Watch, InTmuxANewFileIsFoundWhileTheAgeCountsSeconds) {
  auto owner = std::make_unique<RegionOwner>(dir_.path(), one_);
  Running reader(watch("tmux"));
  reader.line_with("cost $1.00");
  owner->leave();
  reader.line_with("s old");
  reader.line_with("s old");
  owner = std::make_unique<RegionOwner>(dir_.path(), two_, 128);
  std::string line;
  do line = reader.line();
  while (line.find("cost $2.00") == std::string::npos && line.find("m old") == std::string::npos);
  EXPECT_NE(line.find("cost $2.00"), std::string::npos) << line;
}

TEST_P(Watch, ARemovedRegionIsForgotten) {
  auto owner = std::make_unique<RegionOwner>(dir_.path(), one_);
  Running reader(watch("plain"));
  EXPECT_EQ(reader.line(), "cost $1.00");
  owner.reset();
  std::filesystem::remove(dir_.region());
  while (!reader.line().empty()) {
  }
  const RegionOwner next(dir_.path(), two_);
  EXPECT_EQ(reader.line(), "cost $2.00");
}

TEST_P(Watch, ATruncatedRegionDoesNotKill) {
  const RegionOwner owner(dir_.path(), one_);
  Running reader(watch("plain"));
  EXPECT_EQ(reader.line(), "cost $1.00");
  std::filesystem::resize_file(dir_.region(), 0);
  while (!reader.line().empty()) {
  }
  reader.signal(SIGTERM);
  EXPECT_EQ(reader.wait(), 0);
}

TEST_P(Watch, EndsWhenNobodyReads) {
  const RegionOwner owner(dir_.path(), one_);
  for (const char* verb : {"plain", "tmux"}) {
    Running reader(watch(verb));
    reader.line();
    reader.close_stdout();
    EXPECT_EQ(reader.wait(), 0);
  }
}

TEST_P(Watch, EndsWithStatus0BySignal) {
  const RegionOwner owner(dir_.path(), one_);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    Running reader(watch("plain"));
    reader.line();
    reader.signal(signal);
    EXPECT_EQ(reader.wait(), 0);
  }
}

TEST_P(Watch, AStoppedBarCatchesUp) {
  RegionOwner owner(dir_.path(), one_);
  Running reader(watch("plain"));
  EXPECT_EQ(reader.line(), "cost $1.00");
  reader.signal(SIGSTOP);
  for (int i = 0; i < 10; ++i) owner.publish(i % 2 == 0 ? one_ : two_);
  owner.publish(two_);
  reader.signal(SIGCONT);
  EXPECT_EQ(reader.line(), "cost $2.00");
}

INSTANTIATE_TEST_SUITE_P(Build, Watch, testing::ValuesIn(builds()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace shmeter::test
