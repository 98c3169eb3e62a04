// SPDX-License-Identifier: MIT
#include "collector/setup/text_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

TEST(TextFile, KeepsLinkAndMode) {
  test::TempDir dir;
  test::replace(dir.path("real/settings.json"), "old");
  ::chmod(dir.path("real/settings.json").c_str(), 0640);
  fs::create_symlink("real/settings.json", dir.path("link.json"));
  const auto file = read_text_file(dir.path("link.json"));
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->there);
  EXPECT_EQ(file->text, "old");
  ASSERT_TRUE(write_text_file(*file, "new"));
  EXPECT_TRUE(fs::is_symlink(dir.path("link.json")));
  EXPECT_EQ(test::contents(dir.path("real/settings.json")), "new");
  EXPECT_EQ(mode_of(dir.path("real/settings.json")), 0640u);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path("real")), {}), 1);
}

TEST(TextFile, MakesWhatIsNotThereForTheUserAlone) {
  test::TempDir dir;
  const auto file = read_text_file(dir.path("a/b.json"));
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->there);
  ASSERT_TRUE(write_text_file(*file, "x"));
  EXPECT_EQ(mode_of(dir.path("a/b.json")), 0600u);
  EXPECT_EQ(mode_of(dir.path("a")), 0700u);
  ASSERT_TRUE(remove_text_file(*file));
  ASSERT_TRUE(remove_text_file(*file));
  EXPECT_FALSE(fs::exists(dir.path("a/b.json")));
}

TEST(TextFile, RefusesWhatIsNoTextFile) {
  test::TempDir dir;
  EXPECT_EQ(read_text_file(dir.path()).error().code, Errc::invalid);
  ASSERT_EQ(::mkfifo(dir.path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(read_text_file(dir.path("pipe")).error().code, Errc::invalid);
  test::replace(dir.path("big"), std::string((1 << 20) + 1, 'x'));
  EXPECT_EQ(read_text_file(dir.path("big")).error().code, Errc::invalid);
}

TEST(TextFile, LeavesAReadOnlyFileAlone) {
  test::TempDir dir;
  test::replace(dir.path("f"), "old");
  ::chmod(dir.path("f").c_str(), 0400);
  const bool root = ::geteuid() == 0;  // who may write everything
  if (root) {
    for (const std::string& path : {dir.path(), dir.path("f")})
      ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const auto file = read_text_file(dir.path("f"));
  const auto written = write_text_file(*file, "new");
  if (root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, Errc::forbidden);
  EXPECT_EQ(test::contents(dir.path("f")), "old");
}

}  // namespace
}  // namespace shmeter::collector
