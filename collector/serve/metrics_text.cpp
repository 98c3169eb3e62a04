// SPDX-License-Identifier: MIT
#include "collector/serve/metrics_text.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace shmeter::collector {
namespace {

using shm::i64;
using shm::known;

constexpr double kNano = 1e-9;
constexpr double kPpm = 1e-6;

/// One family after another, its samples behind its name.
class MetricsText {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_.append("# HELP ").append(name).append(" ").append(help);
    out_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  }
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  void sample(Labels labels, double value) {
    out_ += name_;
    char before = '{';
    for (const auto& [name, text] : labels) {
      out_ += before;
      out_.append(name).append("=\"");
      escape(text);
      out_ += '"';
      before = ',';
    }
    if (before == ',') out_ += '}';
    out_ += ' ';
    std::array<char, 32> digits;
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out_.append(digits.data(), written.ptr);
    out_ += '\n';
  }
  void sample(Labels labels, i64 value, double unit = 1) {
    if (known(value)) sample(labels, static_cast<double>(value) * unit);
  }
  std::string take() { return std::move(out_); }

 private:
  /// Names come from outside: valid UTF-8 in one line.
  void escape(std::string_view text) {
    for (const char c : text) {
      if (c == '\\' || c == '"') out_ += '\\';
      out_ += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }

  std::string out_;
  std::string_view name_;
};

struct Kind {
  std::string_view name;
  i64 shm::Usage::*count;
};
constexpr std::array<Kind, 5> kKinds = {{{"input", &shm::Usage::input_tokens},
                                         {"output", &shm::Usage::output_tokens},
                                         {"cache_creation_5m", &shm::Usage::cache_write_5m_tokens},
                                         {"cache_creation_1h", &shm::Usage::cache_write_1h_tokens},
                                         {"cache_read", &shm::Usage::cache_read_tokens}}};

void models(MetricsText& out, const shm::Picture& picture) {
  out.family("shmeter_requests_total", "counter", "API responses, each counted once.");
  for (const shm::Model& one : picture.models)
    out.sample({{"model", one.model.view()}}, one.usage.requests);
  out.family("shmeter_tokens_total", "counter", "Tokens of counted responses.");
  for (const shm::Model& one : picture.models)
    for (const Kind& kind : kKinds)
      out.sample({{"model", one.model.view()}, {"kind", kind.name}}, one.usage.*kind.count);
  out.family("shmeter_cost_usd_total", "counter", "List price of the priced responses.");
  for (const shm::Model& one : picture.models)
    out.sample({{"model", one.model.view()}}, one.usage.cost_nanousd, kNano);
  out.family("shmeter_unpriced_tokens_total", "counter", "Tokens of models without a known price.");
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
  std::string_view name, type, help;
  i64 Record::*value;
  double unit = 1;
};

constexpr std::array<Family<shm::Window>, 3> kOfWindows = {
    {{"shmeter_quota_used_ratio", "gauge",
      "Share of a limit window that is used, as the service said.", &shm::Window::used_ppm, kPpm},
     {"shmeter_quota_reset_timestamp_seconds", "gauge", "When the window resets.",
      &shm::Window::resets_at_s},
     {"shmeter_quota_observed_timestamp_seconds", "gauge", "When the service said so.",
      &shm::Window::observed_at_s}}};

constexpr std::array<Family<shm::Account>, 4> kOfAccounts = {
    {{"shmeter_week_cost_usd", "gauge", "List price of the last 168 hours.",
      &shm::Account::weekly_used_nanousd, kNano},
     {"shmeter_week_budget_usd", "gauge", "Budget for 168 hours.",
      &shm::Account::weekly_budget_nanousd, kNano},
     {"shmeter_health_ratio", "gauge", "Health score, 1 is best.", &shm::Account::health_ppm, kPpm},
     {"shmeter_last_request_timestamp_seconds", "gauge", "The newest request.",
      &shm::Account::last_request_at_s}}};

constexpr std::array<Family<shm::Summary>, 6> kOfTheCollector = {
    {{"shmeter_damaged_lines_total", "counter", "Lines that were not what they must be.",
      &shm::Summary::damaged_lines},
     {"shmeter_skipped_lines_total", "counter", "Lines over the size limit.",
      &shm::Summary::skipped_lines},
     {"shmeter_dropped_datagrams_total", "counter", "Ingest datagrams that were refused.",
      &shm::Summary::dropped_datagrams},
     {"shmeter_unreadable_files", "gauge", "Files or folders that cannot be read.",
      &shm::Summary::unreadable_files},
     {"shmeter_scan_files_read", "gauge", "Transcripts the first scan has read.",
      &shm::Summary::files_read},
     {"shmeter_scan_files", "gauge", "Transcripts the first scan has found.",
      &shm::Summary::files_known}}};

/// Calls `each(family)` behind the head of each family.
template <class Families, class Each>
void all(MetricsText& out, const Families& families, Each&& each) {
  for (const auto& family : families) {
    out.family(family.name, family.type, family.help);
    each(family);
  }
}

void quota(MetricsText& out, const shm::Picture& picture, i64 now_s) {
  all(out, kOfWindows, [&](const auto& family) {
    for (const shm::Account& account : picture.accounts)
      each_window(account, now_s, [&](std::string_view name, const shm::Window& window) {
        out.sample({{"account", account.name.view()}, {"window", name}}, window.*family.value,
                   family.unit);
      });
  });
}

void accounts(MetricsText& out, const shm::Picture& picture) {
  all(out, kOfAccounts, [&](const auto& family) {
    for (const shm::Account& account : picture.accounts)
      out.sample({{"account", account.name.view()}}, account.*family.value, family.unit);
  });
  out.family("shmeter_period_tokens", "gauge", "Tokens of the running [usage] period.");
  for (const shm::Account& account : picture.accounts)
    for (const Kind& kind : kKinds)
      out.sample({{"account", account.name.view()}, {"kind", kind.name}},
                 account.period.*kind.count);
  out.family("shmeter_period_cost_usd", "gauge", "List price of the running [usage] period.");
  for (const shm::Account& account : picture.accounts)
    out.sample({{"account", account.name.view()}}, account.period.cost_nanousd, kNano);
}

void sessions(MetricsText& out, const shm::Picture& picture) {
  constexpr std::array<std::pair<shm::SessionStatus, std::string_view>, 5> kStatuses = {
      {{shm::SessionStatus::idle, "idle"},
       {shm::SessionStatus::busy, "busy"},
       {shm::SessionStatus::waiting, "waiting"},
       {shm::SessionStatus::ended, "ended"},
       {shm::SessionStatus::unknown, "unknown"}}};
  out.family("shmeter_sessions", "gauge", "Sessions the collector shows, by status.");
  for (const auto& [status, name] : kStatuses) {
    i64 count = 0;
    for (const shm::Session* session : picture.sessions)
      count += session->status == static_cast<i64>(status) ? 1 : 0;
    out.sample({{"status", name}}, count);
  }
  out.family("shmeter_active_sessions", "gauge", "Sessions observed within ten minutes.");
  out.sample({}, picture.summary.active_sessions);
}

void collector_itself(MetricsText& out, const shm::Picture& picture,
                      const ProcessFigures& process) {
  all(out, kOfTheCollector,
      [&](const auto& family) { out.sample({}, picture.summary.*family.value); });
  out.family("shmeter_build_info", "gauge", "Always 1; the version is a label.");
  out.sample({{"version", SHMETER_VERSION}}, 1.0);
  out.family("process_cpu_seconds_total", "counter", "CPU time of the collector.");
  out.sample({}, process.cpu_s);
  out.family("process_start_time_seconds", "gauge", "When the collector started.");
  out.sample({}, process.started_at_s);
  out.family("process_resident_memory_bytes", "gauge", "Memory of the collector, shared included.");
  out.sample({}, process.resident_bytes);
  out.family("process_open_fds", "gauge", "Descriptors the collector has open.");
  out.sample({}, process.open_fds);
}

}  // namespace

std::string metrics_text(const shm::Picture& picture, i64 now_s, const ProcessFigures& process) {
  MetricsText out;
  models(out, picture);
  accounts(out, picture);
  quota(out, picture, now_s);
  sessions(out, picture);
  collector_itself(out, picture, process);
  return out.take();
}

}  // namespace shmeter::collector
