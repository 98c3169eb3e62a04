// SPDX-License-Identifier: MIT
// Whatever the picture holds and however large the screen is: exactly its rows, no line wider than
// it, valid UTF-8, no control character but our own closed styles. Seeds are fixed.
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>
#include <random>

#include "collector/top/frame.hpp"
#include "collector/top/styled_text.hpp"
#include "formats/screen.hpp"
#include "formats/utf8.hpp"
#include "tests/top/top_sample.hpp"

namespace shmeter::collector {
namespace {

using Random = std::mt19937_64;

constexpr std::string_view kNames[] = {
    "",
    "proj",
    "#[fg=red]%{F-}<b>{session.cost}[x]",
    "</><bold>",
    "\x1b[31m\x1b]0;x\x07\x1b[2J",
    "a\nb\rc\td",
    "\u202Eevil\u2066",
    "\xff\xfe\xc0\xaf\x9b\x31m",
    "日本語の長い名前日本語の長い名前日本語",
    "👨\u200d👩\u200d👧\uFE0F🇩🇪",
    "e\u0301\u0301\u0301",
    "\u0301",
    "עברית العربية",
    "x\u200b\u00ad",
    "very long name that goes on and on and on and on and on, on",
    "\\[ \\{"};

std::string_view name(Random& random) { return kNames[random() % std::size(kNames)]; }

i64 number(Random& random) {
  constexpr i64 kEdges[] = {shm::kUnknown,
                            std::numeric_limits<i64>::min() + 1,
                            std::numeric_limits<i64>::max(),
                            -1,
                            0,
                            1,
                            999'999,
                            1'000'000,
                            kNow,
                            kNow + 100};
  if (random() % 3 == 0) return kEdges[random() % std::size(kEdges)];
  return static_cast<i64>(random() % 10'000'000'000);
}

/// Every i64 of a record at random: padding there is none, texts are set afterwards.
template <class Record>
Record random_record(Random& random) {
  std::array<i64, sizeof(Record) / sizeof(i64)> words;
  for (i64& word : words) word = number(random);
  return std::bit_cast<Record>(words);
}

TopPicture random_picture(Random& random) {
  TopPicture picture;
  picture.summary = random_record<shm::Summary>(random);
  for (std::size_t n = random() % 9; n > 0; --n) {
    auto& account = picture.accounts.emplace_back(random_record<shm::Account>(random));
    account.name.assign(name(random));
    account.tier.assign(name(random));
    account.scoped_1.label.assign(name(random));
  }
  for (std::size_t n = random() % 40; n > 0; --n) {
    auto& session = picture.sessions.emplace_back(random_record<shm::Session>(random));
    session.session_id.assign("s" + std::to_string(n));
    for (auto* text : {&session.name, &session.git_branch}) text->assign(name(random));
    session.cwd.assign(name(random));
    session.model_name.assign(name(random));
    session.agent.assign(name(random));
    session.account = static_cast<i64>(random() % 10) - 1;
    session.status = static_cast<i64>(random() % 7) - 1;
  }
  picture.freshness = static_cast<formats::Freshness>(random() % 5);
  picture.age_s = number(random);
  picture.read_at_s = number(random);
  picture.version = name(random);
  picture.trouble = "the region is damaged; the collector makes it anew within seconds if it runs";
  return picture;
}

/// Empty when the line is what a terminal may be sent.
std::string complaint(std::string_view line, int width) {
  if (const int columns = columns_of(line); columns > width)
    return "of " + std::to_string(columns) + " columns";
  bool open = false;
  while (!line.empty()) {
    if (line.starts_with("\x1b[")) {
      const std::size_t end = line.find_first_not_of("0123456789;", 2);
      if (end == line.npos || line[end] != 'm') return "has an escape that is no style";
      open = line.substr(2, end - 2) != "0";
      line.remove_prefix(end + 1);
      continue;
    }
    const formats::Decoded one = formats::decode(line);
    if (!one.valid) return "is not UTF-8";
    if (formats::is_control(one.code) || formats::breaks_line(one.code)) return "has a control";
    if (formats::columns(one.code) == formats::kDropped) return "has what must not be shown";
    line.remove_prefix(one.bytes);
  }
  return open ? "leaves a style open" : "";
}

TEST(FrameProperty, AnyPictureOnAnyScreen) {
  Random random(2026);
  for (int round = 0; round < 700; ++round) {
    const TopPicture picture = random_picture(random);
    TopState state;
    state.order = static_cast<SessionOrder>(random() % kSessionOrders);
    state.only_active = random() % 4 == 0 ? OnlyActive::yes : OnlyActive::no;
    state.detail = random() % 4 != 0;
    state.help = random() % 8 == 0;
    state.typing = random() % 8 == 0;
    if (random() % 8 == 0) state.filter = name(random);
    state.selected = "s" + std::to_string(random() % 40);
    Burn burn;
    for (int i = 0; i < 40; ++i) burn.take(kNow - 400 + i * 9, number(random));
    const int width = round < 300 ? round + 1 : static_cast<int>(1 + random() % 300);
    const int rows = static_cast<int>(1 + random() % 100);
    const Look look = {
        .width = width, .colour = static_cast<formats::Colour>(random() % 4), .now_s = kNow};
    const Lines frame = draw_frame(state, picture, burn, look, rows).lines;
    ASSERT_EQ(frame.size(), static_cast<std::size_t>(rows));
    for (const Lines& lines : {frame, draw_whole(picture, look)})
      for (const std::string& line : lines) {
        ASSERT_EQ(complaint(line, width), "") << round << ", " << width << ": " << line;
        const std::string ascii = in_ascii(line);
        ASSERT_EQ(complaint(ascii, width), "") << round << ", " << width << ": " << ascii;
        for (const char c : ascii) ASSERT_GE(c, 0);
      }
  }
}

TEST(FrameProperty, TheComplaintsAreHeard) {
  EXPECT_NE(complaint("abc", 2), "");
  EXPECT_NE(complaint("\x1b[1ma", 9), "");
  EXPECT_NE(complaint("\x1b[2J", 9), "");
  EXPECT_NE(complaint("\x07", 9), "");
  EXPECT_NE(complaint("\xff", 9), "");
  EXPECT_NE(complaint("\u202E", 9), "");
  EXPECT_EQ(complaint("\x1b[1m日\x1b[0m", 2), "");
}

}  // namespace
}  // namespace shmeter::collector
