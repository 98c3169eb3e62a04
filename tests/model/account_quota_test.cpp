// SPDX-License-Identifier: MIT
// The limits of one account as its many sources tell them.
#include "collector/model/account_quota.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "tests/model/observed.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kReset_s = kNoon_ms / 1000 + 100'000;

QuotaSeen fed(i64 observed_ms, i64 five_hour_percent,
              shm::QuotaSource source = shm::QuotaSource::utilization_file) {
  QuotaSeen seen;
  seen.source = source;
  seen.observed_at_ms = observed_ms;
  seen.five_hour = {five_hour_percent * 10'000, kReset_s};
  return seen;
}

QuotaSeen list(i64 observed_ms, std::span<const ScopedWindowSeen> scoped) {
  QuotaSeen seen;
  seen.observed_at_ms = observed_ms;
  seen.says_scoped = true;
  seen.scoped = scoped;
  return seen;
}

struct Quota : ::testing::Test {
  AccountQuota quota;
  i64 now = kNoon_ms;

  shm::Account published() {
    shm::Account out;
    quota.publish(out, now);
    return out;
  }
  i64 five_hour() {
    const i64 used = published().five_hour.used_ppm;
    return shm::known(used) ? used / 10'000 : -1;
  }
  std::string labels() {
    const shm::Account out = published();
    std::string text;
    for (const shm::ScopedWindow* scope :
         {&out.scoped_1, &out.scoped_2, &out.scoped_3, &out.scoped_4})
      text.append(text.empty() || scope->label.empty() ? "" : " ").append(scope->label.view());
    return text;
  }
  QuotaRow row(std::string_view window) {
    QuotaRow found;
    quota.take_changes(0, [&](QuotaRow row) {
      if (row.window == window) found = std::move(row);
    });
    return found;
  }
};
using AccountQuotaTest = Quota;

TEST_F(AccountQuotaTest, WhatWasFedIsDatedByWhenItWasObserved) {
  quota.see(status("s", now, 60, kReset_s), now, now);
  quota.see(fed(now - kMinute_ms, 40), now);
  now += 10 * kMinute_ms;
  EXPECT_EQ(five_hour(), 60) << "an older answer, read later";
  quota.see(fed(now, 40), now);
  EXPECT_EQ(five_hour(), 60);
  now += 5 * kMinute_ms;
  EXPECT_EQ(five_hour(), 40) << "the plan changed";
  EXPECT_EQ(published().five_hour.source, static_cast<i64>(shm::QuotaSource::utilization_file));
  quota.see(status("idle", now, 60, kReset_s), now - kHour_ms, now);
  EXPECT_EQ(five_hour(), 40) << "an idle session repeats what it once heard";
  quota.see(fed(now, 61, shm::QuotaSource::manual), now);
  EXPECT_EQ(five_hour(), 61);
}

TEST_F(AccountQuotaTest, DisagreementNeverFlips) {
  // Two sessions that answer to their own responses, a file, and an idle one: for hours.
  std::mt19937 random(11);
  i64 before = -1;
  for (int minute = 0; minute < 600; ++minute) {
    now = kNoon_ms + minute * kMinute_ms;
    const auto see_one = [&](unsigned who) {
      if (who == 0) quota.see(status("a", now, 42, kReset_s), now - 100, now);
      if (who == 1) quota.see(status("b", now, 40, kReset_s), now - 50, now);
      if (who == 2) quota.see(fed(now - 200, 39), now);
      if (who == 3) quota.see(status("idle", now, 45, kReset_s), kNoon_ms - kHour_ms, now);
    };
    for (int i = 0; i < 4; ++i) see_one(random() % 4);
    see_one(0);
    ASSERT_GE(five_hour(), before) << minute;
    before = five_hour();
  }
  EXPECT_EQ(before, 45);
}

TEST_F(AccountQuotaTest, TheListOfScopesIsWhole) {
  const WindowSeen window = {310'000, kReset_s};
  const ScopedWindowSeen first[] = {{"Fable", window}, {"Brief", window}, {"", window}};
  quota.see(list(now, first), now);
  EXPECT_EQ(labels(), "Brief Fable");
  EXPECT_EQ(published().scoped_2.window.used_ppm, 310'000);
  quota.see(LimitHitSeen{"s", "seven_day_sonnet", kReset_s, now + 2000}, now + 2000);
  EXPECT_EQ(labels(), "Brief Fable Sonnet");
  const ScopedWindowSeen second[] = {{"Fable", {320'000, kReset_s}}};
  quota.see(list(now + 1000, second), now + 3000);
  EXPECT_EQ(labels(), "Fable Sonnet") << "the limit was hit after that list was made";
  quota.see(list(now, first), now + 4000);
  EXPECT_EQ(labels(), "Fable Sonnet") << "an older list says nothing";
  QuotaSeen silent = fed(now + 9000, 5);
  quota.see(silent, now + 9000);
  EXPECT_EQ(labels(), "Fable Sonnet") << "nor does one that says none";
  quota.see(list(now + 9000, {}), now + 9000);
  EXPECT_EQ(labels(), "");
}

TEST_F(AccountQuotaTest, AStreamNamesOneScopeAtATime) {
  const ScopedWindowSeen fable[] = {{"Fable", {310'000, kReset_s}}};
  quota.see(list(now, fable), now);
  const ScopedWindowSeen opus[] = {{"Opus", {500'000, kReset_s}}};
  QuotaSeen stream = list(now + 1000, opus);
  stream.says_scoped = false;
  quota.see(stream, now + 1000);
  EXPECT_EQ(labels(), "Fable Opus");
  EXPECT_EQ(published().scoped_2.window.used_ppm, 500'000);
  quota.see(list(now + 500, fable), now + 2000);
  EXPECT_EQ(labels(), "Fable Opus") << "it was said after that list was made";
  quota.see(list(now + 3000, fable), now + 3000);
  EXPECT_EQ(labels(), "Fable");
  quota.see(stream, now + 4000);
  EXPECT_EQ(labels(), "Fable") << "it was said before that list was made";
}

TEST_F(AccountQuotaTest, OfManyScopesTheFullest) {
  std::vector<ScopedWindowSeen> many;
  for (const auto& [label, percent] : std::initializer_list<std::pair<const char*, i64>>{
           {"a", 10}, {"b", 50}, {"c", 30}, {"d", 20}, {"e", 40}, {"f", 5}})
    many.push_back({label, {percent * 10'000, kReset_s}});
  many.push_back({"g", {kUnknown, kUnknown}});
  const std::string huge(5000, 'x');
  many.push_back({huge, {990'000, kReset_s}});
  quota.see(list(now, many), now);
  EXPECT_EQ(labels(), "b c d e");
}

TEST_F(AccountQuotaTest, LimitsOfTimeLongGoneLeaveNothing) {
  quota.see(LimitHitSeen{"s", "seven_day_opus", now / 1000 - 5, now - kHour_ms}, now);
  quota.see(LimitHitSeen{"s", "five_hour", now / 1000 - 5, now - kHour_ms}, now);
  quota.see(LimitHitSeen{"s", "five_hour", kReset_s, kUnknown}, now);
  EXPECT_EQ(labels(), "");
  EXPECT_EQ(five_hour(), -1);
}

TEST_F(AccountQuotaTest, AnotherLoginDropsTheFormersLimits) {
  EXPECT_TRUE(quota.see(LoginSeen{"ann"}, now));
  EXPECT_FALSE(quota.see(LoginSeen{"ann"}, now));
  QuotaSeen seen = fed(now, 42);
  seen.login = "ann";
  seen.says_extra_usage = true;
  seen.extra_usage.used_ppm = 7;
  const ScopedWindowSeen scopes[] = {{"Fable", {1, kReset_s}}};
  seen.says_scoped = true;
  seen.scoped = scopes;
  seen.spend_limit.used_ppm = 9;
  quota.see(seen, now);
  EXPECT_EQ(five_hour(), 42);
  EXPECT_EQ(published().spend_limit.used_ppm, 9);
  EXPECT_EQ(row("five_hour").value.used_ppm, 420'000);

  now += kMinute_ms;
  EXPECT_TRUE(quota.see(LoginSeen{"bob"}, now));
  EXPECT_EQ(five_hour(), -1);
  EXPECT_EQ(labels(), "");
  EXPECT_FALSE(shm::known(published().extra_usage.used_ppm));
  EXPECT_FALSE(shm::known(published().spend_limit.used_ppm));
  const QuotaRow gone = row("five_hour");
  EXPECT_EQ(gone.window, "five_hour") << "the store must forget it too";
  EXPECT_FALSE(shm::known(gone.value.used_ppm));

  quota.see(seen, now + 1);
  EXPECT_EQ(five_hour(), -1) << "the file still tells of ann";
  quota.see(status("anns", now + 2, 42, kReset_s), now - kHour_ms, now + 2);
  EXPECT_EQ(five_hour(), -1) << "so does a session that has done nothing since";
  quota.see(LimitHitSeen{"anns", "five_hour", kReset_s, now - 5}, now + 2);
  EXPECT_EQ(five_hour(), -1);
  quota.see(status("bobs", now + 9, 3, kReset_s), now + 8, now + 9);
  EXPECT_EQ(five_hour(), 3);
  EXPECT_TRUE(quota.see(LoginSeen{""}, now + 10));
  EXPECT_EQ(five_hour(), -1) << "logged out";
}

TEST_F(AccountQuotaTest, TheFirstLookAtTheLoginDropsNothing) {
  quota.see(fed(now, 42), now);
  EXPECT_FALSE(quota.see(LoginSeen{""}, now)) << "with a token there is no login";
  EXPECT_TRUE(quota.see(LoginSeen{"ann"}, now));
  EXPECT_EQ(five_hour(), 42);
}

TEST_F(AccountQuotaTest, SaysWhenItChangesByItself) {
  EXPECT_EQ(quota.deadline_ms(now), kUnknown);
  const ScopedWindowSeen scopes[] = {{"Fable", {1, now / 1000 + 60}}};
  quota.see(list(now, scopes), now);
  EXPECT_EQ(quota.deadline_ms(now), now + kMinute_ms);
  StatusLineSeen seen = status("s", now);
  seen.spend_limit.used_ppm = 1;
  seen.spend_limit.resets_at_s = now / 1000 + 30;
  quota.see(seen, now, now);
  EXPECT_EQ(quota.deadline_ms(now), now + 30 * kSecond_ms);
  now += kMinute_ms;
  EXPECT_FALSE(shm::known(published().spend_limit.used_ppm));
  EXPECT_EQ(published().scoped_1.label.view(), "Fable");
  EXPECT_FALSE(shm::known(published().scoped_1.window.used_ppm)) << "expired is unknown";
  EXPECT_EQ(quota.deadline_ms(now), kUnknown);
}

TEST_F(AccountQuotaTest, ProjectsFromTheServicesOwnPercentages) {
  const i64 reset_s = now / 1000 + 4 * 86'400;  // three days are gone
  const auto see_one = [&](i64 percent) {
    StatusLineSeen seen = status("s", now);
    seen.seven_day = {percent * 10'000, reset_s};
    quota.see(seen, now, now);
    return published().seven_day_projected_ppm;
  };
  EXPECT_FALSE(shm::known(see_one(30)));
  now += kDay_ms;
  EXPECT_EQ(see_one(50), 1'100'000) << "20 % a day, and three more days";
  EXPECT_FALSE(shm::known(published().five_hour_projected_ppm));
}

TEST_F(AccountQuotaTest, WhatIsStoredComesBack) {
  std::mt19937 random(4);
  const auto any = [&](i64 below) {
    return static_cast<i64>(random() % static_cast<unsigned>(below));
  };
  AccountQuota other;
  std::map<std::string, QuotaRow> store;
  for (int i = 0; i < 400; ++i) {
    now += any(400) * kSecond_ms;
    const ScopedWindowSeen scopes[] = {{"A", {any(1'000'000), now / 1000 + 900}},
                                       {"B", {any(1'000'000), now / 1000 + any(5000)}}};
    QuotaSeen seen = list(now, std::span(scopes).first(static_cast<std::size_t>(any(3))));
    seen.five_hour = {any(1'000'000), now / 1000 + 3000 - now / 1000 % 3000};
    seen.spend_limit.used_ppm = any(99);
    seen.spend_limit.period.assign("monthly");
    quota.see(seen, now);
    now += 6 * kMinute_ms;
    const shm::Account want = published();
    quota.take_changes(0, [&](QuotaRow row) {
      ASSERT_TRUE(row.at_ms >= store[row.window].at_ms) << "the newest row is the last";
      store[row.window] = std::move(row);
    });
    quota.take_changes(0, [&](const QuotaRow& row) { ADD_FAILURE() << row.window << " again"; });
    other = {};
    for (const auto& [window, row] : store) other.restore(row);
    shm::Account got;
    other.publish(got, now);
    ASSERT_EQ(got, want) << i;
    if (i % 3 == 0) std::swap(quota, other);
  }
}

}  // namespace
}  // namespace shmeter::collector
