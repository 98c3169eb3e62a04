// SPDX-License-Identifier: MIT
// A page of events: one more than was asked for is read, which tells whether there is another page.
#include "collector/report/api_answers.hpp"
#include "collector/report/api_cursor.hpp"
#include "collector/report/api_reading.hpp"
#include "collector/report/export.hpp"
#include "collector/report/json_text.hpp"

namespace shmeter::collector {
namespace {

std::string finish(JsonText& out, const std::optional<EventFilter::Position>& next) {
  out.close(']').name("next_cursor").text_or_null(next ? write_cursor(*next) : "");
  return out.name("has_more").flag(next.has_value()).close('}').take();
}

}  // namespace

ApiResult<std::string> answer_events(StoreReader& store, const ApiQuery& query,
                                     const ApiContext& context) {
  const auto reading = ApiReading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  auto scope = reading->scope(query, context.config);
  if (!scope) return tl::unexpected(scope.error());
  JsonText out;
  out.open('{').name("events").open('[');
  if (scope->nobody) return finish(out, {});
  scope->filter.newest_first = true;
  scope->filter.behind = query.cursor;
  ExportWriter writer(ExportFormat::jsonl, Redact::no, reading->catalogue());
  i64 taken = 0;
  bool more = false;
  EventFilter::Position last;
  const auto read = reading->events(scope->filter, [&](const StoredEvent& event) {
    if (!scope->has(event.session)) return true;
    more = taken == query.limit;
    if (more) return false;
    const std::string line = writer.line(event);
    out.value(std::string_view(line).substr(0, line.size() - 1));
    last = {event.at_ms, event.key};
    return ++taken > 0;
  });
  if (!read) return tl::unexpected(read.error());
  return finish(out, more ? std::optional(last) : std::nullopt);
}

}  // namespace shmeter::collector
