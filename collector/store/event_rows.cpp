// SPDX-License-Identifier: MIT
// A new event is put at a place that its key names, in the lower half of its millisecond; when
// another one stands there, behind the last one of the upper half, which is filled in order. So an
// insert nearly always takes one step, and 2^18 events of one millisecond always find a place.
#include "collector/store/event_rows.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

constexpr i64 kPlaces = i64{1} << kPlaceBits;
constexpr i64 kUpperHalf = kPlaces / 2;

// traits, from the lowest bit: kind (4 bits), counted, source (4 bits), and these.
constexpr int kSourceShift = 5;
constexpr i64 kFast = 1 << 9;
constexpr i64 kHasSpeed = 1 << 10;
constexpr i64 kUsInference = 1 << 11;
constexpr i64 kBatch = 1 << 12;
constexpr i64 kCostGiven = 1 << 13;
constexpr i64 kHasCall = 1 << 15;  // one of latency, endpoint, key is there

i64 traits_of(const StoredEvent& e) {
  return static_cast<i64>(e.kind) | (e.counted ? kCountedTrait : 0) |
         static_cast<i64>(e.source) << kSourceShift | (e.fast ? kFast : 0) |
         (e.has_speed ? kHasSpeed : 0) | (e.us_inference ? kUsInference : 0) |
         (e.batch ? kBatch : 0) | (e.cost_given ? kCostGiven : 0) |
         (e.call.failed ? kFailedTrait : 0) | (has_call(e) ? kHasCall : 0);
}

void set_traits(StoredEvent& e, i64 traits) {
  const auto has = [traits](i64 bit) { return (traits & bit) != 0; };
  e.kind = static_cast<EventKind>(traits & kKindTraits);
  e.counted = has(kCountedTrait);
  e.source = static_cast<Source>(traits >> kSourceShift & 15);
  e.fast = has(kFast);
  e.has_speed = has(kHasSpeed);
  e.us_inference = has(kUsInference);
  e.batch = has(kBatch);
  e.cost_given = has(kCostGiven);
  e.call.failed = has(kFailedTrait);
}

// How many of kEventColumns an event needs: up to the name, up to the tokens, all.
constexpr std::array<int, 3> kColumnsOfForm = {12, 18, 21};

std::size_t form_of(const StoredEvent& e) { return has_call(e) ? 2 : e.tokens != Tokens{} ? 1 : 0; }

std::string first_columns(int count) {
  std::string_view all = kEventColumns;
  std::size_t end = 0;
  for (int i = 0; i < count; ++i) end = std::min(all.find(',', end + 1), all.size());
  return std::string(all.substr(0, end));
}

std::string insert_sql(int count) {
  std::string places = "?";
  for (int i = 1; i < count; ++i) places += ",?";
  return "INSERT INTO event(" + first_columns(count) + ")VALUES(" + places + ")";
}

/// Stops at the first row whose place is taken; those before it stay.
std::string insert_rows_sql(int count) {
  const std::string columns = first_columns(count);
  return "INSERT OR FAIL INTO event(" + columns + ")SELECT " + columns + " FROM " +
         EventRow::kTable + "(?)";
}

/// The other end of say_column() that binds.
class BoundValue {
 public:
  BoundValue(Statement& to, int at) : to_(to), at_(at) {}
  void number(i64 value) { to_.bind(at_, value); }
  void null() { to_.bind_null(at_); }
  void text(std::string_view text) { to_.bind(at_, text); }

 private:
  Statement& to_;
  int at_;
};

template <class To>
void say_column(const EventRow& row, int column, To&& to) {
  const StoredEvent& e = *row.event;
  const auto known = [&](i64 value) { shm::known(value) ? to.number(value) : to.null(); };
  const auto some = [&](std::string_view text) { text.empty() ? to.null() : to.text(text); };
  switch (column) {  // as kEventColumns
    case 0:
      return to.number(row.id);
    case 1:
      return to.number(static_cast<i64>(e.key.message));
    case 2:
      return to.number(static_cast<i64>(e.key.request));
    case 3:
      return to.number(e.side_chain ? 1 : 0);
    case 4:
      return to.number(traits_of(e));
    case 5:
      return to.number(e.session);
    case 6:
      return e.model == kNone ? to.null() : to.number(e.model);
    case 7:
      return to.number(e.agent);
    case 8:
      return to.number(e.value);
    case 9:
      return known(e.cost_nanousd);
    case 10:
      return some(e.request_id);
    case 11:
      return some(e.name);
    case 12:
      return to.number(e.tokens.input);
    case 13:
      return to.number(e.tokens.output);
    case 14:
      return to.number(e.tokens.write_5m);
    case 15:
      return to.number(e.tokens.write_1h);
    case 16:
      return to.number(e.tokens.read);
    case 17:
      return to.number(e.tokens.web_searches);
    case 18:
      return known(e.call.latency_ms);
    case 19:
      return some(e.call.endpoint);
    case 20:
      return some(e.call.key);
    default:
      return to.null();
  }
}

/// Failures, and requests with one of these traits.
std::string failed_or(i64 traits, const std::string& row) {
  const auto kind = [&](EventKind is) {
    return row + "traits&15=" + std::to_string(static_cast<int>(is));
  };
  return "(" + kind(EventKind::failure) + " OR " + kind(EventKind::tokens) + " AND " + row +
         "traits&" + std::to_string(traits) + ")";
}

}  // namespace

bool has_call(const StoredEvent& e) {
  return shm::known(e.call.latency_ms) || !e.call.endpoint.empty() || !e.call.key.empty();
}

bool tells_outcome(const StoredEvent& e) {
  return e.counted && (e.kind == EventKind::failure ||
                       (e.kind == EventKind::tokens && (e.call.failed || has_call(e))));
}

std::string failure_condition(const std::string& row) { return failed_or(kFailedTrait, row); }
std::string outcome_condition(const std::string& row) {
  return failed_or(kHasCall | kFailedTrait, row);
}

i64 first_event_id(i64 at_ms) { return std::clamp<i64>(at_ms, 0, kMaxEventTime_ms) * kPlaces; }
i64 event_time_ms(i64 id) { return id / kPlaces; }

i64 first_place(const StoredEvent& event) {
  const u64 name = mix_bits(event.key.message ^ mix_bits(event.key.request + event.side_chain));
  return first_event_id(event.at_ms) + static_cast<i64>(name % static_cast<u64>(kUpperHalf));
}

void EventRow::say(int column, RowValue& value) const { say_column(*this, column, value); }

void read_event(const Statement& from, StoredEvent& e) {
  e.at_ms = event_time_ms(from.number(0));
  e.key = {from.word(1), from.word(2)};
  e.side_chain = from.number(3) != 0;
  const i64 traits = from.number(4);
  set_traits(e, traits);
  e.session = from.small(5);
  e.model = from.is_null(6) ? kNone : from.small(6);
  e.agent = from.small(7);
  e.value = from.number(8);
  e.cost_nanousd = from.known(9);
  e.request_id = from.text(10);
  e.name = from.text(11);
  e.tokens = {};
  if (e.kind == EventKind::tokens)
    e.tokens = {from.number(12), from.number(13), from.number(14),
                from.number(15), from.number(16), from.number(17)};
  e.call.latency_ms = kUnknown;
  e.call.endpoint = e.call.key = {};
  if ((traits & kHasCall) == 0) return;
  e.call.latency_ms = from.known(18);
  e.call.endpoint = from.text(19);
  e.call.key = from.text(20);
}

void keep_texts(StoredEvent& event, TextBlocks& texts) {
  for (std::string_view* text :
       {&event.request_id, &event.name, &event.call.endpoint, &event.call.key})
    *text = texts.keep(*text);
}

Result<EventWriter> EventWriter::make(Connection& db, NewKeys& new_keys) {
  auto keys = KeyIndex::make(db, new_keys);
  SHMETER_TRY(keys);
  EventWriter made(db, std::move(*keys));
  const std::pair<Statement*, std::string> statements[] = {
      {&made.insert_[0], insert_sql(kColumnsOfForm[0])},
      {&made.insert_[1], insert_sql(kColumnsOfForm[1])},
      {&made.insert_[2], insert_sql(kColumnsOfForm[2])},
      {&made.insert_rows_[0], insert_rows_sql(kColumnsOfForm[0])},
      {&made.insert_rows_[1], insert_rows_sql(kColumnsOfForm[1])},
      {&made.insert_rows_[2], insert_rows_sql(kColumnsOfForm[2])},
      {&made.last_, "SELECT max(id) FROM event WHERE id>=? AND id<?"},
      {&made.remove_, "DELETE FROM event WHERE id=?"},
      {&made.count_, "UPDATE event SET traits=(traits&~16)|? WHERE id=?"},
      {&made.join_,
       "UPDATE event SET traits=(event.traits&~32768)|(told.traits&32768),"
       "latency_ms=told.latency_ms,endpoint=told.endpoint,payer=told.payer "
       "FROM event AS told WHERE event.id=? AND told.id=?"}};
  static_assert(kCountedTrait == 16 && kHasCall == 32768);
  for (const auto& [to, sql] : statements) {
    auto statement = db.prepare(sql);
    SHMETER_TRY(statement);
    *to = std::move(*statement);
  }
  return made;
}

int EventWriter::insert(const StoredEvent& event, i64 id) {
  const std::size_t form = form_of(event);
  Statement& to = insert_[form];
  for (int i = 0; i < kColumnsOfForm[form]; ++i) say_column({id, &event}, i, BoundValue(to, i + 1));
  return to.run();
}

Result<void> EventWriter::add(std::span<EventRow> rows) {
  const auto order = [](const EventRow& row) { return std::pair(form_of(*row.event), row.id); };
  std::sort(rows.begin(), rows.end(),
            [&](const EventRow& a, const EventRow& b) { return order(a) < order(b); });
  for (std::size_t form = 0; form < kForms; ++form) {
    const auto same = [&](const EventRow& row) { return form_of(*row.event) == form; };
    const auto end = std::find_if_not(rows.begin(), rows.end(), same);
    const auto count = static_cast<std::size_t>(end - rows.begin());
    SHMETER_TRY(insert(insert_rows_[form], rows.first(count)));
    rows = rows.subspan(count);
  }
  return {};
}

Result<void> EventWriter::insert(Statement& into, std::span<EventRow> rows) {
  while (!rows.empty()) {
    Rows<EventRow> run{rows};
    RowTable<EventRow>::bind(into, 1, run);
    const int code = into.run();
    if ((code & 0xff) != SQLITE_CONSTRAINT) return db_->check(code, "write an event");
    rows = rows.subspan(run.at);
    const auto free = free_place(rows.front().event->at_ms);
    SHMETER_TRY(free);
    rows.front().id = *free;
  }
  return {};
}

/// What else the row says was said before, and is not in `event`.
Result<void> EventWriter::set_counted(const StoredEvent& event, i64 id) {
  count_.bind(1, event.counted ? kCountedTrait : 0);
  count_.bind(2, id);
  return db_->check(count_.run(), "write an event");
}

Result<void> EventWriter::put(const StoredEvent& event, KeyIndex::To to) {
  const auto there = keys_.find(event);
  SHMETER_TRY(there);
  if (shm::known(*there))
    return event.only_counted ? set_counted(event, *there) : replace(event, *there);
  if (event.only_counted) return {};
  const auto id = add(event);
  SHMETER_TRY(id);
  return keys_.add(event, *id, to);
}

Result<void> EventWriter::join(const Joined& joined) {
  SHMETER_TRY(settle());  // a trigger takes back what it was
  StoredEvent named;
  named.key = joined.telemetry;
  const auto from = keys_.find(named);
  SHMETER_TRY(from);
  named.key = joined.request;
  named.side_chain = joined.side_chain;
  const auto to = keys_.find(named);
  SHMETER_TRY(to);
  join_.bind(1, *to);
  join_.bind(2, *from);
  return db_->check(join_.run(), "write an event");
}

Result<i64> EventWriter::add(const StoredEvent& event) {
  i64 id = first_place(event);
  int code = insert(event, id);
  if ((code & 0xff) == SQLITE_CONSTRAINT) {
    const auto free = free_place(event.at_ms);
    SHMETER_TRY(free);
    code = insert(event, id = *free);
  }
  SHMETER_TRY(db_->check(code, "write an event"));
  add_outcome(event, id);
  return id;
}

void EventWriter::add_outcome(const StoredEvent& event, i64 id) {
  if (keeps_outcomes_ && tells_outcome(event)) outcomes_.add(event, id);
}

/// In its place, unless its time is another one.
Result<void> EventWriter::replace(const StoredEvent& event, i64 id) {
  remove_.bind(1, id);
  SHMETER_TRY(db_->check(remove_.run(), "replace an event"));
  if (event_time_ms(id) == event_time_ms(first_place(event))) {
    SHMETER_TRY(db_->check(insert(event, id), "write an event"));
    add_outcome(event, id);
    return {};
  }
  const auto elsewhere = add(event);
  SHMETER_TRY(elsewhere);
  return keys_.moved(event, *elsewhere);
}

/// In the upper half of the millisecond. A full one gives a place in the next: such an event is
/// dated a millisecond late, after 262144 others of its own.
Result<i64> EventWriter::free_place(i64 at_ms) {
  for (i64 first = first_event_id(at_ms);; first += kPlaces) {
    last_.bind(1, first + kUpperHalf);
    last_.bind(2, first + kPlaces);
    const int code = last_.step();
    const i64 last = code == SQLITE_ROW ? last_.known(0) : kUnknown;
    last_.reset();
    SHMETER_TRY(db_->check(code, "read the events"));
    if (!shm::known(last)) return first + kUpperHalf;
    if (last + 1 < first + kPlaces) return last + 1;
    if (event_time_ms(first) == kMaxEventTime_ms)
      return fail(Errc::unavailable, db_->name() + ": too many events of one millisecond");
  }
}

}  // namespace shmeter::collector
