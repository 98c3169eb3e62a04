// SPDX-License-Identifier: MIT
// Events as rows of the table `event`. Invariant: there is one row for each (message, request,
// side_chain), and ids are in the order of time.
#pragma once

#include <array>
#include <span>
#include <string>

#include "collector/ledger/journal.hpp"
#include "collector/store/key_index.hpp"
#include "collector/store/outcome_sums.hpp"
#include "collector/store/row_table.hpp"
#include "collector/store/schema.hpp"
#include "collector/store/text_blocks.hpp"

namespace shmeter::collector {

/// What read_event() wants selected, in this order.
inline constexpr const char* kEventColumns =
    "id,message,request,side_chain,traits,session,model,agent,value,cost_nanousd,request_id,name,"
    "input,output,write_5m,write_1h,read,web_searches,latency_ms,endpoint,payer";

/// The same for what a ledger keeps in memory: without texts and details of calls.
inline constexpr const char* kKeptColumns =
    "id,message,request,side_chain,traits,session,model,agent,value,cost_nanousd,NULL,NULL,"
    "input,output,write_5m,write_1h,read,web_searches,NULL,NULL,NULL";

/// For SQL: traits of counted events of a kind.
inline constexpr i64 kCountedTrait = 16;
inline constexpr i64 kKindTraits = 15;
inline constexpr i64 kFailedTrait = 1 << 14;
/// For SQL: failures, and requests that failed; with details of their call or without. `row` stands
/// before each column.
std::string failure_condition(const std::string& row = "");
/// For SQL: failures, and requests that failed or have details of their call.
std::string outcome_condition(const std::string& row = "");
/// True: latency, endpoint or payer of its call are known.
bool has_call(const StoredEvent& event);
/// What outcome_condition() says of it, when it is counted.
bool tells_outcome(const StoredEvent& event);

/// Smallest id an event of that time can have; times out of range count as the nearest in it.
i64 first_event_id(i64 at_ms);
i64 event_time_ms(i64 id);
/// Where an event is put unless another one stands there.
i64 first_place(const StoredEvent& event);

/// The current row; its texts live until the next step().
void read_event(const Statement& from, StoredEvent& to);
/// Texts that live in `texts` from then on.
void keep_texts(StoredEvent& event, TextBlocks& texts);

/// An event and where it is put, as SQL reads it.
struct EventRow {
  i64 id = 0;
  const StoredEvent* event = nullptr;

  static constexpr const char* kTable = "event_rows";
  static constexpr const char* kColumns = kEventColumns;
  void say(int column, RowValue& value) const;
};

/// Puts events into the table, inside the caller's transaction.
class EventWriter {
 public:
  /// Both must stay where they are.
  static Result<EventWriter> make(Connection& db, NewKeys& new_keys);

  /// Before the first put() of a transaction. When outcomes are left out, there are no triggers,
  /// and fill_outcome_sums() is called behind all.
  enum class Outcomes { kept, left_out };
  void begin(Outcomes outcomes) {
    outcomes_.forget();
    keeps_outcomes_ = outcomes == Outcomes::kept;
  }
  /// Behind the last one.
  Result<void> settle() { return outcomes_.settle(); }
  /// New, its key then put as `to` says, or in place of the one with the same key and chain; one
  /// that says `only_counted` leaves the rest of that as it is.
  Result<void> put(const StoredEvent& event, KeyIndex::To to);
  /// Of two that are there; nothing happens when one is not.
  Result<void> join(const Joined& joined);
  /// All of them without their keys, and never the same key and chain twice; at their first places,
  /// or where the rows then say. Their outcomes are in no sum (fill_outcome_sums()).
  Result<void> add(std::span<EventRow> rows);

 private:
  EventWriter(Connection& db, KeyIndex keys) : db_(&db), keys_(std::move(keys)), outcomes_(db) {}
  void add_outcome(const StoredEvent& event, i64 id);
  Result<i64> add(const StoredEvent& event);
  int insert(const StoredEvent& event, i64 id);
  Result<void> insert(Statement& into, std::span<EventRow> rows);
  Result<i64> free_place(i64 at_ms);
  Result<void> replace(const StoredEvent& event, i64 id);
  Result<void> set_counted(const StoredEvent& event, i64 id);

  Connection* db_;
  KeyIndex keys_;
  OutcomeAdder outcomes_;
  bool keeps_outcomes_ = true;
  // By how many columns the event needs: to say NULL costs as much as to say a number, and most
  // events are tool calls or requests from a transcript.
  static constexpr std::size_t kForms = 3;
  std::array<Statement, kForms> insert_, insert_rows_;
  Statement last_, remove_, count_, join_;
};

}  // namespace shmeter::collector
