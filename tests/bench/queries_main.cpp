// SPDX-License-Identifier: MIT
// bench_queries: what the query thread of the collector answers from a store of a million events
// with details of their calls, all of the last 30 days: the store is made, and then asked.
// Arguments: events= rounds=
#include <array>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "collector/bench/process.hpp"
#include "collector/bench/random.hpp"
#include "collector/config/config.hpp"
#include "collector/ledger/ledger.hpp"
#include "collector/loop/loop.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/store/store.hpp"
#include "tests/bench/arguments.hpp"

namespace shmeter::bench {
namespace {

using collector::ApiParameter;
using collector::ApiRoute;
using collector::i64;
using collector::StoreBatch;
using collector::u32;

constexpr i64 kNow_ms = 1'795'284'000'000;  // 2026-11-21 18:00 UTC
constexpr i64 kMonth_ms = i64{30} * 86'400'000;
constexpr i64 kSessions = 1500;
// Three kinds of events a request, as a transcript has them; 3/5 of a million are requests.
constexpr i64 kRequestsOfFive = 3;

struct Stored {
  collector::Loop loop;
  std::unique_ptr<collector::Store> store;
};

collector::StoredEvent request(Random& random, u32 session, i64 number, i64 at_ms) {
  static constexpr std::array<std::string_view, 4> kEndpoints = {"repl_main_thread", "agent",
                                                                 "compact", "title"};
  collector::StoredEvent e;
  const auto key = static_cast<std::uint64_t>(number);
  e.key = {collector::mix_bits(key + 1), collector::mix_bits(~key)};
  e.session = session;
  e.model = static_cast<u32>(random.below(3));
  e.agent = static_cast<u32>(random.below(2));
  e.at_ms = at_ms;
  e.request_id = "req_011CVLgLDaWZ8dmjYk1nS7pF";
  e.call.endpoint = kEndpoints[static_cast<std::size_t>(random.below(4) * random.below(2))];
  // Some seconds, and now and then a minute.
  e.call.latency_ms = std::lround(4000 * std::exp(static_cast<double>(random.below(4000)) / 1e3 -
                                                  static_cast<double>(random.below(2000)) / 1e3));
  if (random.permille(5)) {
    e.kind = collector::EventKind::failure;
    e.name = "overloaded_error: Overloaded";
    return e;
  }
  e.tokens = {random.below(1000), random.below(2000), 300, 20, random.below(90'000), 0};
  e.value = e.tokens.input + e.tokens.output;
  e.cost_nanousd = 1000 + random.below(50'000'000);
  return e;
}

collector::StoredEvent beside(i64 number, collector::StoredEvent e) {
  const bool call = number % 2 == 0;
  e.kind = call ? collector::EventKind::tool_call : collector::EventKind::message;
  e.key = {collector::mix_bits(static_cast<std::uint64_t>(number) + (1u << 31)), 0};
  e.name = call ? "Bash" : "";
  e.request_id = {};
  e.tokens = {};
  e.call = {};
  e.value = 1;
  e.at_ms += 5;
  return e;
}

/// A session's events: some hours at a stretch, sessions side by side.
StoreBatch session_batch(Random& random, u32 session, i64 events) {
  StoreBatch batch;
  batch.names.push_back({collector::NameTable::session, session, "s-" + std::to_string(session)});
  if (session == 0) {
    for (u32 model = 0; model < 3; ++model)
      batch.names.push_back({collector::NameTable::model, model, "model-" + std::to_string(model)});
    for (u32 agent = 0; agent < 2; ++agent)
      batch.names.push_back({collector::NameTable::agent, agent, agent == 0 ? "main" : "Explore"});
    for (u32 account = 0; account < 2; ++account)
      batch.accounts.push_back({account, "/home/ann/.claude-" + std::to_string(account), "", ""});
  }
  batch.sessions.emplace_back().number = session;
  batch.sessions.back().record.session_id.assign("s-" + std::to_string(session));
  batch.sessions.back().marks.account = session % 2;
  i64 at_ms = kNow_ms - kMonth_ms * (session + 1) / kSessions;
  for (i64 i = 0; i < events && at_ms < kNow_ms; ++i, at_ms += 1000 + random.below(44'000)) {
    const i64 number = session * events + i;
    collector::StoredEvent e = request(random, session, number, at_ms);
    if (i % 5 >= kRequestsOfFive) e = beside(number, e);
    batch.keep(e);
    if (e.kind != collector::EventKind::tokens) continue;
    batch.book({e.session,
                e.model,
                e.at_ms,
                {1, e.tokens.input, e.tokens.output, e.tokens.write_5m, e.tokens.write_1h,
                 e.tokens.read, e.cost_nanousd, 0}});
  }
  return batch;
}

void make(Stored& to, const std::string& path, i64 events) {
  auto opened = collector::Store::open(to.loop, path, [](const std::string&) {});
  if (!opened) throw std::runtime_error(opened.error().message);
  to.store = std::move(*opened);
  Random random(5);
  std::optional<collector::Result<void>> done;
  to.store->begin_bulk();
  for (u32 session = 0; session < kSessions; ++session)
    to.store->write(session_batch(random, session, events / kSessions), {});
  to.store->end_bulk([&](const collector::Result<void>& result) { done = result; });
  while (!done) uv_run(to.loop.get(), UV_RUN_ONCE);
  if (!*done) throw std::runtime_error(done->error().message);
}

/// Of this thread.
std::int64_t cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

struct Question {
  std::string name;
  ApiRoute route;
  std::vector<ApiParameter> words;
  Budget budget;
};

void ask(collector::StoreReader& reader, const Question& question, i64 events, int rounds) {
  const collector::Config config;
  std::vector<double> took_ms;
  std::vector<double> cpu_ms;
  std::size_t bytes = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::int64_t began = now_ns();
    const std::int64_t cpu_began = cpu_ns();
    const collector::Calendar calendar("Europe/Berlin", collector::Weekday::monday);
    const auto query = parse_api_query(question.route, question.words, calendar);
    if (!query) throw std::runtime_error(query.error().message);
    const auto text = answer(question.route, reader, *query, {config, calendar, kNow_ms});
    if (!text) throw std::runtime_error(text.error().message);
    took_ms.push_back(static_cast<double>(now_ns() - began) / 1e6);
    cpu_ms.push_back(static_cast<double>(cpu_ns() - cpu_began) / 1e6);
    bytes = text->size();
  }
  print_row("`" + question.name + text("`, %lld events stored", static_cast<long long>(events)),
            text("**p50 %.1f ms**, p90 %.1f ms", median(took_ms), percentile(took_ms, 0.9)),
            question.budget,
            text("by the query thread: %.1f ms CPU; %zu bytes", median(cpu_ms), bytes));
}

int run_all(const Arguments& arguments) {
  const i64 events = arguments.number("events", 1'000'000);
  const int rounds = static_cast<int>(arguments.number("rounds", 15));
  const TemporaryFolder home(memory_folder());
  Stored stored;
  make(stored, home / "state/usage.db", events);
  auto reader = stored.store->reader();
  if (!reader) throw std::runtime_error(reader.error().message);
  const Budget fast{"≤ 50 ms", "–"};
  const std::string cut = std::to_string(kNow_ms / 1000 - 86'400 * 29 - 1234);
  const Question questions[] = {
      {"summary?period=day", ApiRoute::summary, {{"period", "day"}}, fast},
      {"summary?period=month", ApiRoute::summary, {{"period", "month"}}, fast},
      {"summary", ApiRoute::summary, {}, fast},
      {"summary?after=", ApiRoute::summary, {{"after", cut}}, fast},
      {"timeline?period=month", ApiRoute::timeline, {{"period", "month"}}, fast},
      {"timeline?period=month&groupBy=hour",
       ApiRoute::timeline,
       {{"period", "month"}, {"groupBy", "hour"}},
       fast},
      {"stats", ApiRoute::stats, {}, {}},
      {"history", ApiRoute::history, {}, {}},
      {"usage?limit=100", ApiRoute::events, {{"limit", "100"}}, {}}};
  for (const Question& question : questions) ask(**reader, question, events, rounds);
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  return shmeter::bench::run_program("bench_queries", argc, argv, shmeter::bench::run_all);
}
