// SPDX-License-Identifier: MIT
// A made-up history through the real shmeterd and the real `shmeter json`, against what the
// generator knows it wrote: every token and every nano-dollar. File times are shuffled, so the
// order of reading says nothing about the order of events.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <ctime>

#include "collector/bench/process.hpp"
#include "tests/bench/corpus.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/json_sum.hpp"

namespace shmeter::bench {
namespace {

constexpr i64 kEnd_s = 1'795'176'000;  // 2026-11-20 12:00 UTC: both sides of the price changes
constexpr i64 kDay_s = 86'400;

class Exactness : public ::testing::TestWithParam<u64> {
 protected:
  Exactness() : home_(memory_folder()) {
    CorpusOptions options;
    options.seed = GetParam();
    options.end_s = kEnd_s;
    options.shuffled_mtimes = true;
    truth_ = write_corpus(home_ / "claude", options);
    Daemon daemon(SHMETERD_PATH, home_.path(), home_ / "claude", Keep::disk);
    daemon.wait_until_complete(120);
    Command json;
    json.path = SHMETER_PATH;
    json.arguments = {"json"};
    json.environment = daemon.environment();
    std::string line;
    EXPECT_EQ(run(json, &line).status, 0);
    picture_ = parser_.parse(line);
  }

  TemporaryFolder home_;
  Truth truth_;
  simdjson::dom::parser parser_;
  simdjson::dom::element picture_;
};

TEST_P(Exactness, OfAllTotals) {
  EXPECT_EQ(std::string_view(picture_["state"]), "live");
  EXPECT_EQ(sum_of(picture_["totals"]["all"]), truth_.all);
  const i64 today = i64{picture_["generated_at"].get_int64()} / kDay_s;
  EXPECT_EQ(sum_of(picture_["totals"]["today"]), truth_.days[today]);
}

TEST_P(Exactness, OfEveryModel) {
  std::map<std::string, Sum> seen;
  for (const simdjson::dom::element model : picture_["models"]) {
    seen[std::string(std::string_view(model["model"]))] = sum_of(model);
  }
  EXPECT_EQ(seen, truth_.models);
}

TEST_P(Exactness, OfEverySession) {
  std::size_t compared = 0;
  for (const simdjson::dom::element session : picture_["sessions"]) {
    const std::string id{std::string_view(session["session_id"])};
    SCOPED_TRACE(id);
    const auto truth = truth_.sessions.find(id);
    const Sum want = truth == truth_.sessions.end() ? Sum{} : truth->second;
    if (truth != truth_.sessions.end()) ++compared;
    EXPECT_EQ(i64{session["requests"].get_int64()}, want.requests);
    EXPECT_EQ(i64{session["total_tokens"].get_int64()}, want.tokens());
    EXPECT_EQ(std::llround(double{session["counted_cost_usd"]} * 1e9), want.cost_nanousd);
  }
  EXPECT_EQ(compared, truth_.sessions.size());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Exactness, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace shmeter::bench
