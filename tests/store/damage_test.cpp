// SPDX-License-Identifier: MIT
// Files that are not what they must be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/store/sample.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using shmeter::test::TempDir;
using test::kNow_ms;
using test::Random;
using test::StoreAtWork;
using testing::HasSubstr;

std::vector<std::string> set_aside(const TempDir& dir) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(dir.path("state")))
    if (entry.path().filename().string().find(".damaged-") != std::string::npos)
      names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// Some thousand events, so that the file has inner pages.
void fill(const std::string& path) {
  StoreAtWork at_work(path);
  StoreBatch batch;
  for (u64 i = 0; i < 3000; ++i)
    test::put(batch, test::request(i, kNow_ms + static_cast<i64>(i) * 1000));
  ASSERT_TRUE(at_work.write(std::move(batch)));
}

void expect_usable(StoreAtWork& at_work) {
  ASSERT_TRUE(at_work.store);
  StoreBatch batch;
  test::put(batch, test::request(9'000'000, kNow_ms + 9));
  EXPECT_TRUE(at_work.write(std::move(batch)));
  EXPECT_EQ(at_work.load().hot.size(), 1u);
}

class DamageTest : public testing::Test {
 protected:
  TempDir dir_;
  std::string path_ = dir_.path("state/usage.db");
};

TEST_F(DamageTest, WhatIsNoDatabaseIsSetAside) {
  for (const std::string& text : {std::string(100, 'y'), std::string(50'000, 'z')}) {
    shmeter::test::replace(path_, text);
    shmeter::test::replace(path_ + "-wal", "garbage");
    fs::permissions(dir_.path("state"), fs::perms::owner_all);
    StoreAtWork at_work(path_);
    expect_usable(at_work);
    ASSERT_EQ(at_work.said.size(), 1u);
    EXPECT_THAT(at_work.said[0], HasSubstr("usage.db: cannot"));
    EXPECT_THAT(at_work.said[0], HasSubstr("set aside as " + path_ + ".damaged-"));
    const auto names = set_aside(dir_);
    ASSERT_FALSE(names.empty());
    EXPECT_EQ(shmeter::test::contents(dir_.path("state/" + names[0])), text);
    at_work.store.reset();
    fs::remove_all(dir_.path("state"));
  }
}

TEST_F(DamageTest, TwiceInASecondKeepsBoth) {
  for (int i = 0; i < 2; ++i) {
    shmeter::test::replace(path_, "no database");
    fs::permissions(dir_.path("state"), fs::perms::owner_all);
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.store);
  }
  EXPECT_EQ(set_aside(dir_).size(), 2u);
}

TEST_F(DamageTest, AFileThatWasCutShort) {
  fill(path_);
  fs::resize_file(path_, fs::file_size(path_) / 2);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.store);
  EXPECT_TRUE(at_work.load().hot.empty());
  EXPECT_EQ(set_aside(dir_).size(), 1u);
  EXPECT_EQ(at_work.said.size(), 1u);
  expect_usable(at_work);
}

TEST_F(DamageTest, MetWhileWritingIsCheckedAtTheNextStart) {
  fill(path_);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.store);
  {  // all but the first page becomes nonsense
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(fs::file_size(path_) - 4096, '\xa5');
  }
  StoreBatch batch;
  test::put(batch, test::request(1, kNow_ms + 5));
  const auto written = at_work.write(std::move(batch));
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::corrupt);
  EXPECT_GT(at_work.store->waiting_bytes(), 0u);
  ASSERT_FALSE(at_work.said.empty());
  EXPECT_THAT(at_work.said[0], HasSubstr("start the collector again"));
  EXPECT_TRUE(fs::exists(path_ + ".check"));
  at_work.store.reset();
  at_work.said.clear();
  at_work.open(path_);
  expect_usable(at_work);
  EXPECT_FALSE(fs::exists(path_ + ".check"));
  EXPECT_FALSE(set_aside(dir_).empty());
}

TEST_F(DamageTest, ACheckThatFindsNothingKeepsTheFile) {
  fill(path_);
  shmeter::test::replace(path_ + ".check", "");
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.store);
  EXPECT_EQ(at_work.load().hot.size(), 3000u);
  EXPECT_FALSE(fs::exists(path_ + ".check"));
  EXPECT_TRUE(at_work.said.empty());
}

// Any bytes anywhere: no crash, and either the store says that it is damaged or it works.
TEST_F(DamageTest, RandomDamage) {
  fill(path_);
  const std::string good = shmeter::test::contents(path_);
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    std::string bad = good;
    for (u32 i = 0; i < 1 + random() % 40; ++i)
      bad[random() % (round % 3 == 0 ? 4096 : bad.size())] = static_cast<char>(random());
    if (round % 10 == 0) bad.resize(random() % bad.size());
    shmeter::test::replace(path_, bad);
    StoreAtWork at_work(path_);
    if (!at_work.store) continue;  // such as: "was made by a newer version"
    (void)at_work.store->load({});
    (void)at_work.look_up({test::request(5, 0).key.message});
    StoreBatch batch;
    test::put(batch, test::request(random() % 6000, kNow_ms));
    (void)at_work.write(std::move(batch));
    at_work.store.reset();
    fs::remove_all(dir_.path("state"));
  }
}

TEST_F(DamageTest, LinksAndForeignFilesAreRefused) {
  shmeter::test::replace(dir_.path("elsewhere"), "");
  fs::create_directory(dir_.path("state"));
  fs::permissions(dir_.path("state"), fs::perms::owner_all);
  fs::create_symlink(dir_.path("elsewhere"), path_);
  {
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.error);
    EXPECT_EQ(at_work.error->code, Errc::forbidden);
    EXPECT_THAT(at_work.error->message, HasSubstr("is a link"));
  }
  fs::remove(path_);
  fs::create_directory(path_);
  {
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.error);
    EXPECT_EQ(at_work.error->code, Errc::forbidden);
  }
  fs::remove(path_);
  fs::permissions(dir_.path("state"), fs::perms::all);
  {
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.error);
    EXPECT_THAT(at_work.error->message, HasSubstr("chmod 700"));
  }
  fs::permissions(dir_.path("state"), fs::perms::owner_all);
  fs::create_directory_symlink(dir_.path("state"), dir_.path("link"));
  {
    StoreAtWork at_work(dir_.path("link/usage.db"));
    ASSERT_TRUE(at_work.error);
    EXPECT_EQ(at_work.error->code, Errc::forbidden);
  }
  if (::geteuid() == 0) {
    shmeter::test::replace(path_, "");
    ASSERT_EQ(::chown(path_.c_str(), 65534, 65534), 0);
    StoreAtWork at_work(path_);
    ASSERT_TRUE(at_work.error);
    EXPECT_THAT(at_work.error->message, HasSubstr("belongs to user 65534"));
  }
}

TEST_F(DamageTest, NobodyElseCanReadIt) {
  shmeter::test::replace(path_, "");
  fs::permissions(path_, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read);
  fs::permissions(dir_.path("state"), fs::perms::owner_all | fs::perms::others_exec);
  StoreAtWork at_work(path_);
  ASSERT_TRUE(at_work.store);
  StoreBatch batch;
  test::put(batch, test::request(1, kNow_ms));
  ASSERT_TRUE(at_work.write(std::move(batch)));
  const auto mode = [](const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777u : 0u;
  };
  EXPECT_EQ(mode(dir_.path("state")), 0700u);
  for (const char* part : {"", "-wal", "-shm", ".lock"})
    EXPECT_EQ(mode(path_ + part), 0600u) << part;
}

TEST_F(DamageTest, OneCollectorWritesIt) {
  StoreAtWork first(path_);
  ASSERT_TRUE(first.store);
  {
    StoreAtWork second(path_);
    ASSERT_TRUE(second.error);
    EXPECT_EQ(second.error->code, Errc::exists);
    EXPECT_THAT(second.error->message, HasSubstr("another collector"));
  }
  first.store.reset();
  StoreAtWork third(path_);
  EXPECT_TRUE(third.store);
}

}  // namespace
}  // namespace shmeter::collector
