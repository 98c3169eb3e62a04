// SPDX-License-Identifier: MIT
#include "collector/report/gather.hpp"

#include <algorithm>

#include "collector/report/agents.hpp"
#include "collector/report/catalogue.hpp"
#include "collector/report/export.hpp"
#include "collector/report/reading.hpp"
#include "collector/report/tally.hpp"

namespace shmeter::collector {
namespace {

Result<Catalogue> read_catalogue(StoreReader& store) {
  auto names = store.names();
  if (!names) return tl::unexpected(names.error());
  auto accounts = store.accounts();
  if (!accounts) return tl::unexpected(accounts.error());
  auto sessions = store.sessions();
  if (!sessions) return tl::unexpected(sessions.error());
  return Catalogue(std::move(*names), std::move(*accounts), std::move(*sessions));
}

i64 quarter(i64 at_s) { return shm::known(at_s) ? at_s / 900 : kUnknown; }
i64 milliseconds(i64 at_s) { return shm::known(at_s) ? at_s * 1000 : kUnknown; }

bool is_chosen(const std::vector<bool>& chosen, u32 session) {
  return session < chosen.size() && chosen[session];
}

Result<Report> count_blocks(const Question& question, BlockMode mode, const Calendar& calendar,
                            StoreReader& store, const Catalogue& catalogue,
                            const std::vector<bool>& chosen, i64 now_ms) {
  BlockTally tally(question, mode, calendar, catalogue);
  EventFilter filter;
  filter.kind = EventKind::tokens;
  const auto read = store.events(filter, [&](const StoredEvent& event) {
    if (is_chosen(chosen, event.session)) tally.add(event.at_ms, event.model, usage_of(event));
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  return tally.report(now_ms);
}

/// Of the one session that was asked for, within the days asked for.
Result<void> add_agents(const Question& question, const Calendar& calendar, StoreReader& store,
                        const Catalogue& catalogue, const std::vector<bool>& chosen,
                        Report& report) {
  const auto number = std::find(chosen.begin(), chosen.end(), true);
  if (report.rows.empty() || number == chosen.end()) return {};
  const Range range = range_of(question, calendar);
  EventFilter filter;
  filter.from_ms = milliseconds(range.from_s);
  filter.until_ms = milliseconds(range.until_s);
  filter.session = static_cast<u32>(number - chosen.begin());
  AgentTally tally;
  const auto read = store.events(filter, [&](const StoredEvent& event) {
    tally.add(event);
    return true;
  });
  if (!read) return read;
  std::get<SessionFacts>(report.rows.front().about).agents = tally.sums(catalogue);
  return {};
}

}  // namespace

Result<Report> make_report(const Question& question, BlockMode mode, const Calendar& calendar,
                           StoreReader& store, i64 now_ms) {
  const auto reading = Reading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  const auto catalogue = read_catalogue(store);
  if (!catalogue) return tl::unexpected(catalogue.error());
  const auto chosen = catalogue->choose(question);
  if (!chosen) return tl::unexpected(chosen.error());
  if (question.verb == ReportVerb::blocks)
    return count_blocks(question, mode, calendar, store, *catalogue, *chosen, now_ms);
  Tally tally(question, calendar, *catalogue, *chosen);
  const Range range = range_of(question, calendar);
  const auto read = store.rollups(
      quarter(range.from_s), quarter(range.until_s),
      [&](const RollupKey& key, const shm::Usage& amount) { tally.add(key, amount); });
  if (!read) return tl::unexpected(read.error());
  Report report = tally.report();
  if (question.session.empty()) return report;
  const auto added = add_agents(question, calendar, store, *catalogue, *chosen, report);
  if (!added) return tl::unexpected(added.error());
  return report;
}

Result<void> write_export(const Question& question, const Calendar& calendar, StoreReader& store,
                          const TextSink& sink) {
  const auto reading = Reading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  const auto catalogue = read_catalogue(store);
  if (!catalogue) return tl::unexpected(catalogue.error());
  const auto chosen = catalogue->choose(question);
  if (!chosen) return tl::unexpected(chosen.error());
  ExportWriter writer(question.format.value_or(ExportFormat::csv),
                      question.redact ? Redact::yes : Redact::no, *catalogue);
  if (!sink(writer.header())) return {};
  const Range range = range_of(question, calendar);
  EventFilter filter;
  filter.from_ms = milliseconds(range.from_s);
  filter.until_ms = milliseconds(range.until_s);
  filter.newest_first = question.order == Order::descending;
  i64 left = question.limit.value_or(std::numeric_limits<i64>::max());
  return store.events(filter, [&](const StoredEvent& event) {
    if (!is_chosen(*chosen, event.session)) return true;
    const std::string line = writer.line(event);
    return line.empty() || (sink(line) && --left > 0);
  });
}

}  // namespace shmeter::collector
