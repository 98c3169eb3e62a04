// SPDX-License-Identifier: MIT
#include "collector/config/near_name.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace shmeter::collector {
namespace {

TEST(NearName, Table) {
  static constexpr std::array<std::string_view, 4> kNames = {"timezone", "week_start", "input",
                                                             "from"};
  const struct {
    std::string_view wrong, want;
  } rows[] = {{"timezne", "timezone"},
              {"time_zone", "timezone"},
              {"weekstart", "week_start"},
              {"inputs", "input"},
              {"form", "from"},
              {"fron", "from"},
              {"xyz", ""},
              {"", ""},
              {"timezone", "timezone"}};
  for (const auto& row : rows) {
    SCOPED_TRACE(row.wrong);
    EXPECT_EQ(near_name(row.wrong, kNames), row.want);
  }
  EXPECT_EQ(near_name(std::string(1 << 20, 'x'), kNames), "");
}

}  // namespace
}  // namespace shmeter::collector
