// SPDX-License-Identifier: MIT
// The layout is said three times: structs, schema text, README. They must be one.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "shm/c_header.hpp"
#include "shm/geometry.hpp"
#include "shm/image.hpp"
#include "shm/ring.hpp"
#include "shm/schema.hpp"

namespace shmeter::shm {
namespace {

std::string read_file(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What stands between the marks of the file is `want`; UPDATE_GOLDEN=1 writes it.
void expect_between(const char* path, std::string_view begin, std::string_view end,
                    const std::string& want) {
  std::string text = read_file(path);
  const std::size_t at = text.find(begin);
  const std::size_t to = text.find(end);
  ASSERT_TRUE(at != std::string::npos && to != std::string::npos && at < to) << path;
  const std::size_t from = at + begin.size();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    text.replace(from, to - from, want);
    std::ofstream(path) << text;
    return;
  }
  EXPECT_EQ(text.substr(from, to - from), want)
      << "run this test with UPDATE_GOLDEN=1 and look at the difference";
}

TEST(Layout, ReadmeTablesAreTrue) {
  expect_between(SHMETER_SHM_README, "<!-- layout -->\n", "<!-- /layout -->", layout_tables());
}

TEST(Layout, CHeaderIsTrue) {
  expect_between(SHMETER_C_HEADER, "/* layout */\n", "/* /layout */", c_declarations());
}

struct Line {
  std::string section, name, type;
  std::size_t offset = 0, size = 0;
};

std::vector<Line> schema_lines() {
  std::vector<Line> lines;
  std::istringstream text(schema_text());
  for (std::string row; std::getline(text, row);) {
    std::vector<std::string> parts;
    std::istringstream cells(row);
    for (std::string cell; std::getline(cells, cell, '\t');) parts.push_back(cell);
    EXPECT_GE(parts.size(), 5u) << row;
    lines.push_back({parts[0], parts[1], parts[2], std::stoul(parts[3]), std::stoul(parts[4])});
  }
  return lines;
}

TEST(Layout, SchemaCoversEveryByteOnce) {
  for (const SectionInfo& section : sections()) {
    if (section.name.empty() || section.name == "live") continue;  // live is spread over lines
    SCOPED_TRACE(section.name);
    std::size_t end = 0;
    for (const Line& line : schema_lines()) {
      if (line.section != section.name) continue;
      EXPECT_EQ(line.offset, end) << line.name;
      end = line.offset + line.size;
    }
    EXPECT_EQ(end, section.size);
  }
}

TEST(Layout, SchemaNamesAreUniqueAndTyped) {
  std::set<std::string> names;
  const std::set<std::string> types{"i64", "u64", "u32", "text"};
  for (const Line& line : schema_lines()) {
    EXPECT_TRUE(names.insert(line.section + "." + line.name).second) << line.name;
    EXPECT_TRUE(types.contains(line.type)) << line.type;
  }
  EXPECT_TRUE(names.contains("summary.today.cost_nanousd"));
  EXPECT_TRUE(names.contains("account.scoped_2.window.used_ppm"));
  EXPECT_TRUE(names.contains("live.head"));
}

TEST(Layout, PlansAreGoodForEveryCapacity) {
  for (const u32 capacity : {0u, 1u, 2u, 7u, 1024u, 5000u}) {
    const Header plan = plan_header(capacity);
    EXPECT_EQ(check_header(plan, plan.file_bytes), HeaderVerdict::good) << capacity;
    EXPECT_EQ(check_header(plan, plan.file_bytes - 1), HeaderVerdict::corrupt) << capacity;
    EXPECT_EQ(plan.slots_offset % kPageBytes, 0u);
    EXPECT_EQ(plan.slot_stride % kPageBytes, 0u);
    EXPECT_EQ(plan.accounts.offset, sizeof(Summary)) << "summary and first account are one read";
  }
  EXPECT_FALSE(plan_header(4) == plan_header(5));
}

TEST(Layout, ChecksumSeesEveryCheckedWordButItself) {
  Summary summary;
  const u64 before = summary_checksum(summary);
  for (std::size_t at = 0; at < kCheckedSummaryBytes; at += 8) {
    Summary changed = summary;
    reinterpret_cast<char*>(&changed)[at] ^= 1;
    EXPECT_EQ(summary_checksum(changed) == before, at == offsetof(Summary, checksum)) << at;
  }
  std::swap(summary.files_read = 1, summary.files_known = 2);
  Summary other;
  other.files_read = 1;
  other.files_known = 2;
  EXPECT_NE(summary_checksum(summary), summary_checksum(other)) << "order matters";
}

TEST(Text, CutsBetweenCodePointsAndSaysSo) {
  const struct {
    std::string in;
    std::string want;
  } rows[] = {
      {"", ""},
      {"0123456789abcdef", "0123456789abcdef"},
      {"0123456789abcdefg", "0123456789abc…"},
      {"0123456789abéfgh", "0123456789ab…"},  // é would be cut in two
      {"0123456789a€fgh", "0123456789a…"},
      {"a😀😀😀😀", "a😀😀😀…"},
      {std::string("ab\0cd", 5), "ab"},
      {std::string(300, '\x80'), "…"},  // continuation bytes alone
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.in);
    Text<16> text;
    text.bytes.fill('?');
    text.assign(row.in);
    EXPECT_EQ(text.view(), row.want);
    for (std::size_t i = row.want.size(); i < 16; ++i) EXPECT_EQ(text.bytes[i], '\0');
  }
}

}  // namespace
}  // namespace shmeter::shm
