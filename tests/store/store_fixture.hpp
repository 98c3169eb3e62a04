// SPDX-License-Identifier: MIT
// A store on disk, and one in memory.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "collector/store/rows.hpp"
#include "tests/store/temp_dir.hpp"

namespace shmeter::collector {

class StoreTest : public testing::TestWithParam<const char*> {
 protected:
  std::string path() const {
    return std::string(GetParam()) == "disk" ? dir_.path("state/usage.db") : ":memory:";
  }
  shmeter::test::TempDir dir_;
};

/// Every number its own, so that two that were swapped are seen.
inline SessionRow odd_session(u32 number) {
  SessionRow row;
  row.number = number;
  i64 next = 1000 * number;
  row.record.session_id.assign("session-" + std::to_string(number));
  row.record.cwd.assign(std::string(300, 'x'));
  row.record.cwd_hash = 0xffff'0000'0000'0001u;
  row.record.git_branch.assign("main");
  row.record.context_used_tokens = ++next;
  row.record.usage = {++next, ++next, ++next, ++next, ++next, ++next, ++next, ++next};
  row.counted = {++next, ++next, ++next, ++next, ++next, ++next, ++next, ++next};
#define SHMETER_SET(type, name, meaning) row.marks.name = ++next;
  SHMETER_SESSION_MARKS(SHMETER_SET)
#undef SHMETER_SET
  row.marks.pid = kUnknown;
  row.models = "claude-x 1 2\n";
  return row;
}

}  // namespace shmeter::collector
