// SPDX-License-Identifier: MIT
#include "collector/store/reprice.hpp"

#include <map>
#include <vector>

#include "collector/ledger/ledger.hpp"
#include "collector/store/load.hpp"

namespace shmeter::collector {
namespace {

constexpr int kChunk = 1000;  // events read before those among them that changed are written
constexpr i64 kQuarter_ms = i64{900} * 1000;

struct Changed {
  i64 id;
  i64 cost_nanousd;
};

/// What a request's cost adds to the sums.
shm::Usage priced(i64 cost_nanousd, const Tokens& tokens) {
  shm::Usage usage = shm::no_usage();
  if (shm::known(cost_nanousd))
    usage.cost_nanousd = cost_nanousd;
  else
    usage.unpriced_tokens = tokens.total();
  return usage;
}

i64 ring_difference(i64 a, i64 b) {
  return static_cast<i64>(static_cast<u64>(a) - static_cast<u64>(b));
}

class Repricing {
 public:
  using CostOf = std::function<i64(std::string_view, const StoredEvent&)>;
  Repricing(Connection& db, std::vector<std::string> models, const CostOf& cost)
      : db_(db), models_(std::move(models)), cost_(cost) {}

  Result<void> events() {
    auto read = db_.prepare(std::string("SELECT ") + kEventColumns +
                            " FROM event WHERE id>? AND traits&15=1 ORDER BY id LIMIT ?");
    SHMETER_TRY(read);
    auto write = db_.prepare("UPDATE event SET cost_nanousd=? WHERE id=?");
    SHMETER_TRY(write);
    for (i64 last = -1; shm::known(last);) {
      auto next = chunk(*read, last);
      SHMETER_TRY(next);
      last = *next;
      for (const Changed& one : changed_) {
        write->bind_known(1, one.cost_nanousd);
        write->bind(2, one.id);
        SHMETER_TRY(db_.check(write->run(), "write a cost"));
      }
    }
    return {};
  }

  Result<void> sums(BatchWriter& writer) {
    SHMETER_TRY(writer.add_rollups(rollups_));
    std::map<u32, shm::Usage> by_session;
    for (const auto& [key, usage] : rollups_)
      add(by_session.try_emplace(key.session, shm::no_usage()).first->second, usage);
    // A session that says nothing about its cost goes on saying nothing.
    auto write = db_.prepare(
        "UPDATE session SET counted_cost_nanousd=ring_add(counted_cost_nanousd,?1),"
        "counted_unpriced_tokens=ring_add(counted_unpriced_tokens,?2),"
        "usage_cost_nanousd=CASE WHEN usage_cost_nanousd IS NULL THEN NULL "
        "ELSE ring_add(usage_cost_nanousd,?1)END,"
        "usage_unpriced_tokens=CASE WHEN usage_unpriced_tokens IS NULL THEN NULL "
        "ELSE ring_add(usage_unpriced_tokens,?2)END WHERE number=?3");
    SHMETER_TRY(write);
    for (const auto& [session, usage] : by_session) {
      write->bind(1, usage.cost_nanousd);
      write->bind(2, usage.unpriced_tokens);
      write->bind(3, i64{session});
      SHMETER_TRY(db_.check(write->run(), "write a session"));
    }
    return {};
  }

 private:
  /// Looks at events behind `last`; answers with the last one it saw, kUnknown = there was none.
  Result<i64> chunk(Statement& read, i64 last) {
    changed_.clear();
    read.bind(1, last);
    read.bind(2, kChunk);
    i64 seen = kUnknown;
    int code = SQLITE_ROW;
    while ((code = read.step()) == SQLITE_ROW) {
      StoredEvent event;
      read_event(read, event);
      seen = read.number(0);
      look_at(event, seen);
    }
    read.reset();
    SHMETER_TRY(db_.check(code, "read the events"));
    return seen;
  }

  void look_at(const StoredEvent& event, i64 id) {
    if (event.cost_given) return;
    const std::string_view model =
        event.model < models_.size() ? std::string_view(models_[event.model]) : std::string_view();
    const i64 cost = cost_(model, event);
    if (cost == event.cost_nanousd) return;
    changed_.push_back({id, cost});
    if (!event.counted) return;
    const shm::Usage before = priced(event.cost_nanousd, event.tokens);
    shm::Usage change = priced(cost, event.tokens);
    change.cost_nanousd = ring_difference(change.cost_nanousd, before.cost_nanousd);
    change.unpriced_tokens = ring_difference(change.unpriced_tokens, before.unpriced_tokens);
    const RollupKey key{event.at_ms / kQuarter_ms, event.session, event.model};
    add(rollups_.try_emplace(key, shm::no_usage()).first->second, change);
  }

  Connection& db_;
  std::vector<std::string> models_;
  const CostOf& cost_;
  std::vector<Changed> changed_;
  std::map<RollupKey, shm::Usage> rollups_;
};

}  // namespace

Result<void> reprice_events(Connection& db, BatchWriter& writer, const std::string& price_list,
                            const std::function<i64(std::string_view, const StoredEvent&)>& cost) {
  auto names = load_names(db);
  SHMETER_TRY(names);
  Repricing repricing(db, std::move(names->models), cost);
  SHMETER_TRY(repricing.events());
  SHMETER_TRY(repricing.sums(writer));
  auto list = db.prepare("INSERT OR REPLACE INTO meta(key,value)VALUES('price_list',?)");
  SHMETER_TRY(list);
  list->bind(1, std::string_view(price_list));
  return db.check(list->run(), "write the price list's name");
}

}  // namespace shmeter::collector
