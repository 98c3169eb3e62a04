// SPDX-License-Identifier: MIT
#include "collector/source/transcript_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::replace;

class TranscriptFile : public testing::Test {
 protected:
  // Reads on and returns what lines came.
  std::vector<std::string> more() {
    std::vector<std::string> lines;
    const auto report = reader_.read(
        path_, cursor_, [&](std::string_view line, std::string_view) { lines.emplace_back(line); });
    report_ = report.value_or(ReadReport{});
    error_ = report ? std::nullopt : std::optional(report.error().code);
    return lines;
  }
  using Lines = std::vector<std::string>;

  test::TempDir dir_;
  std::string path_ = dir_.path("session.jsonl");
  TranscriptReader reader_;
  FileCursor cursor_;
  ReadReport report_;
  std::optional<Errc> error_;
};

TEST_F(TranscriptFile, GivesEachLineOnce) {
  append(path_, "one\ntwo\n");
  EXPECT_EQ(more(), (Lines{"one", "two"}));
  EXPECT_EQ(more(), Lines{});
  append(path_, "three\n");
  EXPECT_EQ(more(), Lines{"three"});
  EXPECT_EQ(cursor_.offset, 14u);
}

TEST_F(TranscriptFile, ATornLastLineWaits) {
  append(path_, "one\ntw");
  EXPECT_EQ(more(), Lines{"one"});
  EXPECT_EQ(cursor_.offset, 4u);
  EXPECT_EQ(more(), Lines{});
  append(path_, "o");
  EXPECT_EQ(more(), Lines{});
  append(path_, "\nthr");
  EXPECT_EQ(more(), Lines{"two"});
  append(path_, "ee\n");
  EXPECT_EQ(more(), Lines{"three"});
}

TEST_F(TranscriptFile, ByteByByteIsTheSameAsAtOnce) {
  const std::string text = "first\n\n\r\nsecond line\r\n{\"a\":\"\\n\"}\nlast\n";
  Lines lines;
  for (const char byte : text) {
    append(path_, std::string(1, byte));
    for (std::string& line : more()) lines.push_back(std::move(line));
  }
  EXPECT_EQ(lines, (Lines{"first", "", "\r", "second line\r", "{\"a\":\"\\n\"}", "last"}));
  cursor_ = {};
  EXPECT_EQ(more(), lines);
}

TEST_F(TranscriptFile, LinesOfEveryLengthAroundTheChunkSurvive) {
  Lines want;
  for (const std::size_t size : {kReadChunk - 1, kReadChunk, kReadChunk + 1, std::size_t{0},
                                 2 * kReadChunk - 2, std::size_t{1}, kReadChunk / 3}) {
    want.push_back(std::string(size, static_cast<char>('a' + want.size())));
    append(path_, want.back() + "\n");
  }
  EXPECT_EQ(more(), want);
}

TEST_F(TranscriptFile, CutFileStartsOver) {
  append(path_, "one\ntwo\nthree\n");
  more();
  replace(path_, "new\n");
  EXPECT_EQ(more(), Lines{"new"});
  EXPECT_TRUE(report_.started_over);
}

TEST_F(TranscriptFile, FileCutAndWrittenLongerStartsOver) {
  append(path_, "one\ntwo\n");
  more();
  replace(path_, "something quite different\nand longer\n");
  EXPECT_EQ(more(), (Lines{"something quite different", "and longer"}));
}

TEST_F(TranscriptFile, ReplacedFileStartsOver) {
  append(path_, "one\ntwo\n");
  more();
  append(dir_.path("other"), "one\ntwo\nthree\n");
  fs::rename(dir_.path("other"), path_);
  EXPECT_EQ(more(), (Lines{"one", "two", "three"}));
  EXPECT_TRUE(report_.started_over);
}

TEST_F(TranscriptFile, CutWithinATornLine) {
  append(path_, "one\n" + std::string(1000, 'x'));
  more();
  ::truncate(path_.c_str(), 10);
  append(path_, "\n");
  EXPECT_EQ(more(), (Lines{"one", "xxxxxx"}));
}

TEST_F(TranscriptFile, NulAndInvalidBytesAreHandedOverAsTheyAre) {
  const std::string odd("\0\xff\xfe\0", 4);
  append(path_, odd + "\nok\n");
  EXPECT_EQ(more(), (Lines{odd, "ok"}));
}

TEST_F(TranscriptFile, LineOverFourMegabytesComesWhole) {
  const std::string longest(kMaxBufferedLine, 'a');
  const std::string longer(kMaxBufferedLine + 12345, 'b');
  append(path_, "head\n" + longest + "\n" + longer + "\ntail\n");
  EXPECT_EQ(more(), (Lines{"head", longest, longer, "tail"}));
  EXPECT_EQ(report_.skipped_lines, 0u);
}

TEST_F(TranscriptFile, LongLineThatComesInPieces) {
  const std::string piece(std::size_t{700} << 10, 'p');
  std::string want;
  for (int i = 0; i < 9; ++i) {
    append(path_, piece);
    want += piece;
    EXPECT_EQ(more(), Lines{});
    EXPECT_EQ(cursor_.offset, 0u);
    EXPECT_EQ(cursor_.searched, want.size());
  }
  append(path_, "\nshort\n");
  EXPECT_EQ(more(), (Lines{want, "short"}));
}

TEST_F(TranscriptFile, LineOverSixtyFourMegabytesIsSkippedToItsNewline) {
  append(path_, "before\n");
  ASSERT_EQ(::truncate(path_.c_str(), 7 + static_cast<off_t>(kMaxLine) + 1), 0);  // a hole of NULs
  EXPECT_EQ(more(), Lines{"before"});
  append(path_, "\nafter\n");
  EXPECT_EQ(more(), Lines{"after"});
  EXPECT_EQ(report_.skipped_lines, 1u);
}

TEST_F(TranscriptFile, LineOfExactlySixtyFourMegabytesIsRead) {
  append(path_, "");
  ASSERT_EQ(::truncate(path_.c_str(), static_cast<off_t>(kMaxLine)), 0);
  append(path_, "\nafter\n");
  const auto lines = more();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].size(), kMaxLine);
  EXPECT_EQ(lines[1], "after");
}

TEST_F(TranscriptFile, StopsBetweenChunksAndGoesOnFromThere) {
  for (int i = 0; i < 40; ++i) append(path_, std::string(kReadChunk / 4, 'x') + "\n");
  std::atomic<bool> stop = false;
  std::size_t lines = 0;
  const TakeLine take = [&](std::string_view, std::string_view) {
    ++lines;
    stop = true;
  };
  ASSERT_TRUE(reader_.read(path_, cursor_, take, &stop));
  EXPECT_LT(lines, 40u);
  EXPECT_EQ(lines + more().size(), 40u);
}

TEST_F(TranscriptFile, WhatIsNoReadableFileIsSaid) {
  more();
  EXPECT_EQ(error_, Errc::not_found);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  more();  // must not hang
  EXPECT_EQ(error_, Errc::unavailable);
  fs::remove(path_);
  fs::create_symlink(path_, path_);
  more();
  EXPECT_EQ(error_, Errc::unavailable);
  fs::remove(path_);
  fs::create_directory(path_);
  more();
  EXPECT_EQ(error_, Errc::unavailable);
}

}  // namespace
}  // namespace shmeter::collector
