// SPDX-License-Identifier: MIT
#include "collector/report/api_outcomes.hpp"

namespace shmeter::collector {

EventFilter outcome_filter(const ApiTimes& times) {
  EventFilter filter;
  filter.from_ms = times.from_ms;
  filter.until_ms = times.until_ms;
  filter.pick = EventFilter::Pick::outcomes;
  return filter;
}

bool is_failed(const StoredEvent& event) {
  return event.kind == EventKind::failure || event.call.failed;
}

void ApiOutcomes::add(const StoredEvent& event) {
  if (event.kind == EventKind::failure)
    ++failures;
  else if (event.call.failed)
    ++failed_requests;
  if (!shm::known(event.call.latency_ms)) return;
  ++timed;
  latency_ms += event.call.latency_ms;
}

}  // namespace shmeter::collector
