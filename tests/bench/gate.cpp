// SPDX-License-Identifier: MIT
#include "tests/bench/gate.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

/// What it has in memory. Written pages are anonymous ones: whatever the page cache thinks of the
/// program's file.
void look_at_memory(pid_t pid, Count& result) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps");
  bool stack = false;
  long written_kib = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.find('-') < line.find(' ') && line.find(':') > line.find(' ')) {
      stack = line.find("[stack]") != std::string::npos;
    } else if (!stack && line.starts_with("Anonymous:")) {
      written_kib += std::stol(line.substr(10));
    } else if (line.starts_with("Rss:")) {
      result.resident_kib += std::stol(line.substr(4));
    }
  }
  result.written_pages = static_cast<int>(written_kib * 1024 / sysconf(_SC_PAGESIZE));
}

/// Its process, stopped before execve.
pid_t start_traced(const Command& command) {
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
  return pid;
}

bool is_event(int status, int event) { return status >> 8 == (SIGTRAP | (event << 8)); }

/// Goes on to the next stop; false when it has ended.
template <class Request>
bool go_on(Request request, pid_t pid, int& status) {
  ptrace(request, pid, nullptr, nullptr);
  return waitpid(pid, &status, 0) >= 0 && !WIFEXITED(status) && !WIFSIGNALED(status);
}

/// Of the instruction that comes next; 0 where nobody told us how to ask.
std::uint64_t address_of_next(pid_t pid) {
#ifdef __x86_64__
  user_regs_struct registers;
  if (ptrace(PTRACE_GETREGS, pid, nullptr, &registers) == 0) return registers.rip;
#endif
  static_cast<void>(pid);
  return 0;
}

}  // namespace

Count count(const Command& command) {
  const pid_t pid = start_traced(command);
  Count result;
  int stops = 0;
  for (int status = 0; go_on(PTRACE_SYSCALL, pid, status);) {
    if (WSTOPSIG(status) == (SIGTRAP | 0x80)) ++stops;
    if (is_event(status, PTRACE_EVENT_EXEC)) stops = 1;  // in execve
    if (is_event(status, PTRACE_EVENT_EXIT)) look_at_memory(pid, result);
  }
  result.system_calls = (stops + 1) / 2;  // the final exit stops only on its way in
  return result;
}

Instructions count_instructions(const Command& command, bool with_highest) {
  const pid_t pid = start_traced(command);
  Instructions all;
  bool inside = false;
  for (int status = 0; go_on(inside ? PTRACE_SINGLESTEP : PTRACE_CONT, pid, status);) {
    if (inside && WSTOPSIG(status) == SIGTRAP && status >> 16 == 0) {
      ++all.count;
      if (with_highest) all.highest = std::max(all.highest, address_of_next(pid));
    }
    inside = inside || is_event(status, PTRACE_EVENT_EXEC);
  }
  return all;
}

}  // namespace shmeter::bench
