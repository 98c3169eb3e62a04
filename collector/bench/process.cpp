// SPDX-License-Identifier: MIT
#include "collector/bench/process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "collector/bench/measure.hpp"

namespace shmeter::bench {
namespace {

constexpr std::int64_t kPatience_ns = 5'000'000'000;

}  // namespace

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

pid_t start(const Command& command) {
  std::vector<std::string> words{command.path};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, command.input.c_str(), O_RDONLY, 0);
  if (command.output_fd >= 0) {
    posix_spawn_file_actions_adddup2(&actions, command.output_fd, 1);
  } else {
    posix_spawn_file_actions_addopen(&actions, 1, command.output.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  if (!command.errors.empty()) {
    posix_spawn_file_actions_addopen(&actions, 2, command.errors.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
  }
  pid_t pid = -1;
  const int error = posix_spawn(&pid, command.path.c_str(), &actions, nullptr,
                                pointers(words).data(), pointers(command.environment).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw std::runtime_error(command.path + ", or a file it is given: " + std::strerror(error));
  return pid;
}

Ended wait_for(pid_t pid) {
  Ended ended;
  while (wait4(pid, &ended.status, 0, &ended.usage) < 0 && errno == EINTR) {
  }
  return ended;
}

Ended run(const Command& command, std::string* output) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  Command piped = command;
  piped.output_fd = ends[1];
  const pid_t pid = start(piped);
  close(ends[1]);
  char buffer[65536];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    if (output != nullptr) output->append(buffer, static_cast<std::size_t>(n));
  }
  close(ends[0]);
  return wait_for(pid);
}

bool Child::alive() const {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == 0;
}

Ended Child::end() {
  Ended ended;
  if (pid_ <= 0) return ended;
  kill(pid_, SIGTERM);
  const std::int64_t until = now_ns() + kPatience_ns;
  pid_t gone = 0;
  while ((gone = wait4(pid_, &ended.status, WNOHANG, &ended.usage)) == 0 && now_ns() < until) {
    sleep_ns(1'000'000);
  }
  if (gone == 0) {
    kill(pid_, SIGKILL);
    ended = wait_for(pid_);
  }
  pid_ = -1;
  return ended;
}

void pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  sched_setaffinity(0, sizeof set, &set);
}

int cpu_count() { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

TemporaryFolder::TemporaryFolder(const std::string& parent)
    : path_(parent + "/shmeter-bench-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    throw std::runtime_error(path_ + ": " + std::strerror(errno));
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string content_of(const std::string& path) {
  std::ostringstream text;
  const std::ifstream file(path, std::ios::binary);
  if (!(text << file.rdbuf())) throw std::runtime_error(path + ": cannot be read");
  return std::move(text).str();
}

std::string memory_folder() {
  struct stat status {};
  if (stat("/dev/shm", &status) == 0 && access("/dev/shm", W_OK) == 0) return "/dev/shm";
  const char* folder = std::getenv("TMPDIR");
  return folder != nullptr ? folder : "/tmp";
}

}  // namespace shmeter::bench
