// SPDX-License-Identifier: MIT
#include "collector/top/top_state.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/top/top_sample.hpp"

namespace shmeter::collector {
namespace {

using Code = Key::Code;

Key text(std::string_view character) { return {Code::text, std::string(character)}; }

class TopKeys : public testing::Test {
 protected:
  TopKeys() {
    for (int i = 0; i < 30; ++i) sessions_.push_back(bare_session("s" + std::to_string(i), i));
    for (const shm::Session& session : sessions_) list_.push_back(&session);
  }
  Then press(const Key& key) { return take_key(state_, key, list_, 10); }
  void type(std::string_view characters) {
    for (const char c : characters) press(text({&c, 1}));
  }
  std::size_t at() const { return selected_index(state_, list_); }

  std::vector<shm::Session> sessions_;
  SessionList list_;
  TopState state_;
};

TEST_F(TopKeys, MoveAndStopAtBothEnds) {
  const struct {
    Key key;
    std::size_t want;
  } steps[] = {{text("k"), 0},
               {{Code::up, {}}, 0},
               {text("j"), 1},
               {{Code::down, {}}, 2},
               {{Code::page_down, {}}, 12},
               {{Code::page_up, {}}, 2},
               {{Code::page_up, {}}, 0},
               {{Code::end, {}}, 29},
               {{Code::page_down, {}}, 29},
               {text("j"), 29},
               {text("k"), 28},
               {{Code::home, {}}, 0},
               {text("G"), 29},
               {text("g"), 0}};
  for (const auto& step : steps) {
    EXPECT_EQ(press(step.key), Then::stay);
    EXPECT_EQ(at(), step.want);
  }
}

TEST_F(TopKeys, NothingToSelectIsNoTrouble) {
  list_.clear();
  for (const Code code :
       {Code::up, Code::down, Code::page_up, Code::page_down, Code::home, Code::end, Code::enter})
    EXPECT_EQ(press({code, {}}), Then::stay);
  settle(state_, list_, 10);
  EXPECT_EQ(state_.first, 0u);
}

TEST_F(TopKeys, SwitchThings) {
  press(text("s"));
  EXPECT_EQ(state_.order, SessionOrder::cost);
  for (int i = 0; i < 3; ++i) press(text("s"));
  EXPECT_EQ(state_.order, SessionOrder::age);
  press(text("a"));
  EXPECT_EQ(state_.only_active, OnlyActive::yes);
  press(text(" "));
  EXPECT_FALSE(state_.detail);
  press({Code::enter, {}});
  EXPECT_TRUE(state_.detail);
  press(text("?"));
  EXPECT_TRUE(state_.help);
}

TEST_F(TopKeys, EndRedrawAndSuspend) {
  EXPECT_EQ(press(text("q")), Then::quit);
  EXPECT_EQ(press({Code::quit, {}}), Then::quit);
  EXPECT_EQ(press(text("l")), Then::redraw);
  EXPECT_EQ(press({Code::redraw, {}}), Then::redraw);
  EXPECT_EQ(press({Code::suspend, {}}), Then::suspend);
}

TEST_F(TopKeys, TypedTextIsTheFilterAndNoCommand) {
  type("/qjs a?");
  EXPECT_EQ(state_.filter, "qjs a?");
  EXPECT_EQ(state_.order, SessionOrder::age);
  press(text("日"));
  press({Code::backspace, {}});
  EXPECT_EQ(state_.filter, "qjs a?");
  press({Code::down, {}});
  EXPECT_EQ(at(), 1u);
  press({Code::enter, {}});
  EXPECT_FALSE(state_.typing);
  EXPECT_EQ(state_.filter, "qjs a?");
  EXPECT_EQ(press(text("q")), Then::quit);
  EXPECT_EQ(press({Code::escape, {}}), Then::stay);
  EXPECT_EQ(state_.filter, "");
}

TEST_F(TopKeys, TheFilterIsGivenUpAndBounded) {
  type("/abc");
  press({Code::clear_line, {}});
  EXPECT_EQ(state_.filter, "");
  EXPECT_TRUE(state_.typing);
  press({Code::backspace, {}});
  EXPECT_FALSE(state_.typing);
  type("/abc");
  press({Code::escape, {}});
  EXPECT_EQ(state_.filter, "");
  EXPECT_FALSE(state_.typing);
  type("/");
  for (int i = 0; i < 100; ++i) press(text("日"));
  EXPECT_LE(state_.filter.size(), kMostFilterBytes);
  EXPECT_EQ(state_.filter.size() % 3, 0u);
  EXPECT_EQ(press({Code::quit, {}}), Then::quit);  // Ctrl-C is no text
}

TEST_F(TopKeys, EscapeLeavesTheHelpBeforeTheFilter) {
  type("/abc");
  press({Code::enter, {}});
  press(text("?"));
  press({Code::escape, {}});
  EXPECT_FALSE(state_.help);
  EXPECT_EQ(state_.filter, "abc");
}

TEST_F(TopKeys, WhatIsSelectedStaysSoWhereverItMoves) {
  type("jj");
  EXPECT_EQ(state_.selected, "s2");
  std::swap(list_[2], list_[20]);
  EXPECT_EQ(at(), 20u);
  list_.erase(list_.begin() + 20);
  EXPECT_EQ(at(), 0u);
}

TEST_F(TopKeys, WhateverIsPressedTheSelectedOneIsOnTheScreen) {
  std::mt19937_64 random(7);
  constexpr std::string_view kLetters = "jkgG sa?l/x";
  for (int round = 0; round < 20'000; ++round) {
    const auto code = static_cast<Code>(random() % 12);
    const char letter = kLetters[random() % kLetters.size()];
    press(code == Code::text ? text({&letter, 1}) : Key{code, {}});
    SessionList list = list_;
    list.resize(random() % (list_.size() + 1));
    const std::size_t rows = random() % 40;
    settle(state_, list, rows);
    if (list.empty()) continue;
    const std::size_t index = selected_index(state_, list);
    EXPECT_GE(index, state_.first);
    EXPECT_LT(index, state_.first + std::max<std::size_t>(rows, 1));
    EXPECT_LT(state_.first, list.size());
  }
}

}  // namespace
}  // namespace shmeter::collector
