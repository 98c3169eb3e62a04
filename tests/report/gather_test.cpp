// SPDX-License-Identifier: MIT
// Reports out of a real store are those over the same rows in memory.
#include "collector/report/gather.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "collector/loop/loop.hpp"
#include "collector/report/report_json.hpp"
#include "collector/store/store.hpp"
#include "tests/report/sample.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

StoreBatch batch() {
  StoreBatch batch;
  const auto names = sample::names();
  const auto add_names = [&](NameTable table, const std::vector<std::string>& texts) {
    for (u32 i = 0; i < texts.size(); ++i) batch.names.push_back({table, i, texts[i]});
  };
  add_names(NameTable::session, names.sessions);
  add_names(NameTable::model, names.models);
  add_names(NameTable::agent, names.agents);
  batch.accounts = sample::accounts();
  batch.sessions = sample::sessions();
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
