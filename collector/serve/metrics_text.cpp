// SPDX-License-Identifier: MIT
#include "collector/serve/metrics_text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "collector/serve/metrics_writer.hpp"

namespace shmeter::collector {
namespace {

using shm::i64;
using shm::known;
using enum MetricType;

constexpr double kNano = 1e9;
constexpr double kPpm = 1e6;

struct Kind {
  std::string_view name;
  i64 shm::Usage::*count;
};
constexpr std::array<Kind, 5> kKinds = {{{"input", &shm::Usage::input_tokens},
                                         {"output", &shm::Usage::output_tokens},
                                         {"cache_creation_5m", &shm::Usage::cache_write_5m_tokens},
                                         {"cache_creation_1h", &shm::Usage::cache_write_1h_tokens},
                                         {"cache_read", &shm::Usage::cache_read_tokens}}};

/// Costs are gauges: a price that is corrected makes them fall.
void models(MetricsWriter& out, const shm::Picture& picture, HighWater& said) {
  out.family("shmeter_requests_total", counter, "API responses, each counted once.");
  for (const shm::Model& one : picture.models)
    out.sample({{"model", one.model.view()}},
               said.of("requests", one.model.view(), {}, one.usage.requests));
  out.family("shmeter_tokens_total", counter, "Tokens of counted responses.");
  for (const shm::Model& one : picture.models)
    for (const Kind& kind : kKinds)
      out.sample({{"model", one.model.view()}, {"kind", kind.name}},
                 said.of("tokens", one.model.view(), kind.name, one.usage.*kind.count));
  out.family("shmeter_cost_usd", gauge, "List price of all priced responses.");
  for (const shm::Model& one : picture.models)
    out.sample({{"model", one.model.view()}}, one.usage.cost_nanousd, kNano);
  out.family("shmeter_unpriced_tokens", gauge, "Tokens of models without a known price.");
  for (const shm::Model& one : picture.models)
    out.sample({{"model", one.model.view()}}, one.usage.unpriced_tokens);
}

/// Calls `take(window's name, window)` for each that runs.
template <class Take>
void each_window(const shm::Account& account, i64 now_s, Take&& take) {
  const auto one = [&](std::string_view name, const shm::Window& window) {
    const bool runs =
        known(window.used_ppm) && !(known(window.resets_at_s) && window.resets_at_s <= now_s);
    if (!name.empty() && runs) take(name, window);
  };
  one("five_hour", account.five_hour);
  one("seven_day", account.seven_day);
  for (const auto* scoped :
       {&account.scoped_1, &account.scoped_2, &account.scoped_3, &account.scoped_4})
    one(scoped->label.view(), scoped->window);
}

/// A family whose samples are one member of each record.
template <class Record>
struct Family {
  std::string_view name;
  MetricType type;
  std::string_view help;
  i64 Record::*value;
  double parts = 1;
};

constexpr std::array<Family<shm::Window>, 3> kOfWindows = {
    {{"shmeter_quota_used_ratio", gauge,
      "Share of a limit window that is used, as the service said.", &shm::Window::used_ppm, kPpm},
     {"shmeter_quota_reset_timestamp_seconds", gauge, "When the window resets.",
      &shm::Window::resets_at_s},
     {"shmeter_quota_observed_timestamp_seconds", gauge, "When the service said so.",
      &shm::Window::observed_at_s}}};

constexpr std::array<Family<shm::Account>, 8> kOfAccounts = {
    {{"shmeter_week_cost_usd", gauge, "List price of the last 168 hours.",
      &shm::Account::weekly_used_nanousd, kNano},
     {"shmeter_week_budget_usd", gauge, "Budget for 168 hours.",
      &shm::Account::weekly_budget_nanousd, kNano},
     {"shmeter_health_ratio", gauge, "Health score, 1 is best.", &shm::Account::health_ppm, kPpm},
     {"shmeter_five_hour_projected_ratio", gauge,
      "The five-hour window at its reset, by its slope.", &shm::Account::five_hour_projected_ppm,
      kPpm},
     {"shmeter_seven_day_projected_ratio", gauge,
      "The seven-day window at its reset, by its slope.", &shm::Account::seven_day_projected_ppm,
      kPpm},
     {"shmeter_period_input_tokens_limit", gauge, "Configured limit per [usage] period.",
      &shm::Account::input_tokens_limit},
     {"shmeter_period_output_tokens_limit", gauge, "Configured limit per [usage] period.",
      &shm::Account::output_tokens_limit},
     {"shmeter_last_request_timestamp_seconds", gauge, "The newest request.",
      &shm::Account::last_request_at_s}}};

constexpr std::array<Family<shm::Summary>, 6> kOfTheCollector = {
    {{"shmeter_damaged_lines_total", counter, "Lines that were not what they must be.",
      &shm::Summary::damaged_lines},
     {"shmeter_skipped_lines_total", counter, "Lines over the size limit.",
      &shm::Summary::skipped_lines},
     {"shmeter_dropped_datagrams_total", counter, "Ingest datagrams that were refused.",
      &shm::Summary::dropped_datagrams},
     {"shmeter_unreadable_files", gauge, "Files or folders that cannot be read.",
      &shm::Summary::unreadable_files},
     {"shmeter_scan_files_read", gauge, "Transcripts the first scan has read.",
      &shm::Summary::files_read},
     {"shmeter_scan_files", gauge, "Transcripts the first scan has found.",
      &shm::Summary::files_known}}};

/// Calls `each(family)` behind the head of each family.
template <class Families, class Each>
void all(MetricsWriter& out, const Families& families, Each&& each) {
  for (const auto& family : families) {
    out.family(family.name, family.type, family.help);
    each(family);
  }
}

void quota(MetricsWriter& out, const shm::Picture& picture, i64 now_s) {
  all(out, kOfWindows, [&](const auto& family) {
    for (const shm::Account& account : picture.accounts)
      each_window(account, now_s, [&](std::string_view name, const shm::Window& window) {
        out.sample({{"account", account.name.view()}, {"window", name}}, window.*family.value,
                   family.parts);
      });
  });
}

/// What each account's sessions used, in the order of the accounts; unknown while theirs is.
std::vector<shm::Usage> used_by_accounts(const shm::Picture& picture) {
  std::vector<shm::Usage> used(picture.accounts.size(), shm::no_usage());
  const bool complete =
      picture.summary.completeness == static_cast<i64>(shm::Completeness::complete);
  if (!complete) return std::vector<shm::Usage>(used.size());
  for (const shm::Session* session : picture.sessions) {
    const auto account = static_cast<std::size_t>(session->account);
    if (!known(session->account) || account >= used.size() || !known(session->usage)) continue;
#define SHMETER_ADD(type, name, unit, help) used[account].name += session->usage.name;
    SHMETER_USAGE_FIELDS(SHMETER_ADD)
#undef SHMETER_ADD
  }
  return used;
}

/// Sums over the sessions an account owns now: gauges, for a session may turn out to be another
/// account's.
void account_sums(MetricsWriter& out, const shm::Picture& picture) {
  const std::vector<shm::Usage> used = used_by_accounts(picture);
  const auto each = [&](auto&& say) {
    for (std::size_t i = 0; i < used.size(); ++i) say(picture.accounts[i].name.view(), used[i]);
  };
  out.family("shmeter_account_requests", gauge, "API responses of the account's sessions.");
  each([&](std::string_view name, const shm::Usage& usage) {
    out.sample({{"account", name}}, usage.requests);
  });
  out.family("shmeter_account_tokens", gauge, "Tokens of the account's sessions.");
  each([&](std::string_view name, const shm::Usage& usage) {
    for (const Kind& kind : kKinds)
      out.sample({{"account", name}, {"kind", kind.name}}, usage.*kind.count);
  });
  out.family("shmeter_account_cost_usd", gauge, "List price of the account's sessions.");
  each([&](std::string_view name, const shm::Usage& usage) {
    out.sample({{"account", name}}, usage.cost_nanousd, kNano);
  });
}

void accounts(MetricsWriter& out, const shm::Picture& picture) {
  all(out, kOfAccounts, [&](const auto& family) {
    for (const shm::Account& account : picture.accounts)
      out.sample({{"account", account.name.view()}}, account.*family.value, family.parts);
  });
  out.family("shmeter_period_requests", gauge, "API responses of the running [usage] period.");
  for (const shm::Account& account : picture.accounts)
    out.sample({{"account", account.name.view()}}, account.period.requests);
  out.family("shmeter_period_tokens", gauge, "Tokens of the running [usage] period.");
  for (const shm::Account& account : picture.accounts)
    for (const Kind& kind : kKinds)
      out.sample({{"account", account.name.view()}, {"kind", kind.name}},
                 account.period.*kind.count);
  out.family("shmeter_period_cost_usd", gauge, "List price of the running [usage] period.");
  for (const shm::Account& account : picture.accounts)
    out.sample({{"account", account.name.view()}}, account.period.cost_nanousd, kNano);
}

/// Over all accounts, since the local start of each span.
void calendar(MetricsWriter& out, const shm::Picture& picture) {
  const std::array<std::pair<std::string_view, const shm::Usage*>, 3> spans = {
      {{"day", &picture.summary.today},
       {"week", &picture.summary.week},
       {"month", &picture.summary.month}}};
  out.family("shmeter_calendar_requests", gauge, "API responses of this day, week or month.");
  for (const auto& [span, usage] : spans) out.sample({{"span", span}}, usage->requests);
  out.family("shmeter_calendar_tokens", gauge, "Tokens of this day, week or month.");
  for (const auto& [span, usage] : spans)
    for (const Kind& kind : kKinds)
      out.sample({{"span", span}, {"kind", kind.name}}, usage->*kind.count);
  out.family("shmeter_calendar_cost_usd", gauge, "List price of this day, week or month.");
  for (const auto& [span, usage] : spans) out.sample({{"span", span}}, usage->cost_nanousd, kNano);
}

void sessions(MetricsWriter& out, const shm::Picture& picture) {
  constexpr std::array<std::pair<shm::SessionStatus, std::string_view>, 5> kStatuses = {
      {{shm::SessionStatus::idle, "idle"},
       {shm::SessionStatus::busy, "busy"},
       {shm::SessionStatus::waiting, "waiting"},
       {shm::SessionStatus::ended, "ended"},
       {shm::SessionStatus::unknown, "unknown"}}};
  out.family("shmeter_sessions", gauge, "Sessions the collector knows, by status.");
  for (const auto& [status, name] : kStatuses) {
    const auto has = [wanted = static_cast<i64>(status)](const shm::Session* session) {
      const i64 its = known(session->status) ? session->status : 0;
      return its == wanted;
    };
    const i64 count = std::count_if(picture.sessions.begin(), picture.sessions.end(), has);
    out.sample({{"status", name}}, count);
  }
  out.family("shmeter_active_sessions", gauge, "Sessions observed within ten minutes.");
  out.sample({}, picture.summary.active_sessions);
}

// By Source, and by EventKind; empty = there is none of that number.
constexpr std::array<std::string_view, TakenIn::kSources> kSourceNames = {
    "",       "transcript", "statusline", "cli",     "hook",
    "manual", "posted",     "telemetry",  "derived", "session_file"};
constexpr std::array<std::string_view, TakenIn::kKinds> kEventNames = {
    "", "tokens", "tool_call", "message", "compute", "failure"};

/// Combinations that have not come have no sample: most never do.
void taken_in(MetricsWriter& out, const TakenIn& taken) {
  const auto number = [](std::uint64_t count) { return static_cast<double>(count); };
  out.family("shmeter_observations_total", counter, "What sources said, by kind.");
  for (std::size_t i = 0; i < TakenIn::kObservations.size(); ++i)
    out.sample({{"kind", TakenIn::kObservations[i]}}, number(taken.observations[i]));
  out.family("shmeter_events_total", counter,
             "Lines about things that count once, copies included, by source and kind.");
  for (std::size_t source = 0; source < TakenIn::kSources; ++source)
    for (std::size_t kind = 0; kind < TakenIn::kKinds; ++kind)
      if (taken.events[source][kind] != 0)
        out.sample({{"source", kSourceNames[source]}, {"kind", kEventNames[kind]}},
                   number(taken.events[source][kind]));
  out.family("shmeter_repeated_events_total", counter, "Of these, lines that said nothing new.");
  out.sample({}, number(taken.repeated));
  out.family("shmeter_failed_requests_total", counter,
             "Requests that failed, each once, since the collector began.");
  out.sample({}, number(taken.failures));
}

/// Only who was told anything of them knows a figure: without telemetry and posted events there is
/// none.
void calls(MetricsWriter& out, const CallFigures& calls) {
  out.family("shmeter_endpoint_failed_requests_total", counter,
             "Requests that failed, by what they were for.");
  for (const auto& [endpoint, count] : calls.failed)
    out.sample({{"endpoint", endpoint}}, static_cast<double>(count));
  out.family("shmeter_request_duration_seconds", MetricType::histogram,
             "How long requests took, of those that telemetry or a posted event told it of.");
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < calls.took.size(); ++i) {
    so_far += calls.took[i];
    const bool last = i == CallFigures::kUpTo_ms.size();
    out.bucket(last ? std::numeric_limits<double>::infinity()
                    : static_cast<double>(CallFigures::kUpTo_ms[i]) / 1000,
               so_far);
  }
  out.sum_and_count(static_cast<double>(calls.took_ms) / 1000, so_far);
}

void collector_itself(MetricsWriter& out, const shm::Picture& picture,
                      const CollectorFigures& figures) {
  all(out, kOfTheCollector,
      [&](const auto& family) { out.sample({}, picture.summary.*family.value); });
  taken_in(out, figures.taken);
  calls(out, figures.taken.calls);
  out.family("shmeter_waiting_lines", gauge, "Lines that wait for what the store knows of them.");
  out.sample({}, figures.waiting_lines);
  out.family("shmeter_store_queue_batches", gauge, "Batches on their way to the store.");
  out.sample({}, figures.store_queue);
  out.family("shmeter_store_queue_bytes", gauge, "Memory of what the store has not written yet.");
  out.sample({}, figures.store_waiting_bytes);
  out.family("shmeter_publication_lag_seconds", summary,
             "From the turn that took something in to its publication.");
  out.sum_and_count(figures.publication_lag_s, figures.publications);
  out.family("shmeter_loop_turns_total", counter, "Turns of the collector's event loop.");
  out.sample({}, static_cast<double>(figures.loop_turns));
  out.family("shmeter_http_requests_total", counter, "HTTP answers, by the class of their status.");
  constexpr std::array<std::string_view, 6> kClasses = {"", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 2; i < kClasses.size(); ++i)
    out.sample({{"code", kClasses[i]}}, static_cast<double>(figures.http_answers[i]));
}

void process(MetricsWriter& out, const ProcessFigures& figures) {
  out.family("shmeter_build_info", info, "Always 1; the version is a label.");
  out.sample({{"version", SHMETER_VERSION}}, 1.0);
  out.family("shmeter_loop_cpu_seconds_total", counter, "CPU time of the event loop's thread.");
  out.sample({}, figures.loop_cpu_s);
  out.family("shmeter_private_memory_bytes", gauge,
             "Memory of the collector that nothing else shares.");
  out.sample({}, figures.private_bytes);
  out.family("process_cpu_seconds_total", counter, "CPU time of the collector.");
  out.sample({}, figures.cpu_s);
  out.family("process_start_time_seconds", gauge, "When the collector started.");
  out.sample({}, figures.started_at_s);
  out.family("process_resident_memory_bytes", gauge, "Memory of the collector, shared included.");
  out.sample({}, figures.resident_bytes);
  out.family("process_open_fds", gauge, "Descriptors the collector has open.");
  out.sample({}, figures.open_fds);
}

}  // namespace

MetricsForm metrics_form(std::string_view accept) {
  constexpr std::string_view kName = "application/openmetrics-text";
  const auto at = accept.find(kName);
  if (at == accept.npos) return MetricsForm::prometheus;
  const std::string_view range = accept.substr(at, accept.find(',', at) - at);
  const auto weight = range.find("q=");
  const bool refused = weight != range.npos &&
                       std::strtod(std::string(range.substr(weight + 2)).c_str(), nullptr) <= 0;
  return refused ? MetricsForm::prometheus : MetricsForm::openmetrics;
}

i64 HighWater::of(std::string_view name, std::string_view label, std::string_view kind, i64 value) {
  if (!known(value)) return value;
  std::string key(name);
  key.append("\n").append(label).append("\n").append(kind);
  const auto at = most_.find(key);
  if (at != most_.end()) return at->second = std::max(at->second, value);
  if (most_.size() < kMost) most_.emplace(std::move(key), value);
  return value;
}

std::string metrics_text(const MetricsSource& source, HighWater& said, MetricsForm form) {
  MetricsWriter out(form);
  models(out, source.picture, said);
  account_sums(out, source.picture);
  accounts(out, source.picture);
  calendar(out, source.picture);
  quota(out, source.picture, source.now_s);
  sessions(out, source.picture);
  collector_itself(out, source.picture, source.collector);
  process(out, source.process);
  return out.take();
}

}  // namespace shmeter::collector
