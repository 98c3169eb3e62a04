// SPDX-License-Identifier: MIT
#include "formats/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

#include "formats/screen.hpp"

namespace shmeter::formats {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, Decode) {
  const struct {
    std::string_view bytes;
    char32_t code;
    int taken;
    bool valid;
  } rows[] = {{"a"sv, U'a', 1, true},
              {"\0"sv, 0, 1, true},
              {"\x7f"sv, 0x7f, 1, true},
              {"é"sv, 0xe9, 2, true},
              {"…x"sv, 0x2026, 3, true},
              {"😀"sv, 0x1f600, 4, true},
              {"\xf4\x8f\xbf\xbf"sv, 0x10ffff, 4, true},
              {"\x80"sv, kReplacement, 1, false},          // continuation alone
              {"\xc3"sv, kReplacement, 1, false},          // cut short
              {"\xe2\x80"sv, kReplacement, 1, false},      // cut short
              {"\xc3(a"sv, kReplacement, 1, false},        // no continuation
              {"\xc0\xaf"sv, kReplacement, 1, false},      // overlong
              {"\xe0\x80\xaf"sv, kReplacement, 1, false},  // overlong
              {"\xf0\x80\x80\xaf"sv, kReplacement, 1, false},
              {"\xed\xa0\x80"sv, kReplacement, 1, false},      // surrogate
              {"\xf4\x90\x80\x80"sv, kReplacement, 1, false},  // above U+10FFFF
              {"\xff"sv, kReplacement, 1, false}};
  for (const auto& row : rows) {
    const Decoded got = decode(row.bytes);
    EXPECT_TRUE(got.code == row.code) << row.bytes;
    EXPECT_EQ(got.bytes, row.taken) << row.bytes;
    EXPECT_EQ(got.valid, row.valid) << row.bytes;
  }
}

TEST(Utf8, Columns) {
  const struct {
    char32_t code;
    int want;
  } rows[] = {{U'a', 1},     {U'é', 1},   {U'·', 1},    {U'█', 1},   {U'░', 1},    {U'▂', 1},
              {U'…', 1},     {U'中', 2},  {U'ｱ', 1},    {U'Ａ', 2},  {U'한', 2},   {0x1160, 3},
              {0x11a8, 0},   {0x301, 0},  {0x20dd, 0},  {U'😀', 2},   {0x26a0, 1},  {0x2615, 2},
              {0x1f1e9, 1},  {0xe0b0, 1}, {0x200b, 3},  {0x200d, 3}, {0xfe0f, 3},  {0x202e, 3},
              {0xfeff, 3},   {0xad, 3},   {0xe0041, 3}, {0x600, 1},  {0x3fffd, 2}, {0x4dff, 1},
              {0x10ffff, 1}, {0xfffd, 1}, {0x25fd, 2},  {0x25fc, 1}};
  for (const auto& row : rows)
    EXPECT_EQ(columns(row.code), row.want) << std::hex << static_cast<unsigned>(row.code);
}

TEST(Utf8, ColumnsOfCleanedText) {
  const struct {
    std::string_view text;
    int want;
  } rows[] = {{""sv, 0},
              {"Opus 4.1"sv, 8},
              {"日本語"sv, 6},
              {"e\u0301"sv, 1},          // e and a combining acute
              {"💰A⚠\uFE0FB"sv, 5},       // as tmux 3.3 counts
              {"👨\u200d👩\u200d👧"sv, 6},  // three people, no joiners
              {"a\nb\tc"sv, 5},          // breaks become spaces
              {"\x1b[31mred"sv, 7},      // the escape is gone, its text is not
              {"a\0b"sv, 2},
              {"\xff\xfe"sv, 2},  // two U+FFFD
              {"\u202Eevil"sv, 4}};
  for (const auto& row : rows) EXPECT_EQ(columns_of(row.text), row.want) << row.text;
}

}  // namespace
}  // namespace shmeter::formats
