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
    pointers.clear();
    for (const shm::Session& session : sessions) pointers.push_back(&session);
    picture.accounts = accounts;
    picture.models = models;
    picture.sessions = pointers;
    return metrics_text({picture,
                         kNow_s,
                         {.cpu_s = 1.5,
                          .started_at_s = 1000,
                          .loop_cpu_s = 1.25,
                          .resident_bytes = 4096,
                          .private_bytes = 2048,
                          .open_fds = 7},
                         collector},
                        said, form);
  }

  CollectorFigures collector;
  HighWater said;
  MetricsForm form = MetricsForm::prometheus;
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
        "shmeter_cost_usd{model=\"claude-sonnet-5-5\"} 1.5",
        "shmeter_quota_used_ratio{account=\"work\",window=\"five_hour\"} 0.425",
        "shmeter_quota_reset_timestamp_seconds{account=\"work\",window=\"five_hour\"} 1795300060",
        "shmeter_week_cost_usd{account=\"work\"} 2.25", "shmeter_sessions{status=\"busy\"} 2",
        "shmeter_sessions{status=\"idle\"} 1", "shmeter_sessions{status=\"waiting\"} 0",
        "process_cpu_seconds_total 1.5", "process_resident_memory_bytes 4096", "process_open_fds 7",
        "shmeter_private_memory_bytes 2048", "shmeter_loop_cpu_seconds_total 1.25"})
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
  for (const char* const name : {"a\"b", "a\\", "a\nb 1", "a{}", "\x01", "\xff\xfe"}) {
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
  EXPECT_EQ(samples, 6);
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
      const std::string of = first.substr(0, first.find('{'));
      const bool of_several =
          of == family + "_sum" || of == family + "_count" || of == family + "_bucket";
      EXPECT_TRUE(of == family || of_several) << of << " behind " << family;
    }
  }
  EXPECT_GT(families.size(), 20u);
}

TEST(MetricsText, OfEachAccountWhatItsSessionsUsed) {
  Sample sample;
  for (const char* const name : {"work", "home"}) sample.accounts.emplace_back().name.assign(name);
  for (const shm::i64 account : {0, 1, 0}) {
    shm::Session& session = sample.sessions.emplace_back();
    session.account = account;
    session.usage = {2, 10, 20, 30, 40, 50, 500'000'000, 0};
  }
  sample.sessions.emplace_back().usage = shm::no_usage();  // of no account
  EXPECT_EQ(sample.text().find("shmeter_account_requests{"), std::string::npos)
      << "not before all is read";
  sample.picture.summary.completeness = static_cast<shm::i64>(shm::Completeness::complete);
  const auto said = lines(sample.text());
  for (const char* const line : {"shmeter_account_requests{account=\"work\"} 4",
                                 "shmeter_account_requests{account=\"home\"} 2",
                                 "shmeter_account_tokens{account=\"work\",kind=\"cache_read\"} 100",
                                 "shmeter_account_cost_usd{account=\"work\"} 1"})
    EXPECT_TRUE(said.contains(line)) << line;
}

TEST(MetricsText, OfTheCollectorItself) {
  Sample sample;
  sample.collector.taken.events[static_cast<std::size_t>(Source::posted)]
                               [static_cast<std::size_t>(EventKind::tool_call)] = 5;
  sample.collector.taken.repeated = 3;
  sample.collector.taken.observations[Observation(HookSeen{}).index()] = 4;
  sample.collector.publications = 2;
  sample.collector.publication_lag_s = 0.5;
  sample.collector.store_queue = 1;
  sample.collector.loop_turns = 9;
  sample.collector.http_answers[4] = 6;
  const auto said = lines(sample.text());
  for (const char* const line :
       {"shmeter_events_total{source=\"posted\",kind=\"tool_call\"} 5",
        "shmeter_repeated_events_total 3", "shmeter_observations_total{kind=\"hook\"} 4",
        "# TYPE shmeter_publication_lag_seconds summary", "shmeter_publication_lag_seconds_sum 0.5",
        "shmeter_publication_lag_seconds_count 2", "shmeter_store_queue_batches 1",
        "shmeter_loop_turns_total 9", "shmeter_http_requests_total{code=\"4xx\"} 6",
        "shmeter_http_requests_total{code=\"5xx\"} 0"})
    EXPECT_TRUE(said.contains(line)) << line;
  EXPECT_EQ(sample.text().find("\nshmeter_store_queue_bytes "), std::string::npos) << "no store";
}

TEST(MetricsText, HowRequestsWentIsAHistogram) {
  Sample sample;
  sample.collector.taken.calls.add_time(250);
  sample.collector.taken.calls.add_time(251);
  sample.collector.taken.calls.add_time(200'000);
  sample.collector.taken.calls.add_failure("a\"b");
  const std::string text = sample.text();
  for (const char* const line : {"# TYPE shmeter_request_duration_seconds histogram\n",
                                 "shmeter_request_duration_seconds_bucket{le=\"0.25\"} 1\n",
                                 "shmeter_request_duration_seconds_bucket{le=\"0.5\"} 2\n",
                                 "shmeter_request_duration_seconds_bucket{le=\"160\"} 2\n",
                                 "shmeter_request_duration_seconds_bucket{le=\"+Inf\"} 3\n",
                                 "shmeter_request_duration_seconds_sum 200.501\n",
                                 "shmeter_request_duration_seconds_count 3\n",
                                 "shmeter_endpoint_failed_requests_total{endpoint=\"a\\\"b\"} 1\n"})
    EXPECT_NE(text.find(line), text.npos) << line;
}

TEST(MetricsText, ACounterNeverFalls) {
  Sample sample;
  sample.models.emplace_back().model.assign("m");
  const auto says = [&](shm::i64 requests) {
    sample.models.back().usage = {requests, 1, 1, 1, 1, 1, requests * 1'000'000'000, 1};
    return lines(sample.text());
  };
  EXPECT_TRUE(says(7).contains("shmeter_requests_total{model=\"m\"} 7"));
  const auto fallen = says(5);
  EXPECT_TRUE(fallen.contains("shmeter_requests_total{model=\"m\"} 7"));
  EXPECT_TRUE(fallen.contains("shmeter_cost_usd{model=\"m\"} 5")) << "a gauge may";
  EXPECT_TRUE(says(8).contains("shmeter_requests_total{model=\"m\"} 8"));
}

TEST(MetricsText, NoSeriesIsSaidTwice) {
  Sample sample;
  for (int i = 0; i < 2; ++i) {
    sample.accounts.emplace_back().name.assign("same");
    sample.accounts.back().weekly_used_nanousd = 1'000'000'000 * (i + 1);
  }
  const std::string text = sample.text();
  const std::string series = "shmeter_week_cost_usd{account=\"same\"} ";
  EXPECT_EQ(text.find(series), text.rfind(series));
  EXPECT_NE(text.find(series + "1\n"), std::string::npos);
}

TEST(MetricsText, OpenMetricsSaysTheSame) {
  Sample sample;
  sample.models.emplace_back().model.assign("m");
  sample.models.back().usage = {1, 1, 1, 1, 1, 1, 1, 1};
  const auto plain = lines(sample.text());
  sample.form = MetricsForm::openmetrics;
  const std::string text = sample.text();
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  const auto open = lines(text);
  EXPECT_TRUE(open.contains("# TYPE shmeter_tokens counter"));
  EXPECT_TRUE(open.contains("# TYPE shmeter_build info"));
  EXPECT_TRUE(plain.contains("# TYPE shmeter_build_info gauge"));
  std::set<std::string> samples[2];
  for (const std::string& line : plain)
    if (!line.starts_with("#")) samples[0].insert(line);
  for (const std::string& line : open)
    if (!line.starts_with("#")) samples[1].insert(line);
  EXPECT_EQ(samples[0], samples[1]);
}

TEST(MetricsForm, AsTheClientAccepts) {
  const struct {
    std::string_view accept;
    MetricsForm want;
  } rows[] = {
      {"", MetricsForm::prometheus},
      {"*/*", MetricsForm::prometheus},
      {"text/plain;version=0.0.4;q=0.5,*/*;q=0.1", MetricsForm::prometheus},
      {"application/openmetrics-text", MetricsForm::openmetrics},
      {"application/openmetrics-text;version=1.0.0,text/plain;q=0.5", MetricsForm::openmetrics},
      {"application/openmetrics-text; q=0, text/plain; q=0.5", MetricsForm::prometheus},
      {"text/plain;q=0.5,application/openmetrics-text;version=1.0.0;q=0.75",
       MetricsForm::openmetrics},
  };
  for (const auto& row : rows) EXPECT_EQ(metrics_form(row.accept), row.want) << row.accept;
}

TEST(MetricsText, OfThisProcess) {
  const ProcessFigures now = process_figures();
  EXPECT_GT(now.cpu_s, 0);
  EXPECT_GT(now.resident_bytes, 100'000);
  EXPECT_GT(now.private_bytes, 100'000);
  EXPECT_LT(now.private_bytes, now.resident_bytes);
  EXPECT_GT(now.loop_cpu_s, 0);
  EXPECT_GE(now.open_fds, 3);
  EXPECT_LE(now.started_at_s, static_cast<double>(std::time(nullptr)));
}

}  // namespace
}  // namespace shmeter::collector
