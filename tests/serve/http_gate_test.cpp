// SPDX-License-Identifier: MIT
// Who may ask what, as tables.
#include "collector/serve/http_gate.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

constexpr std::int64_t kNow_ms = 1'795'300'000'000;

/// 0 = it may.
unsigned status(HttpGate& gate, const HttpHead& head, HttpAccess access,
                std::int64_t now_ms = kNow_ms) {
  const auto refused = gate.refuse(head, access, now_ms);
  return refused ? refused->status : 0;
}

HttpHead tcp(std::string_view authorization, std::string_view host = "127.0.0.1:7483") {
  HttpHead head;
  head.host = host;
  head.authorization = authorization;
  return head;
}

TEST(HttpGate, TokensAndWhatTheyAreFor) {
  struct Case {
    std::string_view authorization;
    unsigned open, read, write;
  };
  for (const Case& one : {Case{"", 0, 401, 401}, Case{"Bearer all", 0, 0, 0},
                          Case{"bearer all", 0, 0, 0}, Case{"Bearer hand", 0, 403, 0},
                          Case{"Bearer al", 0, 401, 401}, Case{"Bearer alll", 0, 401, 401},
                          Case{"Bearer ", 0, 401, 401}, Case{"Basic all", 0, 401, 401},
                          Case{"all", 0, 401, 401}, Case{"Bearer all ", 0, 401, 401}}) {
    HttpGate gate({"all", "hand"});
    EXPECT_EQ(status(gate, tcp(one.authorization), HttpAccess::open), one.open)
        << one.authorization;
    EXPECT_EQ(status(gate, tcp(one.authorization), HttpAccess::read), one.read)
        << one.authorization;
    EXPECT_EQ(status(gate, tcp(one.authorization), HttpAccess::write), one.write)
        << one.authorization;
  }
}

TEST(HttpGate, WithoutTokensNobodyHasOne) {
  HttpGate gate({"", ""});
  for (const char* const authorization : {"", "Bearer ", "Bearer"})
    EXPECT_EQ(status(gate, tcp(authorization), HttpAccess::read), 401u);
}

TEST(HttpGate, OverTheUnixSocketTheKernelHasAsked) {
  HttpGate gate({"all", "hand"});
  HttpHead head;
  head.local = true;
  head.host = "evil.example";
  EXPECT_EQ(status(gate, head, HttpAccess::read), 0u);
}

TEST(HttpGate, OtherNamesThanOursAreAPageThatWasLuredHere) {
  HttpGate gate({"all", "hand"});
  for (const char* const host :
       {"127.0.0.1", "127.0.0.1:7483", "localhost:1", "localhost", "[::1]", "[::1]:7483"})
    EXPECT_EQ(status(gate, tcp("Bearer all", host), HttpAccess::read), 0u) << host;
  for (const char* const host :
       {"", "evil.example", "evil.example:7483", "127.0.0.1.evil.example",
        "localhost.evil.example:7483", "127.0.0.1:7483@evil", ":7483", "::1"})
    EXPECT_EQ(status(gate, tcp("Bearer all", host), HttpAccess::open), 403u) << host;
  EXPECT_EQ(status(gate, tcp("Bearer all", "meter.example"), HttpAccess::read), 403u);
  gate.set_host("meter.example");
  EXPECT_EQ(status(gate, tcp("Bearer all", "meter.example"), HttpAccess::read), 0u);
}

TEST(HttpGate, StrangersUseUpNobodysRate) {
  HttpGate gate({"all", "hand"});
  unsigned refused = 0;
  for (int i = 0; i < 1000; ++i)
    refused += status(gate, tcp("Bearer guess"), HttpAccess::read) == 429 ? 1u : 0u;
  EXPECT_EQ(refused, 900u);
  EXPECT_EQ(status(gate, tcp("Bearer all"), HttpAccess::read), 0u);
  EXPECT_EQ(status(gate, tcp("Bearer hand"), HttpAccess::write), 0u);
  EXPECT_EQ(gate.refuse(tcp("Bearer guess"), HttpAccess::read, kNow_ms)->retry_after_s, 1u);
  EXPECT_EQ(status(gate, tcp("Bearer guess"), HttpAccess::read, kNow_ms + 1000), 401u);
}

TEST(RateLimit, ComesBackWithTimeAndNotWithAClockThatJumps) {
  RateLimit limit(10, 2);
  EXPECT_TRUE(limit.take(kNow_ms));
  EXPECT_TRUE(limit.take(kNow_ms));
  EXPECT_FALSE(limit.take(kNow_ms));
  EXPECT_FALSE(limit.take(kNow_ms - 10'000));
  EXPECT_FALSE(limit.take(kNow_ms - 9'950));
  EXPECT_TRUE(limit.take(kNow_ms - 9'850));
}

}  // namespace
}  // namespace shmeter::collector
