// SPDX-License-Identifier: MIT
#include "shm/location.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shmeter::shm {
namespace {

TEST(Location, Table) {
  const std::string too_long(kRuntimePathBytes, 'x');
  const struct {
    std::string flag, own, xdg;
    std::uint64_t euid;
    std::vector<std::string> want;
  } rows[] = {
      {"", "", "", 1000, {"/run/user/1000/shmeter", "/tmp/shmeter-1000"}},
      {"", "", "", 0, {"/run/user/0/shmeter", "/tmp/shmeter-0"}},
      {"", "", "/x/run", 7, {"/x/run/shmeter", "/run/user/7/shmeter", "/tmp/shmeter-7"}},
      {"", "", "/run/user/7", 7, {"/run/user/7/shmeter", "/tmp/shmeter-7"}},
      {"", "", "relative", 7, {"/run/user/7/shmeter", "/tmp/shmeter-7"}},
      {"", "/own", "/x/run", 7, {"/own"}},
      {"/flag", "/own", "/x/run", 7, {"/flag"}},
      {"", "", "/" + too_long, 7, {"/run/user/7/shmeter", "/tmp/shmeter-7"}},
      {too_long, "", "", 7, {}},
      {"",
       "",
       "",
       18446744073709551615u,
       {"/run/user/18446744073709551615/shmeter", "/tmp/shmeter-18446744073709551615"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.flag + "|" + row.own + "|" + row.xdg);
    std::vector<std::string> got;
    for (const FixedPath& path : runtime_dirs(row.flag, row.own, row.xdg, row.euid)) {
      EXPECT_EQ(std::string(path.c_str()), path.view());
      got.emplace_back(path.view());
    }
    EXPECT_EQ(got, row.want);
  }
}

TEST(Location, NamesInADirectory) {
  FixedPath dir;
  ASSERT_TRUE(dir.append("/run/user/7/shmeter"));
  EXPECT_EQ(in_dir(dir, kRegionName).view(), "/run/user/7/shmeter/region.1");
  ASSERT_TRUE(dir.append(std::string(kRuntimePathBytes - dir.length - 1, 'x')));
  EXPECT_TRUE(in_dir(dir, kRegionName).empty());
}

static_assert(runtime_dirs("", "", "/r", 5).count == 3, "usable at compile time");

}  // namespace
}  // namespace shmeter::shm
