// SPDX-License-Identifier: MIT
#include "collector/top/key_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

using namespace std::string_view_literals;
using Code = Key::Code;

std::vector<Key> keys_of(KeyReader& reader) {
  std::vector<Key> keys;
  while (const auto key = reader.next()) keys.push_back(*key);
  return keys;
}

const struct {
  std::string_view bytes;
  std::vector<Key> want;
} kRows[] = {
    {"a", {{Code::text, "a"}}},
    {"jk", {{Code::text, "j"}, {Code::text, "k"}}},
    {"é日😀", {{Code::text, "é"}, {Code::text, "日"}, {Code::text, "😀"}}},
    {"\x1b[A\x1b[B", {{Code::up, {}}, {Code::down, {}}}},
    {"\x1bOA\x1bOB", {{Code::up, {}}, {Code::down, {}}}},
    {"\x1b[1;5A", {{Code::up, {}}}},
    {"\x1b[5~\x1b[6~", {{Code::page_up, {}}, {Code::page_down, {}}}},
    {"\x1b[H\x1bOH\x1b[1~\x1b[7~",
     {{Code::home, {}}, {Code::home, {}}, {Code::home, {}}, {Code::home, {}}}},
    {"\x1b[F\x1bOF\x1b[4~\x1b[8~",
     {{Code::end, {}}, {Code::end, {}}, {Code::end, {}}, {Code::end, {}}}},
    {"\r\n", {{Code::enter, {}}, {Code::enter, {}}}},
    {"\x7f\b", {{Code::backspace, {}}, {Code::backspace, {}}}},
    {"\x03\x0c\x15\x1a",
     {{Code::quit, {}}, {Code::redraw, {}}, {Code::clear_line, {}}, {Code::suspend, {}}}},
    {"\x1b[15~x", {{Code::text, "x"}}},                      // F5 is nothing
    {"\x1b[?1;2c\x1b[<0;3;4Mx", {{Code::text, "x"}}},        // an answer, a mouse
    {"\x1b[12\rx", {{Code::enter, {}}, {Code::text, "x"}}},  // broken off
    {"\x1bx", {{Code::escape, {}}, {Code::text, "x"}}},
    {"\x1b\x1b[A", {{Code::escape, {}}, {Code::up, {}}}},
    {"\xff\xc3(x\0y"sv, {{Code::text, "("}, {Code::text, "x"}, {Code::text, "y"}}},
    {"\x01\x1fx", {{Code::text, "x"}}},
};

TEST(KeyReader, Table) {
  for (const auto& row : kRows) {
    SCOPED_TRACE(testing::PrintToString(row.bytes));
    KeyReader reader;
    reader.feed(row.bytes);
    EXPECT_EQ(keys_of(reader), row.want);
    EXPECT_FALSE(reader.waits());
  }
}

TEST(KeyReader, ByteByByteIsTheSame) {
  for (const auto& row : kRows) {
    SCOPED_TRACE(testing::PrintToString(row.bytes));
    KeyReader reader;
    std::vector<Key> keys;
    for (const char c : row.bytes) {
      reader.feed({&c, 1});
      for (Key& key : keys_of(reader)) keys.push_back(std::move(key));
    }
    EXPECT_EQ(keys, row.want);
  }
}

TEST(KeyReader, AnEscapeAloneIsAKeyOnceNothingFollows) {
  KeyReader reader;
  reader.feed("\x1b");
  EXPECT_EQ(reader.next(), std::nullopt);
  EXPECT_TRUE(reader.waits());
  EXPECT_EQ(reader.give_up(), (Key{Code::escape, {}}));
  EXPECT_FALSE(reader.waits());
}

TEST(KeyReader, TheBeginningOfASequenceIsNothing) {
  for (const std::string_view bytes : {"\x1b[1;"sv, "\x1bO"sv, "\xe6\x97"sv}) {
    KeyReader reader;
    reader.feed(bytes);
    EXPECT_EQ(reader.next(), std::nullopt);
    EXPECT_TRUE(reader.waits());
    EXPECT_EQ(reader.give_up(), std::nullopt);
    EXPECT_FALSE(reader.waits());
  }
}

TEST(KeyReader, AnyBytesInAnyPiecesAreCleanKeys) {
  constexpr std::string_view kBytes =
      "\x1b\x1b[[OO;;~~ABab019\xc3\xa9\xe6\x97\xa5\xff\x7f\r\x03?<M";
  std::mt19937_64 random(11);
  for (int round = 0; round < 20'000; ++round) {
    KeyReader reader;
    for (std::size_t pieces = random() % 12; pieces > 0; --pieces) {
      std::string piece;
      for (std::size_t n = random() % 5; n > 0; --n) piece += kBytes[random() % kBytes.size()];
      reader.feed(piece);
      for (const Key& key : keys_of(reader)) {
        if (key.code != Code::text) {
          EXPECT_EQ(key.text, "");
          continue;
        }
        const formats::Decoded one = formats::decode(key.text);
        EXPECT_TRUE(one.valid && one.bytes == key.text.size() && !formats::is_control(one.code));
      }
    }
    reader.give_up();
    EXPECT_FALSE(reader.waits());
  }
}

TEST(KeyReader, AnEndlessSequenceIsSwallowedAndEnds) {
  KeyReader reader;
  std::string bytes = "\x1b[";
  bytes.append(100'000, '1');
  reader.feed(bytes);
  keys_of(reader);
  EXPECT_FALSE(reader.waits());
}

}  // namespace
}  // namespace shmeter::collector
