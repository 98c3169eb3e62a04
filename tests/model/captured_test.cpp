// SPDX-License-Identifier: MIT
// Real transcripts: each session's sum explained against the sum its client wrote. (Ids repeat
// between these sessions, so each is read by a model of its own.)
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "collector/model/model.hpp"
#include "collector/source/otlp_json.hpp"
#include "collector/source/transcript_line.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
const fs::path kProject =
    fs::path(SHMETER_TEST_DATA) / "claude-config" / "projects" / "-home-dev-proj";
constexpr i64 kNow_ms = 1'795'296'000'000;

struct Captured {
  Model model{[] {
    Config config;
    config.timezone = "UTC";
    return config;
  }()};
  shm::u32 account = model.account("/home/dev/.claude");
  TranscriptLineParser parser;

  void read(const fs::path& path, const std::string& session) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      const std::size_t size = line.size();
      line.append(kLinePadding, '\0');
      const TranscriptLine& seen = parser.parse(std::string_view(line).substr(0, size), session);
      ASSERT_NE(seen.verdict, LineVerdict::damaged) << path << ": " << line;
      seen.for_each([&](const Observation& part) { model.apply(part, account, kNow_ms); });
    }
  }
  const shm::Picture& read_session(const std::string& id) {
    read(kProject / (id + ".jsonl"), id);
    if (fs::is_directory(kProject / id / "subagents")) {
      for (const auto& entry : fs::directory_iterator(kProject / id / "subagents")) {
        if (entry.path().extension() == ".jsonl") read(entry.path(), id);
      }
    }
    model.set_scan(1, 1, shm::Completeness::complete);
    return model.picture(kNow_ms);
  }
};

TEST(Captured, EverySessionAgainstItsCostState) {
  const struct {
    const char* session;
    i64 requests, counted, client, uncounted;
  } rows[] = {
      // Eight requests by the client's own sum, six in its transcripts: the two that are missing
      // made the session's title, and cost 0.038894 $ each.
      {"c9bec15a-c582-41d2-a016-dceacfb47ad5", 6, 233'884'000, 311'672'000, 2 * 38'894'000},
      {"0cdb7e1c-32a3-4825-83e5-3f7605dbe8c3", 5, 194'730'000, 272'518'000, 2 * 38'894'000},
      {"097a6729-8ea0-4fde-8e30-579cb3a42f13", 1, 38'894'000, 38'894'000, kUnknown},
      {"7170b0de-b0c5-42a8-82a9-8675a0244fa0", 1, 38'894'000, 38'894'000, kUnknown},
      {"47fcad65-0472-47f2-b4f0-46c8abdb7a60", 1, 38'894'000, 38'894'000, kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.session);
    Captured captured;
    const shm::Picture& picture = captured.read_session(row.session);
    ASSERT_EQ(picture.sessions.size(), 1u);
    const shm::Session& session = *picture.sessions[0];
    EXPECT_EQ(session.session_id.view(), row.session);
    EXPECT_EQ(session.usage.requests, row.requests);
    EXPECT_EQ(session.usage.cost_nanousd, row.counted);
    EXPECT_EQ(session.cost_nanousd, row.client);
    EXPECT_EQ(session.uncounted_cost_nanousd, row.uncounted);
    EXPECT_EQ(picture.summary.all, session.usage);
    EXPECT_EQ(picture.summary.today, session.usage);
    ASSERT_EQ(picture.models.size(), 1u);
    EXPECT_EQ(picture.models[0].model.view(), "claude-sonnet-5-5");
    EXPECT_EQ(picture.models[0].usage, session.usage);
    EXPECT_EQ(session.cwd.view(), "/home/dev/proj");
    EXPECT_EQ(session.version.view(), "2.1.330");
    EXPECT_EQ(session.context_used_tokens, 23'012);
  }
}

/// What a client exported while these sessions ran, each body twice as one sends it that heard no
/// answer.
void export_telemetry(Captured& captured) {
  MetricSums sums;
  const auto take = [&](const Observation& seen) {
    captured.model.apply(seen, captured.account, kNow_ms);
  };
  for (int i = 0; i < 28; ++i) {
    const std::string path = SHMETER_TEST_DATA "/otlp/" + std::to_string(i / 2);
    if (fs::exists(path + "-logs.json")) {
      ASSERT_TRUE(parse_otlp_logs(test::contents(path + "-logs.json"), kNow_ms, take));
    }
    if (fs::exists(path + "-metrics.json")) {
      ASSERT_TRUE(parse_otlp_metrics(test::contents(path + "-metrics.json"), kNow_ms, sums, take));
    }
  }
}

// All eight requests, and what the client says they cost: whether telemetry comes alone, before the
// transcripts or after them.
TEST(Captured, TelemetryAndTranscriptsAreOneSession) {
  const std::string id = "c9bec15a-c582-41d2-a016-dceacfb47ad5";
  shm::Usage by_telemetry;
  for (const char* const order :
       {"telemetry", "telemetry, transcripts", "transcripts, telemetry"}) {
    SCOPED_TRACE(order);
    const std::string_view words = order;
    Captured captured;
    if (words.starts_with("transcripts")) captured.read_session(id);
    export_telemetry(captured);
    if (words.ends_with("transcripts")) captured.read_session(id);
    captured.model.set_scan(1, 1, shm::Completeness::complete);
    const shm::Picture& picture = captured.model.picture(kNow_ms);
    const auto found = std::find_if(picture.sessions.begin(), picture.sessions.end(),
                                    [&](const auto& one) { return one->session_id.view() == id; });
    ASSERT_NE(found, picture.sessions.end());
    const shm::Session& session = **found;
    EXPECT_EQ(session.usage.requests, 8);
    EXPECT_EQ(session.usage.cost_nanousd, 311'672'000);
    EXPECT_EQ(session.cost_nanousd, 311'672'000);
    EXPECT_FALSE(shm::known(session.uncounted_cost_nanousd));
    if (words == "telemetry") by_telemetry = session.usage;
    EXPECT_EQ(session.usage, by_telemetry);
    Captured alone;
    const shm::Picture& transcripts = alone.read_session(id);
    // Telemetry alone cannot tell a notification from a prompt.
    EXPECT_EQ(session.messages, transcripts.sessions[0]->messages + (words == "telemetry" ? 1 : 0));
    EXPECT_EQ(session.tool_calls, transcripts.sessions[0]->tool_calls);
  }
}

TEST(Captured, TheLimitHitFillsTheWindow) {
  Captured captured;
  captured.read_session("c9bec15a-c582-41d2-a016-dceacfb47ad5");
  const shm::Window window = captured.model.picture(kNow_ms).accounts[0].five_hour;
  EXPECT_EQ(window.used_ppm, 1'000'000);
  EXPECT_EQ(window.resets_at_s, 1'795'302'457);
  EXPECT_EQ(window.source, static_cast<i64>(shm::QuotaSource::limit_line));
  EXPECT_FALSE(
      shm::known(captured.model.picture(1'795'302'457'000).accounts[0].five_hour.used_ppm));
}

}  // namespace
}  // namespace shmeter::collector
