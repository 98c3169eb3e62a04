// SPDX-License-Identifier: MIT
// Links and the sessions that they open, against a clock of the test's.
#include "collector/serve/page_sessions.hpp"

#include <gtest/gtest.h>

#include <set>

namespace shmeter::collector {
namespace {

constexpr std::int64_t kNow_ms = 1'795'300'000'000;

TEST(PageSessions, ALinkOpensOnceAndWithinItsTime) {
  PageSessions pages;
  const std::string link = pages.make_link(kNow_ms);
  EXPECT_EQ(link.size(), 64u);
  const std::string session = pages.open(link, kNow_ms + PageSessions::kLinkLasts_ms - 1);
  EXPECT_EQ(session.size(), 64u);
  EXPECT_TRUE(pages.is_open(session, kNow_ms));
  EXPECT_EQ(pages.open(link, kNow_ms), "");

  const std::string late = pages.make_link(kNow_ms);
  EXPECT_EQ(pages.open(late, kNow_ms + PageSessions::kLinkLasts_ms), "");
  EXPECT_EQ(pages.open(late, kNow_ms), "") << "it is gone";
}

TEST(PageSessions, NothingElseOpensAndNoSecretIsBoth) {
  PageSessions pages;
  const std::string link = pages.make_link(kNow_ms);
  for (const std::string& wrong : {std::string(), link.substr(1), link + '0', std::string(64, '0')})
    EXPECT_EQ(pages.open(wrong, kNow_ms), "") << wrong;
  EXPECT_FALSE(pages.is_open(link, kNow_ms));
  const std::string session = pages.open(link, kNow_ms);
  EXPECT_EQ(pages.open(session, kNow_ms), "");
  EXPECT_FALSE(pages.is_open("", kNow_ms));
}

TEST(PageSessions, ASessionEndsAfterTwelveHoursAndThatIsToldOnce) {
  PageSessions pages;
  const std::string session = pages.open(pages.make_link(kNow_ms), kNow_ms);
  const std::int64_t end_ms = kNow_ms + PageSessions::kSessionLasts_ms;
  EXPECT_TRUE(pages.is_open(session, end_ms - 1));
  EXPECT_FALSE(pages.have_ended(end_ms - 1));
  EXPECT_FALSE(pages.is_open(session, end_ms));
  EXPECT_TRUE(pages.have_ended(end_ms));
  EXPECT_FALSE(pages.have_ended(end_ms));
}

TEST(PageSessions, AreBoundedAndTheOldestGivesWay) {
  PageSessions pages;
  std::vector<std::string> sessions;
  for (std::size_t i = 0; i < PageSessions::kMost; ++i)
    sessions.push_back(pages.open(pages.make_link(kNow_ms), kNow_ms));
  EXPECT_EQ(std::set<std::string>(sessions.begin(), sessions.end()).size(), PageSessions::kMost);
  EXPECT_TRUE(pages.is_open(sessions.front(), kNow_ms));
  EXPECT_FALSE(pages.have_ended(kNow_ms));
  const std::string one_more = pages.open(pages.make_link(kNow_ms), kNow_ms);
  EXPECT_FALSE(pages.is_open(sessions.front(), kNow_ms));
  EXPECT_TRUE(pages.is_open(sessions[1], kNow_ms));
  EXPECT_TRUE(pages.is_open(one_more, kNow_ms));
  EXPECT_TRUE(pages.have_ended(kNow_ms)) << "who still listens must be let go";

  const std::string first = pages.make_link(kNow_ms);
  for (std::size_t i = 0; i < PageSessions::kMost; ++i) pages.make_link(kNow_ms);
  EXPECT_EQ(pages.open(first, kNow_ms), "");
}

TEST(PageSessions, EndAllEndsLinksToo) {
  PageSessions pages;
  const std::string session = pages.open(pages.make_link(kNow_ms), kNow_ms);
  const std::string link = pages.make_link(kNow_ms);
  pages.end_all();
  EXPECT_FALSE(pages.is_open(session, kNow_ms));
  EXPECT_EQ(pages.open(link, kNow_ms), "");
  EXPECT_TRUE(pages.have_ended(kNow_ms));
}

TEST(CookieValue, Table) {
  struct Case {
    std::string_view header, value;
  };
  for (const Case& one :
       {Case{"", ""}, Case{"shmeter-1=a", "a"}, Case{"x=1; shmeter-1=a; y=2", "a"},
        Case{"x=1;shmeter-1=a", "a"}, Case{"shmeter-12=a", ""}, Case{"xshmeter-1=a", ""},
        Case{"x=shmeter-1=a", ""}, Case{"shmeter-1", ""}, Case{"shmeter-1=", ""},
        Case{";; shmeter-1=a=b;", "a=b"}, Case{"shmeter-1=a; shmeter-1=b", "a"}})
    EXPECT_EQ(cookie_value(one.header, "shmeter-1"), one.value) << one.header;
}

TEST(SameSecret, Table) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  for (const auto& [a, b] : {std::pair{"", ""}, {"abc", "abd"}, {"abc", "ab"}, {"ab", "abc"}})
    EXPECT_FALSE(same_secret(a, b)) << a << ' ' << b;
}

}  // namespace
}  // namespace shmeter::collector
