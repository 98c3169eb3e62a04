// SPDX-License-Identifier: MIT
// From files to the picture inside one process: whatever order the files are read in, the picture
// is the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "collector/model/model.hpp"
#include "collector/source/transcripts.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
using test::append;

constexpr i64 kNow_ms = 1'795'300'000'000;  // 2026-11-21T22:26:40Z

struct Line {
  std::string session, message, request, uuid, at;
  int output = 0;
  bool side_chain = false;

  std::string text() const {
    return R"({"type":"assistant","isSidechain":)" + std::string(side_chain ? "true" : "false") +
           R"(,"timestamp":")" + at + R"(","sessionId":")" + session + R"(","uuid":")" + uuid +
           '"' + (request.empty() ? "" : R"(,"requestId":")" + request + '"') + R"(,"message":{)" +
           (message.empty() ? "" : R"("id":")" + message + R"(",)") +
           R"("model":"claude-sonnet-5-5","usage":{"input_tokens":100,"output_tokens":)" +
           std::to_string(output) + "}}}\n";
  }
};

// What is compared: the numbers a person sees.
struct Outcome {
  shm::Usage all, today, week, month;
  std::vector<shm::Model> models;
  std::vector<std::pair<std::string, shm::Usage>> sessions;
  bool operator==(const Outcome&) const = default;
};

Outcome read_all(const std::string& config_dir) {
  Loop loop;
  Config config;
  config.timezone = "UTC";
  Model model(config);
  const auto account = model.account(config_dir);
  {
    Transcripts source(
        loop, {{config_dir, config_dir + "/projects"}},
        Transcripts::Sink{
            .observed = [&](std::size_t,
                            const Observation& seen) { model.apply(seen, account, kNow_ms); },
            .turn_begins = [] {},
            .turn_ends = [] {},
            .say = [](const std::string& text) { ADD_FAILURE() << text; }});
    source.start();
    while (source.status().completeness != shm::Completeness::complete) {
      loop.turn();
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    model.set_scan(source.status().files_read, source.status().files_known,
                   source.status().completeness);
  }
  const shm::Picture& picture = model.picture(kNow_ms);
  Outcome outcome{picture.summary.all,
                  picture.summary.today,
                  picture.summary.week,
                  picture.summary.month,
                  {picture.models.begin(), picture.models.end()},
                  {}};
  for (const shm::Session* session : picture.sessions)
    outcome.sessions.emplace_back(session->session_id.view(), session->usage);
  std::sort(outcome.sessions.begin(), outcome.sessions.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return outcome;
}

TEST(Pipeline, AnyOrderOfFilesGivesTheSamePicture) {
  const test::TempDir dir;
  const std::vector<std::pair<std::string, std::vector<Line>>> files = {
      // The response grows over midnight; its last line, with the most tokens, dates it.
      {"-p/first.jsonl",
       {{"first", "msg_1", "req_1", "a", "2026-11-20T23:59:59Z", 1},
        {"first", "msg_1", "req_1", "b", "2026-11-21T00:00:01Z", 500},
        {"first", "msg_2", "", "c", "2026-11-21T10:00:00Z", 20}}},
      // Forked: a copy of the first, then its own.
      {"-p/forked.jsonl",
       {{"first", "msg_1", "req_1", "a", "2026-11-20T23:59:59Z", 1},
        {"first", "msg_1", "req_1", "b", "2026-11-21T00:00:01Z", 500},
        {"forked", "msg_2", "req_2", "d", "2026-11-21T10:00:00Z", 20},
        {"forked", "msg_3", "req_3", "e", "2026-11-21T11:00:00Z", 30}}},
      // A sub-agent that replays a message of the main chain under another request.
      {"-p/first/subagents/agent-1.jsonl",
       {{"first", "msg_1", "req_9", "f", "2026-11-21T00:00:05Z", 9000, true},
        {"first", "msg_4", "req_4", "g", "2026-11-21T12:00:00Z", 40, true}}},
      // Streaming copies with placeholders, and a line without a message id.
      {"-q/other.jsonl",
       {{"other", "msg_5", "req_5", "h", "2026-11-21T13:00:00Z", 3},
        {"other", "msg_5", "req_5", "i", "2026-11-21T13:00:01Z", 3},
        {"other", "msg_5", "req_5", "j", "2026-11-21T13:00:02Z", 700},
        {"other", "", "", "k", "2026-11-21T14:00:00Z", 6}}},
  };
  std::vector<std::size_t> order(files.size());
  std::iota(order.begin(), order.end(), 0u);
  std::optional<Outcome> first;
  do {
    const std::string config = dir.path("c" + std::to_string(order[0]) + std::to_string(order[1]) +
                                        std::to_string(order[2]));
    const auto newest = fs::file_time_type::clock::now();
    for (std::size_t i = 0; i < files.size(); ++i) {
      const std::string path = config + "/projects/" + files[i].first;
      for (const Line& line : files[i].second) append(path, line.text());
      fs::last_write_time(path, newest - std::chrono::minutes(order[i]));
    }
    const Outcome outcome = read_all(config);
    if (!first) first = outcome;
    EXPECT_EQ(outcome, *first);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_EQ(first->all.requests, 6);
  EXPECT_EQ(first->all.output_tokens, 500 + 20 + 30 + 40 + 700 + 6);
  EXPECT_EQ(first->today.requests, 6);
  EXPECT_EQ(first->sessions.size(), 3u);
}

}  // namespace
}  // namespace shmeter::collector
