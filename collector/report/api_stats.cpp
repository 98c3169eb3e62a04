// SPDX-License-Identifier: MIT
#include "collector/report/api_stats.hpp"

#include <algorithm>

#include "collector/ledger/ledger.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/report/api_reading.hpp"
#include "collector/report/export.hpp"
#include "collector/report/json_text.hpp"
#include "collector/report/numbers.hpp"

namespace shmeter::collector {
namespace {

struct Row {
  std::string_view name;
  ApiWork work;
};

std::vector<Row> sorted(std::vector<Row> rows) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return is_dearer(a.work.usage, a.name, b.work.usage, b.name);
  });
  return rows;
}

void write_work(JsonText& out, const ApiWork& work) {
  out.name("messages").number(work.messages);
  out.name("tool_calls").number(work.tool_calls);
  out.name("compute_seconds").number(work.compute_ms, 3);
}

void add_work(ApiWork& to, const ApiWork& work) {
  add(to.usage, work.usage);
  to.messages += work.messages;
  to.tool_calls += work.tool_calls;
  to.compute_ms += work.compute_ms;
}

template <class Write>
void write_rows(JsonText& out, std::string_view list, std::string_view name,
                const std::vector<Row>& rows, Write&& write) {
  out.name(list).open('[');
  for (const Row& row : rows) {
    out.open('{').name(name).text(row.name).usage(row.work.usage);
    write(row.work);
    out.close('}');
  }
  out.close(']');
}

/// Of who tells of prompts and turns the first that told of any counts, in a session.
std::size_t rank_of(Source source) {
  if (source == Source::derived || source == Source::telemetry) return 2;
  return source == Source::cli ? 1 : 0;
}

}  // namespace

void StatsTally::book(u32 session, u32 model, const shm::Usage& amount) {
  collector::add(session_usage_.try_emplace(session, shm::no_usage()).first->second, amount);
  collector::add(models_.try_emplace(model, shm::no_usage()).first->second, amount);
}

void StatsTally::add(const StoredEvent& event) {
  Part& part = sessions_[event.session][event.agent];
  const std::size_t rank = rank_of(event.source);
  switch (event.kind) {
    case EventKind::tokens:
      return collector::add(part.usage, usage_of(event));
    case EventKind::tool_call:
      part.tool_calls += event.value;
      return;
    case EventKind::message:
      part.messages[rank] += event.value;
      return;
    case EventKind::compute:
      part.compute_ms[rank] += event.value;
      return;
    case EventKind::failure:
      return;
  }
}

std::size_t StatsTally::rank(const Parts& parts, Told Part::*told) {
  for (std::size_t rank = 0; rank < kRanks; ++rank)
    for (const auto& [agent, part] : parts)
      if ((part.*told)[rank] != 0) return rank;
  return 0;
}

std::string StatsTally::json(const Catalogue& catalogue) const {
  std::map<u32, ApiWork> agents, sessions;
  for (const auto& [session, parts] : sessions_) {
    const std::size_t messages = rank(parts, &Part::messages);
    const std::size_t compute = rank(parts, &Part::compute_ms);
    for (const auto& [agent, part] : parts) {
      const ApiWork work{part.usage, part.messages[messages], part.tool_calls,
                         part.compute_ms[compute]};
      add_work(agents[agent], work);
      add_work(sessions[session], work);
    }
    sessions[session].usage = shm::no_usage();  // the books say, which know more than events
  }
  ApiWork all;
  for (const auto& [session, usage] : session_usage_) sessions[session].usage = usage;
  std::vector<Row> by_agent, by_session, by_model;
  for (const auto& [agent, work] : agents) by_agent.push_back({catalogue.agent(agent), work});
  for (const auto& [session, work] : sessions) {
    by_session.push_back({catalogue.session_id(session), work});
    add_work(all, work);
  }
  for (const auto& [model, usage] : models_) {
    const std::string_view name = catalogue.model(model);
    by_model.push_back({name.empty() ? "unknown" : name, {usage}});
  }
  JsonText out;
  const auto with_work = [&](const ApiWork& work) { write_work(out, work); };
  out.open('{').name("total_tokens").number(shm::total_tokens(all.usage));
  out.name("total_cost").number(known_cost(all.usage), 9);
  out.name("requests").number(all.usage.requests);
  write_work(out, all);
  write_rows(out, "by_agent", "agent_name", sorted(std::move(by_agent)), with_work);
  write_rows(out, "by_session", "session_id", sorted(std::move(by_session)), with_work);
  write_rows(out, "by_model", "model", sorted(std::move(by_model)), [](const ApiWork&) {});
  return out.close('}').take();
}

ApiResult<std::string> answer_stats(StoreReader& store, const ApiQuery& query,
                                    const ApiContext& context) {
  const auto reading = ApiReading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  auto scope = reading->scope(query, context.config);
  if (!scope) return tl::unexpected(scope.error());
  StatsTally tally;
  if (scope->nobody) return tally.json(reading->catalogue());
  // The books know no agents: what one of them used is in its events only.
  const bool by_events = scope->filter.agent.has_value();
  scope->filter.texts = false;
  const auto read = reading->events(scope->filter, [&](const StoredEvent& event) {
    if (!scope->has(event.session)) return true;
    tally.add(event);
    if (by_events && event.kind == EventKind::tokens)
      tally.book(event.session, event.model, usage_of(event));
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  if (!by_events && query.event_type.value_or(EventKind::tokens) == EventKind::tokens) {
    const auto booked =
        reading->amounts_by_day({query.after_ms, query.before_ms},
                                [&](i64, const RollupKey& key, const shm::Usage& amount) {
                                  if (scope->has(key.session))
                                    tally.book(key.session, key.model, amount);
                                });
    if (!booked) return tl::unexpected(booked.error());
  }
  return tally.json(reading->catalogue());
}

}  // namespace shmeter::collector
