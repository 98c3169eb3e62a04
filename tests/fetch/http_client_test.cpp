// SPDX-License-Identifier: MIT
// What we send over HTTP, to a server that answers what it is told to, too much, or nothing.
#include "collector/fetch/http_client.hpp"

#include <gtest/gtest.h>

#include "collector/fetch/signature.hpp"
#include "tests/fetch/receiver.hpp"

namespace shmeter::collector {
namespace {

using test::Receiver;

/// One request to its end.
Result<HttpClient::Got> post(const std::string& url, HttpClient::Limits limits = {}) {
  Loop loop;
  auto client = HttpClient::make(loop, limits);
  if (!client) return tl::unexpected(client.error());
  Result<HttpClient::Got> got = fail(Errc::corrupt, "not answered");
  int answers = 0;
  (*client)->post({url, {"X-One: 1"}, "{\"a\":1}\n"}, [&](const Result<HttpClient::Got>& result) {
    got = result;
    ++answers;
  });
  loop.run();
  EXPECT_EQ(answers, 1);
  EXPECT_EQ((*client)->running(), 0u);
  return got;
}

TEST(HttpClient, SendsWhatItWasGiven) {
  Receiver receiver;
  const auto got = post(receiver.url());
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200);
  ASSERT_EQ(receiver.requests().size(), 1u);
  const auto request = receiver.requests()[0];
  EXPECT_TRUE(request.head.starts_with("POST /hook?x=1 HTTP/1.1\r\n")) << request.head;
  EXPECT_EQ(request.body, "{\"a\":1}\n");
  EXPECT_EQ(request.header("X-One"), "1");
  EXPECT_EQ(request.header("User-Agent"), "shmeter/" SHMETER_VERSION);
  EXPECT_EQ(request.header("Expect"), "");
}

TEST(HttpClient, AnErrorIsAnAnswer) {
  Receiver receiver;
  receiver.then_status("503 Busy", "Retry-After: 17\r\n");
  const auto got = post(receiver.url());
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 503);
  EXPECT_EQ(got->retry_after_s, 17);
}

TEST(HttpClient, GoesNowhereElse) {
  Receiver receiver, other;
  receiver.then_status("307 There", "Location: " + other.url() + "\r\n");
  EXPECT_EQ(post(receiver.url())->status, 307);
  EXPECT_TRUE(other.requests().empty());
  for (const char* const url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:1/"}) {
    const auto got = post(url);
    ASSERT_FALSE(got) << url;
    EXPECT_EQ(got.error().code, Errc::invalid) << url << got.error().message;
  }
}

TEST(HttpClient, AnAnswerWithoutEndIsCutOff) {
  Receiver receiver;
  receiver.then("HTTP/1.1 200 OK\r\n\r\n" + std::string(std::size_t{8} << 20, 'x'));
  const auto got = post(receiver.url(), {.time_ms = 10'000, .answer_bytes = 1000});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 200);
}

TEST(HttpClient, SomebodySilentIsLetGo) {
  Receiver receiver;
  receiver.then("");
  const auto got = post(receiver.url(), {.time_ms = 200});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
  receiver.then("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");  // and then the connection ends
  EXPECT_EQ(post(receiver.url(), {.time_ms = 200})->status, 200) << "it said yes";
}

TEST(HttpClient, NobodyThere) {
  std::string url;
  {
    Receiver gone;
    url = gone.url();
  }
  const auto got = post(url);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
  EXPECT_NE(got.error().message.find("connect"), std::string::npos) << got.error().message;
}

TEST(HttpClient, WhatIsOnItsWayMayBeLeft) {
  Receiver receiver;
  receiver.then("");
  Loop loop;
  auto client = HttpClient::make(loop);
  ASSERT_TRUE(client);
  (*client)->post({receiver.url(), {}, ""}, [](const auto&) { ADD_FAILURE() << "answered"; });
  for (int i = 0; i < 50 && receiver.requests().empty(); ++i) {
    loop.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(receiver.requests().size(), 1u);
  client->reset();  // and the loop must be empty at its end
}

TEST(Signature, AsTheStandardSays) {
  // RFC 4231, cases 2 and 6.
  EXPECT_EQ(hmac_sha256("Jefe", "what do ya want for nothing?").value_or("none"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_sha256(std::string(131, '\xaa'),
                        "Test Using Larger Than Block-Size Key - Hash Key First")
                .value_or("none"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

}  // namespace
}  // namespace shmeter::collector
