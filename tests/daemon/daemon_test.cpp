// SPDX-License-Identifier: MIT
// The real executable, from outside: what a person, a reader and a full disk see of it.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "shm/location.hpp"
#include "shm/reader.hpp"
#include "tests/daemon/daemon_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using shm::Completeness;
using shm::i64;
using test::append;
using test::DaemonTest;
using test::line;
using test::Process;

TEST_F(DaemonTest, FindsWhatIsThere) {
  fs::copy(SHMETER_TEST_DATA "/claude-config", dir_.path("cfg"),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  const auto now = summary();
  EXPECT_EQ(now->files_read, now->files_known);
  EXPECT_GT(now->files_known, 5);
  EXPECT_GT(now->all.requests, 5);
  EXPECT_GT(now->all.cost_nanousd, 0);
  EXPECT_EQ(now->damaged_lines, 0);
  EXPECT_TRUE(session("c9bec15a-c582-41d2-a016-dceacfb47ad5"));
}

TEST_F(DaemonTest, ShowsAnAppendedLine) {
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  for (int i = 1; i <= 20; ++i) {
    append(dir_.path("cfg/projects/-p/live.jsonl"), line(std::to_string(i), 10));
    ASSERT_TRUE(wait_for([&] { return requests() == i; })) << i;
  }
  EXPECT_EQ(summary()->today.input_tokens, 200);
  EXPECT_EQ(session("live")->usage.input_tokens, 200);
}

TEST_F(DaemonTest, ShowsAStatusLine) {
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  const std::string path = dir_.path("rt/ingest.sock");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const std::string json = test::contents(SHMETER_TEST_DATA "/statusline/2.1.330-3.json");
  for (const std::string& datagram : {"shmeter 1 claude pane=%257\n" + json, std::string("bad")})
    EXPECT_GT(::sendto(fd, datagram.data(), datagram.size(), 0,
                       reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
  ::close(fd);
  const std::string id = json.substr(json.find(':') + 2, 36);
  ASSERT_TRUE(wait_for([&] { return session(id).has_value(); })) << id;
  EXPECT_EQ(session(id)->pane.view(), "%7");
  EXPECT_FALSE(session(id)->model_name.empty());
  EXPECT_TRUE(wait_for([&] { return summary()->dropped_datagrams == 1; }));
}

TEST_F(DaemonTest, ASecondOneSaysWhoRunsAndIsContent) {
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  std::string words;
  EXPECT_EQ(run({"daemon", "run"}, words), 0);
  EXPECT_NE(words.find("pid " + std::to_string(daemon_->pid())), std::string::npos) << words;
  EXPECT_TRUE(daemon_->running());
  EXPECT_TRUE(live());
}

TEST_F(DaemonTest, EndsInOrder) {
  for (const int signum : {SIGTERM, SIGINT}) {
    start_daemon();
    ASSERT_TRUE(wait_for([&] { return complete(); }));
    daemon_->signal(signum);
    EXPECT_EQ(daemon_->wait(), 0);
    EXPECT_FALSE(fs::exists(dir_.path("rt/ingest.sock")));
    EXPECT_TRUE(summary());  // the picture stays
    EXPECT_FALSE(live());
    shm::FileReader reader;
    ASSERT_EQ(reader.open(region().c_str(), false), shm::Opened::ok);
    ASSERT_TRUE(reader.refresh());
    EXPECT_EQ(reader.live().state, static_cast<shm::u32>(shm::WriterState::stopped));
  }
}

// A reader beside it never sees a number go back, whether the collector is killed, starts or reads.
TEST_F(DaemonTest, KilledAndStartedAgainNeverShowsLess) {
  std::string text;
  for (int i = 0; i < 2'000; ++i) text += line(std::to_string(i), 1);
  for (int f = 0; f < 10; ++f)
    append(dir_.path("cfg/projects/-p/s" + std::to_string(f) + ".jsonl"), text);
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  ASSERT_EQ(requests(), 2'000);

  std::atomic<bool> stop = false;
  std::atomic<int> went_back = 0;
  std::thread watcher([&] {
    i64 most = 0;
    shm::u64 sequence = 0;
    while (!stop) {
      const auto now = summary();
      if (!now || now->all.requests < most || now->today.requests < most ||
          now->sequence < sequence)
        ++went_back;
      if (now) most = now->all.requests, sequence = now->sequence;
    }
  });
  for (int round = 1; round <= 8; ++round) {
    daemon_->signal(SIGKILL);
    EXPECT_EQ(daemon_->wait(), 128 + SIGKILL);
    append(dir_.path("cfg/projects/-p/s1.jsonl"), line("after" + std::to_string(round), 1));
    start_daemon();
    std::this_thread::sleep_for(std::chrono::milliseconds(round * 3));  // killed while reading, too
    if (round % 2 == 0) {
      EXPECT_TRUE(wait_for([&] { return live() && requests() == 2'000 + round; }));
    }
  }
  stop = true;
  watcher.join();
  EXPECT_EQ(went_back, 0);
  shm::FileReader reader;
  ASSERT_EQ(reader.open(region().c_str(), false), shm::Opened::ok);
  EXPECT_GT(reader.live().adoptions, 0u);
}

TEST_F(DaemonTest, ReloadsItsConfigurationOrKeepsTheOldOne) {
  const std::string config = dir_.path("config.toml");
  append(config, "timezone = \"Europe/Berlin\"\n");
  start_daemon({"--config", config});
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  const i64 berlin = summary()->utc_offset_s;
  EXPECT_TRUE(berlin == 3600 || berlin == 7200) << berlin;
  test::replace(config, "timezone = \"Asia/Tokyo\n");
  daemon_->signal(SIGHUP);
  EXPECT_TRUE(said("config.toml:1:"));
  EXPECT_EQ(summary()->utc_offset_s, berlin);
  test::replace(config, "timezone = \"Asia/Tokyo\"\n[[account]]\nname = \"w\"\nconfig_dir = \"" +
                            dir_.path("work") + "\"\n");
  append(dir_.path("work/projects/-w/s.jsonl"), line("work", 5));
  daemon_->signal(SIGHUP);
  EXPECT_TRUE(wait_for([&] { return summary()->utc_offset_s == i64{9} * 3600; }));
  EXPECT_TRUE(wait_for([&] { return requests() == 1; }));  // the new account's
  EXPECT_TRUE(daemon_->running());
}

TEST_F(DaemonTest, HealsALostRegion) {
  append(dir_.path("cfg/projects/-p/live.jsonl"), line("1", 10));
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  fs::remove(region());
  append(dir_.path("cfg/projects/-p/live.jsonl"), line("2", 10));
  EXPECT_TRUE(wait_for([&] { return live() && requests() == 2; }));
  ::truncate(region().c_str(), 100);
  EXPECT_TRUE(wait_for([&] { return live() && requests() == 2; }));
  EXPECT_TRUE(daemon_->running());
}

TEST_F(DaemonTest, OutlivesACleanedRuntimeDirectory) {
  append(dir_.path("cfg/projects/-p/live.jsonl"), line("1", 10));
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  fs::remove_all(dir_.path("rt"));
  EXPECT_TRUE(wait_for([&] { return complete() && fs::exists(dir_.path("rt/ingest.sock")); }));
  EXPECT_EQ(requests(), 1);
  EXPECT_TRUE(daemon_->running());
}

TEST_F(DaemonTest, OneBadFileIsSaidAndCountedAndNothingElseSuffers) {
  append(dir_.path("cfg/projects/-p/live.jsonl"), line("1", 10) + "broken\n" + line("2", 10));
  fs::create_symlink(dir_.path("cfg/projects/-p/loop.jsonl"),
                     dir_.path("cfg/projects/-p/loop.jsonl"));
  start_daemon();
  ASSERT_TRUE(wait_for([&] { return complete(); }));
  EXPECT_EQ(summary()->unreadable_files, 1);
  EXPECT_EQ(summary()->damaged_lines, 1);
  EXPECT_EQ(requests(), 2);
  EXPECT_TRUE(said("loop.jsonl: Too many levels of symbolic links"));
}

TEST_F(DaemonTest, RefusesARuntimeDirectoryThatIsNotSafe) {
  std::string words;
  EXPECT_EQ(run({"daemon", "run", "--runtime-dir", dir_.path("no/such/parent")}, words), 73);
  EXPECT_NE(words.find(dir_.path("no/such/parent")), std::string::npos) << words;
  ::chmod(dir_.path("rt").c_str(), 0777);
  EXPECT_EQ(run({"daemon", "run"}, words), 73);
  EXPECT_NE(words.find(dir_.path("rt")), std::string::npos) << words;
  ::chmod(dir_.path("rt").c_str(), 0700);
  fs::create_directory_symlink(dir_.path("rt"), dir_.path("link"));
  EXPECT_EQ(run({"daemon", "run", "--runtime-dir", dir_.path("link")}, words), 73);
}

TEST_F(DaemonTest, RefusesABrokenConfigurationAtItsStart) {
  append(dir_.path("config.toml"), "week_start = \"someday\"\n");
  std::string words;
  EXPECT_EQ(run({"daemon", "run", "--config", dir_.path("config.toml")}, words), 78);
  EXPECT_NE(words.find("config.toml:1:"), std::string::npos) << words;
  EXPECT_EQ(run({"config", "validate", "--config", dir_.path("config.toml")}, words), 78);
  EXPECT_EQ(run({"config", "validate"}, words), 0);
  EXPECT_EQ(run({"config", "path"}, words), 0);
  EXPECT_EQ(words, dir_.path("home/.config/shmeter/config.toml\n"));
}

TEST_F(DaemonTest, WrongWordsTable) {
  const struct {
    std::vector<std::string> words;
    const char* expected;
  } rows[] = {{{}, "a verb is expected"},
              {{"fly"}, "unknown verb fly"},
              {{"daemon"}, "run, start, stop, status, reload"},
              {{"daemon", "jump"}, "run, start, stop, status, reload"},
              {{"daemon", "run", "--fast"}, "unknown argument --fast; expected --runtime-dir"},
              {{"daemon", "run", "--config"}, "--config needs a value"},
              {{"daemon", "run", "--config="}, "--config needs a value"},
              {{"daemon", "stop", "--config", "x"}, "expected --runtime-dir"},
              {{"version", "now"}, "no options are expected"}};
  for (const auto& row : rows) {
    std::string words;
    EXPECT_EQ(run(row.words, words), 64) << row.expected;
    EXPECT_NE(words.find(row.expected), std::string::npos) << words;
    EXPECT_EQ(std::count(words.begin(), words.end(), '\n'), 1) << words;
  }
  std::string words;
  EXPECT_EQ(run({"--help"}, words), 0);
  EXPECT_NE(words.find("daemon status"), std::string::npos);
  EXPECT_EQ(run({"version"}, words), 0);
  EXPECT_EQ(words.rfind("shmeterd ", 0), 0u);
}

TEST_F(DaemonTest, StartsDetachedAndIsAskedAndStopped) {
  append(dir_.path("cfg/projects/-p/live.jsonl"), line("1", 10));
  std::string words;
  EXPECT_EQ(run({"daemon", "status"}, words), 3);
  EXPECT_EQ(words, "not running\n");
  EXPECT_EQ(run({"daemon", "stop"}, words), 0);
  EXPECT_EQ(run({"daemon", "reload"}, words), 3);
  EXPECT_EQ(run({"daemon", "start"}, words), 0);
  EXPECT_NE(words.find("started, pid "), std::string::npos) << words;
  EXPECT_TRUE(complete());
  EXPECT_EQ(run({"daemon", "start"}, words), 0);  // is content with the one that runs
  EXPECT_NE(words.find("another collector is running"), std::string::npos) << words;
  EXPECT_EQ(run({"daemon", "status"}, words), 0);
  EXPECT_NE(words.find("region " + region()), std::string::npos) << words;
  EXPECT_NE(words.find("sessions 1\n"), std::string::npos) << words;
  EXPECT_EQ(run({"daemon", "reload"}, words), 0);
  // Nobody reads its messages any more: what it says must not end it.
  fs::create_symlink(dir_.path("cfg/projects/-p/x.jsonl"), dir_.path("cfg/projects/-p/x.jsonl"));
  append(dir_.path("cfg/projects/-p/live.jsonl"), line("2", 10));
  EXPECT_TRUE(wait_for([&] { return requests() == 2; }));
  EXPECT_EQ(run({"daemon", "stop"}, words), 0);
  EXPECT_EQ(words.rfind("stopped, pid ", 0), 0u) << words;
  EXPECT_FALSE(live());
  EXPECT_EQ(run({"daemon", "status"}, words), 3);
}

// Mounts of our own: what is done there nobody else sees.
class NamespaceTest : public DaemonTest {
 protected:
  // Runs a shell script as root of a namespace; false where the machine does not allow it.
  bool script(const std::string& text, std::string& words, int& code) {
    fs::remove(output("script"));
    if (Process({"unshare", "-Urm", "true"}, {}, output("script")).wait() != 0) return false;
    fs::remove(output("script"));
    code = Process({"unshare", "-Urm", "sh", "-ec", text},
                   {"HOME=" + dir_.path("home"), "CLAUDE_CONFIG_DIR=" + dir_.path("cfg"),
                    "RT=" + dir_.path("rt"), "SHMETERD=" SHMETERD},
                   output("script"))
               .wait();
    words = test::contents(output("script"));
    return true;
  }
};

TEST_F(NamespaceTest, AFullRuntimeDirectoryIsSaid) {
  std::string words;
  int code = 0;
  if (!script("mount -t tmpfs -o size=64k,mode=0700 none $RT\n"
              "exec $SHMETERD daemon run --runtime-dir $RT",
              words, code))
    GTEST_SKIP() << "this machine lets us make no mount namespace (unshare -m)";
  EXPECT_EQ(code, 73) << words;
  EXPECT_NE(words.find(dir_.path("rt")), std::string::npos) << words;
  EXPECT_NE(words.find("No space left"), std::string::npos) << words;
}

TEST_F(NamespaceTest, AMissingOrForeignRuntimeDirectoryGivesWayToTheNext) {
  const std::string next =
      "mount -t tmpfs none /run && mkdir -p -m 0700 /run/user/0 && mkdir -m 0777 /run/open\n";
  const std::string ask =
      "$SHMETERD daemon start && $SHMETERD daemon status; $SHMETERD daemon stop\n";
  for (const std::string& setting :
       {std::string("unset XDG_RUNTIME_DIR\n"), std::string("export XDG_RUNTIME_DIR=/run/none\n"),
        std::string("mkdir -m 0777 /run/open/shmeter; chmod 0777 /run/open/shmeter\n"
                    "export XDG_RUNTIME_DIR=/run/open\n")}) {
    std::string words;
    int code = 0;
    std::string text = next;
    text.append(setting).append(ask);
    if (!script(text, words, code))
      GTEST_SKIP() << "this machine lets us make no mount namespace (unshare -m)";
    EXPECT_EQ(code, 0) << words;
    EXPECT_NE(words.find("region /run/user/0/shmeter/region.1"), std::string::npos) << words;
    if (setting.find("/run/open") != std::string::npos) {
      EXPECT_NE(words.find("/run/open/shmeter"), std::string::npos) << words;
    }
  }
}

}  // namespace
}  // namespace shmeter
