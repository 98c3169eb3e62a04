// SPDX-License-Identifier: MIT
// The whole transcript source over a real loop, real directories and the real inotify.
#include "collector/source/transcripts.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "tests/source/transcripts_fixture.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using shm::Completeness;
using test::append;
using test::line;
using test::TranscriptsTest;

// Root's rights put away while this lives; `dir` and what is in it is nobody's then.
class AsNobody {
 public:
  explicit AsNobody(const std::string& dir) {
    if (::geteuid() != 0) return;
    root_ = true;
    constexpr unsigned kNobody = 65534;
    for (const auto& entry : fs::recursive_directory_iterator(dir))
      EXPECT_EQ(::lchown(entry.path().c_str(), kNobody, kNobody), 0);
    EXPECT_EQ(::chown(dir.c_str(), kNobody, kNobody), 0);
    EXPECT_EQ(::seteuid(kNobody), 0);
  }
  ~AsNobody() {
    if (root_) {
      EXPECT_EQ(::seteuid(0), 0);
    }
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool root_ = false;
};

TEST_F(TranscriptsTest, NothingThereIsComplete) {
  start_and_scan();
  EXPECT_EQ(source_->status().files_known, 0);
  EXPECT_TRUE(said_.empty());
}

TEST_F(TranscriptsTest, ReadsWhatIsThereNewestFirstAndTellsHowFarItIs) {
  const auto now = fs::file_time_type::clock::now();
  for (int i = 0; i < 6; ++i) {
    const std::string path = project("s" + std::to_string(i) + ".jsonl");
    append(path, line("m" + std::to_string(i), 1));
    fs::last_write_time(path, now - std::chrono::hours(i < 3 ? 5 - i : 100 + i));
  }
  start_and_scan();
  EXPECT_EQ(order_, (std::vector<std::string>{"m2", "m1", "m0", "m3", "m4", "m5"}));
  EXPECT_EQ(source_->status().files_known, 6);
  EXPECT_EQ(source_->status().files_read, 6);
  for (const auto& status : statuses_) {
    EXPECT_LE(status.files_read, status.files_known);
    if (status.files_known > 0 && status.files_read < 3) {
      EXPECT_EQ(status.completeness, Completeness::nothing_yet);
    }
  }
}

TEST_F(TranscriptsTest, ManyFilesComeInManyDeliveries) {
  for (int f = 0; f < 40; ++f) {
    std::string text;
    for (int i = 0; i < 100; ++i) text += line("m" + std::to_string(f * 100 + i), 1);
    append(project("s" + std::to_string(f) + ".jsonl"), text);
  }
  start_and_scan();
  EXPECT_EQ(ids_.size(), 4000u);
  EXPECT_EQ(observed_, 4000);
  EXPECT_GT(statuses_.size(), 4u);
}

TEST_F(TranscriptsTest, SeesLinesAsTheyAreWritten) {
  append(project("s.jsonl"), line("m1", 1));
  start_and_scan(kEventsOnly);
  append(project("s.jsonl"), line("m2", 1));
  EXPECT_TRUE(saw("m2"));
  const std::string torn = line("m3", 1);
  append(project("s.jsonl"), torn.substr(0, 30));
  append(project("other.jsonl"), line("m4", 1));
  EXPECT_TRUE(saw("m4"));
  EXPECT_FALSE(ids_.contains("m3"));
  append(project("s.jsonl"), torn.substr(30));
  EXPECT_TRUE(saw("m3"));
  EXPECT_EQ(observed_, 4);
}

TEST_F(TranscriptsTest, EverythingMayAppearLater) {
  start_and_scan(kEventsOnly);  // not even the config directory is there
  append(project("s.jsonl"), line("m1", 1));
  EXPECT_TRUE(saw("m1"));
  append(dir_.path("c/projects/-other/s2.jsonl"), line("m2", 1));
  EXPECT_TRUE(saw("m2"));
  append(project("s/subagents/agent-1.jsonl"), line("m3", 1));
  EXPECT_TRUE(saw("m3"));
  append(project("s/subagents/deep/agent-2.jsonl"), line("m4", 1));
  EXPECT_TRUE(saw("m4"));
  append(project("s/subagents/deep/agent-2.jsonl"), line("m5", 1));
  EXPECT_TRUE(saw("m5"));
}

// The kernel says that a directory was made; what is put into it before our watch stands has no
// event. Both ways round, many times.
TEST_F(TranscriptsTest, MkdirRaces) {
  fs::create_directories(dir_.path("c/projects"));
  start_and_scan(kEventsOnly);
  constexpr int kRounds = 300;
  std::thread writer([&] {
    for (int i = 0; i < kRounds; ++i) {
      const std::string dir = dir_.path("c/projects/-r" + std::to_string(i));
      append(dir + "/s.jsonl", line("a" + std::to_string(i), 1));
      append(dir + "/s/subagents/agent.jsonl", line("b" + std::to_string(i), 1));
      append(dir + "/s.jsonl", line("c" + std::to_string(i), 1));
    }
  });
  const bool all = run_until([&] { return ids_.size() == std::size_t{3} * kRounds; });
  writer.join();
  EXPECT_TRUE(all) << ids_.size();
  EXPECT_EQ(observed_, 3 * kRounds);
}

TEST_F(TranscriptsTest, DirectoryRemovedAndMadeAgain) {
  append(project("s.jsonl"), line("m1", 1));
  start_and_scan(kEventsOnly);
  fs::remove_all(project());
  append(project("s.jsonl"), line("m2", 1));
  EXPECT_TRUE(saw("m2"));
  append(project("s.jsonl"), line("m3", 1));
  EXPECT_TRUE(saw("m3"));
  fs::remove_all(dir_.path("c"));
  append(project("s.jsonl"), line("m4", 1));
  EXPECT_TRUE(saw("m4"));
  append(project("s.jsonl"), line("m5", 1));
  EXPECT_TRUE(saw("m5"));
}

TEST_F(TranscriptsTest, DirectoryMovedAwayAndAnotherInItsPlace) {
  append(project("s.jsonl"), line("m1", 1));
  start_and_scan(kEventsOnly);
  fs::rename(project(), dir_.path("c/projects/-moved"));
  append(project("s.jsonl"), line("m2", 1));
  EXPECT_TRUE(saw("m2"));
  append(dir_.path("c/projects/-moved/s.jsonl"), line("m3", 1));
  EXPECT_TRUE(saw("m3"));
  source_->rescan();
  append(project("s.jsonl"), line("m4", 1));
  EXPECT_TRUE(saw("m4"));
  append(dir_.path("c/projects/-moved/s.jsonl"), line("m5", 1));
  EXPECT_TRUE(saw("m5"));
}

TEST_F(TranscriptsTest, ReplacedAndCutFilesAreReadAnew) {
  append(project("s.jsonl"), line("m1", 1) + line("m2", 1));
  start_and_scan(kEventsOnly);
  append(dir_.path("new"), line("m3", 1));
  fs::rename(dir_.path("new"), project("s.jsonl"));
  EXPECT_TRUE(saw("m3"));
  test::replace(project("s.jsonl"), line("m4", 1));
  EXPECT_TRUE(saw("m4"));
}

// More events than the kernel queues: some are lost, nothing of what was written is.
TEST_F(TranscriptsTest, KernelEventOverflow) {
  append(project("a.jsonl"), line("m", 1));
  append(project("b.jsonl"), line("m", 1));
  start_and_scan(kEventsOnly);
  constexpr int kWrites = 12'000;  // in turns, so that the kernel cannot merge them
  for (int i = 0; i < kWrites; ++i) {
    append(project("a.jsonl"), line("a" + std::to_string(i), 1));
    append(project("b.jsonl"), line("b" + std::to_string(i), 1));
  }
  append(project("late/subagents/agent.jsonl"), line("late", 1));  // its event is lost for sure
  append(project("unheard.jsonl"), line("unheard", 1));
  EXPECT_TRUE(saw("late"));
  EXPECT_TRUE(saw("unheard"));
  EXPECT_TRUE(saw("b" + std::to_string(kWrites - 1)));
  EXPECT_EQ(ids_.size(), 2u * kWrites + 3);
  append(project("late/subagents/agent.jsonl"), line("after", 1));
  EXPECT_TRUE(saw("after"));
}

TEST_F(TranscriptsTest, BeyondTheWatchLimitTheRescanIsTheNet) {
  for (int i = 0; i < 5; ++i)
    append(dir_.path("c/projects/-p" + std::to_string(i) + "/s.jsonl"),
           line("m" + std::to_string(i), 1));
  start_and_scan({.rescan_every_ms = 20, .watch_limit = 3});
  EXPECT_EQ(ids_.size(), 5u);
  EXPECT_LE(source_->status().watches, 3u);
  for (int i = 0; i < 5; ++i)
    append(dir_.path("c/projects/-p" + std::to_string(i) + "/s.jsonl"),
           line("n" + std::to_string(i), 1));
  EXPECT_TRUE(run_until([&] { return ids_.size() == 10; }));
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_NE(said_[0].find("fs.inotify.max_user_watches"), std::string::npos);
}

TEST_F(TranscriptsTest, OldDirectoriesAreLeftToTheRescan) {
  append(project("s.jsonl"), line("m1", 1));
  append(dir_.path("c/projects/-old/s.jsonl"), line("m2", 1));
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24 * 8);
  fs::last_write_time(dir_.path("c/projects/-old/s.jsonl"), old);
  fs::last_write_time(dir_.path("c/projects/-old"), old);
  start_and_scan({.rescan_every_ms = 20});
  EXPECT_EQ(source_->status().watches, 2u);  // projects and -p
  append(dir_.path("c/projects/-old/s.jsonl"), line("m3", 1));
  EXPECT_TRUE(saw("m3"));
  EXPECT_TRUE(run_until([&] { return source_->status().watches == 3; }));
}

TEST_F(TranscriptsTest, ALoopOfLinksEnds) {
  append(project("s/subagents/agent.jsonl"), line("m1", 1));
  fs::create_directory_symlink(project("s/subagents"), project("s/subagents/again"));
  start_and_scan(kEventsOnly);
  EXPECT_TRUE(saw("m1"));
  EXPECT_LT(source_->known().size(), 10u);
}

TEST_F(TranscriptsTest, CountsDamageAndGoesOn) {
  append(project("s.jsonl"),
         "garbage\n" + line("m1", 1) + std::string("\0\0\0\n", 4) + "{\"type\":\n" + line("m2", 1));
  start_and_scan(kEventsOnly);
  EXPECT_EQ(ids_.size(), 2u);
  EXPECT_EQ(source_->status().lines.damaged, 3);
  append(project("s.jsonl"), "more garbage\n" + line("m3", 1));
  EXPECT_TRUE(saw("m3"));
  EXPECT_EQ(source_->status().lines.damaged, 4);
}

TEST_F(TranscriptsTest, UnreadableFilesAreCountedAndSaidOnce) {
  append(project("s.jsonl"), line("m1", 1));
  fs::create_symlink(project("loop.jsonl"), project("loop.jsonl"));
  start_and_scan({.rescan_every_ms = 10});
  EXPECT_TRUE(saw("m1"));
  EXPECT_EQ(source_->status().unreadable, 1);
  append(project("s.jsonl"), line("m2", 1));
  EXPECT_TRUE(saw("m2"));
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_NE(said_[0].find("loop.jsonl"), std::string::npos);
  fs::remove(project("loop.jsonl"));
  EXPECT_TRUE(run_until([&] { return source_->status().unreadable == 0; }));
}

TEST_F(TranscriptsTest, FilesWithoutPermission) {
  append(project("s.jsonl"), line("m1", 1));
  append(project("t.jsonl"), line("m2", 1));
  append(dir_.path("c/projects/-q/u.jsonl"), line("m3", 1));
  const AsNobody nobody(dir_.path());  // root may read everything
  ::chmod(project("s.jsonl").c_str(), 0);
  ::chmod(dir_.path("c/projects/-q").c_str(), 0);
  start_and_scan({.rescan_every_ms = 10});
  EXPECT_EQ(source_->status().unreadable, 2);
  EXPECT_EQ(said_.size(), 2u);
  ::chmod(project("s.jsonl").c_str(), 0600);
  ::chmod(dir_.path("c/projects/-q").c_str(), 0700);
  EXPECT_TRUE(saw("m1"));
  EXPECT_TRUE(saw("m3"));
  EXPECT_EQ(source_->status().unreadable, 0);
  source_.reset();
}

TEST_F(TranscriptsTest, MuchAtOnceIsReadByTheWorkerWhileTheLoopTurns) {
  append(project("s.jsonl"), line("m", 1));
  start_and_scan(kEventsOnly);
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += line("m" + std::to_string(i), 1);
  append(dir_.path("big"), text);
  fs::rename(dir_.path("big"), project("big.jsonl"));
  EXPECT_TRUE(saw("m19999"));
  append(project("big.jsonl"), line("after", 1));
  EXPECT_TRUE(saw("after"));
  EXPECT_EQ(ids_.size(), 20'002u);
}

TEST_F(TranscriptsTest, MayEndAtAnyMoment) {
  std::string text;
  for (int i = 0; i < 3'000; ++i) text += line("m" + std::to_string(i), 1);
  for (int f = 0; f < 20; ++f) append(project("s" + std::to_string(f) + ".jsonl"), text);
  for (int turns = 0; turns < 40; turns += 3) {
    start();
    for (int i = 0; i < turns; ++i) {
      loop_.turn();
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
    source_.reset();
  }
}

TEST_F(TranscriptsTest, VanishedFilesAreForgotten) {
  append(project("s.jsonl"), line("m1", 1));
  append(dir_.path("c/projects/-q/t.jsonl"), line("m2", 1));
  start_and_scan({.rescan_every_ms = 10});
  fs::remove_all(dir_.path("c/projects/-q"));
  EXPECT_TRUE(run_until([&] { return source_->status().watches == 2; }));
  append(dir_.path("c/projects/-q/t.jsonl"), line("m3", 1));
  EXPECT_TRUE(saw("m3"));
}

}  // namespace
}  // namespace shmeter::collector
