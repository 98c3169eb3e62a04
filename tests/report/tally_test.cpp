// SPDX-License-Identifier: MIT
// Sums by day, week, month, session, model and block, against tables worked out by hand and against
// the plain sum of all requests.
#include "collector/report/tally.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "collector/report/day.hpp"
#include "collector/report/report_json.hpp"
#include "tests/report/sample.hpp"

namespace shmeter::collector {
namespace {

using sample::ask;
using sample::report;
using testing::ElementsAre;

/// date -> requests
std::vector<std::pair<std::string, i64>> dates(const Report& report) {
  std::vector<std::pair<std::string, i64>> all;
  for (const ReportRow& row : report.rows)
    all.emplace_back(write_day(std::get<PeriodFacts>(row.about).first_day),
                     row.sums.usage.requests);
  return all;
}
std::vector<std::string> sessions(const Report& report) {
  std::vector<std::string> all;
  for (const ReportRow& row : report.rows)
    all.push_back(std::get<SessionFacts>(row.about).id.substr(0, 4));
  return all;
}

using Dates = std::vector<std::pair<std::string, i64>>;

TEST(Tally, DaysOfEveryZone) {
  const std::vector<std::string> first = {"--until", "2026-11-03"};
  const struct {
    const char* zone;
    Dates want;
  } rows[] = {
      {"UTC", {{"2026-10-24", 2}, {"2026-10-25", 4}, {"2026-11-01", 2}, {"2026-11-02", 2}}},
      // 25 hours on the 25th, both 02:30 in it
      {"Europe/Berlin",
       {{"2026-10-24", 1},
        {"2026-10-25", 4},
        {"2026-10-26", 1},
        {"2026-11-01", 2},
        {"2026-11-02", 2}}},
      // Clocks change on 11-01: midnight is 04:00 UTC before, 05:00 UTC after
      {"America/New_York",
       {{"2026-10-24", 4},
        {"2026-10-25", 2},
        {"2026-10-31", 1},
        {"2026-11-01", 2},
        {"2026-11-02", 1}}},
      {"Asia/Kathmandu",
       {{"2026-10-25", 4}, {"2026-10-26", 2}, {"2026-11-01", 2}, {"2026-11-02", 2}}},
      {"Pacific/Kiritimati",
       {{"2026-10-25", 4}, {"2026-10-26", 2}, {"2026-11-01", 2}, {"2026-11-02", 2}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.zone);
    auto words = first;
    words.insert(words.end(), {"--timezone", row.zone});
    EXPECT_EQ(dates(report(ReportVerb::daily, words)), row.want);
  }
}

TEST(Tally, BoundsAreWholeLocalDays) {
  const struct {
    std::vector<std::string> words;
    Dates want;
  } rows[] = {
      {{"--since", "2026-10-25", "--until", "2026-10-25"}, {{"2026-10-25", 4}}},
      {{"--since", "2026-10-25", "--until", "2026-10-25", "--timezone", "Europe/Berlin"},
       {{"2026-10-25", 4}}},
      {{"--since", "2026-10-26", "--until", "2026-10-26", "--timezone", "Europe/Berlin"},
       {{"2026-10-26", 1}}},
      {{"--since", "20261101", "--until", "20261101", "--timezone", "America/New_York"},
       {{"2026-11-01", 2}}},
      {{"--since", "2026-11-16", "--until", "2026-11-20"}, {}},
      {{"--since", "2027-01-01"}, {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.words));
    EXPECT_EQ(dates(report(ReportVerb::daily, row.words)), row.want);
  }
}

TEST(Tally, WeeksWithEveryStart) {
  // 2026-10-24 was a Saturday, 10-25 and 11-01 and 11-15 Sundays, 11-02 a Monday, 11-21 a Saturday.
  const struct {
    const char* start;
    Dates want;
  } rows[] = {
      {"monday",
       {{"2026-10-19", 6},
        {"2026-10-26", 2},
        {"2026-11-02", 2},
        {"2026-11-09", 1},
        {"2026-11-16", 3}}},
      {"tuesday", {{"2026-10-20", 6}, {"2026-10-27", 4}, {"2026-11-10", 1}, {"2026-11-17", 3}}},
      {"wednesday", {{"2026-10-21", 6}, {"2026-10-28", 4}, {"2026-11-11", 1}, {"2026-11-18", 3}}},
      {"thursday", {{"2026-10-22", 6}, {"2026-10-29", 4}, {"2026-11-12", 1}, {"2026-11-19", 3}}},
      {"friday", {{"2026-10-23", 6}, {"2026-10-30", 4}, {"2026-11-13", 1}, {"2026-11-20", 3}}},
      {"saturday", {{"2026-10-24", 6}, {"2026-10-31", 4}, {"2026-11-14", 1}, {"2026-11-21", 3}}},
      {"sunday", {{"2026-10-18", 2}, {"2026-10-25", 4}, {"2026-11-01", 4}, {"2026-11-15", 4}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.start);
    EXPECT_EQ(dates(report(ReportVerb::weekly, {"--start-of-week", row.start})), row.want);
  }
}

TEST(Tally, Months) {
  EXPECT_EQ(dates(report(ReportVerb::monthly, {})), (Dates{{"2026-10-01", 6}, {"2026-11-01", 8}}));
  EXPECT_EQ(dates(report(ReportVerb::monthly, {"--timezone", "America/New_York"})),
            (Dates{{"2026-10-01", 7}, {"2026-11-01", 7}}));
}

TEST(Tally, LimitKeepsTheNewestWhateverTheOrder) {
  const std::vector<std::string> words = {"--until", "2026-11-03", "--limit", "2"};
  EXPECT_EQ(dates(report(ReportVerb::daily, words)), (Dates{{"2026-11-01", 2}, {"2026-11-02", 2}}));
  auto newest_first = words;
  newest_first.insert(newest_first.end(), {"--order", "desc"});
  const Report turned = report(ReportVerb::daily, newest_first);
  EXPECT_EQ(dates(turned), (Dates{{"2026-11-02", 2}, {"2026-11-01", 2}}));
  EXPECT_EQ(turned.totals.usage.requests, 4) << "the total is of the rows shown";
  EXPECT_EQ(report(ReportVerb::daily, {"--limit", "99"}).rows.size(), 6u);
}

TEST(Tally, ModelsByCost) {
  const auto models = [](std::vector<std::string> words) {
    std::vector<std::string> all;
    for (const ModelSum& model : report(ReportVerb::models, std::move(words)).totals.models)
      all.push_back(model.model);
    return all;
  };
  EXPECT_THAT(models({}), ElementsAre("claude-opus-5-5", "claude-sonnet-5-5", "house-model"));
  EXPECT_THAT(models({"--order", "asc"}),
              ElementsAre("house-model", "claude-sonnet-5-5", "claude-opus-5-5"));
  EXPECT_THAT(models({"--order", "asc", "--limit", "2"}),
              ElementsAre("claude-sonnet-5-5", "claude-opus-5-5"));
  EXPECT_EQ(report(ReportVerb::models, {"--limit", "1"}).totals.usage.requests, 8);
}

TEST(Tally, SessionsByLastActivity) {
  EXPECT_THAT(sessions(report(ReportVerb::session, {})),
              ElementsAre("09ff", "nigh", "c9be", "097a"));
  EXPECT_THAT(sessions(report(ReportVerb::session, {"--limit", "1"})), ElementsAre("097a"));
  const Report by_hand = report(ReportVerb::session, {"--id", "nightly.build"});
  const auto& facts = std::get<SessionFacts>(by_hand.rows.at(0).about);
  EXPECT_EQ(facts.account, "default");
  EXPECT_EQ(facts.cwd, "");
  EXPECT_EQ(facts.updated_at_s, sample::utc_s(2026, 11, 2, 5)) << "its last quarter hour";
}

TEST(Tally, Filters) {
  const struct {
    std::vector<std::string> words;
    std::vector<std::string> want;
  } rows[] = {
      {{"--account", "work"}, {"09ff", "097a"}},
      {{"--account", ".claude-home"}, {"c9be"}},
      {{"--account", "default"}, {"nigh"}},
      {{"--project", "ferry-times"}, {"097a"}},
      {{"--project", "/home/dev/ferry-times/"}, {"097a"}},
      {{"--project", "/home/dev"}, {}},
      {{"--project", "日本語プロジェクト"}, {"c9be"}},
      {{"--project", sample::kLongPath}, {"09ff"}},
      {{"--project", "ferry-times", "--account", "default"}, {}},
      {{"--id", "097"}, {"097a"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.words));
    EXPECT_EQ(sessions(report(ReportVerb::session, row.words)), row.want);
  }
}

TEST(Catalogue, SaysWhatItDoesNotKnow) {
  const struct {
    std::vector<std::string> words;
    std::string_view want;
  } rows[] = {
      {{"--account", "wrk"},
       "--account wrk: no such account; known: default, work, .claude-home; did you mean work?"},
      {{"--id", "x"}, "--id x: no such session"},
      {{"--id", "09"}, "--id 09: 2 sessions begin like this; give more of it"},
  };
  for (const auto& row : rows) {
    const auto chosen = sample::catalogue().choose(ask(ReportVerb::session, row.words).value());
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().message, row.want);
  }
}

/// In any zone, by any period, every request is in exactly one row.
TEST(Tally, NothingIsLostOrTwice) {
  for (const char* zone : {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu",
                           "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns"})
    for (const auto verb : {ReportVerb::daily, ReportVerb::weekly, ReportVerb::monthly,
                            ReportVerb::session, ReportVerb::models, ReportVerb::blocks}) {
      const Report all = report(verb, {"--timezone", zone});
      EXPECT_EQ(all.totals.usage, sample::all_usage()) << zone << verb_name(verb);
      for (const ReportRow& row : all.rows) {
        shm::Usage models = shm::no_usage();
        for (const ModelSum& model : row.sums.models) add(models, model.usage);
        EXPECT_EQ(models, row.sums.usage);
      }
    }
}

/// Any quarter hours of any zone: rows add up to what came, and the days asked for are all there
/// is.
TEST(Tally, RandomQuarterHours) {
  const Catalogue catalogue = sample::catalogue();
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const char* zones[] = {"Europe/London", "America/Sao_Paulo", "Asia/Kolkata",
                           "Africa/Casablanca"};
    const Question question = ask(ReportVerb::daily, {"--timezone", zones[round % 4], "--since",
                                                      "2026-03-10", "--until", "2026-11-10"})
                                  .value();
    const Calendar calendar = sample::calendar_for(question);
    const std::vector<bool> chosen(4, true);
    Tally tally(question, calendar, catalogue, chosen);
    i64 inside = 0;
    for (int i = 0; i < 400; ++i) {
      const i64 at_s = sample::utc_s(2026, 1, 1) + static_cast<i64>(random() % 35'040) * 900;
      shm::Usage one = shm::no_usage();
      one.requests = 1;
      const i64 day = calendar.day_index(at_s);
      inside += *question.since <= day && day <= *question.until ? 1 : 0;
      tally.add({at_s / 900, static_cast<u32>(random() % 4), static_cast<u32>(random() % 3)}, one);
    }
    const Report all = tally.report();
    EXPECT_EQ(all.totals.usage.requests, inside);
    std::set<i64> days;
    for (const ReportRow& row : all.rows) {
      EXPECT_TRUE(days.insert(std::get<PeriodFacts>(row.about).first_day).second);
    }
  }
}

TEST(Tally, WhatWasTakenBackIsNoRow) {
  const Question question = ask(ReportVerb::daily, {}).value();
  const Calendar calendar("UTC", Weekday::monday);
  const Catalogue catalogue = sample::catalogue();
  const std::vector<bool> chosen(4, true);
  Tally tally(question, calendar, catalogue, chosen);
  shm::Usage one = shm::no_usage(), back = shm::no_usage();
  one.requests = 1;
  one.input_tokens = 5;
  back.requests = -1;
  back.input_tokens = -5;
  tally.add({100, 0, 0}, one);
  tally.add({100, 0, 0}, back);
  tally.add({100, 77, 0}, one);  // a session nobody named
  EXPECT_TRUE(tally.report().rows.empty());
}

struct Block {
  std::string begin;
  bool gap;
  i64 requests;
  bool operator==(const Block&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Block& b) {
  return out << b.begin << (b.gap ? " gap " : " ") << b.requests;
}
std::vector<Block> blocks(const Report& report) {
  std::vector<Block> all;
  for (const ReportRow& row : report.rows) {
    const auto& block = std::get<BlockFacts>(row.about);
    all.push_back({write_iso(block.start_ms).substr(5, 11), block.gap, row.sums.usage.requests});
  }
  return all;
}

TEST(Blocks, WithTheirGaps) {
  EXPECT_THAT(blocks(report(ReportVerb::blocks, {})),
              ElementsAre(Block{"10-24T21:00", false, 4}, Block{"10-25T06:30", true, 0},
                          Block{"10-25T22:00", false, 2}, Block{"10-26T04:00", true, 0},
                          Block{"11-01T03:00", false, 2}, Block{"11-01T09:00", true, 0},
                          Block{"11-02T04:00", false, 2}, Block{"11-02T10:00", true, 0},
                          Block{"11-15T18:00", false, 1}, Block{"11-15T23:15", true, 0},
                          Block{"11-21T15:00", false, 3}));
}

TEST(Blocks, WhichAreShown) {
  const struct {
    std::vector<std::string> words;
    std::vector<Block> want;
  } rows[] = {
      {{"--active"}, {{"11-21T15:00", false, 3}}},
      {{"--limit", "2"},
       {{"11-15T18:00", false, 1}, {"11-15T23:15", true, 0}, {"11-21T15:00", false, 3}}},
      {{"--limit", "1", "--order", "desc"}, {{"11-21T15:00", false, 3}}},
      {{"--recent", "1"}, {{"11-21T15:00", false, 3}}},
      {{"--recent", "7"},
       {{"11-15T18:00", false, 1}, {"11-15T23:15", true, 0}, {"11-21T15:00", false, 3}}},
      {{"--since", "2026-11-01", "--until", "2026-11-01"}, {{"11-01T03:00", false, 2}}},
      // Where it begins counts: 03:00 UTC is still October there, and 04:00 UTC not yet the 2nd.
      {{"--since", "2026-11-01", "--until", "2026-11-01", "--timezone", "America/New_York"},
       {{"11-02T04:00", false, 2}}},
      {{"--account", "default"}, {{"11-02T04:00", false, 2}}},
      {{"--account", ".claude-home", "--active"}, {{"11-21T16:00", false, 1}}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::PrintToString(row.words));
    EXPECT_EQ(blocks(report(ReportVerb::blocks, row.words)), row.want);
  }
  EXPECT_THAT(blocks(report(ReportVerb::blocks, {"--active"}, BlockMode::utc_grid)),
              ElementsAre(Block{"11-21T15:00", false, 3}));
}

TEST(Blocks, TheActiveOneHasAPace) {
  const Report active = report(ReportVerb::blocks, {"--active"});
  const auto& block = std::get<BlockFacts>(active.rows.at(0).about);
  EXPECT_TRUE(block.active);
  EXPECT_EQ(block.end_ms, sample::utc_s(2026, 11, 21, 20) * 1000);
  EXPECT_EQ(block.first_ms, sample::utc_s(2026, 11, 21, 15, 10) * 1000);
  EXPECT_EQ(block.last_ms, sample::utc_s(2026, 11, 21, 17, 40) * 1000);
  EXPECT_EQ(block.tokens_per_min, (39 * 21'543 + 75) / 150);
  EXPECT_EQ(block.nanousd_per_hour, 600'000'000);
  // Two hours are left.
  EXPECT_EQ(block.projected_nanousd, i64{2'700'000'000});
}

TEST(Blocks, NoneOfNothing) {
  const Report none = report(ReportVerb::blocks, {"--project", "nowhere"});
  EXPECT_TRUE(none.rows.empty());
  EXPECT_EQ(write_report_json(none).substr(0, 24), "{\"schema\":1,\"blocks\":[],");
}

}  // namespace
}  // namespace shmeter::collector
