// SPDX-License-Identifier: MIT
// All sources together, from what a real client wrote: whoever tells first, and however often, the
// picture is one.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <optional>
#include <random>

#include "collector/source/cli_json.hpp"
#include "collector/source/hook_json.hpp"
#include "collector/source/observation_batch.hpp"
#include "collector/source/statusline.hpp"
#include "collector/source/transcript_line.hpp"
#include "tests/model/observed.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;
const fs::path kData = SHMETER_TEST_DATA;
const fs::path kProject = kData / "claude-config" / "projects" / "-home-dev-proj";
constexpr i64 kStart_ms = 1'795'295'239'000;
constexpr i64 kNow_ms = 1'795'296'000'000;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// One thing that one source tells, and when.
using Told = std::function<void(Model&, u32 account)>;

struct Sources {
  std::vector<Told> told;

  void transcript(const fs::path& path, const std::string& session) {
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    for (std::string line; std::getline(file, line);) {
      told.push_back([line, session](Model& model, u32 account) {
        TranscriptLineParser parser;
        std::string padded = line;
        padded.append(kLinePadding, '\0');
        parser.parse(std::string_view(padded).substr(0, line.size()), session)
            .for_each([&](const Observation& seen) { model.apply(seen, account, kNow_ms); });
      });
    }
  }
  void cli(const fs::path& path, i64 at_ms) {
    told.push_back([bytes = read(path), at_ms](Model& model, u32 account) {
      ASSERT_TRUE(parse_cli_json(
          bytes, at_ms, [&](const Observation& seen) { model.apply(seen, account, kNow_ms); }));
    });
  }
  void stream(const fs::path& path, i64 at_ms) {
    told.push_back([bytes = read(path), at_ms](Model& model, u32 account) {
      StreamJson lines([&](const Observation& seen) { model.apply(seen, account, kNow_ms); });
      lines.feed(bytes, at_ms);
      lines.finish(at_ms);
      ASSERT_EQ(lines.status().damaged, 0) << lines.status().trouble;
    });
  }
  /// All hooks of that client and session, a second apart.
  void hooks(std::string_view session) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(kData / "hooks")) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    i64 at_ms = kStart_ms;
    for (const fs::path& path : paths) {
      const std::string bytes = read(path);
      if (bytes.find(session) == std::string::npos) continue;
      at_ms += kSecond_ms;
      told.push_back([bytes, at_ms](Model& model, u32 account) {
        ASSERT_TRUE(parse_hook(
            bytes, at_ms, [&](const Observation& seen) { model.apply(seen, account, kNow_ms); }));
      });
    }
  }
  void status_line(const fs::path& path, i64 at_ms, std::string session = "") {
    std::string bytes = read(path);
    told.push_back([bytes, at_ms, session](Model& model, u32 account) {
      StatusLineParser parser;
      auto seen = parser.parse(bytes, at_ms);
      ASSERT_TRUE(seen);
      if (!session.empty()) seen->session.session_id.assign(session);
      model.apply(*seen, account, kNow_ms);
    });
  }
};

Copy tell(const std::vector<Told>& told, const std::vector<std::size_t>& order) {
  Model model(utc());
  const u32 account = model.account("/home/dev/.claude");
  for (const std::size_t at : order) told[at](model, account);
  model.set_scan(1, 1, shm::Completeness::complete);
  return copy(model.picture(kNow_ms));
}

/// In any order, and some of it twice; gives the one picture.
Copy tell_in_any_order(const std::vector<Told>& told) {
  std::mt19937 random(7);
  std::vector<std::size_t> order(told.size());
  std::iota(order.begin(), order.end(), 0u);
  const Copy want = tell(told, order);
  for (int round = 0; round < 150; ++round) {
    std::vector<std::size_t> shuffled = order;
    for (int twice = 0; twice < 5; ++twice) shuffled.push_back(order[random() % order.size()]);
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    const Copy got = tell(told, shuffled);
    EXPECT_EQ(got.sessions.size(), want.sessions.size());
#define SHMETER_SAME(type, name, unit, help) \
  EXPECT_TRUE(got.sessions[0].name == want.sessions[0].name) << #name;
    SHMETER_SESSION_FIELDS(SHMETER_SAME)
#undef SHMETER_SAME
    EXPECT_TRUE(got == want) << ::testing::PrintToString(shuffled);
    if (::testing::Test::HasFailure()) break;
  }
  return want;
}

TEST(ModelSources, AHeadlessRunIsOneRequestWhoeverTells) {
  const std::string session = "47fcad65-0472-47f2-b4f0-46c8abdb7a60";
  Sources sources;
  sources.transcript(kProject / (session + ".jsonl"), session);
  sources.cli(kData / "cli" / "result.json", kStart_ms + 90 * kSecond_ms);
  sources.hooks(session);
  sources.status_line(kData / "statusline" / "2.1.330-4.json", kStart_ms + 99 * kSecond_ms,
                      session);
  const Copy picture = tell_in_any_order(sources.told);
  ASSERT_EQ(picture.sessions.size(), 1u);
  EXPECT_EQ(picture.summary.all.requests, 1);
  EXPECT_EQ(picture.summary.all.cost_nanousd, 38'894'000);
  EXPECT_EQ(picture.summary.all, picture.sessions[0].usage);
  EXPECT_EQ(picture.sessions[0].messages, 1);
  EXPECT_EQ(picture.sessions[0].tool_calls, 0);
  EXPECT_EQ(picture.sessions[0].compute_ms, 113) << "no turn was timed: what the result says";
}

TEST(ModelSources, AStreamedRunToo) {
  const std::string session = "7170b0de-b0c5-42a8-82a9-8675a0244fa0";
  Sources sources;
  sources.transcript(kProject / (session + ".jsonl"), session);
  sources.stream(kData / "cli" / "stream.jsonl", kStart_ms + 90 * kSecond_ms);
  sources.hooks(session);
  const Copy picture = tell_in_any_order(sources.told);
  EXPECT_EQ(picture.summary.all.requests, 1);
  EXPECT_EQ(picture.summary.all.cost_nanousd, 38'894'000);
  EXPECT_EQ(picture.sessions[0].messages, 1);
  EXPECT_EQ(picture.accounts[0].seven_day.used_ppm, 770'000);
  EXPECT_EQ(picture.accounts[0].seven_day.source, static_cast<i64>(shm::QuotaSource::stream));
}

TEST(ModelSources, AWholeSessionToTheCent) {
  const std::string session = "c9bec15a-c582-41d2-a016-dceacfb47ad5";
  Sources sources;
  sources.transcript(kProject / (session + ".jsonl"), session);
  for (const auto& entry : fs::directory_iterator(kProject / session / "subagents")) {
    if (entry.path().extension() == ".jsonl") sources.transcript(entry.path(), session);
  }
  sources.hooks(session);
  const Copy picture = tell_in_any_order(sources.told);
  ASSERT_EQ(picture.sessions.size(), 1u);
  const shm::Session& record = picture.sessions[0];
  EXPECT_EQ(record.usage.requests, 6);
  EXPECT_EQ(record.usage.cost_nanousd, 233'884'000);
  EXPECT_EQ(record.cost_nanousd, 311'672'000);
  EXPECT_EQ(record.uncounted_cost_nanousd, 2 * 38'894'000) << "two that made the session's title";
  EXPECT_EQ(record.messages, 3) << "a background task's notice is no prompt, though a hook fires";
  EXPECT_EQ(record.compute_ms, 197 + 160 + 253);
  EXPECT_EQ(record.tool_calls, 2) << "as the hooks say too";
  EXPECT_EQ(record.api_ms, 224);
  EXPECT_EQ(picture.summary.all, record.usage);
}

TEST(ModelSources, TheStatusLineSaysTheClientsSumAndMovesNoTotal) {
  const std::string session = "c9bec15a-c582-41d2-a016-dceacfb47ad5";
  Sources sources;
  sources.transcript(kProject / (session + ".jsonl"), session);
  for (int i = 0; i < 5; ++i)
    sources.status_line(kData / "statusline" / ("2.1.330-" + std::to_string(i) + ".json"),
                        kStart_ms + i * kMinute_ms);
  std::vector<std::size_t> order(sources.told.size());
  std::iota(order.begin(), order.end(), 0u);
  const Copy before =
      tell({sources.told.begin(), sources.told.end() - 5}, {order.begin(), order.end() - 5});
  const Copy after = tell(sources.told, order);
  EXPECT_EQ(after.summary.all, before.summary.all);
  EXPECT_EQ(after.sessions[0].usage, before.sessions[0].usage);
  EXPECT_EQ(after.sessions[0].cost_nanousd, 311'672'000);
}

/// A fork, a resumed and a new conversation: the client's sum goes on from the parent's.
TEST(ModelSources, AggregatesThatContainAParentMoveNoTotal) {
  const ModelTokens parents[] = {{"claude-opus-5-5", 200}};
  const ModelTokens all[] = {{"claude-opus-5-5", 300}};
  const std::vector<Observation> seen = {
      request("m1", "a-parent", kNoon_ms - kHour_ms),
      request("m2", "a-parent", kNoon_ms - kHour_ms + 1),
      request("m1", "fork", kNoon_ms - kHour_ms),
      request("m2", "fork", kNoon_ms - kHour_ms + 1),
      request("m3", "fork", kNoon_ms),
      request("m4", "new", kNoon_ms),
      aggregate("a-parent", 4'000'000, parents),
      aggregate("fork", 6'000'000, all),
      aggregate("new", 6'000'000, all),
  };
  std::vector<std::size_t> order(seen.size());
  std::iota(order.begin(), order.end(), 0u);
  std::mt19937 random(3);
  std::optional<Copy> want;
  for (int round = 0; round < 500; ++round) {
    Model model(utc());
    const u32 account = model.account("/home/ann/.claude");
    for (const std::size_t at : order) model.apply(seen[at], account, kNoon_ms);
    model.set_scan(1, 1, shm::Completeness::complete);
    const Copy got = copy(model.picture(kNoon_ms));
    if (!want) want = got;
    ASSERT_TRUE(got == *want) << ::testing::PrintToString(order);
    std::shuffle(order.begin(), order.end(), random);
  }
  EXPECT_EQ(want->summary.all.requests, 4);
  EXPECT_EQ(want->summary.all.cost_nanousd, 4 * 2'000'000);
  for (const shm::Session& session : want->sessions) {
    SCOPED_TRACE(session.session_id.view());
    EXPECT_EQ(session.usage.requests, session.session_id.view() == "a-parent" ? 2 : 1);
    if (session.session_id.view() == "new") continue;  // as far as we can see it used more
    EXPECT_FALSE(shm::known(session.uncounted_cost_nanousd));
  }
}

TEST(ModelSources, OneToolCallBySeveralNames) {
  const EventSeen by_transcript = event(EventKind::tool_call, "toolu_1", "s", kNoon_ms - 5000);
  HookSeen by_hook = hook(HookEvent::post_tool_use, "s", kNoon_ms);
  by_hook.tool_use_id = "toolu_1";
  for (const bool hook_first : {true, false}) {
    Model model(utc());
    const u32 account = model.account("/home/ann/.claude");
    if (hook_first) model.apply(by_hook, account, kNoon_ms);
    model.apply(by_transcript, account, kNoon_ms);
    model.apply(request("m", "s", kNoon_ms), account, kNoon_ms);
    if (!hook_first) model.apply(by_hook, account, kNoon_ms);
    model.set_scan(1, 1, shm::Completeness::complete);
    EXPECT_EQ(model.picture(kNoon_ms).sessions[0]->tool_calls, 1);
    EXPECT_EQ(model.find_session("s")->tool_calls, 1);
    EXPECT_EQ(model.find_session("t"), nullptr);
  }
}

// The scan hands over batches, in which lines that say the same are kept once; live lines come one
// by one. Times go back and forth, over midnight, and so do models, sessions and tokens.
TEST(ModelSources, ABatchOfLinesIsTheLinesOneByOne) {
  std::mt19937 random(5);
  const auto below = [&](unsigned count) { return static_cast<i64>(random() % count); };
  const std::string_view texts[] = {"a", "b", "c"};
  const std::string_view models[] = {"claude-opus-5-5", "claude-sonnet-5-5"};
  for (int round = 0; round < 300; ++round) {
    Model one_by_one(utc());
    Model batched(utc());
    const u32 account = one_by_one.account("/c");
    batched.account("/c");
    ObservationBatch batch;
    i64 at_ms = 20'778 * kDay_ms - 10 * kSecond_ms;
    for (int i = 0; i < 40; ++i) {
      at_ms += below(4) == 0 ? -below(3000) : below(2000);
      TranscriptLine line;
      SessionSeen& session = line.session.emplace();
      session.session_id = texts[below(8) / 7];
      session.at_ms = at_ms;
      session.cwd = texts[below(6) / 5];
      session.model = models[below(6) / 5];
      if (below(5) != 0) session.context_used_tokens = below(1000);
      session.context_cleared = below(12) == 0;
      if (below(6) != 0) {
        RequestSeen& seen = line.request.emplace(
            request(texts[below(9) / 4], session.session_id, at_ms, 100 + below(6) / 5));
        seen.model = session.model;
        seen.side_chain = below(6) == 0;
      }
      line.for_each([&](const Observation& seen) { one_by_one.apply(seen, account, kNoon_ms); });
      batch.add(line);
    }
    batch.for_each([&](const Observation& seen) { batched.apply(seen, account, kNoon_ms); });
    for (Model* model : {&one_by_one, &batched}) model->set_scan(1, 1, shm::Completeness::complete);
    ASSERT_EQ(copy(one_by_one.picture(kNoon_ms)), copy(batched.picture(kNoon_ms))) << round;
  }
}

}  // namespace
}  // namespace shmeter::collector
