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
constexpr i64 kFailed = 1 << 14;
constexpr i64 kHasCall = 1 << 15;  // one of latency, endpoint, key is there

bool has_call(const StoredEvent& e) {
  return shm::known(e.call.latency_ms) || !e.call.endpoint.empty() || !e.call.key.empty();
}

i64 traits_of(const StoredEvent& e) {
  return static_cast<i64>(e.kind) | (e.counted ? kCountedTrait : 0) |
         static_cast<i64>(e.source) << kSourceShift | (e.fast ? kFast : 0) |
         (e.has_speed ? kHasSpeed : 0) | (e.us_inference ? kUsInference : 0) |
         (e.batch ? kBatch : 0) | (e.cost_given ? kCostGiven : 0) | (e.call.failed ? kFailed : 0) |
         (has_call(e) ? kHasCall : 0);
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
  e.call.failed = has(kFailed);
}

// Of kEventColumns: up to the name, up to the tokens, all.
constexpr int kPlainColumns = 12;
constexpr int kTokensColumns = 18;
constexpr int kAllColumns = 21;

std::string insert_sql(int count) {
  std::string columns;
  std::string places;
  std::string_view rest = kEventColumns;
  for (int i = 0; i < count; ++i) {
    const std::size_t comma = rest.find(',');
    columns.append(i == 0 ? "" : ",").append(rest.substr(0, comma));
    places += i == 0 ? "?" : ",?";
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  return "INSERT INTO event(" + columns + ")VALUES(" + places + ")";
}

}  // namespace

i64 first_event_id(i64 at_ms) { return std::clamp<i64>(at_ms, 0, kMaxEventTime_ms) * kPlaces; }
i64 event_time_ms(i64 id) { return id / kPlaces; }

i64 first_place(const StoredEvent& event) {
  const u64 name = mix_bits(event.key.message ^ mix_bits(event.key.request + event.side_chain));
  return first_event_id(event.at_ms) + static_cast<i64>(name % static_cast<u64>(kUpperHalf));
}

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
      {&made.insert_plain_, insert_sql(kPlainColumns)},
      {&made.insert_tokens_, insert_sql(kTokensColumns)},
      {&made.insert_all_, insert_sql(kAllColumns)},
      {&made.last_, "SELECT max(id) FROM event WHERE id>=? AND id<?"},
      {&made.remove_, "DELETE FROM event WHERE id=?"},
      {&made.count_, "UPDATE event SET traits=(traits&~16)|? WHERE id=?"}};
  static_assert(kCountedTrait == 16);
  for (const auto& [to, sql] : statements) {
    auto statement = db.prepare(sql);
    SHMETER_TRY(statement);
    *to = std::move(*statement);
  }
  return made;
}

int EventWriter::insert(const StoredEvent& e, i64 id) {
  const bool call = has_call(e);
  const bool tokens = call || e.tokens != Tokens{};
  Statement& to = call ? insert_all_ : tokens ? insert_tokens_ : insert_plain_;
  to.bind(1, id);
  to.bind_word(2, e.key.message);
  to.bind_word(3, e.key.request);
  to.bind(4, e.side_chain ? 1 : 0);
  to.bind(5, traits_of(e));
  to.bind(6, i64{e.session});
  e.model == kNone ? to.bind_null(7) : to.bind(7, i64{e.model});
  to.bind(8, i64{e.agent});
  to.bind(9, e.value);
  to.bind_known(10, e.cost_nanousd);
  to.bind_some(11, e.request_id);
  to.bind_some(12, e.name);
  if (tokens) {
    int at = kPlainColumns;
    for (const i64 count : {e.tokens.input, e.tokens.output, e.tokens.write_5m, e.tokens.write_1h,
                            e.tokens.read, e.tokens.web_searches})
      to.bind(++at, count);
  }
  if (call) {
    to.bind_known(19, e.call.latency_ms);
    to.bind_some(20, e.call.endpoint);
    to.bind_some(21, e.call.key);
  }
  return to.run();
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

Result<i64> EventWriter::add(const StoredEvent& event) {
  i64 id = first_place(event);
  int code = insert(event, id);
  if ((code & 0xff) == SQLITE_CONSTRAINT) {
    const auto free = free_place(event.at_ms);
    SHMETER_TRY(free);
    code = insert(event, id = *free);
  }
  SHMETER_TRY(db_->check(code, "write an event"));
  return id;
}

/// In its place, unless its time is another one.
Result<void> EventWriter::replace(const StoredEvent& event, i64 id) {
  remove_.bind(1, id);
  SHMETER_TRY(db_->check(remove_.run(), "replace an event"));
  if (event_time_ms(id) == event_time_ms(first_place(event)))
    return db_->check(insert(event, id), "write an event");
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
