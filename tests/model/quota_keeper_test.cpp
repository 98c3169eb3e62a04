// SPDX-License-Identifier: MIT
// Windows over time: what sessions report, when they had a response, and what is shown.
#include "collector/model/quota_keeper.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace shmeter::collector {
namespace {

constexpr i64 kStart_s = 1'795'295'000;
constexpr i64 kReset_s = kStart_s + 100'000;

/// At a second after the start; share < 0 = only look. `response` = second of the reporting
/// session's newest response, negative = it had none.
struct Step {
  i64 at;
  i64 share;
  i64 response;
  i64 shown;  // -1 = unknown
  i64 reset = 0;
};

void run(const char* what, const std::vector<Step>& steps) {
  SCOPED_TRACE(what);
  QuotaKeeper keeper;
  for (const Step& step : steps) {
    SCOPED_TRACE(step.at);
    const i64 now_ms = (kStart_s + step.at) * 1000;
    const i64 response_ms = step.response < 0 ? kUnknown : (kStart_s + step.response) * 1000;
    if (step.share >= 0) {
      keeper.see({step.share * 10'000, kReset_s + step.reset, kStart_s + step.at, 1}, response_ms,
                 now_ms);
    } else {
      keeper.settle(now_ms);
    }
    const shm::Window shown = keeper.current(now_ms);
    EXPECT_EQ(shm::known(shown.used_ppm) ? shown.used_ppm / 10'000 : -1, step.shown);
  }
}

TEST(QuotaKeeper, Table) {
  run("grows", {{0, 40, -1, 40}, {10, 41, 9, 41}, {20, 40, -1, 41}});
  run("an idle session repeats an old value for hours",
      {{0, 77, 0, 77}, {60, 50, -1, 77}, {400, 50, -1, 77}, {9000, 50, -1, 77}});
  run("so does one whose response is older than the value",
      {{100, 77, 99, 77}, {160, 50, 90, 77}, {9000, 50, 90, 77}});
  run("a smaller one after a response stands five minutes",
      {{0, 77, 0, 77}, {60, 50, 59, 77}, {359, -1, 0, 77}, {360, -1, 0, 50}});
  run("the old value, repeated, neither stops nor undoes it", {{0, 77, 0, 77},
                                                               {60, 50, 59, 77},
                                                               {200, 77, 0, 77},
                                                               {360, -1, 0, 50},
                                                               {370, 77, 0, 50},
                                                               {380, 77, -1, 50}});
  run("but a response that says the larger one stops it",
      {{0, 77, 0, 77}, {60, 50, 59, 77}, {200, 77, 199, 77}, {400, -1, 0, 77}});
  run("a response that says more than before as well",
      {{0, 77, 0, 77}, {60, 50, 59, 77}, {200, 78, 199, 78}, {400, -1, 0, 78}});
  run("use goes on while it waits",
      {{0, 77, 0, 77}, {60, 50, 59, 77}, {200, 51, 199, 77}, {360, -1, 0, 51}, {400, 52, 399, 52}});
  run("a still smaller one waits its own five minutes",
      {{0, 77, 0, 77}, {60, 50, 59, 77}, {200, 10, 199, 77}, {360, -1, 0, 77}, {500, -1, 0, 10}});
  run("after a correction a response may raise it again",
      {{0, 77, 0, 77}, {60, 50, 59, 77}, {360, -1, 0, 50}, {400, 80, 399, 80}});
  run("a newer window takes over at once",
      {{0, 77, 0, 77}, {60, 50, 59, 77}, {100, 2, -1, 2, 61}, {500, -1, 0, 2}, {510, 77, 400, 2}});
  run("past its reset nothing is known",
      {{0, 77, 0, 77}, {100'000, -1, 0, -1}, {100'010, 77, -1, -1}, {100'020, 1, -1, 1, 18'000}});
  run("a clock that is set back makes it wait longer, not for ever", {{1000, 77, 1000, 77},
                                                                      {1060, 50, 1059, 77},
                                                                      {100, -1, 0, 77},
                                                                      {399, -1, 0, 77},
                                                                      {400, -1, 0, 50}});
  run("reports without a window say nothing", {{0, 50, 0, -1, -2 * kReset_s}, {10, -1, 0, -1}});
}

TEST(QuotaKeeper, SaysWhenItChangesByItself) {
  QuotaKeeper keeper;
  const i64 now_ms = kStart_s * 1000;
  EXPECT_EQ(keeper.deadline_ms(now_ms), kUnknown);
  keeper.see({770'000, kReset_s, kStart_s, 1}, kUnknown, now_ms);
  EXPECT_EQ(keeper.deadline_ms(now_ms), kReset_s * 1000);
  keeper.see({500'000, kReset_s, kStart_s, 1}, now_ms + 1000, now_ms + 1000);
  EXPECT_EQ(keeper.deadline_ms(now_ms), now_ms + 1000 + QuotaKeeper::kStands_ms);
  EXPECT_EQ(keeper.deadline_ms(kReset_s * 1000), kUnknown);
}

}  // namespace
}  // namespace shmeter::collector
