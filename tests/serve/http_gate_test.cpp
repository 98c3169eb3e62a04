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

/// A gate with a page that is open, and a head as that page sends it.
class HttpGatePage : public testing::Test {
 protected:
  HttpGatePage() {
    gate_.set_port(7483);
    session_ = gate_.pages().open(gate_.pages().make_link(kNow_ms), kNow_ms);
    cookie_ = "shmeter-7483=" + session_;
  }
  HttpHead page() const {
    HttpHead head = tcp("");
    head.method = HttpMethod::get;
    head.cookie = cookie_;
    head.sec_fetch_site = "same-origin";
    return head;
  }

  HttpGate gate_{{"all", "hand"}};
  std::string session_;
  std::string cookie_;
};

TEST_F(HttpGatePage, TheCookieReadsAndNeverWrites) {
  HttpHead head = page();
  EXPECT_EQ(status(gate_, head, HttpAccess::read), 0u);
  EXPECT_EQ(status(gate_, head, HttpAccess::write), 403u);
  for (const HttpMethod method : {HttpMethod::post, HttpMethod::other}) {
    head.method = method;
    EXPECT_EQ(status(gate_, head, HttpAccess::read), 403u);
    EXPECT_EQ(status(gate_, head, HttpAccess::write), 403u);
  }
}

TEST_F(HttpGatePage, ACookieOfAnotherPortOrOfNobodyIsNone) {
  for (const std::string& cookie :
       {"shmeter-7484=" + session_, "shmeter=" + session_, "shmeter-7483=" + session_.substr(1),
        "shmeter-7483=" + std::string(64, 'a'), std::string("shmeter-7483="), std::string()}) {
    HttpHead head = page();
    head.cookie = cookie;
    EXPECT_EQ(status(gate_, head, HttpAccess::read), 401u) << cookie;
  }
  gate_.set_port(8000);
  EXPECT_EQ(status(gate_, page(), HttpAccess::read), 401u) << "it was another port's";
}

TEST_F(HttpGatePage, AnotherHostOrAnotherPageIsRefused) {
  HttpHead head = page();
  head.host = "evil.example:7483";
  EXPECT_EQ(status(gate_, head, HttpAccess::read), 403u);
  for (const auto& [site, want] : {std::pair{"", 0u},
                                   {"same-origin", 0u},
                                   {"none", 0u},
                                   {"same-site", 403u},
                                   {"cross-site", 403u},
                                   {"?", 403u}}) {
    head = page();
    head.sec_fetch_site = site;
    EXPECT_EQ(status(gate_, head, HttpAccess::read), want) << site;
  }
}

TEST_F(HttpGatePage, EndsWithItsTimeAndWithTheTokens) {
  EXPECT_EQ(status(gate_, page(), HttpAccess::read, kNow_ms + PageSessions::kSessionLasts_ms - 1),
            0u);
  EXPECT_EQ(status(gate_, page(), HttpAccess::read, kNow_ms + PageSessions::kSessionLasts_ms),
            401u);
  gate_.set_tokens({"all", "other"});
  EXPECT_EQ(status(gate_, page(), HttpAccess::read), 0u);
  gate_.set_tokens({"new", "other"});
  EXPECT_EQ(status(gate_, page(), HttpAccess::read), 401u);
}

TEST_F(HttpGatePage, ATokenThatIsWrongIsNotMadeGoodByACookie) {
  HttpHead head = page();
  head.authorization = "Bearer guess";
  EXPECT_EQ(status(gate_, head, HttpAccess::read), 401u);
  head.authorization = "Bearer hand";
  EXPECT_EQ(status(gate_, head, HttpAccess::read), 403u);
}

TEST_F(HttpGatePage, ItsCookieIsForNoScriptAndNoOtherSite) {
  EXPECT_EQ(gate_.session_cookie("s"),
            "shmeter-7483=s; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict");
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
