// SPDX-License-Identifier: MIT
// `shmeter ingest`: a filter between `claude -p` and whoever reads it. Invariant: every byte of
// stdin reaches stdout at the pace of these two; the daemon is told beside that, as fast as it
// takes it, and whatever becomes of it the bytes go on.
#include <poll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <deque>
#include <optional>

#include "collector/command/client_verbs.hpp"
#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/loop/fd.hpp"
#include "collector/serve/async_sender.hpp"
#include "collector/serve/ingest_formats.hpp"
#include "collector/serve/line_text.hpp"

namespace shmeter::collector {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
// Lines of a stream that go to the daemon together while it is busy.
constexpr std::size_t kMostTogether = std::size_t{1} << 20;
// How long the end of the pipe waits for the daemon's last answer.
constexpr std::chrono::seconds kLastAnswerWithin{2};

/// A terminal wants no JSON, and /dev/null nothing.
bool wants_bytes(int fd) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return false;
  const bool null = S_ISCHR(st.st_mode) && major(st.st_rdev) == 1 && minor(st.st_rdev) == 3;
  return !null && ::isatty(fd) != 1;
}

/// The bytes as they come, cut into bodies of INGEST. Without a format, one line is the result of
/// `--output-format json`, and more lines are a stream.
class Bodies {
 public:
  Bodies(std::string format, std::string config_dir)
      : format_(std::move(format)), config_dir_(std::move(config_dir)) {}

  void append(std::string_view bytes) {
    if (skipping_) {  // the rest of a line that was too long
      const auto newline = bytes.find('\n');
      if (newline == std::string_view::npos) return;
      bytes.remove_prefix(newline + 1);
      skipping_ = false;
    }
    text_ += bytes;
    has_newline_ = has_newline_ || bytes.find('\n') != std::string_view::npos;
    if (format_.empty() && has_newline_ && is_stream()) format_ = "stream-json";
    if (text_.size() <= kMaxIngestBody) return;
    lost_ = true;
    const auto newline = text_.rfind('\n');
    skipping_ = newline == std::string::npos;
    text_.erase(0, skipping_ ? text_.size() : newline + 1);
  }
  /// The next request and its body; empty when there is none yet.
  std::string next(bool at_end) {
    if (text_.empty() || (!at_end && format_ != "stream-json")) return {};
    std::size_t n = text_.size();
    if (!at_end) {
      const auto newline = text_.rfind('\n', kMostTogether);
      const auto end = newline == std::string::npos ? text_.find('\n') : newline;
      if (end == std::string::npos) return {};
      n = end + 1;
    }
    std::string request = "INGEST " + (format_.empty() ? "cli-json" : format_) + ' ' +
                          std::to_string(n) + (config_dir_.empty() ? "" : ' ' + config_dir_) + '\n';
    request.append(text_, 0, n);
    text_.erase(0, n);
    return request;
  }
  bool lost() const { return lost_; }

 private:
  // A first line that is whole and has something behind it. Older clients print an array of all
  // messages as one document.
  bool is_stream() const {
    const auto first = text_.find_first_not_of(" \t\r\n");
    if (first == std::string::npos || text_[first] != '{') return false;
    const auto newline = text_.find('\n', first);
    return newline != std::string::npos &&
           text_.find_first_not_of(" \t\r\n", newline) != std::string::npos &&
           text_[text_.find_last_not_of(" \t\r\n", newline)] == '}';
  }

  std::string format_;  // empty = not known yet
  std::string config_dir_;
  std::string text_;
  bool has_newline_ = false;
  bool skipping_ = false;
  bool lost_ = false;
};

/// One run of the verb.
class Filter {
 public:
  Filter(Bodies bodies, std::optional<AsyncSender> sender, bool passes_on)
      : bodies_(std::move(bodies)), sender_(std::move(sender)), passes_on_(passes_on) {}

  void run() {
    std::array<char, kReadBytes> bytes;
    for (bool open = true; open;) {
      wait_for_input();
      const ssize_t n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
      if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      open = n > 0;
      if (!open) break;
      const std::string_view read(bytes.data(), static_cast<std::size_t>(n));
      // Nobody reads any more: the end for us as for any filter.
      if (passes_on_ && !write_all(STDOUT_FILENO, read)) open = false;
      if (sender_) bodies_.append(read);
      turn(false);
    }
    if (passes_on_) ::close(STDOUT_FILENO);  // who reads us need not wait for the rest
    const auto until = Clock::now() + kLastAnswerWithin;
    turn(true);
    while (sender_ && !sender_->idle() && Clock::now() < until) {
      wait(false, std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()));
      turn(true);
    }
  }
  const std::optional<AsyncSender>& sender() const { return sender_; }
  bool lost() const { return bodies_.lost(); }

 private:
  void wait_for_input() {
    while (sender_ && !sender_->idle() && !wait(true, std::nullopt)) turn(false);
  }
  /// True when stdin has something, or nothing else is to be waited for.
  bool wait(bool input, std::optional<std::chrono::milliseconds> most) {
    std::array<pollfd, 2> fds{{{.fd = input ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                               {.fd = sender_->fd(), .events = sender_->events(), .revents = 0}}};
    ::poll(fds.data(), fds.size(), most ? static_cast<int>(most->count()) : -1);
    return fds[0].revents != 0;
  }
  void turn(bool at_end) {
    if (!sender_) return;
    for (sender_->turn(); sender_->idle() && !sender_->broken(); sender_->turn()) {
      std::string request = bodies_.next(at_end);
      if (request.empty()) return;
      sender_->start(std::move(request));
    }
  }

  Bodies bodies_;
  std::optional<AsyncSender> sender_;
  bool passes_on_;
};

}  // namespace

int run_ingest(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::string_view kForm = "shmeter ingest [--format NAME] < JSON";
  constexpr std::array kOptions = {ClientOption{"runtime-dir"}, ClientOption{"format"},
                                   ClientOption{"help", false}};
  const auto words = read_client_words(arguments, kOptions, 0, kForm);
  const std::string format(words ? words->value("format") : "");
  if (!words || (!format.empty() && find_ingest_format(format) == nullptr)) {
    say(words ? "--format: expected " + ingest_format_names() : words.error().message);
    return kExitUsage;
  }
  if (words->has("help")) {
    say("usage: " + std::string(kForm));
    return kExitOk;
  }
  ::signal(SIGPIPE, SIG_IGN);
  const bool passes_on = wants_bytes(STDOUT_FILENO);
  Flags flags;
  flags.runtime_dir = words->value("runtime-dir");
  auto sender = AsyncSender::open(environment.runtime_dirs(flags));
  std::string trouble = sender ? "" : "no collector is running";
  const std::string& dir = environment.claude_config_dir;
  const bool named = dir.starts_with('/') && dir.find('\n') == std::string::npos;
  Filter filter(Bodies(format, named ? dir : ""),
                sender ? std::optional(std::move(*sender)) : std::nullopt, passes_on);
  filter.run();
  bool refused = false;
  if (filter.sender()) {
    trouble = filter.sender()->trouble();
    refused = filter.sender()->refused();
    if (trouble.empty() && !filter.sender()->idle()) trouble = "the collector does not answer";
    if (trouble.empty() && filter.lost()) trouble = "a line was longer than 64 MiB and left out";
  }
  if (trouble.empty()) return kExitOk;
  say("ingest: " + trouble + (passes_on ? "; the bytes were passed on" : ""));
  if (passes_on) return kExitOk;
  return refused ? kExitUsage : kExitUnavailable;
}

}  // namespace shmeter::collector
