// SPDX-License-Identifier: MIT
#include "collector/loop/child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace shmeter::collector {
namespace {

constexpr std::size_t kErrorTail = 4096;
constexpr std::size_t kErrorLine = 200;
constexpr int kReadsPerTurn = 16;   // one that never stops printing must not keep the loop
constexpr int kReadsOfRest = 1024;  // more than a pipe holds

Result<std::pair<Fd, Fd>> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return fail(Errc::unavailable, std::string("pipe: ") + std::strerror(errno));
  std::pair<Fd, Fd> pipe{Fd(ends[0]), Fd(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);  // our end only: the program expects an ordinary one
  return pipe;
}

/// A file in memory: unlike a pipe it needs nobody to write while the program reads, and a program
/// that reads nothing of it leaves no broken pipe behind.
Result<Fd> make_input(std::string_view text) {
  Fd fd(::memfd_create("input", MFD_CLOEXEC));
  const auto trouble = [] {
    return fail(Errc::unavailable, std::string("input: ") + std::strerror(errno));
  };
  if (!fd) return trouble();
  while (!text.empty()) {
    const ssize_t n = ::write(fd.get(), text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return trouble();
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) return trouble();
  return fd;
}

/// `added`, then what of ours has no namesake among it; ends with nullptr. Points into both.
std::vector<char*> whole_environment(std::vector<std::string>& added) {
  std::vector<char*> all;
  for (std::string& one : added) all.push_back(one.data());
  for (char** ours = ::environ; ours != nullptr && *ours != nullptr; ++ours) {
    const std::string_view one = *ours;
    const std::string_view name = one.substr(0, one.find('=') + 1);
    const bool replaced = std::any_of(added.begin(), added.end(),
                                      [&](const auto& other) { return other.starts_with(name); });
    if (!replaced) all.push_back(*ours);
  }
  all.push_back(nullptr);
  return all;
}

std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const auto newline = text.rfind('\n');
  std::string line(text.substr(newline == std::string_view::npos ? 0 : newline + 1));
  line.resize(std::min(line.size(), kErrorLine));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return line;
}

/// As one sentence, or what it printed.
Result<std::string> as_result(const std::string& name, const ChildProcess::Limits& limits,
                              ChildProcess::Ended ended) {
  using How = ChildProcess::Ended::How;
  std::string what;
  switch (ended.how) {
    case How::exited:
      if (ended.code == 0) return std::move(ended.out);
      what = "ended with status " + std::to_string(ended.code);
      break;
    case How::one_line:
      return std::move(ended.out);
    case How::signalled:
      what = "ended by signal " + std::to_string(ended.code);
      break;
    case How::too_late:
      what = "no end within " + std::to_string(limits.time_ms) + " ms";
      break;
    case How::too_much:
      what = "more than " + std::to_string(limits.output_bytes) + " bytes of output";
      break;
    case How::not_started:
      return fail(Errc::unavailable, name + ": " + ended.said);
  }
  return fail(Errc::unavailable,
              name + ": " + what + (ended.said.empty() ? "" : " (it said: " + ended.said + ")"));
}

void delete_handle(uv_handle_t* handle) { delete reinterpret_cast<uv_process_t*>(handle); }

// Its own group, so that what it started goes with it.
void kill_group(int pid) {
  if (pid > 1) ::kill(-pid, SIGKILL);
}

}  // namespace

ChildProcess::ChildProcess(Loop& loop, std::vector<std::string> argv, Told told, Limits limits,
                           Given given)
    : argv_(std::move(argv)), told_(std::move(told)), limits_(limits), timer_(loop, [this] {
        finish(failed_.empty() ? Ended::How::too_late : Ended::How::not_started);
      }) {
  if (const auto started = start(loop, std::move(given)); !started)
    failed_ = started.error().message;
  timer_.start_once(failed_.empty() ? limits_.time_ms : 0);
}

ChildProcess::ChildProcess(Loop& loop, std::vector<std::string> argv, Done done, Limits limits,
                           Given given)
    : ChildProcess(
          loop, argv,
          [name = argv.front(), limits, done = std::move(done)](Ended ended) {
            done(as_result(name, limits, std::move(ended)));
          },
          limits, std::move(given)) {}

ChildProcess::~ChildProcess() { let_go(); }

Result<void> ChildProcess::start(Loop& loop, Given given) {
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err) return tl::unexpected((out ? err : out).error());
  auto in = given.input.empty() ? Result<Fd>(Fd()) : make_input(given.input);
  if (!in) return tl::unexpected(in.error());
  std::vector<char*> environment = whole_environment(given.environment);
  std::vector<char*> arguments;
  for (std::string& argument : argv_) arguments.push_back(argument.data());
  arguments.push_back(nullptr);

  uv_stdio_container_t stdio[3]{};
  stdio[0].flags = UV_IGNORE;  // /dev/null
  if (*in) stdio[0] = {.flags = UV_INHERIT_FD, .data = {.fd = in->get()}};
  stdio[1].flags = UV_INHERIT_FD;
  stdio[1].data.fd = out->second.get();
  stdio[2].flags = UV_INHERIT_FD;
  stdio[2].data.fd = err->second.get();
  uv_process_options_t options{};
  options.file = arguments.front();
  options.args = arguments.data();
  if (!given.environment.empty()) options.env = environment.data();
  options.flags = UV_PROCESS_DETACHED;
  options.stdio = stdio;
  options.stdio_count = 3;
  options.exit_cb = [](uv_process_t* handle, std::int64_t status, int signal) noexcept {
    auto* owner = static_cast<ChildProcess*>(handle->data);
    kill_group(handle->pid);
    uv_close(reinterpret_cast<uv_handle_t*>(handle), delete_handle);
    if (owner != nullptr) owner->ended(status, signal);
  };

  auto* handle = new uv_process_t{};
  handle->data = this;
  if (const int code = uv_spawn(loop.get(), handle, &options); code < 0) {
    uv_close(reinterpret_cast<uv_handle_t*>(handle), delete_handle);  // in the loop all the same
    return fail(Errc::unavailable, uv_strerror(code));
  }
  process_ = handle;
  out_.fd = std::move(out->first);
  err_.fd = std::move(err->first);
  out_.readable.emplace(loop, out_.fd.get(), [this] { read(out_, kReadsPerTurn); });
  err_.readable.emplace(loop, err_.fd.get(), [this] { read(err_, kReadsPerTurn); });
  return {};
}

void ChildProcess::read(Output& from, int reads) {
  char buffer[4096];
  for (; reads > 0; --reads) {
    const ssize_t n = ::read(from.fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;  // nothing more for now
    if (n == 0) return from.readable->stop();
    from.text.append(buffer, static_cast<std::size_t>(n));
    if (&from == &err_ && from.text.size() > 2 * kErrorTail)
      from.text.erase(0, from.text.size() - kErrorTail);
    if (&from != &out_) continue;
    if (limits_.one_line && from.text.find('\n') != std::string::npos)
      return finish(Ended::How::one_line);
    if (from.text.size() > limits_.output_bytes) return finish(Ended::How::too_much);
  }
}

// What it had printed stands in the pipes; who else may still hold their other ends does not
// matter.
void ChildProcess::ended(std::int64_t status, int signal) {
  process_ = nullptr;
  read(out_, kReadsOfRest);
  read(err_, kReadsOfRest);
  if (signal != 0) return finish(Ended::How::signalled, signal);
  finish(Ended::How::exited, static_cast<int>(status));
}

void ChildProcess::let_go() {
  timer_.stop();
  for (Output* output : {&out_, &err_})
    if (output->readable) output->readable->stop();
  if (process_ == nullptr) return;
  process_->data = nullptr;  // its end closes it
  kill_group(process_->pid);
  process_ = nullptr;
}

void ChildProcess::finish(Ended::How how, int code) {
  if (!told_) return;
  let_go();
  std::exchange(told_, nullptr)(
      {how, code, std::exchange(out_.text, {}), failed_.empty() ? last_line(err_.text) : failed_});
}

}  // namespace shmeter::collector
