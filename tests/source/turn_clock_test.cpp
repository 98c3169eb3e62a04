// SPDX-License-Identifier: MIT
// Turns whose time nobody wrote, over whole files, torn ones and restarts.
#include "collector/source/turn_clock.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "collector/source/scan_worker.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using test::append;

std::string at(int second) {
  char text[40];
  std::snprintf(text, sizeof text, "2026-11-21T10:%02d:%02d.000Z", second / 60 % 60, second % 60);
  return text;
}
constexpr i64 kTen_ms = 1'795'255'200'000;  // 2026-11-21T10:00:00Z

std::string prompt(const std::string& id, int second, const std::string& more = "") {
  return R"({"type":"user","uuid":")" + id + R"(",)" + more + R"("timestamp":")" + at(second) +
         R"(","message":{"content":"do it"}})" + "\n";
}
std::string answer(int second, const std::string& more = "",
                   const std::string& model = "claude-sonnet-5-5") {
  return R"({"type":"assistant",)" + more + R"("timestamp":")" + at(second) +
         R"(","message":{"id":"m","model":")" + model + R"(","usage":{"input_tokens":1}}})" + "\n";
}
std::string timed(int second) {
  return R"({"type":"system","subtype":"turn_duration","durationMs":1,"uuid":"d","timestamp":")" +
         at(second) + "\"}\n";
}

class TurnClockTest : public testing::Test {
 protected:
  // Reads on, as a process does that lives on, or as one that begins.
  void read(bool restarted = false) {
    if (restarted) lines_.emplace();
    LineTroubles troubles;
    const auto report =
        lines_->read(path_, "s", cursor_, troubles, [&](const TranscriptLine& line) {
          for (const EventSeen& event : line.events) {
            if (event.source != Source::derived) continue;
            EXPECT_EQ(event.kind, EventKind::compute);
            EXPECT_EQ(event.session_id, "s");
            EXPECT_EQ(event.agent, "");
            i64& most = turns_[std::string(event.id)];
            most = std::max(most, event.value);
            began_[std::string(event.id)] = (event.at_ms - kTen_ms) / 1000;
            ++told_;
          }
        });
    ASSERT_TRUE(report);
    EXPECT_EQ(troubles.damaged, 0);
  }
  static std::string id(const std::string& prompt) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx",
                  static_cast<unsigned long long>(shm::hash_text(prompt)));
    return text;
  }
  using Turns = std::map<std::string, i64>;

  test::TempDir dir_;
  std::string path_ = dir_.path("s.jsonl");
  std::optional<TranscriptLines> lines_{std::in_place};
  FileCursor cursor_;
  Turns turns_, began_;
  int told_ = 0;
};

TEST_F(TurnClockTest, FromAPromptToItsLastAnswer) {
  append(path_, prompt("a", 0) + answer(5) + answer(9) + prompt("b", 20) + answer(23));
  read();
  EXPECT_EQ(turns_, (Turns{{id("a"), 9000}, {id("b"), 3000}}));
  EXPECT_EQ(began_, (Turns{{id("a"), 0}, {id("b"), 20}}));
  EXPECT_EQ(told_, 2);
  read();
  EXPECT_EQ(told_, 2);
}

TEST_F(TurnClockTest, AnyCutAndAnyRestartGiveTheSame) {
  const std::string text = prompt("a", 0) + answer(5) + answer(9) + prompt("b", 20) +
                           answer(30, R"("isSidechain":true,)") + answer(23) + prompt("c", 40);
  for (std::size_t cut = 0; cut <= text.size(); cut += 7) {
    for (const bool restarted : {false, true}) {
      test::replace(path_, text.substr(0, cut));
      cursor_ = {};
      turns_.clear();
      read();
      append(path_, text.substr(cut));
      read(restarted);
      EXPECT_EQ(turns_, (Turns{{id("a"), 9000}, {id("b"), 3000}})) << cut;
    }
  }
}

TEST_F(TurnClockTest, WhatIsNoAnswerOfTheMainChain) {
  append(path_, answer(1) + prompt("a", 10) + answer(15, R"("isSidechain":true,)") +
                    answer(16, "", "<synthetic>") + answer(4) + answer(12));
  read();
  EXPECT_EQ(turns_, (Turns{{id("a"), 2000}}));
}

TEST_F(TurnClockTest, MoreOfOnePromptDoesNotBeginAnew) {
  append(path_, prompt("a", 0, R"("promptId":"p",)") + answer(5) +
                    prompt("b", 7, R"("promptId":"p",)") + answer(9));
  read();
  EXPECT_EQ(turns_, (Turns{{id("p"), 9000}}));
}

TEST_F(TurnClockTest, ANoticeBeginsATurnOfItsOwn) {
  append(path_, prompt("a", 0) + answer(5) + prompt("n", 1000, R"("promptSource":"system",)") +
                    answer(1003));
  read();
  EXPECT_EQ(turns_, (Turns{{id("a"), 5000}, {id("n"), 3000}}));
}

TEST_F(TurnClockTest, AClientThatTimesItsTurnsIsLeftToItself) {
  append(path_, prompt("a", 0) + answer(5) + timed(6) + prompt("b", 10) + answer(12));
  read();
  EXPECT_EQ(told_, 0);
  EXPECT_TRUE(cursor_.turns_timed);
  append(path_, answer(14) + prompt("c", 20) + answer(22));
  read(true);
  EXPECT_EQ(told_, 0);
}

TEST_F(TurnClockTest, AFileThatStartsOverForgetsItsTurn) {
  append(path_, prompt("a", 0) + answer(5) + timed(6));
  read();
  test::replace(path_, answer(50) + prompt("b", 60) + answer(61));
  read();
  EXPECT_EQ(turns_, (Turns{{id("b"), 1000}}));
}

TEST_F(TurnClockTest, AStoredCursorMayHoldAnything) {
  append(path_, answer(5));
  for (const i64 began : {kUnknown, i64{-1}, std::numeric_limits<i64>::max(), i64{0}}) {
    cursor_ = {};
    cursor_.turn = 7;
    cursor_.turn_began_ms = began;
    TurnClock clock;
    TranscriptLine line;
    RequestSeen& answer = line.request.emplace();
    answer.session_id = "s";
    answer.at_ms = kTen_ms;
    int told = 0;
    const auto take = [&](const TranscriptLine&) { ++told; };
    clock.saw(line, cursor_, take);
    clock.tell(cursor_, take);
    EXPECT_EQ(told, 0) << began;
  }
}

TEST_F(TurnClockTest, CapturedPrintModeWritesNoTurns) {
  const struct {
    const char* session;
    const char* prompt;
    i64 ms;
  } rows[] = {
      {"47fcad65-0472-47f2-b4f0-46c8abdb7a60", "e9e1f6dc-e0e3-40c3-ade3-f28c425608bd", 61},
      {"7170b0de-b0c5-42a8-82a9-8675a0244fa0", "455055a5-df5e-447d-9bd7-08749c2642b8", 57},
      {"c9bec15a-c582-41d2-a016-dceacfb47ad5", "", 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.session);
    TranscriptLines lines;
    FileCursor cursor;
    LineTroubles troubles;
    Turns turns;
    const std::string path = std::string(SHMETER_TEST_DATA) +
                             "/claude-config/projects/-home-dev-proj/" + row.session + ".jsonl";
    ASSERT_TRUE(lines.read(path, "s", cursor, troubles, [&](const TranscriptLine& line) {
      for (const EventSeen& event : line.events)
        if (event.source == Source::derived) turns[std::string(event.id)] = event.value;
    }));
    EXPECT_EQ(turns, row.ms == 0 ? Turns{} : (Turns{{id(row.prompt), row.ms}}));
  }
}

}  // namespace
}  // namespace shmeter::collector
