// SPDX-License-Identifier: MIT
// A machine that forgets what is old, asks for it, is restarted and dies at any moment must end
// with the same books and the same rows as one that never forgot anything.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <variant>

#include "tests/ledger/process.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kHour_ms = 3'600'000;

using Seen = std::variant<RequestSeen, EventSeen>;

/// Twenty days, each message's lines within 20 hours: several requests, side chains, lines without
/// request id or message id, forks, placeholders, costs that were said, telemetry of its requests
/// and of others, and events.
class History {
 public:
  History(std::mt19937_64& random, std::size_t messages, std::size_t size) : random_(random) {
    for (std::size_t i = 0; i < messages; ++i) {
      ids_.push_back("id-" + std::to_string(i));
      starts_.push_back(kMidnight_ms + number(20 * 24) * kHour_ms);
      for (const char* request : {"/r1", "/r2", "/r3"}) requests_.push_back(ids_.back() + request);
    }
    while (seen.size() < size) {
      if (!seen.empty() && random_() % 4 == 0)
        seen.push_back(seen[random_() % seen.size()]);  // read again
      else if (random_() % 3 == 0)
        seen.push_back(some_event());
      else if (random_() % 4 == 0)
        seen.push_back(some_telemetry());
      else
        seen.push_back(some_line());
    }
    std::shuffle(seen.begin(), seen.end(), random_);
  }
  std::vector<Seen> seen;

 private:
  i64 number(u64 below) { return static_cast<i64>(random_() % below); }
  template <class List>
  std::string_view any(const List& list) {
    return list[random_() % std::size(list)];
  }
  i64 time_of(std::size_t id) { return starts_[id] + number(20) * kHour_ms; }
  /// Said in the same words by whoever says the same of the event.
  CallDetails details(i64 at_ms, i64 value) {
    static constexpr std::string_view kEndpoints[] = {"", "messages"};
    return {kEndpoints[static_cast<std::size_t>(value % 2)], "", at_ms % 1000, value % 3 == 0};
  }

  std::string_view request_of(std::size_t id) { return requests_[3 * id + random_() % 3]; }

  RequestSeen some_telemetry() {
    static constexpr std::string_view kSessions[] = {"s1", "s2", "s6"};
    const std::size_t id = random_() % ids_.size();
    RequestSeen out = told(request_of(id), number(4), any(kSessions), time_of(id));
    out.agent = random_() % 2 == 0 ? "" : "Plan";
    out.call = {"main", "", 1000 + out.at_ms % 1000, false};
    return out;
  }
  RequestSeen some_line() {
    static constexpr std::string_view kRequests[] = {"", "", "r1", "r2"};
    static constexpr std::string_view kSessions[] = {"s1", "s2", "s3", "s4", "s5"};
    static constexpr std::string_view kModels[] = {"claude-sonnet-5-5", "claude-opus-5-5[1m]",
                                                   "glm-1"};
    static constexpr std::string_view kAgents[] = {"", "", "Explore", "Plan"};
    const std::size_t id = random_() % ids_.size();
    const bool alone = random_() % 8 == 0;
    const std::string_view message = ids_[id];
    const std::string_view request = random_() % 2 == 0 ? request_of(id) : any(kRequests);
    RequestSeen out = line(alone ? "" : message, alone ? "" : request, 1 + number(3),
                           any(kSessions), time_of(id));
    if (alone) out.uuid = message;
    out.model = any(kModels);
    out.agent = any(kAgents);
    out.side_chain = random_() % 3 == 0;
    out.has_speed = random_() % 2 == 0;
    out.fast = random_() % 4 == 0;
    if (random_() % 8 == 0) out.cost_nanousd = number(3) * 1'000'000;
    if (random_() % 8 == 0) out.source = Source::posted;
    out.call = details(out.at_ms, out.tokens.output);
    return out;
  }
  EventSeen some_event() {
    static constexpr std::string_view kSessions[] = {"s1", "s2", "s6"};
    static constexpr std::string_view kAgents[] = {"", "Explore"};
    const std::size_t id = random_() % ids_.size();
    EventSeen out = event(static_cast<EventKind>(2 + random_() % 4), ids_[id], any(kSessions),
                          number(3), time_of(id));
    out.agent = any(kAgents);
    out.name = ids_[id];
    out.call = details(out.at_ms, out.value);
    return out;
  }

  std::mt19937_64& random_;
  std::vector<std::string> ids_;
  std::vector<std::string> requests_;  // three of each message
  std::vector<i64> starts_;
};

/// Reads the history while it commits, asks, cools, is restarted and dies.
class Machine {
 public:
  Machine(const std::vector<Seen>& history, std::mt19937_64& random)
      : history_(history), random_(random) {
    start();
  }

  void run() {
    while (read_ < history_.size()) step();
    while (process_->ledger.waiting() > 0) {
      ask();
      answer();
    }
    commit();
  }
  const Account& books() const { return process_->books; }
  const MemoryStore& store() const { return store_; }
  /// The history without telemetry that came too late.
  std::vector<Seen> seen() const {
    std::vector<Seen> all;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      const auto* const request = std::get_if<RequestSeen>(&history_[i]);
      if (request == nullptr || request->source != Source::telemetry || taken_[i])
        all.push_back(history_[i]);
    }
    return all;
  }
  int waited = 0, restarts = 0, cooled = 0;

 private:
  void step() {
    const u64 what = random_() % 1000;
    if (what < 850) return read();
    if (what < 870) return commit();
    if (what < 920) return ask();
    if (what < 980) return answer();
    if (what < 994) return cool();
    if (what < 997) commit();  // an orderly end, else it dies
    restart();
  }
  void read() {
    const auto outcome =
        std::visit([&](const auto& seen) { return process_->see(seen); }, history_[read_]);
    const auto* const request = std::get_if<RequestSeen>(&history_[read_]);
    if (request != nullptr && request->source == Source::telemetry)
      told(outcome);
    else
      ASSERT_NE(outcome, Ledger::Outcome::refused);
    if (outcome == Ledger::Outcome::waits) ++waited;
    ++read_;
  }
  /// Who sends it hears whether it was taken, and that only once it is stored.
  void told(Ledger::Outcome outcome) {
    ASSERT_NE(outcome, Ledger::Outcome::waits);
    if (outcome == Ledger::Outcome::refused) return;
    taken_[read_] = true;
    commit();
  }
  /// What waits is not stored: reading begins there again.
  void commit() {
    store_.commit();
    stored_books_ = process_->books;
    if (process_->ledger.waiting() == 0) stored_read_ = read_;
  }
  void ask() {
    if (!asked_.empty()) return;
    asked_ = process_->ledger.take_wanted();
    found_ = store_.look_up(asked_);
  }
  void answer() {
    std::vector<StoredEvent> views;
    for (const OwnedEvent& owned : found_) views.push_back(owned.view());
    process_->ledger.thaw(std::exchange(asked_, {}), views);
    found_.clear();
  }
  void cool() {
    commit();
    hot_since_ms_ = std::max(hot_since_ms_, some_time());
    if (process_->ledger.waiting() == 0) ++cooled;
    process_->ledger.cool(hot_since_ms_);
  }
  void restart() {
    store_.lose_what_is_pending();
    read_ = stored_read_;
    asked_.clear();
    found_.clear();
    hot_since_ms_ = some_time();
    start();
    ++restarts;
  }
  void start() { process_ = std::make_unique<Process>(store_, stored_books_, hot_since_ms_); }
  i64 some_time() { return kMidnight_ms + static_cast<i64>(random_() % (22 * 24)) * kHour_ms; }

  const std::vector<Seen>& history_;
  std::vector<bool> taken_ = std::vector<bool>(history_.size());  // telemetry
  std::mt19937_64& random_;
  MemoryStore store_;
  Account stored_books_;
  std::unique_ptr<Process> process_;
  std::size_t read_ = 0, stored_read_ = 0;
  i64 hot_since_ms_ = kAllHot_ms;
  std::vector<u64> asked_;
  std::vector<OwnedEvent> found_;
};

TEST(LedgerMemory, ForgettingAndDyingChangesNothing) {
  std::mt19937_64 random(20261122);
  int waited = 0, restarts = 0, cooled = 0;
  std::size_t late = 0;
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(round);
    const History history(random, 60 + random() % 100, 2000);
    Machine machine(history.seen, random);
    machine.run();
    const std::vector<Seen> taken = machine.seen();
    late += history.seen.size() - taken.size();
    std::vector<RequestSeen> lines;
    std::vector<EventSeen> events;
    for (const Seen& seen : taken) {
      if (const auto* one = std::get_if<RequestSeen>(&seen)) lines.push_back(*one);
      if (const auto* one = std::get_if<EventSeen>(&seen)) events.push_back(*one);
    }
    const Account want = recount(lines, events);

    MemoryStore never_forgets;
    Process plain(never_forgets, {}, kAllHot_ms);
    for (const Seen& seen : taken) std::visit([&](const auto& one) { plain.see(one); }, seen);
    never_forgets.commit();
    ASSERT_EQ(plain.books.rows, want.rows);
    ASSERT_EQ(plain.books.events, want.events);
    ASSERT_EQ(plain.books.shared, want.shared);

    ASSERT_EQ(never_forgets.booked, want.rows.at("all"));
    ASSERT_EQ(never_forgets.counted().rows, want.rows);
    ASSERT_EQ(never_forgets.counted().events, want.events);

    ASSERT_EQ(machine.books().rows, want.rows);
    ASSERT_EQ(machine.books().events, want.events);
    ASSERT_EQ(machine.store().contents(), never_forgets.contents());
    for (const auto& [session, copies] : want.shared) {
      const auto at = machine.books().shared.find(session);
      ASSERT_TRUE(at != machine.books().shared.end() && at->second >= copies) << session;
    }
    waited += machine.waited;
    restarts += machine.restarts;
    cooled += machine.cooled;
  }
  EXPECT_GT(waited, 1500);
  EXPECT_GT(restarts, 20);
  EXPECT_GT(cooled, 30);
  EXPECT_GT(late, 100u);
}

}  // namespace
}  // namespace shmeter::collector
