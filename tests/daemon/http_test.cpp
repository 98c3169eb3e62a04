// SPDX-License-Identifier: MIT
// The real collector as curl sees it: over its unix socket always, over TCP once the configuration
// says so, and with whose token.
#include <gtest/gtest.h>

#include "collector/command/http_tokens.hpp"
#include "tests/daemon/http_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using collector::load_tokens;
using collector::rotate_tokens;
using test::append;
using test::contents;
using test::free_port;
using test::Got;
using test::HttpTest;
using test::line;

TEST_F(HttpTest, OverTheUnixSocketAlwaysAndNoPortIsOpen) {
  append(transcript(), line("a", 100));
  start_and_wait();
  EXPECT_EQ(local("/healthz").body, "{\"status\":\"ok\",\"version\":\"" SHMETER_VERSION "\"}");
  EXPECT_EQ(listening(), 0);
  EXPECT_FALSE(fs::exists(state("http.token"))) << "no secret where none is needed";
  const Got session = local("/api/sessions/live");
  EXPECT_EQ(session.status, 200);
  EXPECT_NE(session.body.find("\"input_tokens\":100,"), std::string::npos) << session.body;
  EXPECT_EQ(local("/api/sessions/nobody").status, 404);
}

TEST_F(HttpTest, WhatWasPostedIsInEveryAnswerAfterIt) {
  start_and_wait();
  EXPECT_NE(local("/api/usage").body.find("\"input_tokens_used\":0,"), std::string::npos);
  const std::string event = R"({"session_id":"s1","event_type":"tokens","input_tokens":40,)"
                            R"("output_tokens":2,"id":"e1","model":"claude-sonnet-5-5"})";
  for (int i = 0; i < 2; ++i) {
    const Got posted = local("/api/usage/events", {"-d", event});
    EXPECT_EQ(posted.status, 200);
    EXPECT_EQ(posted.body, R"({"ids":["e1"]})");
  }
  EXPECT_NE(local("/api/usage").body.find("\"input_tokens_used\":40,"), std::string::npos);
  const Got events = local("/api/usage?sessionId=s1");
  EXPECT_EQ(events.status, 200);
  EXPECT_NE(events.body.find("\"value\":42,"), std::string::npos) << events.body;
  EXPECT_NE(local("/api/usage/stats").body.find("\"requests\":1,"), std::string::npos);
  for (const char* const route :
       {"/api/usage/history?granularity=day", "/api/usage/summary", "/api/usage/timeline",
        "/api/usage/allowed", "/api/quota", "/api/sessions"})
    EXPECT_EQ(local(route).status, 200) << route;
  const Got wrong = local("/api/usage?limit=0");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.body.find("\"field\":\"limit\""), std::string::npos) << wrong.body;
}

TEST_F(HttpTest, KeptInMemoryThereAreNoEventsToAskFor) {
  configure("[store]\nkeep = \"memory\"\n");
  start_and_wait();
  EXPECT_EQ(local("/api/usage/stats").status, 503);
  EXPECT_EQ(local("/api/quota").status, 200);
}

TEST_F(HttpTest, OverTcpWithATokenThatCanBeRotated) {
  const std::uint16_t port = free_port();
  configure("[http]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\n");
  start_and_wait();
  ASSERT_TRUE(said("HTTP on 127.0.0.1"));
  EXPECT_EQ(listening(), 1);
  const auto read = [&](const std::string& name) {
    std::string token = contents(dir_.path("rt/" + name));
    token.pop_back();
    return token;
  };
  const std::string token = read("http.token");
  for (const std::string& path : {dir_.path("rt/http.token"), dir_.path("rt/otel.token"),
                                  state("http.token"), state("otel.token")}) {
    struct stat st {};
    ASSERT_EQ(::stat(path.c_str(), &st), 0) << path;
    EXPECT_EQ(st.st_mode & 0777, 0600u) << path;
  }
  EXPECT_EQ(tcp(port, "/healthz", "").status, 200);
  EXPECT_EQ(tcp(port, "/api/quota", "").status, 401);
  EXPECT_EQ(tcp(port, "/api/quota", read("otel.token")).status, 403);
  EXPECT_EQ(tcp(port, "/api/quota", token).status, 200);
  EXPECT_EQ(curl({"http://127.0.0.1:" + std::to_string(port) + "/api/quota", "-H",
                  "Host: evil.example", "-H", "Authorization: Bearer " + token})
                .status,
            403);
  std::string text;
  ASSERT_EQ(run({"token", "rotate"}, text), 0) << text;
  EXPECT_EQ(tcp(port, "/api/quota", token).status, 401);
  EXPECT_EQ(tcp(port, "/api/quota", read("http.token")).status, 200);
  EXPECT_EQ(contents(output("daemon")).find(token), std::string::npos);

  configure("");
  ASSERT_EQ(run({"daemon", "reload"}, text), 0) << text;
  EXPECT_EQ(listening(), 0);
  EXPECT_EQ(local("/healthz").status, 200);
}

TEST_F(HttpTest, APortThatIsTakenIsSaidAndStopsNothing) {
  const collector::Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(taken.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(taken.get(), 1), 0);
  ASSERT_EQ(::getsockname(taken.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  configure("[http]\nlisten = \"127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "\"\n");
  start_and_wait();
  EXPECT_TRUE(said("[http] listen: 127.0.0.1:"));
  EXPECT_EQ(local("/healthz").status, 200);
}

TEST(HttpTokens, MadeOnceAndKept) {
  const test::TempDir dir;
  const std::string state = dir.path("state/shmeter");
  const auto first = load_tokens(state, dir.path(""));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->all.size(), 64u);
  EXPECT_NE(first->all, first->hand_in);
  fs::remove(dir.path("http.token"));
  const auto again = load_tokens(state, dir.path(""));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->all, first->all);
  EXPECT_EQ(contents(dir.path("http.token")), first->all + "\n") << "the copy is there again";
  const auto rotated = rotate_tokens(state, dir.path(""));
  ASSERT_TRUE(rotated);
  EXPECT_NE(rotated->all, first->all);
  EXPECT_NE(rotated->hand_in, first->hand_in);
  EXPECT_EQ(load_tokens(state, dir.path(""))->all, rotated->all);
}

TEST(HttpTokens, WhatSomebodyElsePutThereIsNotBelieved) {
  using collector::Errc;
  const test::TempDir dir;
  const std::string token = dir.path("http.token");
  const auto code = [&] { return load_tokens("", dir.path("")).error().code; };
  ASSERT_TRUE(load_tokens("", dir.path("")));
  ::chmod(token.c_str(), 0644);
  EXPECT_EQ(code(), Errc::forbidden);
  for (const std::string& text : {std::string(), std::string("x"), std::string(64, 'g'),
                                  std::string(65, 'a'), std::string(5000, 'a')}) {
    fs::remove(token);
    std::ofstream(token) << text;
    ::chmod(token.c_str(), 0600);
    EXPECT_EQ(code(), Errc::corrupt) << text.substr(0, 70);
  }
  fs::remove(token);
  fs::create_symlink(dir.path("otel.token"), token);
  EXPECT_EQ(code(), Errc::forbidden);
  fs::remove(token);
  ASSERT_EQ(::mkfifo(token.c_str(), 0600), 0);
  EXPECT_EQ(code(), Errc::forbidden);
}

}  // namespace
}  // namespace shmeter
