// SPDX-License-Identifier: MIT
// What the ledger says to its journal, word for word.
#include <gtest/gtest.h>

#include "tests/ledger/books.hpp"

namespace shmeter::collector {
namespace {

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
  void join(const Joined& joined) override {
    said.push_back(joined.side_chain ? "join side" : "join");
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
  EXPECT_EQ(see(told("q1", 4)), (Said{"keep +q1 14", "book 1 4"}));
  EXPECT_EQ(see(line("n", "q1", 4)),
            (Said{"keep only - 14", "keep +q1 14", "join", "book -1 -4", "book 1 4"}));
  EXPECT_EQ(see(side(line("n", "q2", 4))), Said{"keep side -q2 14"}) << "joined already";
  EXPECT_EQ(see(line("n", "q1", 5)), (Said{"keep +q1 15", "join", "book -1 -4", "book 1 5"}))
      << "what is kept anew has no details";
  EXPECT_EQ(see(told("q1", 6)), (Said{"keep +q1 16", "keep only - 15", "book -1 -5", "book 1 6"}))
      << "telemetry knows more";
  sessions.intern("c");
  sessions.intern("d");
  ledger.name_sessions();
  ledger.name_sessions();
  EXPECT_EQ(diary.take(), (Said{"name 1 3 c", "name 1 4 d"}));
  const u32 model = ledger.model_number("claude-opus-5-5[1m]").value();
  EXPECT_EQ(diary.take(), Said{"name 2 1 claude-opus-5-5"}) << "it may be kept with a session";
  shm::Usage usage = shm::no_usage();
  usage.output_tokens = 3;
  ledger.book_reported({sessions.intern("e"), model, kMidnight_ms, usage});
  EXPECT_EQ(diary.take(), (Said{"name 1 5 e", "book 0 3"}));
  ledger.set_journal(nullptr);
  EXPECT_EQ(see(line("m9", "r9", 90)), Said{});
  ledger.name_sessions();
}

}  // namespace
}  // namespace shmeter::collector
