// SPDX-License-Identifier: MIT
// Tables stay within their width and hold nothing but text, whatever is in them.
#include "collector/report/table.hpp"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "collector/report/numbers.hpp"
#include "collector/report/progress.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

TableLine cells(std::vector<std::string> texts) {
  return {TableLine::Kind::cells, std::move(texts), Tone::plain};
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

TextTable small() {
  return {{{"Name", Align::left, 0, 6}, {"Count", Align::right, 1}, {"Cost", Align::right, 9}},
          {cells({"日本語プロジェクト", "1,234", "$1.00"}),
           cells({"short", "5", "$22.00"}),
           {TableLine::Kind::rule, {}, Tone::faint},
           cells({"Total", "1,239"})},
          {"* a note"}};
}

TEST(Table, AlignsWideCharacters) {
  EXPECT_EQ(write_table(small(), {}),
            "Name                Count    Cost\n"
            "─────────────────────────────────\n"
            "日本語プロジェクト  1,234   $1.00\n"
            "short                   5  $22.00\n"
            "─────────────────────────────────\n"
            "Total               1,239\n"
            "* a note\n");
}

TEST(Table, NarrowCutsTextsThenDropsColumns) {
  EXPECT_EQ(write_table(small(), {24, false}),
            "Name       Count    Cost\n"
            "────────────────────────\n"
            "日本語プ…  1,234   $1.00\n"
            "short          5  $22.00\n"
            "────────────────────────\n"
            "Total      1,239\n"
            "* a note\n");
  EXPECT_EQ(write_table(small(), {17, false}),
            "Name         Cost\n"
            "─────────────────\n"
            "日本語プ…   $1.00\n"
            "short      $22.00\n"
            "─────────────────\n"
            "Total\n"
            "* a note\n");
  EXPECT_EQ(lines(write_table(small(), {3, false}))[2], "日…");
}

TEST(Table, ColourOnlyWhereAsked) {
  TextTable table = small();
  table.lines[0].tone = Tone::lively;
  const auto coloured = lines(write_table(table, {0, true}));
  EXPECT_EQ(coloured[0], "\x1b[1mName                Count    Cost\x1b[0m");
  EXPECT_EQ(coloured[2], "\x1b[32m日本語プロジェクト  1,234   $1.00\x1b[0m");
  EXPECT_EQ(coloured[3], "short                   5  $22.00");
  EXPECT_EQ(write_table(table, {}).find('\x1b'), std::string::npos);
}

/// Any bytes in any shape: no line wider than the surface, valid UTF-8, no control characters.
TEST(Table, AnyTexts) {
  const std::vector<std::string> parts = {
      "a",           "日",     "\x1b[31m", "\n",   "\r",
      "\t",          "é",      "e\u0301",  "\xff", "\xe6\x97",
      "👩‍💻", "\u202e", "\u2028",   "0",    std::string(1, '\0')};
  std::mt19937 random(11);
  for (int i = 0; i < 3000; ++i) {
    TextTable table;
    const auto columns = 1 + random() % 6;
    const auto text = [&] {
      std::string all;
      for (auto n = random() % 12; n > 0; --n) all += parts[random() % parts.size()];
      return all;
    };
    for (unsigned c = 0; c < columns; ++c)
      table.columns.push_back({text(), random() % 2 == 0 ? Align::left : Align::right,
                               static_cast<int>(random() % 10), static_cast<int>(random() % 8)});
    for (auto n = random() % 5; n > 0; --n) {
      TableLine line;
      line.kind = static_cast<TableLine::Kind>(random() % 3);
      for (auto c = 1 + random() % (columns + 1); c > 0; --c) line.cells.push_back(text());
      table.lines.push_back(line);
    }
    table.footnotes.push_back(text());
    const int width = static_cast<int>(1 + random() % 60);
    for (const std::string& line : lines(write_table(table, {width, false}))) {
      ASSERT_LE(text_columns(line), width);
      ASSERT_EQ(clean_text(line), line);
    }
  }
}

TEST(Numbers, Table) {
  EXPECT_EQ(write_count(0), "0");
  EXPECT_EQ(write_count(999), "999");
  EXPECT_EQ(write_count(1000), "1,000");
  EXPECT_EQ(write_count(24'835'517), "24,835,517");
  EXPECT_EQ(write_count(-1234), "-1,234");
  EXPECT_EQ(write_count(shm::kUnknown), "–");
  EXPECT_EQ(write_count(std::numeric_limits<i64>::max()), "9,223,372,036,854,775,807");
  EXPECT_EQ(write_dollars(0), "$0.00");
  EXPECT_EQ(write_dollars(1), "<$0.01");
  EXPECT_EQ(write_dollars(9'999'999), "<$0.01");
  EXPECT_EQ(write_dollars(10'000'000), "$0.01");
  EXPECT_EQ(write_dollars(14'999'999), "$0.01");
  EXPECT_EQ(write_dollars(15'000'000), "$0.02");
  EXPECT_EQ(write_dollars(1'234'567'890'123), "$1,234.57");
  EXPECT_EQ(write_dollars(999'995'000'000), "$1,000.00");
  EXPECT_EQ(write_dollars(-20'000'000), "-$0.02");
  EXPECT_EQ(write_dollars(shm::kUnknown), "–");
}

TEST(Numbers, CostSaysWhatItLeavesOut) {
  shm::Usage usage = shm::no_usage();
  EXPECT_EQ(write_cost(usage), "$0.00");
  usage.input_tokens = 10;
  usage.unpriced_tokens = 10;
  EXPECT_EQ(write_cost(usage), "–");
  usage.input_tokens = 15;
  usage.cost_nanousd = 1'250'000'000;
  EXPECT_EQ(write_cost(usage), "$1.25*");
  EXPECT_EQ(write_cost(shm::Usage{}), "–");
}

TEST(Surface, Table) {
  const struct {
    TerminalFacts facts;
    int width;
    bool colour;
  } rows[] = {
      {{true, 120, "", "xterm", "", ""}, 120, true},
      {{true, 120, "", "dumb", "", ""}, 120, false},
      {{true, 120, "", "xterm", "1", ""}, 120, false},
      {{true, 120, "", "xterm", "1", "1"}, 120, true},
      {{true, 120, "", "xterm", "", "0"}, 120, false},
      {{true, 120, "", "xterm", "", "false"}, 120, false},
      {{true, 0, "66", "xterm", "", ""}, 66, true},
      {{true, 0, "wide", "xterm", "", ""}, 80, true},
      {{true, 0, "-5", "xterm", "", ""}, 80, true},
      {{false, 0, "66", "xterm", "", ""}, 0, false},
      {{false, 0, "", "xterm", "", "3"}, 0, true},
  };
  for (const auto& row : rows) {
    const Surface surface = choose_surface(row.facts);
    EXPECT_EQ(surface.width, row.width) << &row - rows;
    EXPECT_EQ(surface.colour, row.colour) << &row - rows;
  }
}

TEST(Progress, Table) {
  EXPECT_EQ(progress_line(3, 12, 79), "reading transcripts ██████░░░░░░░░░░░░░░░░░░ 3/12");
  EXPECT_EQ(progress_line(12, 12, 35), "████████████████████████ 12/12");
  EXPECT_EQ(progress_line(3, 12, 10), "3/12");
  EXPECT_EQ(progress_line(3, 12, 2), "");
  EXPECT_EQ(progress_line(shm::kUnknown, 12, 79), "");
  EXPECT_EQ(progress_line(0, 0, 79), "");
  EXPECT_EQ(progress_line(99, 12, 10), "12/12");
  for (int width = 1; width < 90; ++width)
    EXPECT_LE(text_columns(progress_line(1'000'000, 9'000'000'000'000'000'000, width)), width);
}

}  // namespace
}  // namespace shmeter::collector
