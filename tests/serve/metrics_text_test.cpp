// SPDX-License-Identifier: MIT
// The text form of Prometheus: what a picture gives, and that nothing in a name breaks it.
#include "collector/serve/metrics_text.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace shmeter::collector {
namespace {

constexpr shm::i64 kNow_s = 1'795'300'000;

/// A picture that owns what it names.
struct Sample {
  std::vector<shm::Account> accounts;
  std::vector<shm::Model> models;
  std::vector<shm::Session> sessions;
  std::vector<const shm::Session*> pointers;
  shm::Picture picture;

  std::string text() {
    for (const shm::Session& session : sessions) pointers.push_back(&session);
    picture.accounts = accounts;
    picture.models = models;
    picture.sessions = pointers;
    return metrics_text(
        picture, kNow_s,
        {.cpu_s = 1.5, .started_at_s = 1000, .resident_bytes = 4096, .open_fds = 7});
  }
};

std::set<std::string> lines(const std::string& text) {
  std::set<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) all.insert(line);
  return all;
}

TEST(MetricsText, SaysWhatThePictureSays) {
  Sample sample;
  shm::Model& model = sample.models.emplace_back();
  model.model.assign("claude-sonnet-5-5");
  model.usage = {3, 10, 20, 30, 40, 50, 1'500'000'000, 0};
  shm::Account& account = sample.accounts.emplace_back();
  account.name.assign("work");
  account.five_hour = {425'000, kNow_s + 60, kNow_s - 5, 1};
  account.seven_day = {100'000, kNow_s - 1, kNow_s - 9, 1};
  account.weekly_used_nanousd = 2'250'000'000;
  for (const auto status :
       {shm::SessionStatus::busy, shm::SessionStatus::busy, shm::SessionStatus::idle})
    sample.sessions.emplace_back().status = static_cast<shm::i64>(status);
  const auto said = lines(sample.text());
  for (const char* const line :
       {"# TYPE shmeter_tokens_total counter", "# TYPE shmeter_quota_used_ratio gauge",
        "shmeter_requests_total{model=\"claude-sonnet-5-5\"} 3",
        "shmeter_tokens_total{model=\"claude-sonnet-5-5\",kind=\"cache_creation_1h\"} 40",
        "shmeter_cost_usd_total{model=\"claude-sonnet-5-5\"} 1.5",
        "shmeter_quota_used_ratio{account=\"work\",window=\"five_hour\"} 0.425",
        "shmeter_quota_reset_timestamp_seconds{account=\"work\",window=\"five_hour\"} 1795300060",
        "shmeter_week_cost_usd{account=\"work\"} 2.25", "shmeter_sessions{status=\"busy\"} 2",
        "shmeter_sessions{status=\"idle\"} 1", "shmeter_sessions{status=\"waiting\"} 0",
        "process_cpu_seconds_total 1.5", "process_resident_memory_bytes 4096",
        "process_open_fds 7"})
    EXPECT_TRUE(said.contains(line)) << line;
}

TEST(MetricsText, UnknownHasNoSample) {
  Sample sample;
  sample.accounts.emplace_back().name.assign("work");
  sample.accounts.back().seven_day = {100'000, kNow_s, kNow_s - 9, 1};
  const std::string text = sample.text();
  EXPECT_EQ(text.find("shmeter_quota_used_ratio{"), std::string::npos) << "over, or never said";
  EXPECT_EQ(text.find("shmeter_week_budget_usd{"), std::string::npos);
  EXPECT_EQ(text.find("-9223372036854775808"), std::string::npos);
}

TEST(MetricsText, NamesFromOutsideBreakNothing) {
  Sample sample;
  for (const char* const name : {"a\"b", "a\\", "a\nb 1", "a{}", "\x01"}) {
    sample.accounts.emplace_back().name.assign(name);
    sample.accounts.back().weekly_used_nanousd = 1;
  }
  const std::regex allowed(
      R"re((# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [-+.e0-9]+))re");
  int samples = 0;
  for (const std::string& line : lines(sample.text())) {
    EXPECT_TRUE(std::regex_match(line, allowed)) << line;
    samples += line.starts_with("shmeter_week_cost_usd{") ? 1 : 0;
  }
  EXPECT_EQ(samples, 5);
}

TEST(MetricsText, EachFamilyIsSaidOnceWithAllItsSamples) {
  Sample sample;
  for (const char* const name : {"a", "b"}) {
    sample.models.emplace_back().model.assign(name);
    sample.models.back().usage = {1, 1, 1, 1, 1, 1, 1, 1};
  }
  std::set<std::string> families;
  std::string family;
  std::istringstream in(sample.text());
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string first, second, name;
    words >> first >> second >> name;
    if (second == "HELP") {
      family = name;
      EXPECT_TRUE(families.insert(name).second) << name;
    } else if (first != "#") {
      EXPECT_EQ(first.substr(0, first.find('{')), family);
    }
  }
  EXPECT_GT(families.size(), 20u);
}

TEST(MetricsText, OfThisProcess) {
  const ProcessFigures now = process_figures();
  EXPECT_GT(now.cpu_s, 0);
  EXPECT_GT(now.resident_bytes, 100'000);
  EXPECT_GE(now.open_fds, 3);
  EXPECT_LE(now.started_at_s, static_cast<double>(std::time(nullptr)));
}

}  // namespace
}  // namespace shmeter::collector
