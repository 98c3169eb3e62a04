// SPDX-License-Identifier: MIT
// Disks that are full and folders that cannot be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/store/keys.hpp"
#include "tests/store/sample.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using shmeter::test::TempDir;
using test::kNow_ms;
using test::StoreAtWork;
using testing::HasSubstr;

/// Runs in a child, whose limits, mounts and rights are its own; true when nothing failed in it.
bool in_child(const std::function<void()>& run) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    run();
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

StoreBatch big_batch(u64 first) {
  StoreBatch batch;
  for (u64 i = first; i < first + 300; ++i)
    test::put(batch, test::request(i, kNow_ms + static_cast<i64>(i)));
  batch.files.push_back({"/x", {1, 2, first + 300, 0, 0, 0}});
  return batch;
}

/// Every event up to the file's position, once, and nothing else; sums to match.
void expect_whole(const StoredState& state) {
  ASSERT_EQ(state.files.size(), 1u);
  EXPECT_EQ(state.hot.size(), state.files[0].cursor.offset);
  EXPECT_EQ(state.all.requests, static_cast<i64>(state.hot.size()));
}

/// Writes until the disk is full; then makes room, and nothing may be lost or there twice.
void fill_up(const std::string& path, const std::function<void()>& make_room) {
  StoreAtWork at_work(path);
  ASSERT_TRUE(at_work.store) << at_work.error->message;
  u64 next = 0;
  Result<void> last;
  for (; last && next < 300'000; next += 300) last = at_work.write(big_batch(next));
  ASSERT_FALSE(last) << "the disk was never full";
  EXPECT_EQ(last.error().code, Errc::unavailable) << last.error().message;
  ASSERT_EQ(at_work.said.size(), 1u);
  EXPECT_THAT(at_work.said[0], HasSubstr("kept in memory and tried again"));
  expect_whole(at_work.load());
  EXPECT_GT(at_work.store->waiting_bytes(), 0u);
  // In quiet keys are brought home, for which there is no room either.
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_FALSE(at_work.write(big_batch(next)));
  next += 300;
  make_room();
  ASSERT_TRUE(at_work.write({}));
  EXPECT_EQ(at_work.store->waiting_bytes(), 0u);
  EXPECT_EQ(at_work.said.size(), 2u);
  const StoredState state = at_work.load();
  expect_whole(state);
  EXPECT_EQ(state.hot.size(), next);
  test::expect_every_key_once(path);
}

TEST(FullDisk, FileSizeLimit) {
  EXPECT_TRUE(in_child([] {
    TempDir dir;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 600'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    fill_up(dir.path("state/usage.db"), [&] {
      limit.rlim_cur = limit.rlim_max;
      ::setrlimit(RLIMIT_FSIZE, &limit);
    });
  }));
}

/// In a child, where nobody else sees it. False (and a word about it) where mounting is forbidden.
bool mount_small_disk(const std::string& at) {
  if (::unshare(CLONE_NEWNS) == 0 &&
      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
      ::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=1m,mode=700") == 0)
    return true;
  std::puts("no mounts here: nothing tested");
  return false;
}

TEST(FullDisk, SmallTmpfs) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can mount";
  TempDir dir;
  EXPECT_TRUE(in_child([&] {
    if (!mount_small_disk(dir.path())) return;
    fill_up(dir.path("state/usage.db"), [&] {
      ASSERT_EQ(::mount("tmpfs", dir.path().c_str(), "tmpfs", MS_REMOUNT, "size=64m,mode=700"), 0);
    });
  }));
}

TEST(FullDisk, AFirstLoadFailsAsAWhole) {
  EXPECT_TRUE(in_child([] {
    TempDir dir;
    std::signal(SIGXFSZ, SIG_IGN);
    StoreAtWork at_work(dir.path("state/usage.db"));
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 600'000;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    at_work.store->begin_bulk();
    int failed = 0;
    for (u64 i = 0; i < 60; ++i)
      at_work.store->write(big_batch(i * 300), [&](const Result<void>& r) { failed += r ? 0 : 1; });
    EXPECT_FALSE(at_work.end_bulk());
    EXPECT_EQ(failed, 60);
    EXPECT_EQ(at_work.store->waiting_bytes(), 0u);
    EXPECT_FALSE(at_work.write(big_batch(0))) << "its positions would skip what was lost";
    ASSERT_FALSE(at_work.said.empty());
    EXPECT_THAT(at_work.said[0], HasSubstr("until the collector is started again"));
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    EXPECT_TRUE(at_work.load().hot.empty());
    at_work.store->begin_bulk();  // from the beginning
    for (u64 i = 0; i < 60; ++i) at_work.store->write(big_batch(i * 300), {});
    EXPECT_TRUE(at_work.end_bulk());
    EXPECT_EQ(at_work.load().hot.size(), 18'000u);
  }));
}

/// Without root's rights; `dir` and what is in it is nobody's then.
void become_nobody(const std::string& dir) {
  if (::geteuid() != 0) return;
  constexpr unsigned kNobody = 65534;
  for (const auto& entry : fs::recursive_directory_iterator(dir))
    ASSERT_EQ(::lchown(entry.path().c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::chown(dir.c_str(), kNobody, kNobody), 0);
  ASSERT_EQ(::setresuid(kNobody, kNobody, kNobody), 0);
}

/// Every way of reading still reads, and opening to write says that it cannot.
void expect_read_only(const std::string& path) {
  const auto reader = StoreReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  int events = 0;
  ASSERT_TRUE((*reader)->events({}, [&](const StoredEvent&) { return ++events > 0; }));
  EXPECT_EQ(events, 300);
  Loop loop;
  const auto copy = Store::open_copy(loop, path, [](const std::string&) {});
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_EQ((*copy)->load({})->hot.size(), 300u);
  const StoreAtWork at_work(path);
  ASSERT_TRUE(at_work.error);
  EXPECT_EQ(at_work.error->code, Errc::forbidden) << at_work.error->message;
  const StoreAtWork in_new_folder(fs::path(path).parent_path().string() + "/new/usage.db");
  ASSERT_TRUE(in_new_folder.error);
  EXPECT_EQ(in_new_folder.error->code, Errc::forbidden) << in_new_folder.error->message;
}

TEST(ReadOnlyFolder, OfAnotherMode) {
  TempDir dir;
  const std::string path = dir.path("state/usage.db");
  ASSERT_TRUE(StoreAtWork(path).write(big_batch(0)));
  fs::remove(path + ".lock");
  EXPECT_TRUE(in_child([&] {
    become_nobody(dir.path());
    fs::permissions(path, fs::perms::owner_read);
    fs::permissions(dir.path("state"), fs::perms::owner_read | fs::perms::owner_exec);
    expect_read_only(path);
    fs::permissions(dir.path("state"), fs::perms::owner_all);
  }));
}

TEST(ReadOnlyFolder, OfADiskMountedReadOnly) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can mount";
  TempDir dir;
  EXPECT_TRUE(in_child([&] {
    if (!mount_small_disk(dir.path())) return;
    const std::string path = dir.path("state/usage.db");
    ASSERT_TRUE(StoreAtWork(path).write(big_batch(0)));
    ASSERT_EQ(::mount("tmpfs", dir.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "mode=700"), 0);
    expect_read_only(path);
  }));
}

}  // namespace
}  // namespace shmeter::collector
