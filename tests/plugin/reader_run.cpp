// SPDX-License-Identifier: MIT
// See reader_run.hpp.
#include "tests/plugin/reader_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace shmeter::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(10);

struct Pipe {
  std::array<int, 2> ends = {-1, -1};
  explicit Pipe(Stdout kind = Stdout::pipe) {
    const int failed = kind == Stdout::pipe
                           ? ::pipe2(ends.data(), O_CLOEXEC)
                           : ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data());
    if (failed != 0) throw std::runtime_error("pipe");
  }
  ~Pipe() {
    close(0);
    close(1);
  }
  void close(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

pid_t start(const Invocation& invocation, int in, int out, int err) {
  std::vector<std::string> words = {invocation.path};
  words.insert(words.end(), invocation.words.begin(), invocation.words.end());
  std::vector<std::string> environment = {"LC_ALL=C"};
  environment.insert(environment.end(), invocation.environment.begin(),
                     invocation.environment.end());
  const std::vector<char*> argv = pointers(words);
  const std::vector<char*> envp = pointers(environment);
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid > 0) return pid;
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  ::execve(invocation.path.c_str(), argv.data(), envp.data());
  ::_exit(126);
}

int status_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

/// Moves what is ready from `fd` into `to`; false at the end.
bool take(int fd, std::string& to) {
  std::array<char, 65536> some;
  const ssize_t n = ::read(fd, some.data(), some.size());
  if (n > 0) to.append(some.data(), static_cast<std::size_t>(n));
  return n > 0;
}

}  // namespace

const std::vector<Build>& builds() {
  static const std::vector<Build> all = [] {
    if (const char* other = std::getenv("SHMETER_OTHER_READER"))
      return std::vector<Build>{{"other", other}};
    std::vector<Build> found = {{SHMETER_READER_BUILD, SHMETER_PATH}};
#ifdef SHMETER_HOSTED_PATH
    found.push_back({"hosted", SHMETER_HOSTED_PATH});
#endif
    return found;
  }();
  return all;
}

Ended run(const Invocation& invocation) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t pid = start(invocation, in.ends[0], out.ends[1], err.ends[1]);
  in.close(0);
  out.close(1);
  err.close(1);
  ::fcntl(in.ends[1], F_SETFL, O_NONBLOCK);
  Ended ended;
  std::string_view left = invocation.input;
  if (left.empty() && !invocation.leave_stdin_open) in.close(1);
  const auto deadline = Clock::now() + kPatience;
  while (out.ends[0] >= 0 || err.ends[0] >= 0) {
    std::array<pollfd, 3> fds = {pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0},
                                 pollfd{left.empty() ? -1 : in.ends[1], POLLOUT, 0}};
    if (::poll(fds.data(), fds.size(), 100) < 0) break;
    if (fds[0].revents != 0 && !take(out.ends[0], ended.out)) out.close(0);
    if (fds[1].revents != 0 && !take(err.ends[0], ended.err)) err.close(0);
    if (fds[2].revents != 0) {
      const ssize_t n = ::write(in.ends[1], left.data(), left.size());
      left = n > 0 ? left.substr(static_cast<std::size_t>(n)) : std::string_view();
      if (left.empty()) in.close(1);
    }
    if (Clock::now() > deadline) ::kill(pid, SIGKILL);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ended.status = status_of(status);
  return ended;
}

Running::Running(const Invocation& invocation, Stdout kind) {
  Pipe out(kind);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  pid_ = start(invocation, null, out.ends[1], null);
  ::close(null);
  out_ = std::exchange(out.ends[0], -1);
}

Running::~Running() {
  close_stdout();
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string Running::line(int patience_ms) {
  const auto deadline = Clock::now() + std::chrono::milliseconds(patience_ms);
  for (;;) {
    const std::size_t end = pending_.find('\n');
    if (end != std::string::npos) {
      const std::string one = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return one;
    }
    pollfd fd = {out_, POLLIN, 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0 || ::poll(&fd, 1, static_cast<int>(left.count())) <= 0)
      throw std::runtime_error("no line came");
    if (!take(out_, pending_)) throw std::runtime_error("the reader ended");
  }
}

void Running::await_output() const {
  pollfd fd = {out_, POLLIN, 0};
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(kPatience);
  if (::poll(&fd, 1, static_cast<int>(wait.count())) <= 0) throw std::runtime_error("no line came");
}

std::string Running::line_with(std::string_view part) {
  for (;;) {
    const std::string one = line();
    if (one.find(part) != std::string::npos) return one;
  }
}

void Running::close_stdout() {
  if (out_ >= 0) ::close(out_);
  out_ = -1;
}

void Running::signal(int number) const { ::kill(pid_, number); }

int Running::wait() {
  const auto deadline = Clock::now() + kPatience;
  for (;;) {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      pid_ = -1;
      return status_of(status);
    }
    if (Clock::now() > deadline) throw std::runtime_error("the reader does not end");
    ::usleep(5'000);
  }
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace shmeter::test
