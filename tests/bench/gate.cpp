// SPDX-License-Identifier: MIT
#include "tests/bench/gate.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace shmeter::bench {
namespace {

/// The child's half: asks to be traced, takes its descriptors, becomes the program.
[[noreturn]] void become(const Command& command, const std::vector<char*>& argv,
                         const std::vector<char*>& envp) {
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  dup2(open(command.input.c_str(), O_RDONLY), 0);
  dup2(open("/dev/null", O_WRONLY), 1);
  raise(SIGSTOP);
  execve(command.path.c_str(), argv.data(), envp.data());
  _exit(127);
}

/// Anonymous pages of everything but the stack: what was written, whatever the page cache thinks of
/// the program's file.
int written_pages(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps");
  bool stack = false;
  long kib = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.find('-') < line.find(' ') && line.find(':') > line.find(' ')) {
      stack = line.find("[stack]") != std::string::npos;
    } else if (!stack && line.starts_with("Anonymous:")) {
      kib += std::stol(line.substr(10));
    }
  }
  return static_cast<int>(kib * 1024 / sysconf(_SC_PAGESIZE));
}

}  // namespace

Count count(const Command& command) {
  std::vector<std::string> all{command.path};
  all.insert(all.end(), command.arguments.begin(), command.arguments.end());
  const std::vector<char*> argv = pointers(all);
  const std::vector<char*> envp = pointers(command.environment);
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork: no more processes");
  if (pid == 0) become(command, argv, envp);

  int status = 0;
  waitpid(pid, &status, 0);
  const long options =
      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SETOPTIONS, pid, nullptr, options) != 0) {
    kill(pid, SIGKILL);
    wait_for(pid);
    throw std::runtime_error(command.path + ": cannot be traced here");
  }
  Count result;
  int stops = 0;
  for (;;) {
    ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
    if (waitpid(pid, &status, 0) < 0 || WIFEXITED(status) || WIFSIGNALED(status)) break;
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) ++stops;
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXEC << 8))) stops = 1;  // in execve
    if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_EXIT << 8)))
      result.written_pages = written_pages(pid);
  }
  result.system_calls = (stops + 1) / 2;  // the final exit stops only on its way in
  return result;
}

}  // namespace shmeter::bench
