// SPDX-License-Identifier: MIT
// Reports out of a real store are those over the same rows in memory.
#include "collector/report/gather.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "collector/loop/loop.hpp"
#include "collector/report/report_json.hpp"
#include "collector/report/report_table.hpp"
#include "collector/store/store.hpp"
#include "tests/report/sample.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

StoreBatch batch() {
  StoreBatch batch = sample::names_batch();
  for (StoredEvent event : sample::events()) {
    batch.keep(event);
    batch.book({event.session, event.model, event.at_ms, usage_of(event)});
    event.side_chain = true;  // kept beside it, and counts nowhere
    event.counted = false;
    batch.keep(event);
  }
  StoredEvent tool;
  tool.key = {77, 0};
  tool.kind = EventKind::tool_call;
  tool.at_ms = sample::utc_s(2026, 11, 21, 15) * 1000;
  tool.value = 1;
  tool.name = "Bash";
  batch.keep(tool);
  return batch;
}

class Gather : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Store::open(loop_, dir_.path("state/usage.db"), [](const std::string&) {});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    std::optional<bool> written;
    store_->write(batch(), [&](const Result<void>& result) { written = result.has_value(); });
    while (!written) uv_run(loop_.get(), UV_RUN_ONCE);
    ASSERT_TRUE(*written);
    auto reader = store_->reader();
    ASSERT_TRUE(reader) << reader.error().message;
    reader_ = std::move(*reader);
  }

  Result<Report> ask(ReportVerb verb, std::vector<std::string> words) {
    const Question question = sample::ask(verb, std::move(words)).value();
    return make_report(question, BlockMode::activity, sample::calendar_for(question), *reader_,
                       sample::kNow_ms);
  }
  std::vector<std::string> exported(std::vector<std::string> words, std::size_t most = 1000) {
    const Question question = sample::ask(ReportVerb::export_events, std::move(words)).value();
    std::vector<std::string> pieces;
    const auto done = write_export(question, sample::calendar_for(question), *reader_,
                                   [&](std::string_view text) {
                                     if (!text.empty()) pieces.emplace_back(text);
                                     return pieces.size() < most;
                                   });
    EXPECT_TRUE(done);
    return pieces;
  }

  test::TempDir dir_;
  Loop loop_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<StoreReader> reader_;
};

TEST_F(Gather, EveryReport) {
  const std::vector<std::vector<std::string>> all_words = {
      {},
      {"--timezone", "Europe/Berlin", "--since", "2026-10-25", "--until", "2026-11-01"},
      {"--account", "work", "--limit", "2"},
      {"--project", "ferry-times", "--order", "desc"}};
  for (const auto verb : {ReportVerb::daily, ReportVerb::weekly, ReportVerb::monthly,
                          ReportVerb::session, ReportVerb::blocks, ReportVerb::models}) {
    for (const auto& words : all_words) {
      SCOPED_TRACE(std::string(verb_name(verb)) + testing::PrintToString(words));
      const auto report = ask(verb, words);
      ASSERT_TRUE(report) << report.error().message;
      EXPECT_EQ(write_report_json(*report), write_report_json(sample::report(verb, words)));
    }
  }
}

// A sub-agent's request, tools and time beside the main agent's; the client's own result tells of a
// prompt and a turn that the transcript tells of, too.
TEST_F(Gather, AgentsOfOneSession) {
  StoreBatch more;
  std::uint64_t number = 1000;
  const auto add_event = [&](EventKind kind, u32 agent, i64 value, Source source) {
    StoredEvent event;
    event.kind = kind;
    event.key = {++number, 0};
    event.session = sample::kWide;
    event.agent = agent;
    event.source = source;
    event.at_ms = sample::utc_s(2026, 11, 21, 16) * 1000;
    event.value = value;
    if (kind == EventKind::tokens) {
      event.model = sample::kSonnet;
      event.tokens = {7, 8, 0, 0, 9, 0};
      event.cost_nanousd = 250'000'000;
      more.book({event.session, event.model, event.at_ms, usage_of(event)});
    }
    more.keep(event);
  };
  add_event(EventKind::tokens, 1, 15, Source::transcript);
  add_event(EventKind::tool_call, 1, 1, Source::transcript);
  add_event(EventKind::tool_call, 1, 1, Source::hook);
  add_event(EventKind::message, 0, 1, Source::transcript);
  add_event(EventKind::message, 0, 1, Source::cli);
  add_event(EventKind::compute, 0, 61'500, Source::transcript);
  add_event(EventKind::compute, 0, 99'000, Source::cli);
  add_event(EventKind::compute, 1, 4000, Source::derived);
  std::optional<bool> written;
  store_->write(std::move(more), [&](const Result<void>& result) { written = result.has_value(); });
  while (!written) uv_run(loop_.get(), UV_RUN_ONCE);

  const auto report = ask(ReportVerb::session, {"--id", "c9be"});
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->rows.size(), 1u);
  const auto& agents = std::get<SessionFacts>(report->rows[0].about).agents;
  ASSERT_EQ(agents.size(), 2u);
  EXPECT_EQ(agents[0].agent, "main");
  EXPECT_EQ(agents[0].messages, 1);
  EXPECT_EQ(agents[0].tool_calls, 0);
  EXPECT_EQ(agents[0].compute_ms, 61'500);
  const AgentSum reviewer = {"code-reviewer", {1, 7, 8, 0, 0, 9, 250'000'000, 0}, 0, 2, 4000};
  EXPECT_EQ(agents[1], reviewer);
  shm::Usage both = agents[0].usage;
  add(both, agents[1].usage);
  EXPECT_EQ(both, report->rows[0].sums.usage);

  const std::string json = write_report_json(*report);
  EXPECT_NE(json.find(R"("agents":[{"agent":"main",)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("messages":0,"tool_calls":2,"compute_s":4)"), std::string::npos) << json;
  const std::string table = write_report(*report, false, Calendar("UTC", Weekday::monday),
                                         sample::kNow_ms, Surface{120, false});
  EXPECT_NE(table.find("by main"), std::string::npos) << table;
  EXPECT_NE(table.find("1 prompt, 1m of turns"), std::string::npos) << table;
  EXPECT_NE(table.find("2 tool calls, "), std::string::npos) << table;
  EXPECT_TRUE(std::get<SessionFacts>(ask(ReportVerb::session, {})->rows[0].about).agents.empty());
  const auto before = ask(ReportVerb::session, {"--id", "c9be", "--until", "2026-11-20"});
  ASSERT_TRUE(before);
  EXPECT_EQ(std::get<SessionFacts>(before->rows.at(0).about).agents.size(), 1u);
}

TEST_F(Gather, WhatItDoesNotKnow) {
  const auto report = ask(ReportVerb::daily, {"--account", "nobody"});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::invalid);
  EXPECT_TRUE(ask(ReportVerb::daily, {})) << "the reader is free again";
}

TEST_F(Gather, Exports) {
  const std::size_t requests = sample::requests().size();
  EXPECT_EQ(exported({"--format", "jsonl"}).size(), requests + 1);
  EXPECT_EQ(exported({"--format", "csv"}).size(), requests + 2) << "and the names of the fields";
  const auto newest = exported({"--format", "jsonl", "--order", "desc", "--limit", "2"});
  ASSERT_EQ(newest.size(), 2u);
  EXPECT_NE(newest[0].find("2026-11-21T17:40:00.000Z"), std::string::npos);
  EXPECT_NE(newest[1].find("2026-11-21T16:40:00.000Z"), std::string::npos);
  EXPECT_EQ(exported({"--format", "jsonl", "--account", "default"}).size(), 2u);
  EXPECT_EQ(
      exported({"--format", "jsonl", "--since", "2026-11-01", "--until", "2026-11-01"}).size(), 2u);
  EXPECT_EQ(exported({"--format", "jsonl"}, 3).size(), 3u) << "nobody reads on";
}

}  // namespace
}  // namespace shmeter::collector
