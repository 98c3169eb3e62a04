// SPDX-License-Identifier: MIT
// What `shmeter claude` does beside its line: the datagram to the collector, and starting one.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/plugin/ingest_end.hpp"
#include "tests/plugin/reader_run.hpp"
#include "tests/plugin/region_owner.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::test {
namespace {

namespace fs = std::filesystem;

class Claude : public testing::TestWithParam<Build> {
 protected:
  Invocation claude(std::vector<std::string> environment,
                    std::vector<std::string> more = {}) const {
    environment.push_back("SHMETER_RUNTIME_DIR=" + dir_.path());
    std::vector<std::string> words = {"claude", "--color=never"};
    words.insert(words.end(), more.begin(), more.end());
    return {GetParam().path, words, environment, json_, false};
  }

  shm::test::TempDir dir_;
  std::string json_ = read_file(SHMETER_TEST_DATA "/statusline/2.1.330-3.json");
};

TEST_P(Claude, SendsWhatItReadAsItCame) {
  const IngestEnd socket(dir_ / "ingest.sock");
  const std::string line = run(claude({"TMUX_PANE=%3"})).out;
  EXPECT_TRUE(line.starts_with("Sonnet 5.5")) << line;
  EXPECT_EQ(socket.take(), "shmeter 1 claude pane=%253 config=/home/dev/.claude\n" + json_);
  EXPECT_EQ(run(claude({"CLAUDE_CONFIG_DIR=/a b"})).status, 0);
  EXPECT_EQ(socket.take(), "shmeter 1 claude config=/a%20b\n" + json_);
  EXPECT_EQ(socket.take(), "");
}

TEST_P(Claude, GarbageIsNotSent) {
  const IngestEnd socket(dir_ / "ingest.sock");
  json_ = "garbage";
  EXPECT_EQ(run(claude({})).status, 0);
  EXPECT_EQ(socket.take(), "");
}

TEST_P(Claude, AFullQueueIsNotWaitedFor) {
  const IngestEnd socket(dir_ / "ingest.sock");
  const std::string line = run(claude({})).out;
  for (int i = 0; i < 400; ++i) ASSERT_EQ(run(claude({})).out, line);
}

TEST_P(Claude, AnotherCommandGetsTheSameAndIsShownToo) {
  const std::string line = run(claude({})).out;
  const auto with = [&](std::vector<std::string> words) {
    Invocation invocation = claude({"PATH=/usr/bin:/bin", "MARK=it's"});
    invocation.words.insert(invocation.words.end(), words.begin(), words.end());
    return run(invocation);
  };
  EXPECT_EQ(with({"--then", "cat; echo \"$MARK\""}).out, line + json_ + "it's\n");
  EXPECT_EQ(with({"--last", "--then", "echo a; printf b"}).out, "a\nb\n" + line);
  for (const char* const nothing : {"exit 3", "kill -9 $$", "no-such-command", ":", "exec 1>&-"})
    for (const auto& order : {std::vector<std::string>{"--then", nothing},
                              std::vector<std::string>{"--last", "--then", nothing}}) {
      const Ended ended = with(order);
      EXPECT_EQ(ended.out, line) << nothing;
      EXPECT_EQ(ended.status, 0) << nothing;
    }
  const std::string endless = with({"--last", "--then", "yes"}).out;
  EXPECT_TRUE(endless.starts_with("y\ny\n") && endless.ends_with("y\n" + line));
  EXPECT_LE(endless.size(), 16384 + 1 + line.size()) << "what never ends is cut";
  json_ = "no JSON";
  const std::string none = run(claude({})).out;
  EXPECT_EQ(with({"--then", "cat"}).out, none + "no JSON\n");
}

TEST_P(Claude, AnotherCommandThatHangsIsEnded) {
  const std::string line = run(claude({})).out;
  Invocation invocation = claude({"PATH=/usr/bin:/bin"});
  invocation.words.insert(invocation.words.end(), {"--then", "echo begun; sleep 300"});
  EXPECT_EQ(run(invocation).out, line + "begun\n");
}

TEST_P(Claude, TheLargestStatusLineIsSent) {
  const IngestEnd socket(dir_ / "ingest.sock");
  json_.insert(1, "\"pad\":\"" + std::string(128 * 1024 - json_.size() - 20, 'x') + "\",");
  ASSERT_LT(json_.size(), std::size_t{128} * 1024);
  EXPECT_TRUE(run(claude({})).out.starts_with("Sonnet 5.5"));
  const std::string sent = socket.take();
  EXPECT_EQ(sent.substr(sent.find('\n') + 1), json_);
}

/// A copied reader with a stand-in for shmeterd beside it that notes how it was started.
class Autostart : public Claude {
 protected:
  Autostart() {
    fs::create_directory(dir_ / "bin");
    reader_ = dir_ / "bin/shmeter";
    fs::copy_file(GetParam().path, reader_);
    std::ofstream(dir_ / "bin/shmeterd")
        << "#!/bin/sh\n"
        << "fds=$(for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done | sort -u)\n"
        << "read -r _ _ _ _ _ session _ < /proc/$$/stat\n"
        << "echo \"${0##*/} $* on $fds away=$(test \"$session\" != \"$CALLER\" && echo yes)\" >> "
        << dir_ / "started"
        << "\n";
    fs::permissions(dir_ / "bin/shmeterd", fs::perms(0700));
  }

  Invocation autostart() const {
    Invocation one = claude({}, {"--autostart"});
    one.path = reader_;
    one.environment = {"SHMETER_RUNTIME_DIR=" + runtime_, "PATH=/usr/bin:/bin",
                       "CALLER=" + std::to_string(::getsid(0))};
    return one;
  }
  /// Lines of the stand-in, once there are `least`, or after two seconds.
  int started(int least) const {
    for (int i = 0; i < 200; ++i) {
      const int now = lines();
      if (now >= least && least > 0) return now;
      ::usleep(10'000);
      if (least == 0 && i > 30) return now;
    }
    return lines();
  }
  int lines() const {
    if (!fs::exists(dir_ / "started")) return 0;
    const std::string all = read_file(dir_ / "started");
    return static_cast<int>(std::count(all.begin(), all.end(), '\n'));
  }

  std::string reader_;
  std::string runtime_ = dir_ / "run";
};

TEST_P(Autostart, FiftyAtOnceStartOne) {
  std::vector<std::thread> all;
  for (int i = 0; i < 50; ++i)
    all.emplace_back([this] { EXPECT_TRUE(run(autostart()).out.starts_with("Sonnet 5.5")); });
  for (std::thread& one : all) one.join();
  EXPECT_EQ(started(1), 1);
  EXPECT_EQ(run(autostart()).status, 0);  // within the minute: not again
  EXPECT_EQ(started(0), 1);
  struct stat made = {};
  ASSERT_EQ(::stat(runtime_.c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777u, 0700u);
  EXPECT_EQ(read_file(dir_ / "started"), "shmeterd daemon run on /dev/null away=yes\n");
}

TEST_P(Autostart, AgainAfterAMinute) {
  run(autostart());
  EXPECT_EQ(started(1), 1);
  const timespec old[2] = {{std::time(nullptr) - 61, 0}, {std::time(nullptr) - 61, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (runtime_ + "/autostart").c_str(), old, 0), 0);
  run(autostart());
  EXPECT_EQ(started(2), 2);
}

TEST_P(Autostart, NotWhileACollectorHoldsTheLock) {
  shm::Failure why;
  const auto lock = shm::WriterLock::take(runtime_, why);
  ASSERT_TRUE(lock);
  EXPECT_EQ(run(autostart()).status, 0);
  EXPECT_EQ(started(0), 0);
}

TEST_P(Autostart, NotInAFolderOthersCanEnter) {
  fs::create_directory(runtime_);
  fs::permissions(runtime_, fs::perms(0755));
  EXPECT_EQ(run(autostart()).status, 0);
  EXPECT_EQ(started(0), 0);
}

TEST_P(Autostart, ALinkAsStampIsNotFollowed) {
  fs::create_directory(runtime_);
  fs::permissions(runtime_, fs::perms(0700));
  fs::create_symlink(dir_ / "elsewhere", runtime_ + "/autostart");
  EXPECT_EQ(run(autostart()).status, 0);
  EXPECT_FALSE(fs::exists(dir_ / "elsewhere"));
}

TEST_P(Autostart, NothingBesideUsIsNoTrouble) {
  fs::remove(dir_ / "bin/shmeterd");
  const Ended ended = run(autostart());
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.err, "");
}

INSTANTIATE_TEST_SUITE_P(Build, Claude, testing::ValuesIn(builds()),
                         [](const auto& one) { return one.param.name; });
INSTANTIATE_TEST_SUITE_P(Build, Autostart, testing::ValuesIn(builds()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace shmeter::test
