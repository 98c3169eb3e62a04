// SPDX-License-Identifier: MIT
// The edge of reports: terminal, clock and streams are looked at here and nowhere below.
#include "collector/command/report_verbs.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/terminal.hpp"
#include "collector/loop/wall_clock.hpp"
#include "collector/report/gather.hpp"
#include "collector/report/progress.hpp"
#include "collector/report/report_json.hpp"
#include "collector/report/report_table.hpp"

namespace shmeter::collector {
namespace {

/// A line on a terminal that is drawn over itself and gone at the end. Drawn only when one waits
/// noticeably.
class ProgressBar {
 public:
  ProgressBar() : width_(terminal_width(STDERR_FILENO)) {}
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(i64 files, i64 of) {
    const auto now = std::chrono::steady_clock::now();
    if (width_ <= 0 || now < next_) return;
    next_ = now + kEvery;
    drawn_ = true;
    std::fprintf(stderr, "\r%s\x1b[K", progress_line(files, of, width_ - 1).c_str());
    std::fflush(stderr);
  }
  void clear() {
    if (drawn_) std::fputs("\r\x1b[K", stderr);
    drawn_ = false;
  }

 private:
  static constexpr auto kPatience = std::chrono::milliseconds(300);
  static constexpr auto kEvery = std::chrono::milliseconds(50);
  int width_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + kPatience;
};

/// stdout, and the first thing that went wrong with it.
class Output {
 public:
  bool put(std::string_view text) {
    if (error_ == 0 && std::fwrite(text.data(), 1, text.size(), stdout) != text.size())
      error_ = errno;
    return error_ == 0;
  }
  /// A reader that has gone away, such as `head`, had enough.
  int finish() {
    if (error_ == 0 && std::fflush(stdout) != 0) error_ = errno;
    if (error_ == 0 || error_ == EPIPE) return kExitOk;
    say(std::string("stdout: ") + std::strerror(error_));
    return kExitUnavailable;
  }

 private:
  int error_ = 0;
};

int refuse(const Error& error) {
  say(error.message);
  return error.code == Errc::invalid ? kExitUsage : kExitUnavailable;
}

/// The zone and week that were asked for; else the configuration's, with a word about its trouble.
Result<Calendar> make_calendar(const Question& question, const Config& config) {
  const bool asked = !question.timezone.empty();
  Calendar calendar(asked ? question.timezone : config.timezone,
                    question.start_of_week.value_or(config.week_start));
  if (calendar.trouble().empty()) return calendar;
  if (asked)
    return fail(Errc::invalid, "--timezone " + question.timezone +
                                   ": no such zone; expected a name such as Europe/Berlin, UTC or "
                                   "local");
  say(std::string(calendar.trouble()));
  return calendar;
}

Flags flags_of(const Question& question) {
  return {question.runtime_dir, question.config, question.config_dirs};
}

int answer(const Question& question, const Config& config, const Calendar& calendar,
           StoreReader& store) {
  Output out;
  if (question.verb == ReportVerb::export_events) {
    const auto written = write_export(question, calendar, store,
                                      [&](std::string_view text) { return out.put(text); });
    return written ? out.finish() : refuse(written.error());
  }
  const i64 now_ms = wall_clock_ms();
  const auto report = make_report(question, config.block_mode, calendar, store, now_ms);
  if (!report) return refuse(report.error());
  const bool breakdown = question.breakdown || !question.session.empty();
  out.put(question.json ? write_report_json(*report)
                        : write_report(*report, breakdown, calendar, now_ms, surface_of_stdout()));
  return out.finish();
}

}  // namespace

int run_report(ReportVerb verb, std::span<char* const> arguments, const Environment& environment,
               const OpenHistory& open_history) {
  const auto question = parse_question(verb, arguments);
  if (!question) return refuse(question.error());
  if (question->help) {
    Output out;
    out.put(question_help(verb));
    return out.finish();
  }
  const Flags flags = flags_of(*question);
  const auto config = load_config(environment.config_path(flags), environment.home);
  if (!config) {
    say(config.error().message);
    return kExitConfiguration;
  }
  const auto calendar = make_calendar(*question, *config);
  if (!calendar) return refuse(calendar.error());
  ProgressBar bar;
  const auto history =
      open_history(flags, environment, [&](i64 files, i64 of) { bar.show(files, of); });
  bar.clear();
  if (!history) {
    say(history.error().message);
    return kExitUnavailable;
  }
  return answer(*question, *config, *calendar, **history);
}

}  // namespace shmeter::collector
