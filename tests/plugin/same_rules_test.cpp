// SPDX-License-Identifier: MIT
// The reader and the collector each read the status line in their own way. A line made from stdin
// and one made from the region must not differ by that.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "collector/source/statusline.hpp"
#include "plugin/statusline_json.hpp"
#include "tests/plugin/reader_run.hpp"

namespace shmeter::test {
namespace {

TEST(StatusLineRules, ReaderAndCollectorAgreeOnEveryCapture) {
  collector::StatusLineParser parser;
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SHMETER_TEST_DATA "/statusline")) {
    SCOPED_TRACE(entry.path());
    const std::string json = read_file(entry.path());
    auto collected = parser.parse(json, 0);
    ASSERT_TRUE(collected);
    collected->session.updated_at_s = shm::kUnknown;  // the time of receipt, not of the JSON
    const auto scratch = std::make_unique<plugin::StatusLineScratch>();
    plugin::StatusLine read;
    ASSERT_TRUE(plugin::read_status_line(json, *scratch, read));
    EXPECT_EQ(read.session, collected->session);
    EXPECT_EQ(read.transcript_path, collected->transcript_path);
    EXPECT_EQ(read.five_hour.used_ppm, collected->five_hour.used_ppm);
    EXPECT_EQ(read.five_hour.resets_at_s, collected->five_hour.resets_at_s);
    EXPECT_EQ(read.seven_day.used_ppm, collected->seven_day.used_ppm);
    EXPECT_EQ(read.seven_day.resets_at_s, collected->seven_day.resets_at_s);
    EXPECT_EQ(read.spend_limit, collected->spend_limit);
    ++count;
  }
  EXPECT_GE(count, 8);
}

}  // namespace
}  // namespace shmeter::test
