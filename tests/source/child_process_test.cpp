// SPDX-License-Identifier: MIT
// Real programs over a real loop; nothing here looks at how long anything took.
#include "collector/loop/child_process.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <memory>

#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

class ChildProcessTest : public testing::Test {
 protected:
  /// What came of it; the loop runs until then.
  std::string run(std::vector<std::string> argv, ChildProcess::Limits limits = {60'000, 65536},
                  ChildProcess::Given given = {}) {
    std::string answer = "none";
    int calls = 0;
    ChildProcess child(
        loop_, std::move(argv),
        [&](Result<std::string> result) {
          ++calls;
          answer = result ? "ok: " + *result : "error: " + result.error().message;
          loop_.stop();
        },
        limits, std::move(given));
    EXPECT_TRUE(child.running());
    loop_.run();
    EXPECT_FALSE(child.running());
    EXPECT_EQ(calls, 1);
    return answer;
  }
  std::string shell(const std::string& script, ChildProcess::Limits limits = {60'000, 65536}) {
    return run({"/bin/sh", "-c", script}, limits);
  }

  Loop loop_;
};

TEST_F(ChildProcessTest, GivesWhatWasPrinted) {
  EXPECT_EQ(shell("printf hello"), "ok: hello");
  EXPECT_EQ(shell(":"), "ok: ");
  EXPECT_EQ(run({"/bin/sh", "-c", "printf '%s|' \"$@\"", "x", "a b", "$HOME", "*"}),
            "ok: a b|$HOME|*|");
  EXPECT_EQ(shell("echo noise >&2; printf fine"), "ok: fine");
  EXPECT_EQ(shell("cat; printf end"), "ok: end");  // its input is empty
  EXPECT_EQ(shell("exec 1>&- 2>&-; sleep 0.05"), "ok: ");
}

TEST_F(ChildProcessTest, GetsWhatItIsGiven) {
  const ChildProcess::Limits limits{60'000, std::size_t{1} << 20};
  const auto shell_with = [&](const char* script, ChildProcess::Given given) {
    return run({"/bin/sh", "-c", script}, limits, std::move(given));
  };
  EXPECT_EQ(shell_with("cat; printf end", {"a line\n", {}}), "ok: a line\nend");
  const std::string long_one(std::size_t{200} << 10, 'x');  // more than a pipe holds
  EXPECT_EQ(shell_with("cat", {long_one, {}}), "ok: " + long_one);
  EXPECT_EQ(shell_with("printf unread", {long_one, {}}), "ok: unread");

  ::setenv("SHMETER_TEST_OURS", "ours", 1);
  ::setenv("SHMETER_TEST_OURS_TOO", "kept", 1);
  const char* const kPrint = "printf '%s %s %s' $SHMETER_TEST_OURS $SHMETER_TEST_OURS_TOO \"$NEW\"";
  EXPECT_EQ(shell_with(kPrint, {"", {"NEW=a b=$c"}}), "ok: ours kept a b=$c");
  EXPECT_EQ(shell_with(kPrint, {"", {"NEW=", "SHMETER_TEST_OURS=replaced"}}), "ok: replaced kept ");
  EXPECT_EQ(run({"sh", "-c", "printf found"}, limits, {"", {"NEW=x"}}), "ok: found") << "by PATH";
}

TEST_F(ChildProcessTest, SaysHowItEnded) {
  EXPECT_EQ(shell("exit 3"), "error: /bin/sh: ended with status 3");
  EXPECT_EQ(shell("echo first >&2; printf 'no\\033 login\\n\\n' >&2; exit 1"),
            "error: /bin/sh: ended with status 1 (it said: no? login)");
  EXPECT_EQ(shell("kill -TERM $$"), "error: /bin/sh: ended by signal 15");
  EXPECT_EQ(run({"/no/such/program"}), "error: /no/such/program: no such file or directory");
}

TEST_F(ChildProcessTest, TakesWholeOutputUpToItsLimit) {
  const ChildProcess::Limits limits{60'000, 5000};
  EXPECT_EQ(shell("head -c 5000 /dev/zero | tr '\\0' x", limits), "ok: " + std::string(5000, 'x'));
  EXPECT_EQ(shell("head -c 5001 /dev/zero", limits),
            "error: /bin/sh: more than 5000 bytes of output");
  EXPECT_EQ(shell("yes", limits), "error: /bin/sh: more than 5000 bytes of output");
}

TEST_F(ChildProcessTest, OneThatHangsIsEnded) {
  EXPECT_EQ(
      shell("trap '' TERM INT HUP; echo waiting >&2; while :; do sleep 60; done", {200, 65536})
          .substr(0, 39),
      "error: /bin/sh: no end within 200 ms (i");
  EXPECT_EQ(shell("while :; do echo noise >&2; done", {200, 65536}),
            "error: /bin/sh: no end within 200 ms (it said: noise)");
}

TEST_F(ChildProcessTest, WhatItStartedGoesWithIt) {
  test::TempDir dir;
  const std::string pid_file = dir.path("pid");
  // The one in the background holds the pipes open and outlives its parent.
  EXPECT_EQ(shell("sleep 600 & echo $! > " + pid_file + "; printf done"), "ok: done");
  const int pid = std::stoi(test::contents(pid_file));
  const auto gone = [pid] {
    const std::string stat = test::contents("/proc/" + std::to_string(pid) + "/stat");
    const auto name_end = stat.rfind(')');
    return name_end == std::string::npos || stat[name_end + 2] == 'Z';
  };
  while (!gone()) ::usleep(1000);  // killed; the system takes it away when it likes
}

TEST_F(ChildProcessTest, TellsHowItEnded) {
  using How = ChildProcess::Ended::How;
  const struct {
    std::vector<std::string> argv;
    bool one_line;
    How how;
    int code;
    std::string out, said;
  } rows[] = {
      {{"/bin/sh", "-c", "echo out; echo err >&2; exit 7"}, false, How::exited, 7, "out\n", "err"},
      {{"/bin/sh", "-c", "printf out; kill -TERM $$"}, false, How::signalled, 15, "out", ""},
      {{"/bin/sh", "-c", "echo line; sleep 600"}, true, How::one_line, 0, "line\n", ""},
      {{"/bin/sh", "-c", "printf 'no line'"}, true, How::exited, 0, "no line", ""},
      {{"/bin/sh", "-c", "sleep 600"}, true, How::too_late, 0, "", ""},
      {{"/no/such/program"}, false, How::not_started, 0, "", "no such file or directory"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.argv.back());
    const std::uint64_t time_ms = row.how == How::too_late ? 300 : 60'000;
    ChildProcess::Ended ended;
    ChildProcess child(
        loop_, row.argv,
        [&](ChildProcess::Ended told) {
          ended = std::move(told);
          loop_.stop();
        },
        {time_ms, 65536, row.one_line}, ChildProcess::Given{});
    loop_.run();
    EXPECT_EQ(ended.how, row.how);
    EXPECT_EQ(ended.code, row.code);
    EXPECT_EQ(ended.out, row.out);
    EXPECT_EQ(ended.said, row.said);
  }
}

TEST_F(ChildProcessTest, WhoIsDestroyedEndsItAndDoesNotCall) {
  auto child =
      std::make_unique<ChildProcess>(loop_, std::vector<std::string>{"/bin/sh", "-c", "sleep 600"},
                                     [](const Result<std::string>&) { FAIL(); });
  loop_.turn();
  child.reset();
  loop_.run();  // ends: nothing is left to wait for
}

}  // namespace
}  // namespace shmeter::collector
