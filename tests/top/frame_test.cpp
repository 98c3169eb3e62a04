// SPDX-License-Identifier: MIT
// Frames of one picture at several sizes, as files: tests/top/golden/NAME. UPDATE_GOLDEN=1 writes
// what comes out: review the diff.
#include "collector/top/frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "collector/top/styled_text.hpp"
#include "tests/top/top_sample.hpp"

namespace shmeter::collector {
namespace {

using formats::Colour;
using formats::Freshness;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out.append(line).append("\n");
  return out;
}

void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(SHMETER_GOLDEN) + "/" + name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  const std::string want{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(text, want) << name;
}

Burn some_burn() {
  Burn burn;
  const std::vector<i64> grown = {0, 100, 4'000, 20'000, 300, 0, 9'000};
  i64 all = 1'000;
  i64 at_s = kNow - kBurnInterval_s * static_cast<i64>(grown.size());
  for (const i64 more : grown) burn.take(at_s += kBurnInterval_s, all += more);
  return burn;
}

Lines frame(TopState state, const TopPicture& picture, int width, int rows,
            Colour colour = Colour::none) {
  return draw_frame(state, picture, some_burn(), {.width = width, .colour = colour, .now_s = kNow},
                    rows)
      .lines;
}

TEST(Frame, AtManySizes) {
  const TopPicture picture = sample_picture();
  for (const auto& [width, rows] : {std::pair{20, 5}, {40, 12}, {80, 24}, {120, 30}, {200, 24}})
    expect_golden(std::to_string(width) + "x" + std::to_string(rows) + ".txt",
                  text_of(frame({}, picture, width, rows)));
}

TEST(Frame, InColoursAndInAscii) {
  const TopPicture picture = sample_picture();
  expect_golden("80x24-256-colours.txt", text_of(frame({}, picture, 80, 24, Colour::ansi256)));
  expect_golden("80x24-ascii.txt", in_ascii(text_of(frame({}, picture, 80, 24))));
}

TEST(Frame, Once) {
  expect_golden("once-100.txt",
                text_of(draw_whole(sample_picture(), {.width = 100, .now_s = kNow})));
}

TEST(Frame, Help) {
  TopState state;
  state.help = true;
  expect_golden("80x24-help.txt", text_of(frame(state, sample_picture(), 80, 24)));
}

TEST(Frame, SaysHowThePictureIs) {
  TopPicture picture = sample_picture();
  const auto header = [&] { return frame({}, picture, 80, 24).front(); };
  EXPECT_THAT(header(), HasSubstr("shmeter 1.2.3 · live · 2 active · 1 waiting"));
  EXPECT_THAT(header(), HasSubstr("16:00:00"));  // an hour east of UTC
  picture.freshness = Freshness::partial;
  picture.summary.completeness = static_cast<i64>(shm::Completeness::nothing_yet);
  EXPECT_THAT(header(), HasSubstr("reading 7/12 files"));
  picture.freshness = Freshness::stale;
  picture.age_s = 100;
  picture.read_at_s = kNow - 80;  // it ages while nobody reads it anew
  EXPECT_THAT(header(), HasSubstr("stale, 3m old"));
  picture.freshness = Freshness::wedged;
  picture.age_s = shm::kUnknown;
  EXPECT_THAT(header(), HasSubstr("wedged"));
  TopPicture none;
  none.trouble = "no region: the collector has not run yet (shmeter daemon start)";
  picture = none;
  EXPECT_THAT(header(), HasSubstr("no region: the collector has not run yet"));
  EXPECT_THAT(frame({}, none, 80, 24), Not(Contains(HasSubstr("sessions"))));  // nobody knows
  EXPECT_THAT(draw_whole(none, {.width = 80, .now_s = kNow}).size(), 1u);
}

TEST(Frame, WhatNobodyKnowsIsLeftOut) {
  TopPicture picture;
  picture.freshness = Freshness::live;
  picture.accounts.resize(1);
  picture.sessions.push_back(bare_session("only", 5));
  const Lines lines = frame({}, picture, 100, 24);
  EXPECT_THAT(lines, Contains(HasSubstr("5h unknown")));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("no active block"))));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("$"))));
  EXPECT_THAT(lines, Not(Contains(HasSubstr("%"))));
}

TEST(Frame, SaysThatThereIsNothingWhereThatIsSure) {
  TopPicture picture = sample_picture();
  picture.sessions.clear();
  picture.summary.block = {};
  EXPECT_THAT(frame({}, picture, 80, 24), Contains(HasSubstr("no sessions")));
  EXPECT_THAT(frame({}, picture, 80, 24), Contains(HasSubstr("no active block")));
}

TEST(Frame, SaysWhatHasNoPrice) {
  TopPicture picture = sample_picture();
  EXPECT_THAT(frame({}, picture, 120, 24), Not(Contains(HasSubstr("without a price"))));
  picture.summary.all.unpriced_tokens = 1'500;
  EXPECT_THAT(frame({}, picture, 120, 24), Contains(HasSubstr("1.5k tok without a price")));
}

TEST(Frame, DetailsAreOfTheSelectedOne) {
  TopState state;
  state.selected = "c-ended";
  const TopPicture picture = sample_picture();
  EXPECT_THAT(frame(state, picture, 100, 30), Contains(HasSubstr("/home/dev/other")));
  EXPECT_THAT(frame(state, picture, 100, 30), Contains(HasSubstr("cost $10.00 counted")));
  state.detail = false;
  EXPECT_THAT(frame(state, picture, 100, 30), Not(Contains(HasSubstr("counted"))));
}

TEST(Frame, TheFilterIsShownWhileItIsTypedAndAfter) {
  TopState state;
  state.filter = "refac";
  state.typing = true;
  EXPECT_EQ(frame(state, sample_picture(), 80, 24).back(), "/refac_");
  state.typing = false;
  const Lines lines = frame(state, sample_picture(), 80, 24);
  EXPECT_THAT(lines.back(), HasSubstr("1 of 4 sessions, by age, with \"refac\""));
  state.filter = "nowhere";
  EXPECT_THAT(frame(state, sample_picture(), 80, 24),
              Contains(HasSubstr("no session is like that")));
}

TEST(Frame, ScrollsToTheSelectedOne) {
  TopPicture picture = sample_picture();
  for (int i = 0; i < 500; ++i)
    picture.sessions.push_back(bare_session("s" + std::to_string(i), 100'000 + i));
  TopState state;
  state.selected = "s499";
  EXPECT_THAT(frame(state, picture, 80, 24), Contains(HasSubstr("▸ s499")));
  EXPECT_THAT(frame(state, picture, 80, 5), Contains(HasSubstr("▸ s499")));
}

}  // namespace
}  // namespace shmeter::collector
