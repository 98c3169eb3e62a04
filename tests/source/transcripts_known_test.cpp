// SPDX-License-Identifier: MIT
// What a process goes on with that the last one had read, doorbells, and directories that are
// learnt of later.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "tests/source/transcripts_fixture.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::line;

class TranscriptsKnownTest : public test::TranscriptsTest {
 protected:
  // The process ends; the next one has what this one told.
  void restart(Transcripts::Options options = kEventsOnly) {
    KnownTranscripts::List known(cursors_.begin(), cursors_.end());
    const auto by_path = [](const auto& a, const auto& b) { return a.first < b.first; };
    KnownTranscripts::List own = source_->known();
    std::sort(own.begin(), own.end(), by_path);
    EXPECT_EQ(own, known);
    std::reverse(known.begin(), known.end());
    source_.reset();
    forget();
    start_and_scan(options, std::move(known));
  }
  void forget() {
    ids_.clear();
    order_.clear();
    events_.clear();
    told_.clear();
    gone_.clear();
    observed_ = 0;
  }
  static std::string prompt(const std::string& id, const std::string& time) {
    return R"({"type":"user","sessionId":"s","uuid":")" + id + R"(","timestamp":"2026-11-21T)" +
           time + R"(Z","message":{"content":"do it"}})" + "\n";
  }
};

TEST_F(TranscriptsKnownTest, PositionsAreToldOnceWhatStandsBeforeThemWas) {
  append(project("a.jsonl"), line("m1", 1) + line("m2", 1));
  append(project("b.jsonl"), line("m3", 1) + "torn");
  start_and_scan(kEventsOnly);
  ASSERT_EQ(cursors_.size(), 2u);
  EXPECT_EQ(cursors_[project("a.jsonl")].offset, fs::file_size(project("a.jsonl")));
  EXPECT_EQ(cursors_[project("b.jsonl")].offset, fs::file_size(project("b.jsonl")) - 4);
  append(project("a.jsonl"), line("m4", 1));
  ASSERT_TRUE(saw("m4"));
  EXPECT_EQ(cursors_[project("a.jsonl")].offset, fs::file_size(project("a.jsonl")));
  EXPECT_EQ(told_[project("a.jsonl")], 2);
  source_->rescan();
  ASSERT_TRUE(run_until([&] { return statuses_.size() > 3; }));
  EXPECT_EQ(told_[project("a.jsonl")], 2);
}

TEST_F(TranscriptsKnownTest, UnchangedFilesAreNotEvenOpened) {
  append(project("a.jsonl"), line("m1", 1));
  append(project("b.jsonl"), line("m2", 1));
  start_and_scan(kEventsOnly);
  // Were it opened, it would be read anew: it is another text of the same length, time and inode.
  const auto time = fs::last_write_time(project("a.jsonl"));
  test::replace(project("a.jsonl"), line("m9", 1));
  fs::last_write_time(project("a.jsonl"), time);
  source_->known();
  append(project("b.jsonl"), line("m3", 1));
  ASSERT_TRUE(saw("m3"));
  cursors_[project("a.jsonl")].modified_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::chrono::file_clock::to_sys(time).time_since_epoch())
          .count();
  KnownTranscripts::List known(cursors_.begin(), cursors_.end());
  source_.reset();
  forget();
  start_and_scan(kEventsOnly, known);
  EXPECT_EQ(observed_, 0);
  EXPECT_TRUE(told_.empty());
  EXPECT_TRUE(gone_.empty());
  EXPECT_EQ(source_->status().files_known, 0);
  append(project("b.jsonl"), line("m4", 1));
  EXPECT_TRUE(saw("m4"));
  EXPECT_EQ(observed_, 1);
}

TEST_F(TranscriptsKnownTest, GrownFilesAreReadOnAndReplacedOnesAnew) {
  append(project("grown.jsonl"), line("m1", 1) + line("m2", 1).substr(0, 20));
  append(project("replaced.jsonl"), line("m3", 1));
  append(project("cut.jsonl"), line("m4", 1) + line("m5", 1));
  start_and_scan(kEventsOnly);
  source_->rescan();
  append(project("grown.jsonl"), line("m2", 1).substr(20));
  ASSERT_TRUE(saw("m2"));
  KnownTranscripts::List known(cursors_.begin(), cursors_.end());
  source_.reset();
  forget();
  append(project("grown.jsonl"), line("m6", 1));
  append(dir_.path("other"), line("m7", 1) + line("m8", 1));
  fs::rename(dir_.path("other"), project("replaced.jsonl"));
  test::replace(project("cut.jsonl"), line("m9", 1));
  append(project("new.jsonl"), line("m10", 1));
  start_and_scan(kEventsOnly, std::move(known));
  EXPECT_EQ(ids_, (std::set<std::string>{"m6", "m7", "m8", "m9", "m10"}));
  EXPECT_EQ(told_.size(), 4u);
  EXPECT_TRUE(gone_.empty());
}

TEST_F(TranscriptsKnownTest, MovedWhileNobodyLookedGoesOn) {
  append(project("s.jsonl"), line("m1", 1) + line("m2", 1));
  append(project("s/subagents/agent-1.jsonl"), line("m3", 1));
  append(project("gone.jsonl"), line("m4", 1));
  start_and_scan(kEventsOnly);
  const KnownTranscripts::List known(cursors_.begin(), cursors_.end());
  source_.reset();
  forget();
  fs::remove(project("gone.jsonl"));
  fs::rename(project(), dir_.path("c/projects/-moved"));
  append(dir_.path("c/projects/-moved/s.jsonl"), line("m5", 1));
  start_and_scan(kEventsOnly, known);
  EXPECT_EQ(ids_, std::set<std::string>{"m5"});
  EXPECT_EQ(std::set<std::string>(gone_.begin(), gone_.end()),
            (std::set<std::string>{project("s.jsonl"), project("s/subagents/agent-1.jsonl"),
                                   project("gone.jsonl")}));
  // The new places are told, also of the one that did not grow.
  EXPECT_EQ(cursors_.count(dir_.path("c/projects/-moved/s.jsonl")), 1u);
  EXPECT_EQ(cursors_.count(dir_.path("c/projects/-moved/s/subagents/agent-1.jsonl")), 1u);
  EXPECT_EQ(cursors_.size(), 2u);
}

TEST_F(TranscriptsKnownTest, MovedUnderOurEyesGoesOn) {
  append(project("s.jsonl"), line("m1", 1));
  append(project("t.jsonl"), line("m2", 1));
  start_and_scan(kEventsOnly);
  forget();
  fs::rename(project(), dir_.path("c/projects/-moved"));
  append(dir_.path("c/projects/-moved/s.jsonl"), line("m3", 1));
  ASSERT_TRUE(saw("m3"));
  fs::rename(dir_.path("c/projects/-moved/t.jsonl"), dir_.path("c/projects/-moved/u.jsonl"));
  append(dir_.path("c/projects/-moved/u.jsonl"), line("m4", 1));
  ASSERT_TRUE(saw("m4"));
  EXPECT_EQ(observed_, 2);
  source_->rescan();
  ASSERT_TRUE(run_until([&] { return gone_.size() == 3; }));
  EXPECT_EQ(cursors_.size(), 2u);
  EXPECT_EQ(observed_, 2);
}

TEST_F(TranscriptsKnownTest, ANewFileWithAnOldInodeIsReadWhole) {
  append(project("old.jsonl"), line("m1", 1));
  start_and_scan(kEventsOnly);
  source_.reset();
  forget();
  append(project("new.jsonl"), line("m2", 1) + line("m3", 1));
  fs::remove(project("old.jsonl"));
  struct stat st {};
  ASSERT_EQ(::stat(project("new.jsonl").c_str(), &st), 0);
  FileCursor cursor = cursors_[project("old.jsonl")];
  cursor.inode = st.st_ino;
  start_and_scan(kEventsOnly, {{project("old.jsonl"), cursor}});
  EXPECT_EQ(ids_, (std::set<std::string>{"m2", "m3"}));
  EXPECT_EQ(gone_, std::vector<std::string>{project("old.jsonl")});
}

TEST_F(TranscriptsKnownTest, HostileRowsOfAStoreDoNoHarm) {
  append(project("s.jsonl"), line("m1", 1));
  struct stat st {};
  ASSERT_EQ(::stat(project("s.jsonl").c_str(), &st), 0);
  constexpr auto kMost = std::numeric_limits<shm::u64>::max();
  FileCursor far{st.st_dev, st.st_ino, kMost, kMost, 7, kMost / 2, 1, kUnknown, false};
  KnownTranscripts::List known = {{project("s.jsonl"), far}, {"", far},        {"/", far},
                                  {project("s.jsonl"), far}, {"nowhere", far}, {project(), {}}};
  start_and_scan(kEventsOnly, known);
  EXPECT_EQ(ids_, std::set<std::string>{"m1"});
  EXPECT_EQ(cursors_.size(), 1u);
}

TEST_F(TranscriptsKnownTest, ARestartInTheMiddleOfATurn) {
  append(project("s.jsonl"), prompt("p", "21:06:50.000") + line("m1", 1));
  start_and_scan(kEventsOnly);
  char id[20];
  std::snprintf(id, sizeof id, "%016llx", static_cast<unsigned long long>(shm::hash_text("p")));
  EXPECT_EQ(events_, (std::set<std::string>{"p=1", id + std::string("=4000")}));
  restart();
  EXPECT_TRUE(events_.empty());
  std::string later = line("m2", 1);
  later.replace(later.find("21:06:54"), 8, "21:07:00");
  append(project("s.jsonl"), later);
  ASSERT_TRUE(saw("m2"));
  EXPECT_EQ(events_, std::set<std::string>{id + std::string("=10000")});
}

TEST_F(TranscriptsKnownTest, WhatCannotBeReadNowIsNotGone) {
  append(project("s.jsonl"), line("m1", 1));
  start_and_scan(kEventsOnly);
  source_.reset();
  forget();
  // A name that is too long to be opened stands for a directory without permission, which root
  // does not know.
  const KnownTranscripts::List known(cursors_.begin(), cursors_.end());
  fs::rename(dir_.path("c/projects"), dir_.path("c/kept"));
  fs::create_symlink("projects", dir_.path("c/projects"));  // ELOOP
  start_and_scan(kEventsOnly, known);
  EXPECT_TRUE(gone_.empty());
  EXPECT_EQ(source_->known(), known);
  fs::remove(dir_.path("c/projects"));
  fs::rename(dir_.path("c/kept"), dir_.path("c/projects"));
  source_->rescan();
  append(project("s.jsonl"), line("m2", 1));
  ASSERT_TRUE(saw("m2"));
  EXPECT_EQ(observed_, 1);
  EXPECT_TRUE(gone_.empty());
}

// ---- doorbells ----

TEST_F(TranscriptsKnownTest, ADoorbellReadsAtOnceAndOnceMore) {
  append(project("s.jsonl"), line("m1", 1));
  append(dir_.path("c/projects/-old/t.jsonl"), line("m2", 1));
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(24 * 8);
  fs::last_write_time(dir_.path("c/projects/-old/t.jsonl"), old);
  fs::last_write_time(dir_.path("c/projects/-old"), old);
  start_and_scan({.rescan_every_ms = 3'600'000, .read_again_after_ms = 20});
  append(dir_.path("c/projects/-old/t.jsonl"), line("m3", 1));  // not watched
  source_->read_now(dir_.path("c/projects/-old/t.jsonl"));
  EXPECT_TRUE(ids_.contains("m3"));
  append(dir_.path("c/projects/-old/t.jsonl"), line("m4", 1));
  EXPECT_TRUE(saw("m4"));
  EXPECT_EQ(observed_, 4);
}

TEST_F(TranscriptsKnownTest, ADoorbellOfAFileThatNobodyHeardOf) {
  start_and_scan(kEventsOnly);
  append(project("s.jsonl"), line("m1", 1));
  source_->read_now(project("s.jsonl"));
  EXPECT_TRUE(ids_.contains("m1"));
  append(project("s/subagents/agent-1.jsonl"), line("m2", 1));
  source_->read_now(project("s/subagents/agent-1.jsonl"));
  EXPECT_TRUE(ids_.contains("m2"));
  run_until([] { return true; });
  EXPECT_EQ(observed_, 2);
  append(project("s.jsonl"), line("m3", 1));
  EXPECT_TRUE(saw("m3"));
}

TEST_F(TranscriptsKnownTest, DoorbellsOfOtherPathsAreIgnored) {
  append(project("s.jsonl"), line("m1", 1));
  append(dir_.path("elsewhere/x.jsonl"), line("no", 1));
  append(dir_.path("c/x.jsonl"), line("no", 1));
  append(dir_.path("c/projects/x.jsonl"), line("no", 1));
  append(project("x.txt"), line("no", 1));
  append(project("s/other/x.jsonl"), line("no", 1));
  start_and_scan({.rescan_every_ms = 3'600'000, .read_again_after_ms = 1});
  statuses_.clear();
  const std::string paths[] = {"",
                               "/",
                               "s.jsonl",
                               dir_.path("elsewhere/x.jsonl"),
                               dir_.path("c/x.jsonl"),
                               dir_.path("c/projects/x.jsonl"),
                               dir_.path("c/projects"),
                               dir_.path("c/projects/"),
                               dir_.path("c/projects/.jsonl"),
                               dir_.path("c/projects/../x.jsonl"),
                               dir_.path("c/projects/-p/../../x.jsonl"),
                               dir_.path("c/projects//x.jsonl"),
                               project("x.txt"),
                               project("s/other/x.jsonl"),
                               project("missing.jsonl"),
                               dir_.path("c/projects/-none/missing.jsonl"),
                               project("s.jsonl\n"),
                               project(std::string("s.jsonl\0", 8)),
                               project(std::string(100'000, 'a') + ".jsonl")};
  for (const std::string& path : paths) source_->read_now(path);
  fs::create_directory(project("dir.jsonl"));
  source_->read_now(project("dir.jsonl"));
  EXPECT_TRUE(statuses_.empty());
  EXPECT_EQ(ids_, std::set<std::string>{"m1"});
  EXPECT_EQ(observed_, 1);
  EXPECT_EQ(source_->known().size(), 1u);
}

TEST_F(TranscriptsKnownTest, ManyDoorbellsAtOnceAndBeforeTheStart) {
  append(project("s.jsonl"), line("m1", 1));
  start(kEventsOnly);
  for (int i = 0; i < 2000; ++i) source_->read_now(project("s.jsonl"));
  ASSERT_TRUE(
      run_until([&] { return source_->status().completeness == shm::Completeness::complete; }));
  EXPECT_EQ(observed_, 1);
  EXPECT_TRUE(saw("m1"));
}

// ---- directories that are learnt of later ----

TEST_F(TranscriptsKnownTest, AConfigDirectoryIsAddedOnce) {
  append(project("s.jsonl"), line("m1", 1));
  append(dir_.path("d/projects/-q/t.jsonl"), line("m2", 1));
  start_and_scan(kEventsOnly);
  EXPECT_FALSE(ids_.contains("m2"));
  EXPECT_TRUE(source_->add_root({dir_.path("d"), dir_.path("d/projects")}));
  EXPECT_TRUE(saw("m2"));
  EXPECT_EQ(source_->roots().size(), 2u);
  EXPECT_EQ(source_->roots()[1].config_dir, dir_.path("d"));
  append(dir_.path("d/projects/-q/t.jsonl"), line("m3", 1));
  EXPECT_TRUE(saw("m3"));
  source_->read_now(dir_.path("d/projects/-q/t.jsonl"));
  EXPECT_EQ(observed_, 3);

  fs::create_directory_symlink(dir_.path("d"), dir_.path("link"));
  for (const char* dir : {"c", "d", "link", "missing", "d/projects/-q/t.jsonl"}) {
    SCOPED_TRACE(dir);
    EXPECT_FALSE(source_->add_root({dir_.path(dir), dir_.path(dir) + "/projects"}));
  }
  EXPECT_FALSE(source_->add_root({"", "/projects"}));
  EXPECT_FALSE(source_->add_root({".", "./projects"}));
  EXPECT_FALSE(source_->add_root({dir_.path("d\n"), dir_.path("d\n/projects")}));
  EXPECT_EQ(source_->roots().size(), 2u);
}

TEST_F(TranscriptsKnownTest, NoMoreThanEightAreAdded) {
  start(kEventsOnly);
  int added = 0;
  for (int i = 0; i < 20; ++i) {
    const std::string dir = dir_.path("x" + std::to_string(i));
    append(dir + "/projects/-p/s.jsonl", line("m" + std::to_string(i), 1));
    if (source_->add_root({dir, dir + "/projects"})) ++added;
  }
  EXPECT_EQ(added, 8);
  EXPECT_TRUE(run_until([&] { return ids_.size() == 8; }));
}

}  // namespace
}  // namespace shmeter::collector
