// SPDX-License-Identifier: MIT
// Running the real reader as a host does: its words, its environment and nothing else's, bytes on
// stdin, and both outputs read to their end.
#pragma once

#include <sys/types.h>

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace shmeter::test {

/// One build of the reader. Every test of the program runs with each there is, or only with the one
/// that SHMETER_OTHER_READER names: another processor's, say, in an emulator.
struct Build {
  std::string name;
  std::string path;
};
inline void PrintTo(const Build& build, std::ostream* out) { *out << build.name; }
const std::vector<Build>& builds();

struct Invocation {
  std::string path;                      // of the reader
  std::vector<std::string> words;        // after argv[0]
  std::vector<std::string> environment;  // NAME=value; LC_ALL=C is always there
  std::string input;                     // on stdin, which is then closed
  bool leave_stdin_open = false;         // nothing is written and nothing closed
};

struct Ended {
  int status = -1;  // exit status, or 128 + the signal
  std::string out;
  std::string err;
};

/// Waits for the end; kills what takes longer than ten seconds (a hang: status 137).
Ended run(const Invocation& invocation);

/// What hosts give a command for its stdout: bars a pipe, tmux one end of a pair of sockets.
enum class Stdout { pipe, socket };

/// A reader that stays, its stdout in our hands.
class Running {
 public:
  explicit Running(const Invocation& invocation, Stdout kind = Stdout::pipe);
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running();

  pid_t pid() const { return pid_; }
  /// The next line, without its newline. Throws when none comes within `patience_ms`.
  std::string line(int patience_ms = 10'000);
  /// Waits until there is something to read, and leaves it there. Throws when nothing comes.
  void await_output() const;
  /// Reads lines until one holds `part`.
  std::string line_with(std::string_view part);
  /// Nobody reads any more.
  void close_stdout();
  void signal(int number) const;
  /// Exit status as in Ended; throws when it does not end within ten seconds.
  int wait();

 private:
  pid_t pid_ = -1;
  int out_ = -1;
  std::string pending_;
};

std::string read_file(const std::string& path);

}  // namespace shmeter::test
