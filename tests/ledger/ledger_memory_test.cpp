// SPDX-License-Identifier: MIT
// The ledger with a store: a machine that forgets what is old, asks for it, is restarted and dies
// at any moment must end with the same books and the same rows as one that never forgot anything.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <variant>

#include "tests/ledger/books.hpp"
#include "tests/ledger/memory_store.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kHour_ms = 3'600'000;
constexpr i64 kAllHot_ms = std::numeric_limits<i64>::min();

/// A ledger with its journal, as long as the process lives.
struct Process {
  Interner sessions;
  Account books;
  Ledger ledger;
  Process(MemoryStore& store, Account carried, i64 hot_since_ms, const Prices& prices = Prices{})
      : books(std::move(carried)), ledger(prices, sessions, books) {
    books.ledger = &ledger;
    books.sessions = &sessions;
    for (const std::string& name : store.names(NameTable::session)) sessions.append(name);
    ledger.restore(store.names(NameTable::model), store.names(NameTable::agent), sessions.size(),
                   store.since(std::max(hot_since_ms, i64{0}) - Ledger::kStraddle_ms));
    ledger.set_journal(&store);
    ledger.set_hot_since(hot_since_ms);
  }
  Ledger::Outcome see(const RequestSeen& seen) {
    return ledger.apply(seen, sessions.intern(seen.session_id));
  }
  Ledger::Outcome see(const EventSeen& seen) {
    return ledger.apply(seen, sessions.intern(seen.session_id));
  }
  /// Asks, is answered at once.
  void ask(const MemoryStore& store) {
    const auto wanted = ledger.take_wanted();
    const auto found = store.look_up(wanted);
    std::vector<StoredEvent> views;
    for (const OwnedEvent& owned : found) views.push_back(owned.view());
    ledger.thaw(wanted, views);
  }
};

constexpr i64 kNow_ms = kMidnight_ms + 8 * kDay_ms;
constexpr i64 kOld_ms = kMidnight_ms - 3 * kDay_ms;

// ---- The journal --------------------------------------------------------------------------------

/// What was said, in the order it was said.
struct Diary : Journal {
  std::vector<std::string> said;
  void name(NameTable table, u32 number, std::string_view text) override {
    said.push_back("name " + std::to_string(static_cast<int>(table)) + ' ' +
                   std::to_string(number) + ' ' + std::string(text));
  }
  void keep(const StoredEvent& e) override {
    said.push_back(std::string("keep ") + (e.side_chain ? "side " : "") +
                   (e.only_counted ? "only " : "") + (e.counted ? "+" : "-") +
                   std::string(e.request_id) + std::string(e.name) + ' ' + std::to_string(e.value));
  }
  void book(const Booking& b) override {
    said.push_back("book " + std::to_string(b.amount.requests) + ' ' +
                   std::to_string(b.amount.output_tokens));
  }
  std::vector<std::string> take() { return std::exchange(said, {}); }
};

TEST(LedgerJournal, SaysNamesThenRowsThenBookings) {
  using Said = std::vector<std::string>;
  Interner sessions;
  Account books;
  Ledger ledger(Prices{}, sessions, books);
  books.ledger = &ledger;
  books.sessions = &sessions;
  Diary diary;
  ledger.set_journal(&diary);
  const auto see = [&](const auto& seen) {
    ledger.apply(seen, sessions.intern(seen.session_id));
    return diary.take();
  };
  sessions.intern("silent");
  EXPECT_EQ(see(side(line("m", "r1", 5))),
            (Said{"name 1 0 silent", "name 1 1 a", "name 2 0 claude-sonnet-5-5", "name 3 0 main",
                  "keep side +r1 15", "book 1 5"}));
  EXPECT_EQ(see(side(line("m", "r1", 5))), Said{}) << "nothing new";
  EXPECT_EQ(see(side(line("m", "r1", 4))), Said{}) << "less than what is kept";
  EXPECT_EQ(see(line("m", "r2", 7)),
            (Said{"keep side only - 15", "keep +r2 17", "book -1 -5", "book 1 7"}));
  EXPECT_EQ(see(side(line("m", "r3", 9))), Said{"keep side -r3 19"}) << "kept, not counted";
  EXPECT_EQ(see(line("m", "", 8)), (Said{"keep only - 17", "keep + 18", "book -1 -7", "book 1 8"}))
      << "without request id, and greater";
  EXPECT_EQ(see(line("m", "r2", 90)),
            (Said{"keep +r2 100", "keep only - 18", "book -1 -8", "book 1 90"}));
  EventSeen tool = event(EventKind::tool_call, "t", "b");
  tool.agent = "Explore";
  tool.name = "Bash";
  EXPECT_EQ(see(tool), (Said{"name 1 2 b", "name 3 1 Explore", "keep +Bash 1"}));
  sessions.intern("c");
  sessions.intern("d");
  ledger.name_sessions();
  ledger.name_sessions();
  EXPECT_EQ(diary.take(), (Said{"name 1 3 c", "name 1 4 d"}));
  ledger.set_journal(nullptr);
  EXPECT_EQ(see(line("m9", "r9", 90)), Said{});
  ledger.name_sessions();
}

// ---- Hot and cold -------------------------------------------------------------------------------

TEST(LedgerMemory, WithoutAJournalNothingWaitsAndNothingIsDropped) {
  Interner sessions;
  Account books;
  Ledger ledger(Prices{}, sessions, books);
  books.ledger = &ledger;
  books.sessions = &sessions;
  ledger.set_hot_since(kNow_ms);
  const u32 a = sessions.intern("a");
  EXPECT_EQ(ledger.apply(line("m", "r", 5), a), Ledger::Outcome::booked);
  EXPECT_EQ(ledger.apply(event(EventKind::message, "p"), a), Ledger::Outcome::booked);
  ledger.cool(kNow_ms);
  EXPECT_EQ(ledger.size(), 1u);
  EXPECT_EQ(ledger.event_count(), 1u);
  EXPECT_EQ(ledger.waiting(), 0u);
}

TEST(LedgerMemory, AForkOfAnOldConversationCountsNothing) {
  MemoryStore store;
  Process process(store, {}, kAllHot_ms);
  process.see(line("m", "r", 5, "old", kOld_ms));
  process.see(event(EventKind::tool_call, "t", "old", 1, kOld_ms));
  store.commit();
  process.ledger.cool(kMidnight_ms);
  EXPECT_EQ(process.ledger.size() + process.ledger.event_count(), 0u);
  const auto rows = process.books.rows;
  const auto events = process.books.events;

  EXPECT_EQ(process.see(line("m", "r", 5, "zfork", kOld_ms)), Ledger::Outcome::waits);
  EXPECT_EQ(process.see(event(EventKind::tool_call, "t", "zfork", 1, kOld_ms)),
            Ledger::Outcome::waits);
  EXPECT_EQ(process.see(line("m2", "r2", 5, "zfork", kNow_ms)), Ledger::Outcome::booked)
      << "nothing else waits for them";
  EXPECT_EQ(process.ledger.waiting(), 2u);
  process.ask(store);
  EXPECT_EQ(process.ledger.waiting(), 0u);
  process.books.post_all(
      "zfork", "claude-sonnet-5-5", kNow_ms,
      {-1, -10, -5, -100, 0, -1000,
       -*cost_nanousd(
           Prices{}.of("claude-sonnet-5-5"),
           {.at_ms = kNow_ms, .tokens = {.input = 10, .output = 5, .write_5m = 100, .read = 1000}}),
       0});
  EXPECT_EQ(process.books.rows, rows);
  EXPECT_EQ(process.books.events, events);
  EXPECT_EQ(process.books.shared, (std::map<std::string, int>{{"zfork", 1}}));
}

TEST(LedgerMemory, WhatTheStoreNeverHadCountsAsEver) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  process.see(line("m", "r", 5, "a", kOld_ms));
  process.see(line("m", "r", 500, "a", kOld_ms));
  process.see(event(EventKind::compute, "p", "a", 9, kOld_ms));
  EXPECT_TRUE(process.books.rows.empty());
  process.ask(store);
  EXPECT_EQ(process.books.rows.at("all").output_tokens, 500);
  EXPECT_EQ(process.books.events.at("kind 4 value"), 9);
  EXPECT_EQ(process.see(line("m", "r", 700, "a", kOld_ms)), Ledger::Outcome::booked)
      << "asked already";
}

TEST(LedgerMemory, EachMessageIsAskedForOnce) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  for (int i = 0; i < 5; ++i) {
    process.see(line("m1", "r", 5, "a", kOld_ms));
    process.see(line("m2", "r", 5 + i, "a", kOld_ms));
    process.see(line("m2", "", 5, "b", kOld_ms));
    process.see(event(EventKind::message, "p", "a", 1, kOld_ms));
  }
  const auto wanted = process.ledger.take_wanted();
  EXPECT_EQ(std::set<u64>(wanted.begin(), wanted.end()).size(), 3u);
  EXPECT_EQ(wanted.size(), 3u);
  EXPECT_TRUE(process.ledger.take_wanted().empty());
  process.see(line("m1", "r", 6, "a", kOld_ms));
  EXPECT_TRUE(process.ledger.take_wanted().empty()) << "on its way";
  process.ledger.thaw(std::span(wanted).first(1), {});
  EXPECT_EQ(process.books.rows.at("all").requests, 1) << "the rest goes on waiting";
  process.ledger.thaw(std::span(wanted).subspan(1), {});
  EXPECT_EQ(process.ledger.waiting(), 0u);
  EXPECT_EQ(process.books.rows.at("all").requests, 2);
}

TEST(LedgerMemory, LinesThatSayTheSameWaitAsOne) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  for (int i = 0; i < 1000; ++i) process.see(line("m", "r", i / 100, "a", kOld_ms));
  EXPECT_EQ(process.ledger.waiting(), 1u);
  process.ask(store);
  EXPECT_EQ(process.books.rows.at("all").output_tokens, 9);
}

TEST(LedgerMemory, LinesOfSeveralSessionsWaitEach) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  for (const std::string_view session : {"c", "a", "b"})
    process.see(line("m", "r", 5, session, kOld_ms));
  EXPECT_EQ(process.ledger.waiting(), 3u);
  process.ask(store);
  EXPECT_EQ(process.books.shared, (std::map<std::string, int>{{"b", 1}, {"c", 1}}));
}

TEST(LedgerMemory, WhatTheStoreIsAskedAboutStaysUntilItAnswers) {
  MemoryStore store;
  Process process(store, {}, kMidnight_ms);
  process.see(line("m", "r", 5, "a", kMidnight_ms - 1));
  const auto wanted = process.ledger.take_wanted();
  const auto found = store.look_up(wanted);  // nothing yet
  process.see(line("m", "r", 7, "a", kMidnight_ms));
  store.commit();
  process.ledger.cool(kMidnight_ms + 3 * kDay_ms);
  ASSERT_TRUE(found.empty());
  process.ledger.thaw(wanted, {});
  EXPECT_EQ(process.books.rows.at("all").requests, 1);
  EXPECT_EQ(process.books.rows.at("all").output_tokens, 7);
}

TEST(LedgerMemory, TakesBackWhatWasBookedThoughPricesChanged) {
  MemoryStore store;
  Account carried;
  {
    Process process(store, {}, kMidnight_ms);
    process.see(line("m", "r", 5, "a", kNow_ms));
    process.see(of_model(line("m2", "r2", 5, "a", kNow_ms), "glm-5.2"));
    process.see(costing(line("m3", "r3", 5, "a", kNow_ms), 3));
    store.commit();
    carried = process.books;
  }
  const Prices dearer({{.model = "claude-sonnet-5-5", .rates = {.output = 10'000}},
                       {.model = "glm-5-2", .rates = {.output = 10'000}}});
  Process process(store, carried, kMidnight_ms, dearer);
  process.see(line("m", "r", 6, "a", kNow_ms));
  process.see(of_model(line("m2", "r2", 6, "a", kNow_ms), "glm-5.2"));
  process.see(costing(line("m3", "r3", 6, "a", kNow_ms), 4));
  const shm::Usage all = process.books.rows.at("all");
  EXPECT_EQ(all.requests, 3);
  EXPECT_EQ(all.cost_nanousd, 6000 + 6000 + 4);
  EXPECT_EQ(all.unpriced_tokens, 0);
  EXPECT_TRUE(process.books.never_negative());
}

TEST(LedgerMemory, PassesOverStoredRowsThatCannotBe) {
  Interner sessions;
  sessions.intern("a");
  Account books;
  Ledger ledger(Prices{}, sessions, books);
  const std::vector<std::string> models = {"claude-opus-5-5"};
  StoredEvent good;
  good.key = {1, 2};
  good.model = 0;
  good.at_ms = 5;
  std::vector<StoredEvent> rows;
  const auto with = [&](auto change) {
    rows.push_back(good);
    rows.back().key.message = rows.size();
    change(rows.back());
  };
  with([](StoredEvent& e) { e.session = 1; });
  with([](StoredEvent& e) { e.model = 1; });
  with([](StoredEvent& e) { e.model = kNone; });
  with([](StoredEvent& e) { e.agent = 1; });
  with([](StoredEvent& e) { e.at_ms = -1; });
  with([](StoredEvent& e) { e.at_ms = RequestLog::kMaxTime_ms; });
  with([](StoredEvent& e) { e.tokens.input = -1; });
  with([](StoredEvent& e) { e.tokens.read = i64{1} << 32; });
  with([](StoredEvent& e) { e.cost_nanousd = -1; });
  with([](StoredEvent& e) { e.kind = EventKind::message, e.value = -1; });
  with([](StoredEvent& e) { e.kind = EventKind::message, e.value = EventLog::kMaxValue + 1; });
  ledger.restore(models, {}, 1, rows);
  EXPECT_EQ(ledger.size() + ledger.event_count(), 0u);
  const StoredEvent twice[] = {good, good};
  ledger.thaw({}, twice);
  EXPECT_EQ(ledger.size(), 1u);
  EXPECT_TRUE(books.rows.empty());
}

TEST(LedgerMemory, CoolingGivesMemoryBack) {
  MemoryStore store;
  Process process(store, {}, kAllHot_ms);
  std::string id;
  for (int i = 0; i < 10'000; ++i) {
    id = std::to_string(i);
    process.see(line(id, id, 5, "a", kMidnight_ms + i * kDay_ms / 500));
    process.see(event(EventKind::tool_call, id, "a", 1, kMidnight_ms + i * kDay_ms / 500));
  }
  const std::size_t before = process.ledger.bytes();
  store.commit();
  process.ledger.cool(kMidnight_ms + 19 * kDay_ms);
  EXPECT_EQ(process.ledger.size(), 1000u);
  EXPECT_EQ(process.ledger.event_count(), 1000u);
  EXPECT_LT(process.ledger.bytes(), before / 5);
}

// ---- Against one that never forgets -------------------------------------------------------------

using Seen = std::variant<RequestSeen, EventSeen>;

/// Twenty days, each message's lines within 20 hours: several requests, side chains, lines without
/// request id or message id, forks, placeholders, costs that were said, and events.
class History {
 public:
  History(std::mt19937_64& random, std::size_t messages, std::size_t size) : random_(random) {
    for (std::size_t i = 0; i < messages; ++i) {
      ids_.push_back("id-" + std::to_string(i));
      starts_.push_back(kMidnight_ms + number(20 * 24) * kHour_ms);
    }
    while (seen.size() < size) {
      if (!seen.empty() && random_() % 4 == 0)
        seen.push_back(seen[random_() % seen.size()]);  // read again
      else if (random_() % 3 == 0)
        seen.push_back(some_event());
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

  RequestSeen some_line() {
    static constexpr std::string_view kRequests[] = {"", "r1", "r2", "r3"};
    static constexpr std::string_view kSessions[] = {"s1", "s2", "s3", "s4", "s5"};
    static constexpr std::string_view kModels[] = {"claude-sonnet-5-5", "claude-opus-5-5[1m]",
                                                   "glm-1"};
    static constexpr std::string_view kAgents[] = {"", "", "Explore", "Plan"};
    const std::size_t id = random_() % ids_.size();
    const bool alone = random_() % 8 == 0;
    const std::string_view message = ids_[id];
    RequestSeen out = line(alone ? "" : message, alone ? "" : any(kRequests), 1 + number(3),
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
    ASSERT_NE(outcome, Ledger::Outcome::refused);
    if (outcome == Ledger::Outcome::waits) ++waited;
    ++read_;
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
    process_->ledger.cool(hot_since_ms_);
    ++cooled;
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
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(round);
    const History history(random, 60 + random() % 100, 2000);
    std::vector<RequestSeen> lines;
    std::vector<EventSeen> events;
    for (const Seen& seen : history.seen) {
      if (const auto* one = std::get_if<RequestSeen>(&seen)) lines.push_back(*one);
      if (const auto* one = std::get_if<EventSeen>(&seen)) events.push_back(*one);
    }
    const Account want = recount(lines, events);

    MemoryStore never_forgets;
    Process plain(never_forgets, {}, kAllHot_ms);
    for (const Seen& seen : history.seen)
      std::visit([&](const auto& one) { plain.see(one); }, seen);
    never_forgets.commit();
    ASSERT_EQ(plain.books.rows, want.rows);
    ASSERT_EQ(plain.books.events, want.events);
    ASSERT_EQ(plain.books.shared, want.shared);

    ASSERT_EQ(never_forgets.booked, want.rows.at("all"));
    ASSERT_EQ(never_forgets.counted().rows, want.rows);
    ASSERT_EQ(never_forgets.counted().events, want.events);

    Machine machine(history.seen, random);
    machine.run();
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
  EXPECT_GT(cooled, 60);
}

}  // namespace
}  // namespace shmeter::collector
