// SPDX-License-Identifier: MIT
// The server over real sockets, with a service of its own: no command of the product is known here.
#include "collector/serve/control_server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <deque>
#include <random>

#include "collector/serve/control_client.hpp"
#include "collector/serve/line_text.hpp"
#include "tests/serve/client.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using test::Client;

/// ECHO text · LATE text (answered by release()) · BIG n · BODY n · LATE_BODY n · FEED (of `news`).
class EchoService final : public Service {
 public:
  Body body_of(std::string_view line) override {
    std::string_view rest = line;
    if (!take_word(rest).ends_with("BODY")) return {};
    return {.bytes = static_cast<std::size_t>(whole_number(rest).value_or(0)), .refused = {}};
  }
  void run(std::string_view line, std::string_view body, Answer answer) override {
    ++runs;
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    if (word == "LATE") {
      late.push_back([answer = std::move(answer), text = std::string(rest)] {
        answer({text, nullptr});
      });
    } else if (word == "LATE_BODY") {
      late.push_back([answer = std::move(answer), text = std::string(body)] {
        answer({text, nullptr});
      });
    } else if (word == "BIG") {
      answer({std::string(static_cast<std::size_t>(whole_number(rest).value_or(0)), 'x'), nullptr});
    } else if (word == "FEED") {
      answer({"whole", std::make_unique<News>(*this)});
    } else {
      answer({std::string(word == "BODY" ? body : rest), nullptr});
    }
  }
  void release() {
    const auto one = std::move(late.front());
    late.pop_front();
    one();
  }

  int runs = 0;
  int news = 0;
  std::deque<std::function<void()>> late;

 private:
  struct News final : Feed {
    explicit News(EchoService& from) : service(from) {}
    std::string next() override {
      if (told == service.news) return {};
      told = service.news;
      return "news " + std::to_string(told);
    }
    EchoService& service;
    int told = 0;
  };
};

class ControlServerTest : public testing::Test {
 protected:
  ControlServerTest() { open({}); }

  void open(ControlLimits limits) {
    server_.reset();
    auto opened = ControlServer::open(loop_, path_, service_, limits);
    ASSERT_TRUE(opened) << opened.error().message;
    server_ = std::move(*opened);
  }
  Client client() { return Client(loop_, path_); }
  /// Turns the loop until `done`, a while at most.
  template <class Done>
  bool turn_until(Done&& done) {
    for (int i = 0; i < 3000; ++i) {
      if (done()) return true;
      loop_.turn();
      if (i > 10) ::usleep(1000);
    }
    return false;
  }

  test::TempDir dir_;
  std::string path_ = dir_.path("control.sock");
  Loop loop_;
  EchoService service_;
  std::unique_ptr<ControlServer> server_;
};

TEST_F(ControlServerTest, AnswersLines) {
  Client one = client();
  EXPECT_EQ(one.ask("ECHO a b"), "a b");
  EXPECT_EQ(one.ask("ECHO c\r"), "c");
  one.send("ECHO 1\nECHO 2\nBODY 3\nx\nyECHO");
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"1", "2", "x", "y"}));
  one.send(" 3\n");
  EXPECT_EQ(one.line(), "3");
}

TEST_F(ControlServerTest, SocketIsOursAlone) {
  struct stat st {};
  ASSERT_EQ(::stat(path_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  EXPECT_TRUE(server_->path_still_there());
  ::unlink(path_.c_str());
  EXPECT_FALSE(server_->path_still_there());
}

TEST_F(ControlServerTest, TakesTheDeadOnesPlaceAndLeavesNothing) {
  server_.reset();
  EXPECT_NE(::access(path_.c_str(), F_OK), 0);
  test::replace(path_, "what a dead one left");
  open({});
  EXPECT_EQ(client().ask("ECHO here"), "here");
}

TEST_F(ControlServerTest, PathTooLongIsRefused) {
  const std::string name = path_ + std::string(200, 'x');
  const auto opened = ControlServer::open(loop_, name, service_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid);
  EXPECT_NE(opened.error().message.find("at most 107"), std::string::npos);
}

TEST_F(ControlServerTest, WhatComesBehindABodyIsRunBehindIt) {
  Client one = client();
  one.send("ECHO 1\nLATE_BODY 3\nabcECHO 2\nLATE_BODY 1\nxECHO 3\n");
  EXPECT_EQ(one.line(), "1");
  EXPECT_EQ(service_.runs, 2);
  EXPECT_EQ(client().ask("ECHO meanwhile"), "meanwhile");
  service_.release();
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"abc", "2"}));
  EXPECT_EQ(service_.runs, 5);
  service_.release();
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"x", "3"}));
}

TEST_F(ControlServerTest, LateAnswersKeepTheirPlace) {
  Client one = client();
  one.send("ECHO 1\nLATE 2\nECHO 3\nLATE 4\nECHO 5\n");
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"1"}));
  Client other = client();
  EXPECT_EQ(other.ask("ECHO meanwhile"), "meanwhile");
  service_.late[1]();  // the second is known first
  EXPECT_TRUE(one.lines().empty());
  service_.release();
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"2", "3", "4", "5"}));
}

TEST_F(ControlServerTest, AnswerThatNobodyWaitsForAnyMore) {
  Client one = client();
  one.send("LATE 1\nLATE 2\n");
  one.close();
  service_.release();
  EXPECT_TRUE(turn_until([&] { return server_->clients() == 0; }));
  service_.release();
  Client two = client();
  two.send("LATE 3\n");
  server_.reset();
  service_.release();
}

TEST_F(ControlServerTest, HalfClosedClientGetsItsAnswers) {
  Client one = client();
  one.send("LATE 1\nECHO 2\n");
  one.half_close();
  EXPECT_FALSE(one.at_end());
  service_.release();
  EXPECT_TRUE(one.at_end());
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(turn_until([&] { return server_->clients() == 0; }));
}

TEST_F(ControlServerTest, LineWithoutItsEndIsNotRun) {
  Client one = client();
  one.send("ECHO 1\nECHO tw");
  one.half_close();
  EXPECT_TRUE(one.at_end());
  EXPECT_EQ(one.lines(), (std::vector<std::string>{"1", "ERROR the last line has no newline"}));
  EXPECT_EQ(service_.runs, 1);
}

TEST_F(ControlServerTest, LineTooLongEndsTheConversation) {
  Client one = client();
  one.send("ECHO 1\n");
  one.send(std::string(kMaxRequestLine + 1, 'x') + "\nECHO 2\n");
  EXPECT_TRUE(one.at_end());
  EXPECT_EQ(one.lines(),
            (std::vector<std::string>{"1", "ERROR line too long: at most 65536 bytes are read"}));
  one.close();
  EXPECT_TRUE(turn_until([&] { return server_->clients() == 0; }));
}

TEST_F(ControlServerTest, ManyRequestsAtOnce) {
  Client one = client();
  std::string requests;
  std::vector<std::string> want;
  for (int i = 0; i < 20'000; ++i) {
    requests.append("ECHO ").append(std::to_string(i)).append("\n");
    want.push_back(std::to_string(i));
  }
  std::vector<std::string> got;
  for (std::string_view rest = requests; !rest.empty();) {
    rest.remove_prefix(one.push(rest));
    for (std::string& line : one.lines()) got.push_back(std::move(line));
  }
  for (std::string& line : one.lines()) got.push_back(std::move(line));
  EXPECT_EQ(got, want);
}

TEST_F(ControlServerTest, ManyLateAnswersAtOnce) {
  Client one = client();
  std::string requests;
  for (int i = 0; i < 2000; ++i) requests.append("LATE ").append(std::to_string(i)).append("\n");
  one.send(requests);
  std::vector<std::string> got;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_FALSE(service_.late.empty()) << i;
    EXPECT_LE(service_.late.size(), ControlLimits{}.pending);
    service_.release();
    if (i % 100 == 99)
      for (std::string& line : one.lines()) got.push_back(std::move(line));
  }
  ASSERT_EQ(got.size(), 2000u);
  EXPECT_EQ(got.front(), "0");
  EXPECT_EQ(got.back(), "1999");
}

TEST_F(ControlServerTest, WhoDoesNotReadIsNotServedOnAndThenDropped) {
  open({.waiting_bytes = 10'000, .stalled_ms = 30});
  Client slow = client();
  for (int i = 0; i < 100; ++i) slow.send("BIG 100000\n");
  EXPECT_LT(service_.runs, 10) << "what nobody reads is not made";
  EXPECT_EQ(client().ask("ECHO quick"), "quick");
  EXPECT_TRUE(turn_until([&] { return server_->clients() == 0; }));
}

TEST_F(ControlServerTest, WhoReadsLateGetsEverything) {
  open({.waiting_bytes = 10'000});
  Client slow = client();
  for (int i = 0; i < 100; ++i) slow.send("BIG 100000\n");
  EXPECT_LT(service_.runs, 10);
  EXPECT_EQ(slow.lines().size(), 100u);
}

TEST_F(ControlServerTest, SilentOnesMakeRoomAndBusyOnesDoNot) {
  open({.clients = 3, .idle_ms = 0});
  Client silent = client();
  Client waits = client();
  waits.send("LATE 1\n");
  Client watches = client();
  EXPECT_EQ(watches.ask("FEED"), "whole");
  Client fourth = client();
  EXPECT_EQ(fourth.ask("ECHO hello"), "hello");
  EXPECT_TRUE(silent.at_end());
  fourth.send("LATE 2\n");
  Client fifth = client();
  EXPECT_EQ(fifth.line(), "ERROR too many clients");
  EXPECT_TRUE(fifth.at_end());
  service_.release();
  EXPECT_EQ(waits.line(), "1");
  watches.close();
  Client sixth = client();
  EXPECT_EQ(sixth.ask("ECHO hello"), "hello");
}

TEST_F(ControlServerTest, RecentlyHeardOnesStay) {
  open({.clients = 2, .idle_ms = 1'000'000});
  Client one = client();
  Client two = client();
  Client three = client();
  EXPECT_EQ(three.line(), "ERROR too many clients");
  EXPECT_EQ(one.ask("ECHO still here"), "still here");
}

TEST_F(ControlServerTest, BodiesTogetherAreBounded) {
  open({.body_bytes = 100'000});
  Client one = client();
  Client two = client();
  one.send("BODY 90000\n" + std::string(80'000, 'a'));
  two.send("BODY 90000\n" + std::string(90'000, 'b') + "ECHO after\n");
  EXPECT_EQ(two.lines(),
            (std::vector<std::string>{
                "ERROR INGEST: too many bodies are being read at once; try again", "after"}));
  one.send(std::string(10'000, 'a'));
  EXPECT_EQ(one.line().size(), 90'000u);
}

TEST_F(ControlServerTest, WatcherGetsTheNewestNotAll) {
  open({.feed_every_ms = 1});
  Client watcher = client();
  EXPECT_EQ(watcher.ask("FEED"), "whole");
  for (int i = 0; i < 50; ++i) {
    ++service_.news;
    server_->changed();
    loop_.turn();
    ::usleep(1500);
    loop_.turn();
  }
  EXPECT_EQ(watcher.line(), "news 1") << "what was sent before it stopped reading";
  EXPECT_TRUE(turn_until([&] { return watcher.receive().size() > 3; }));
  EXPECT_EQ(watcher.line(), "news 50");
  EXPECT_EQ(watcher.line(), "(nothing)");
}

TEST_F(ControlServerTest, WatcherIsNotToldTooOften) {
  open({.feed_every_ms = 1'000'000});
  Client watcher = client();
  EXPECT_EQ(watcher.ask("FEED"), "whole");
  for (int i = 0; i < 5; ++i) {
    ++service_.news;
    server_->changed();
    watcher.receive();
  }
  EXPECT_EQ(watcher.lines(), (std::vector<std::string>{"news 1"}));
}

TEST_F(ControlServerTest, NothingNewIsNoLine) {
  open({.feed_every_ms = 1});
  Client watcher = client();
  EXPECT_EQ(watcher.ask("FEED"), "whole");
  server_->changed();
  EXPECT_EQ(watcher.line(), "(nothing)");
}

TEST_F(ControlServerTest, WatcherMayStopTalkingAndMayLeave) {
  open({.feed_every_ms = 0});
  Client watcher = client();
  watcher.send("FEED\nECHO not answered any more\n");
  watcher.half_close();
  EXPECT_EQ(watcher.line(), "whole");
  ++service_.news;
  server_->changed();
  EXPECT_EQ(watcher.line(), "news 1");
  EXPECT_FALSE(watcher.at_end());
  watcher.close();
  ++service_.news;
  server_->changed();
  EXPECT_TRUE(turn_until([&] { return server_->clients() == 0; }));
  EXPECT_EQ(service_.runs, 1);
}

TEST_F(ControlServerTest, WatcherThatLeavesIsNoticedAtOnce) {
  Client watcher = client();
  EXPECT_EQ(watcher.ask("FEED"), "whole");
  watcher.close();
  EXPECT_TRUE(turn_until([&] { return server_->clients() == 0; }));
}

TEST_F(ControlServerTest, WhateverComesOthersAreServed) {
  std::mt19937 random(3);
  const std::vector<std::string> pieces = {
      "ECHO a\n", "LATE b\n",   "BODY 40\n", "BODY 99999999\n",
      "FEED\n",   "BIG 9000\n", "\n",        std::string(70'000, 'z')};
  open({.clients = 4, .idle_ms = 0, .waiting_bytes = 5000, .stalled_ms = 1, .feed_every_ms = 0});
  for (int round = 0; round < 400; ++round) {
    Client hostile = client();
    for (auto n = random() % 8; n > 0; --n) {
      std::string bytes = pieces[random() % pieces.size()];
      if (random() % 2 == 0) bytes.resize(random() % (bytes.size() + 1));
      if (random() % 3 == 0)
        for (auto& byte : bytes) byte = static_cast<char>(random());
      hostile.push(bytes);
      loop_.turn();
      if (random() % 4 == 0) hostile.receive();
      if (random() % 5 == 0) server_->changed(), ++service_.news;
      if (random() % 3 == 0 && !service_.late.empty()) service_.release();
    }
    if (random() % 2 == 0) hostile.half_close();
    Client other = client();
    ASSERT_EQ(other.ask("ECHO still here"), "still here") << round;
    ASSERT_LE(server_->clients(), 4u);
  }
}

TEST_F(ControlServerTest, PeerOfAnotherUserIsRefused) {
  EXPECT_TRUE(peer_allowed(1000, 1000));
  EXPECT_TRUE(peer_allowed(0, 1000));
  EXPECT_FALSE(peer_allowed(1001, 1000));
  EXPECT_FALSE(peer_allowed(1000, 0));
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  ASSERT_EQ(::chmod(dir_.path().c_str(), 0755), 0);
  ASSERT_EQ(::chmod(path_.c_str(), 0666), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lets_go = [&] {
      if (::setuid(65534) != 0) return 2;
      auto opened = ControlClient::open(path_);
      if (!opened) return 3;
      const auto line = opened->next_line(std::chrono::seconds(5));
      return line && *line == "ERROR this collector serves uid 0 only" ? 0 : 4;
    };
    ::_exit(lets_go());
  }
  int status = 0;
  EXPECT_TRUE(turn_until([&] { return ::waitpid(child, &status, WNOHANG) == child; }));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(server_->clients(), 0u);
}

}  // namespace
}  // namespace shmeter::collector
