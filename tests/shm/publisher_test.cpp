// SPDX-License-Identifier: MIT
// The writer and the world around it: who may write, what is taken over, what is made again.
#include "shm/publisher.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "sample.hpp"
#include "shm/image.hpp"
#include "shm/reader.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Copied;
using test::Sample;
using test::TempDir;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

WriterLock take(const std::string& dir) {
  Failure why;
  std::optional<WriterLock> lock = WriterLock::take(dir, why);
  EXPECT_TRUE(lock) << why.message;
  return std::move(*lock);
}

Publisher open(WriterLock& lock, u32 capacity, const Picture& first) {
  Failure why;
  std::optional<Publisher> publisher = Publisher::open(lock, capacity, first, "1", why);
  EXPECT_TRUE(publisher) << why.message;
  return std::move(*publisher);
}

/// The number of the picture at the path, which must be this one.
u64 expect_at_path(const std::string& path, const Picture& want) {
  FileReader reader;
  Copied got;
  EXPECT_EQ(reader.open(path.c_str(), false), Opened::ok);
  EXPECT_EQ(reader.snapshot([&](FileSlot& slot) { return copy_all(slot, got); }), Opened::ok);
  EXPECT_TRUE(is_whole(got, want));
  EXPECT_EQ(reader.liveness(), Liveness::live);
  return got.summary.sequence;
}

mode_t mode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::lstat(path.c_str(), &found), 0);
  return found.st_mode & 07777;
}

ino_t inode_of(const std::string& path) {
  struct stat found {};
  EXPECT_EQ(::lstat(path.c_str(), &found), 0);
  return found.st_ino;
}

TEST(WriterLock, TheSecondHearsWhoIsFirst) {
  const TempDir dir;
  Failure why;
  {
    const WriterLock first = take(dir.path());
    EXPECT_FALSE(WriterLock::take(dir.path(), why));
    EXPECT_EQ(why.code, FailureCode::exists);
    EXPECT_THAT(why.message, HasSubstr("pid " + std::to_string(::getpid())));
  }
  EXPECT_TRUE(WriterLock::take(dir.path(), why)) << why.message;
}

TEST(WriterLock, IsFreeOnceItsHolderIsKilled) {
  const TempDir dir;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const WriterLock lock = take(dir.path());
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  Failure why;
  EXPECT_FALSE(WriterLock::take(dir.path(), why));
  EXPECT_THAT(why.message, HasSubstr("pid " + std::to_string(child)));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(WriterLock::take(dir.path(), why)) << why.message;
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(WriterLock, RefusesUnsafeDirectories) {
  const TempDir dir;
  const auto code_of = [](const std::string& path, const char* says) {
    Failure why;
    EXPECT_FALSE(WriterLock::take(path, why)) << path;
    EXPECT_THAT(why.message, HasSubstr(path));
    EXPECT_THAT(why.message, HasSubstr(says));
    return why.code;
  };
  fs::create_directory(dir / "real");
  fs::create_directory_symlink(dir / "real", dir / "link");
  EXPECT_EQ(code_of(dir / "link", "no link"), FailureCode::forbidden);
  std::ofstream(dir / "file") << "x";
  EXPECT_EQ(code_of(dir / "file", "no link"), FailureCode::forbidden);
  EXPECT_EQ(code_of(dir / "no/such", "No such file"), FailureCode::unavailable);
  for (const mode_t mode : {0720u, 0702u, 01777u}) {
    ASSERT_EQ(::chmod((dir / "real").c_str(), mode), 0);
    EXPECT_EQ(code_of(dir / "real", "chmod 700"), FailureCode::forbidden);
  }
  if (::geteuid() == 0) {
    ASSERT_EQ(::chmod((dir / "real").c_str(), 0700), 0);
    ASSERT_EQ(::chown((dir / "real").c_str(), 65534, 65534), 0);
    EXPECT_EQ(code_of(dir / "real", "belongs to user 65534"), FailureCode::forbidden);
  }
  EXPECT_FALSE(fs::exists(dir / "real/lock"));
}

TEST(WriterLock, RefusesALockThatIsNoFile) {
  for (const char* kind : {"link", "fifo", "directory"}) {
    SCOPED_TRACE(kind);
    const TempDir dir;
    const std::string path = dir / "lock";
    if (kind[0] == 'l') fs::create_symlink(dir / "elsewhere", path);
    if (kind[0] == 'f') {
      ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    }
    if (kind[0] == 'd') fs::create_directory(path);
    Failure why;
    EXPECT_FALSE(WriterLock::take(dir.path(), why));
    EXPECT_FALSE(fs::exists(dir / "elsewhere"));
  }
}

TEST(Publisher, NothingIsOpenToOthersWhateverTheUmask) {
  for (const mode_t mask : {0u, 077u, 0177u}) {
    const TempDir dir;
    const mode_t before = ::umask(mask);
    WriterLock lock = take(dir / "run");
    const Publisher publisher = open(lock, 1, Picture{});
    ::umask(before);
    EXPECT_EQ(mode_of(dir / "run") & 077u, 0u);
    EXPECT_EQ(mode_of(dir / "run/lock"), 0600u);
    EXPECT_EQ(mode_of(dir / "run/region.1"), 0600u);
  }
}

TEST(Publisher, TakesOverADeadWritersRegion) {
  const TempDir dir;
  const Sample one(1, 9);
  const Sample two(2, 9);
  WriterLock lock = take(dir.path());
  { const Publisher dead = open(lock, 9, one.picture()); }
  const ino_t inode = inode_of(dir.region());
  MappedReader watcher;
  ASSERT_EQ(watcher.open(dir.region().c_str(), false), Opened::ok);
  const u32 seen = watcher.notify();
  const Publisher heir = open(lock, 9, two.picture());
  EXPECT_EQ(inode_of(dir.region()), inode);
  EXPECT_EQ(heir.adoptions(), 1u);
  EXPECT_EQ(expect_at_path(dir.region(), two.picture()), 2u);
  EXPECT_NE(watcher.notify(), seen);
  EXPECT_EQ(watcher.liveness(), Liveness::live);
}

TEST(Publisher, TakesOverAStoppedWritersRegion) {
  const TempDir dir;
  WriterLock lock = take(dir.path());
  {
    Publisher stopped = open(lock, 9, Picture{});
    stopped.stop();
  }
  const Publisher heir = open(lock, 9, Picture{});
  EXPECT_EQ(expect_at_path(dir.region(), Picture{}), 2u);
}

TEST(Publisher, AnotherCapacityIsAnotherFile) {
  const TempDir dir;
  WriterLock lock = take(dir.path());
  {
    Publisher before = open(lock, 9, Picture{});
    for (int i = 0; i < 5; ++i) before.publish(Picture{});
  }
  MappedReader watcher;
  ASSERT_EQ(watcher.open(dir.region().c_str(), false), Opened::ok);
  const u32 seen = watcher.notify();
  const Sample sample(3, 10);
  const Publisher after = open(lock, 10, sample.picture());
  EXPECT_EQ(after.adoptions(), 0u);
  EXPECT_EQ(expect_at_path(dir.region(), sample.picture()), 7u) << "the number goes on";
  EXPECT_NE(watcher.notify(), seen);
  EXPECT_EQ(watcher.liveness(), Liveness::superseded);
  EXPECT_FALSE(watcher.path_still_ours(dir.region().c_str()));
}

TEST(Publisher, WhatIsNoRegionIsReplaced) {
  for (const std::string kind : {"text", "short", "link", "fifo", "ours to others", "leftover"}) {
    SCOPED_TRACE(kind);
    const TempDir dir;
    WriterLock lock = take(dir.path());
    { const Publisher before = open(lock, 2, Picture{}); }
    const std::string path = dir.region();
    if (kind == "short") {
      ASSERT_EQ(::truncate(path.c_str(), 5000), 0);
    }
    if (kind == "ours to others") {
      ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
    }
    if (kind == "text") std::ofstream(path) << std::string(9000, 'x');
    if (kind == "leftover") std::ofstream(dir / ".region.1.new") << "of a killed writer";
    if (kind == "link" || kind == "fifo") fs::remove(path);
    if (kind == "link") fs::create_symlink(dir / "elsewhere", path);
    if (kind == "fifo") {
      ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    }
    const Publisher after = open(lock, 2, Picture{});
    expect_at_path(path, Picture{});
    EXPECT_EQ(mode_of(path), 0600u);
    EXPECT_FALSE(fs::exists(dir / "elsewhere"));
  }
}

TEST(Publisher, SaysWhyThereIsNoRegion) {
  const TempDir dir;
  WriterLock lock = take(dir.path());
  Failure why;
  fs::create_directory(dir.region());
  EXPECT_FALSE(Publisher::open(lock, 1, Picture{}, "1", why));
  EXPECT_THAT(why.message, HasSubstr("Is a directory"));
  EXPECT_FALSE(fs::exists(dir / ".region.1.new")) << "nothing is left behind";
  fs::remove(dir.region());
  EXPECT_FALSE(Publisher::open(lock, 4'000'000'000, Picture{}, "1", why));
  EXPECT_THAT(why.message, HasSubstr("4000000000 sessions"));
}

// A full file system as a limit on file size: the same answer from posix_fallocate.
TEST(Publisher, NoSpaceIsAnErrorAndNoCrash) {
  const TempDir dir;
  WriterLock lock = take(dir.path());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{64 * 1024, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Failure why;
  EXPECT_FALSE(Publisher::open(lock, 1024, Picture{}, "1", why));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(why.code, FailureCode::unavailable);
  EXPECT_THAT(why.message, HasSubstr(dir.region()));
  EXPECT_THAT(why.message, HasSubstr("KiB"));
  EXPECT_FALSE(fs::exists(dir.region()));
  EXPECT_FALSE(fs::exists(dir / ".region.1.new"));
}

TEST(Heal, MakesALostFileAgain) {
  for (const std::string kind : {"removed", "replaced", "cut", "emptied", "all removed", "moved"}) {
    SCOPED_TRACE(kind);
    const TempDir dir;
    const std::string run = dir / "run";
    const std::string path = run + "/region.1";
    WriterLock lock = take(run);
    Publisher publisher = open(lock, 4, Sample(1, 4).picture());
    publisher.publish(Picture{});
    EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::fine);
    MappedReader watcher;
    ASSERT_EQ(watcher.open(path.c_str(), false), Opened::ok);
    if (kind == "removed") fs::remove(path);
    if (kind == "replaced") {
      std::ofstream(path + ".other") << "x";
      fs::rename(path + ".other", path);
    }
    if (kind == "cut") {
      ASSERT_EQ(::truncate(path.c_str(), 8192), 0);
    }
    if (kind == "emptied") {
      ASSERT_EQ(::truncate(path.c_str(), 0), 0);
    }
    if (kind == "all removed") fs::remove_all(run);
    if (kind == "moved") fs::rename(run, dir / "elsewhere");
    EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::republish);
    const Sample sample(5, 4);
    publisher.publish(sample.picture());
    EXPECT_EQ(publisher.trouble().message, "");
    EXPECT_EQ(expect_at_path(path, sample.picture()), 3u) << "the number goes on";
    EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::fine);
    EXPECT_EQ(watcher.liveness(), Liveness::superseded);
    EXPECT_EQ(mode_of(run), 0700u);
    Failure why;
    EXPECT_FALSE(WriterLock::take(run, why)) << "the lock is held where the region is";
  }
}

TEST(Heal, APublicationAloneMendsACutFile) {
  const TempDir dir;
  WriterLock lock = take(dir.path());
  Publisher publisher = open(lock, 4, Picture{});
  ASSERT_EQ(::truncate(dir.region().c_str(), 0), 0);
  const Sample sample(5, 4);
  publisher.publish(sample.picture());
  expect_at_path(dir.region(), sample.picture());
}

TEST(Heal, AFileThatWasPutBackIsNotTakenOver) {
  const TempDir dir;
  WriterLock lock = take(dir.path());
  Publisher publisher = open(lock, 4, Picture{});
  fs::copy_file(dir.region(), dir / "copy");
  publisher.publish(Picture{});
  fs::rename(dir / "copy", dir.region());
  EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::republish);
  publisher.publish(Picture{});
  EXPECT_EQ(expect_at_path(dir.region(), Picture{}), 3u) << "never backwards";
}

TEST(Heal, GivesWayToAnotherCollector) {
  const TempDir dir;
  WriterLock lock = take(dir / "run");
  Publisher publisher = open(lock, 4, Picture{});
  fs::remove_all(dir / "run");
  WriterLock other_lock = take(dir / "run");
  const Sample sample(5, 4);
  const Publisher other = open(other_lock, 4, sample.picture());
  EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::republish);
  publisher.publish(Picture{});
  EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::superseded);
  EXPECT_EQ(publisher.trouble().code, FailureCode::exists);
  expect_at_path(dir / "run/region.1", sample.picture());
}

TEST(Heal, TriesAgainUntilItCan) {
  const TempDir dir;
  WriterLock lock = take(dir / "run");
  Publisher publisher = open(lock, 4, Picture{});
  fs::remove_all(dir / "run");
  std::ofstream(dir / "run") << "in the way";
  EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::republish);
  publisher.publish(Picture{});
  EXPECT_THAT(publisher.trouble().message, HasSubstr(dir / "run"));
  EXPECT_EQ(publisher.heartbeat(), Publisher::Beat::republish);
  fs::remove(dir / "run");
  publisher.publish(Picture{});
  EXPECT_EQ(publisher.trouble().message, "");
  expect_at_path(dir / "run/region.1", Picture{});
}

}  // namespace
}  // namespace shmeter::shm
