// SPDX-License-Identifier: MIT
#include "collector/top/frame_writer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace shmeter::collector {
namespace {

/// A terminal that knows what the writer uses: CSI H, K, 2J, m and text of one column each.
class Terminal {
 public:
  explicit Terminal(std::size_t rows) : rows_(rows, "garbage of somebody else") {}

  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      if (bytes[0] != '\x1b') {
        write(bytes[0]);
        bytes.remove_prefix(1);
        continue;
      }
      const std::size_t end = bytes.find_first_not_of("0123456789;", 2);
      ASSERT_NE(end, bytes.npos);
      sequence(bytes.substr(2, end - 2), bytes[end]);
      bytes.remove_prefix(end + 1);
    }
  }
  Lines shown() const {
    Lines out = rows_;
    for (std::string& line : out) line.erase(line.find_last_not_of(' ') + 1);
    return out;
  }

 private:
  void sequence(std::string_view number, char final) {
    if (final == 'J') rows_.assign(rows_.size(), "");
    if (final == 'K') rows_.at(row_).resize(std::min(column_, rows_[row_].size()));
    if (final != 'H') return;
    row_ = std::stoul(std::string(number)) - 1;
    column_ = 0;
  }
  void write(char c) {
    std::string& line = rows_.at(row_);
    if (line.size() <= column_) line.resize(column_ + 1, ' ');
    line[column_++] = c;
  }

  Lines rows_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

TEST(FrameWriter, WritesWhatChangedAndNothingElse) {
  FrameWriter writer;
  EXPECT_EQ(writer.update({"one", "", "three"}), "\x1b[0m\x1b[2J\x1b[1;1Hone\x1b[3;1Hthree");
  EXPECT_EQ(writer.update({"one", "", "three"}), "");
  EXPECT_EQ(writer.update({"one", "two", ""}), "\x1b[2;1H\x1b[Ktwo\x1b[3;1H\x1b[K");
  writer.forget();
  EXPECT_EQ(writer.update({"one", "two", ""}), "\x1b[0m\x1b[2J\x1b[1;1Hone\x1b[2;1Htwo");
  EXPECT_EQ(writer.update({"one"}), "\x1b[0m\x1b[2J\x1b[1;1Hone");
}

TEST(FrameWriter, TheScreenShowsTheFrameWhateverCameBefore) {
  std::mt19937_64 random(3);
  FrameWriter writer;
  Terminal terminal(12);
  for (int round = 0; round < 3'000; ++round) {
    Lines lines(12);
    for (std::string& line : lines)
      line.assign(random() % 4, static_cast<char>('a' + random() % 2));
    if (random() % 50 == 0) {
      terminal = Terminal(12);
      writer.forget();
    }
    terminal.take(writer.update(lines));
    ASSERT_EQ(terminal.shown(), lines);
  }
}

}  // namespace
}  // namespace shmeter::collector
