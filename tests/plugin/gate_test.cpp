// SPDX-License-Identifier: MIT
// What the reader costs in things that can be counted: the same on a busy machine as on an idle
// one. The limits are the budget, and for the richest look what it takes; raise one only with a
// reason in the commit.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <ctime>

#include "collector/bench/process.hpp"
#include "tests/bench/gate.hpp"
#include "tests/bench/look.hpp"
#include "tests/bench/sample.hpp"
#include "tests/plugin/region_owner.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::test {
namespace {

#ifdef __x86_64__
constexpr bool kIsX86 = true;
#else
constexpr bool kIsX86 = false;
#endif
constexpr std::string_view kSession = "c9bec15a-c582-41d2-a016-dceacfb47ad5";

/// A busy user's live region of 1024 sessions, and a collector's socket that takes one datagram.
class Gate : public testing::Test {
 protected:
  Gate() : sample_(shm::kSessions, kSession, std::time(nullptr)) {
    shm::Failure why;
    lock_ = shm::WriterLock::take(dir_.path(), why);
    publisher_ = shm::Publisher::open(*lock_, shm::kSessions, sample_.picture(), "test", why);
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un at = {};
    at.sun_family = AF_UNIX;
    std::strcpy(at.sun_path, (dir_ / "ingest.sock").c_str());
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0)
      throw std::runtime_error("bind");
  }
  ~Gate() override { ::close(socket_); }

  bench::Command reader(std::vector<std::string> words) const {
    bench::Command command;
    command.path = SHMETER_PATH;
    command.arguments = std::move(words);
    command.environment = {"XDG_RUNTIME_DIR=/nonexistent",
                           "SHMETER_RUNTIME_DIR=" + dir_.path(),
                           "HOME=/home/dev",
                           "LANG=C.UTF-8",
                           "TERM=xterm-256color",
                           "COLUMNS=120"};
    command.input = SHMETER_TEST_DATA "/statusline/2.1.330-3.json";
    return command;
  }

  static long faults(const bench::Command& command) {
    long least = 1000;  // the kernel's own share varies by one or two
    for (int i = 0; i < 20; ++i) {
      const long now = bench::run(command).usage.ru_minflt;
      if (now < least) least = now;
    }
    return least;
  }
  static long floor_faults() {
    bench::Command floor;
    floor.path = SHMETER_FLOOR;
    return faults(floor);
  }

  struct Limits {
    int system_calls;
    int written_pages;
    long faults;            // over the floor's
    long instructions;      // those of this compiler on x86-64, and a tenth
    std::uint64_t end = 0;  // address that no instruction reaches; 0 = any may be
  };

  void expect_within(const bench::Command& command, const Limits& limits) {
    const bench::Count count = bench::count(command);
    const long extra = faults(command) - floor_faults();
    const auto [instructions, highest] = bench::count_instructions(command, limits.end > 0);
    RecordProperty("system_calls", count.system_calls);
    RecordProperty("written_pages", count.written_pages);
    RecordProperty("faults_over_floor", static_cast<int>(extra));
    RecordProperty("instructions", static_cast<int>(instructions));
    std::cout << count.system_calls << " system calls, " << count.written_pages
              << " written pages, " << extra << " faults over the floor, " << instructions
              << " instructions\n";
    EXPECT_LE(count.system_calls, limits.system_calls);
    EXPECT_LE(count.written_pages, limits.written_pages);
    EXPECT_LE(extra, limits.faults);
    EXPECT_GT(instructions, 0);
    if (kIsX86) {
      EXPECT_LE(instructions, limits.instructions);
      EXPECT_TRUE(limits.end == 0 || highest < limits.end)
          << "it needs code that is to lie apart: plugin/sys/reader.ld";
    }
  }

  shm::test::TempDir dir_;
  bench::Sample sample_;
  std::optional<shm::WriterLock> lock_;
  std::optional<shm::Publisher> publisher_;
  int socket_;
};

TEST_F(Gate, Tmux) {
  constexpr std::uint64_t kFirstWindow = 0x400000 + 64 * 1024;  // of the program's file
  expect_within(reader({"tmux"}), {16, 3, 6, 44'000, kFirstWindow});
}
TEST_F(Gate, Claude) { expect_within(reader({"claude"}), {20, 3, 6, 87'000}); }

/// The same with theme, icons, ground and the form `rich`, which tmux has as its own.
class RichestGate : public Gate {
 protected:
  RichestGate() {
    sample_.formats() = bench::richest_look();
    publisher_->publish(sample_.picture());
  }

  bench::Command reader(std::vector<std::string> words) const {
    bench::Command command = Gate::reader(std::move(words));
    command.environment.back() = "COLUMNS=160";
    command.environment.emplace_back("COLORTERM=truecolor");
    return command;
  }
  /// Caps and the theme's own green are there: it is this look that is counted.
  static void expect_richest(const bench::Command& command, std::string_view green) {
    std::string line;
    EXPECT_EQ(bench::run(command, &line).status, 0);
    for (const std::string_view part :
         {std::string_view("\uE0B6"), green, std::string_view("today")})
      EXPECT_NE(line.find(part), line.npos) << line;
  }
};

TEST_F(RichestGate, Tmux) {
  const bench::Command command = reader({"tmux"});
  expect_richest(command, "#a6e3a1");
  expect_within(command, {17, 4, 8, 118'000});
}
TEST_F(RichestGate, Claude) {
  const bench::Command command = reader({"claude", "--format", "rich"});
  expect_richest(command, "38;2;166;227;161");
  expect_within(command, {22, 3, 8, 184'000});
}

}  // namespace
}  // namespace shmeter::test
