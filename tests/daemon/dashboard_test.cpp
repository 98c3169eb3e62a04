// SPDX-License-Identifier: MIT
// The dashboard as a browser comes to it: by a link, then by its cookie.
#include <gtest/gtest.h>

#include "tests/daemon/http_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using test::contents;
using test::free_port;
using test::HttpTest;
using test::Process;

/// What `shmeter dashboard` prints, cut at the port and at the secret.
struct Link {
  std::uint16_t port = 0;
  std::string target;
};
Link parse_link(const std::string& said) {
  const std::string begin = "http://127.0.0.1:";
  if (!said.starts_with(begin)) return {};
  const auto slash = said.find('/', begin.size());
  return {static_cast<std::uint16_t>(std::stoi(said.substr(begin.size()))),
          said.substr(slash, said.find('\n') - slash)};
}

class DashboardTest : public HttpTest {
 protected:
  Link ask_for_link() {
    std::string said;
    EXPECT_EQ(run({"dashboard", "--print"}, said), 0) << said;
    return parse_link(said);
  }
  /// Follows the link and keeps its cookie for visit().
  int open(const Link& link) {
    return curl({"-c", output("cookies"),
                 "http://127.0.0.1:" + std::to_string(link.port) + link.target})
        .status;
  }
  int visit(std::uint16_t port, const std::string& target, std::vector<std::string> more = {}) {
    more.insert(more.end(),
                {"-b", output("cookies"), "http://127.0.0.1:" + std::to_string(port) + target});
    return curl(more).status;
  }
};

TEST_F(DashboardTest, ListensOnceSomebodyAsksAndKeepsThePort) {
  start_and_wait();
  EXPECT_EQ(listening(), 0);
  const Link link = ask_for_link();
  ASSERT_NE(link.port, 0);
  EXPECT_EQ(listening(), 1);
  EXPECT_EQ(visit(link.port, "/"), 401) << "it has no cookie yet";
  EXPECT_EQ(open(link), 303);
  EXPECT_EQ(visit(link.port, "/"), 200);
  EXPECT_EQ(visit(link.port, "/api/usage/summary"), 200);
  EXPECT_EQ(visit(link.port, "/api/usage/events",
                  {"-d", R"({"session_id":"s1","event_type":"message","id":"m1"})"}),
            403);
  EXPECT_EQ(visit(link.port, link.target), 401) << "a link opens once";
  EXPECT_EQ(ask_for_link().port, link.port);
  EXPECT_EQ(listening(), 1);
  std::string said;
  EXPECT_EQ(run({"daemon", "reload"}, said), 0) << said;
  EXPECT_EQ(visit(link.port, "/"), 200) << "a reload closes nothing";
}

TEST_F(DashboardTest, WhatTheConfigurationSaysWins) {
  const std::uint16_t port = free_port();
  const std::string listen = "[http]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\n";
  configure(listen);
  start_and_wait();
  const Link link = ask_for_link();
  EXPECT_EQ(link.port, port);
  EXPECT_EQ(open(link), 303);
  EXPECT_EQ(visit(port, "/"), 200);
  // No longer asked for: nobody listens, until somebody wants the page.
  configure("");
  std::string said;
  EXPECT_EQ(run({"daemon", "reload"}, said), 0) << said;
  EXPECT_EQ(listening(), 0);
  const Link other = ask_for_link();
  EXPECT_EQ(open(other), 303);
  // And asked for again, it moves there.
  configure(listen);
  EXPECT_EQ(run({"daemon", "reload"}, said), 0) << said;
  EXPECT_EQ(listening(), 1);
  EXPECT_EQ(ask_for_link().port, port);
}

TEST_F(DashboardTest, NewTokensClosePagesAndWhatTheyListenTo) {
  start_and_wait();
  const Link link = ask_for_link();
  ASSERT_EQ(open(link), 303);
  Process stream({"curl", "-sN", "-b", output("cookies"),
                  "http://127.0.0.1:" + std::to_string(link.port) + "/api/stream"},
                 environment(), output("stream"));
  ASSERT_TRUE(wait_for([&] { return contents(output("stream")).starts_with("id: "); }));
  std::string said;
  EXPECT_EQ(run({"token", "rotate"}, said), 0) << said;
  EXPECT_EQ(visit(link.port, "/"), 401);
  EXPECT_NE(stream.wait(), 0) << "it was let go in the middle of it";
  EXPECT_EQ(open(ask_for_link()), 303);
}

TEST_F(HttpTest, WithoutACollectorThereIsNoDashboard) {
  std::string said;
  EXPECT_EQ(run({"dashboard"}, said), 69);
  EXPECT_NE(said.find("no collector is running"), std::string::npos) << said;
}

}  // namespace
}  // namespace shmeter
