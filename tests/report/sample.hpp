// SPDX-License-Identifier: MIT
// A made-up history as a store would hand it over: two accounts and sessions of none, a model
// without price, requests to the second around midnights and clock changes of several zones, and a
// block that still runs at kNow.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "collector/ledger/ledger.hpp"
#include "collector/report/catalogue.hpp"
#include "collector/report/export.hpp"
#include "collector/report/tally.hpp"

namespace shmeter::collector::sample {

inline i64 utc_s(int y, unsigned mo, unsigned d, int h = 0, int mi = 0, int s = 0) {
  using namespace std::chrono;
  const sys_days day{year{y} / month{mo} / std::chrono::day{d}};
  return i64{day.time_since_epoch().count()} * 86'400 + h * 3600 + mi * 60 + s;
}

inline const i64 kNow_ms = utc_s(2026, 11, 21, 18) * 1000;

enum SessionNumber : u32 { kFerry, kWide, kByHand, kLong };
enum ModelNumber : u32 { kOpus, kSonnet, kGateway };

struct Request {
  i64 at_s;
  u32 session;
  u32 model;
  Tokens tokens;
  i64 cost_nanousd;  // kUnknown: no price
};

inline std::vector<Request> requests() {
  const auto some = [](i64 n) { return Tokens{3 * n, 40 * n, 500 * n, 1000 * n, 20'000 * n, 0}; };
  return {
      {utc_s(2026, 10, 24, 21, 59, 59), kFerry, kOpus, some(1), 123'456'789},
      {utc_s(2026, 10, 24, 22, 0, 0), kFerry, kOpus, some(2), 1},
      {utc_s(2026, 10, 25, 0, 30, 0), kWide, kSonnet, some(3), 1'000'000'000},
      {utc_s(2026, 10, 25, 1, 30, 0), kWide, kGateway, some(4), kUnknown},
      {utc_s(2026, 10, 25, 22, 59, 59), kFerry, kSonnet, some(5), 20'000'000},
      {utc_s(2026, 10, 25, 23, 0, 0), kFerry, kOpus, some(6), 5'000'000},
      {utc_s(2026, 11, 1, 3, 59, 59), kLong, kOpus, some(70), 9'876'543'210},
      {utc_s(2026, 11, 1, 4, 0, 0), kLong, kOpus, some(8), 4'999'999},
      {utc_s(2026, 11, 2, 4, 59, 59), kByHand, kSonnet, some(9), 2'000'000'000},
      {utc_s(2026, 11, 2, 5, 0, 0), kByHand, kGateway, some(10), kUnknown},
      {utc_s(2026, 11, 15, 18, 15, 0), kFerry, kOpus, some(1100), 1'234'567'890'123},
      {utc_s(2026, 11, 21, 15, 10, 0), kFerry, kOpus, some(12), 800'000'000},
      {utc_s(2026, 11, 21, 16, 40, 0), kWide, kSonnet, some(13), 300'000'000},
      {utc_s(2026, 11, 21, 17, 40, 0), kFerry, kOpus, some(14), 400'000'000},
  };
}

inline SessionRow session(u32 number, i64 account, std::string_view name, std::string_view cwd,
                          i64 started_at_s, i64 updated_at_s) {
  SessionRow row;
  row.number = number;
  row.record.name.assign(name);
  row.record.cwd.assign(cwd);
  row.record.cwd_hash = shm::hash_text(cwd);
  row.record.started_at_s = started_at_s;
  row.record.updated_at_s = updated_at_s;
  row.marks.account = account;
  return row;
}

inline const std::string kLongPath = "/srv/" + std::string(200, 'p') + "/deep";

inline StoreReader::Names names() {
  return {{"097a6729-8ea0-4fde-8e30-579cb3a42f13", "c9bec15a-c582-41d2-a016-dceacfb47ad5",
           "nightly.build", "09ffffff-0000-4000-8000-000000000000"},
          {"claude-opus-5-5", "claude-sonnet-5-5", "house-model"},
          {"main", "code-reviewer"}};
}
inline std::vector<AccountRow> accounts() {
  return {{0, "/home/dev/.claude", "work", ""}, {1, "/home/dev/.claude-home", "", ""}};
}
inline std::vector<SessionRow> sessions() {
  // Out of order, and without a row for kByHand.
  return {session(kLong, 0, "", kLongPath, utc_s(2026, 11, 1), utc_s(2026, 11, 1, 4, 1)),
          session(kFerry, 0, "Ferry times", "/home/dev/ferry-times", utc_s(2026, 10, 24, 21),
                  utc_s(2026, 11, 21, 17, 41)),
          session(kWide, 1, "", "/home/dev/日本語プロジェクト", utc_s(2026, 10, 25),
                  utc_s(2026, 11, 21, 16, 40))};
}
inline Catalogue catalogue() { return {names(), accounts(), sessions()}; }

inline std::vector<StoredEvent> events() {
  std::vector<StoredEvent> all;
  std::uint64_t n = 0;
  for (const Request& request : requests()) {
    StoredEvent event;
    event.key = {++n, 0xabcdef0000000000u + n};
    event.session = request.session;
    event.model = request.model;
    event.at_ms = request.at_s * 1000;
    event.tokens = request.tokens;
    event.value = request.tokens.input + request.tokens.output;
    event.cost_nanousd = request.cost_nanousd;
    all.push_back(event);
  }
  return all;
}

/// Sums as the store keeps them.
inline std::map<RollupKey, shm::Usage> rollups() {
  std::map<RollupKey, shm::Usage> sums;
  for (const StoredEvent& event : events()) {
    const RollupKey key{event.at_ms / 900'000, event.session, event.model};
    add(sums.try_emplace(key, shm::no_usage()).first->second, usage_of(event));
  }
  return sums;
}

inline shm::Usage all_usage() {
  shm::Usage sum = shm::no_usage();
  for (const StoredEvent& event : events()) add(sum, usage_of(event));
  return sum;
}

inline Result<Question> ask(ReportVerb verb, std::vector<std::string> words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_question(verb, pointers);
}

inline Calendar calendar_for(const Question& question) {
  return {question.timezone.empty() ? "UTC" : question.timezone,
          question.start_of_week.value_or(Weekday::monday)};
}

/// The report over these rows; words as on the command line, which must be right.
inline Report report(ReportVerb verb, std::vector<std::string> words,
                     BlockMode mode = BlockMode::activity) {
  const Question question = ask(verb, std::move(words)).value();
  const Calendar calendar = calendar_for(question);
  const Catalogue known = catalogue();
  const std::vector<bool> chosen = known.choose(question).value();
  if (verb == ReportVerb::blocks) {
    BlockTally tally(question, mode, calendar, known);
    for (const StoredEvent& event : events())
      if (chosen[event.session]) tally.add(event.at_ms, event.model, usage_of(event));
    return tally.report(kNow_ms);
  }
  Tally tally(question, calendar, known, chosen);
  for (const auto& [key, usage] : rollups()) tally.add(key, usage);
  return tally.report();
}

/// Names, accounts and sessions of the history, without an event.
inline StoreBatch names_batch() {
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
  return batch;
}

}  // namespace shmeter::collector::sample
