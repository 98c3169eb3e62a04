// SPDX-License-Identifier: MIT
#include "collector/source/quota_json.hpp"

#include <gtest/gtest.h>

#include "collector/source/cli_json.hpp"
#include "collector/source/statusline.hpp"
#include "tests/source/observed.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kNow_ms = 1'795'295'300'500;  // 2026-11-21T21:08:20.5Z

std::string said(const std::string& json) {
  test::Observed observed;
  const auto done = parse_quota(json, kNow_ms, shm::QuotaSource::manual, observed.take());
  if (!done) return "error: " + done.error().message;
  EXPECT_EQ(observed.lines.size(), 1u);
  return observed.lines.empty() ? "" : observed.lines.front();
}

TEST(QuotaJson, TakesBothForms) {
  const struct {
    const char *json, *said;
  } rows[] = {
      {R"({"five_hour":{"used_percentage":42.5,"resets_at":1795302445},
           "seven_day":{"used_percentage":77,"resets_at":1795561645}})",
       "5h.used=425000 5h.resets=1795302445 7d.used=770000 7d.resets=1795561645"},
      {R"({"rate_limits":{"five_hour":{"used_percentage":100,"resets_at":1795302445}}})",
       "5h.used=1000000 5h.resets=1795302445"},
      {R"({"five_hour":{"utilization":42.0,"resets_at":"2026-11-21T23:00:00.123456+00:00"},
           "seven_day":null,"seven_day_opus":{"utilization":null,"resets_at":null}})",
       "5h.used=420000 5h.resets=1795302000"},
      // Not open: unknown, not 0.
      {R"({"five_hour":{"utilization":0,"resets_at":null},
           "seven_day":{"utilization":7,"resets_at":"2026-11-24T20:00:00Z"}})",
       "7d.used=70000 7d.resets=1795550400"},
      {R"({"limits":[{"kind":"session","percent":42,"resets_at":"2026-11-21T23:00:00Z"},
           {"kind":"weekly_all","percent":77,"resets_at":"2026-11-24T20:00:00Z"},
           {"kind":"weekly_scoped","percent":31,"resets_at":"2026-11-24T20:00:00Z",
            "scope":{"model":{"id":null,"display_name":"Fable"},"surface":null}},
           {"kind":"weekly_scoped","percent":5,"resets_at":"2026-11-24T20:00:00Z",
            "scope":{"model":null,"surface":{"display_name":"Desk"}}},
           {"kind":"new_thing","percent":900}]})",
       "5h.used=420000 5h.resets=1795302000 7d.used=770000 7d.resets=1795550400 says_scoped=yes "
       "Fable.used=310000 Fable.resets=1795550400 Desk.used=50000 Desk.resets=1795550400"},
      {R"({"seven_day_opus":{"utilization":12,"resets_at":"2026-11-24T20:00:00Z"},
           "seven_day_sonnet":{"utilization":3,"resets_at":"2026-11-24T20:00:00Z"},
           "cinder_cove":{"utilization":99,"resets_at":"2026-11-24T20:00:00Z"}})",
       "says_scoped=yes Opus.used=120000 Opus.resets=1795550400 Sonnet.used=30000 "
       "Sonnet.resets=1795550400"},
      {R"({"model_scoped":[{"display_name":"Fable","utilization":31,
           "resets_at":"2026-11-24T20:00:00Z"}]})",
       "says_scoped=yes Fable.used=310000 Fable.resets=1795550400"},
      {R"({"extra_usage":{"is_enabled":true,"monthly_limit":5000,"used_credits":1234,
           "utilization":24.7,"currency":"USD","decimal_places":2}})",
       "extra.on=1 extra.limit=50000000000 extra.used=12340000000 extra.share=247000"},
      {R"({"extra_usage":{"is_enabled":true,"monthly_limit":null,"used_credits":1234,
           "decimal_places":3,"utilization":null}})",
       "extra.on=1 extra.used=1234000000"},
      {R"({"extra_usage":{"is_enabled":true,"used_credits":1234,"currency":"EUR"}})", "extra.on=1"},
      {R"({"spend":{"used":{"amount_minor":1234,"currency":"USD","exponent":2},
           "limit":{"amount_minor":5000,"currency":"USD","exponent":2},"percent":24,
           "enabled":true}})",
       "extra.on=1 extra.limit=50000000000 extra.used=12340000000 extra.share=240000"},
      {R"({"spend_limit":{"used_percentage":112.5,"resets_at":1795561645,"used_usd":11.25,
           "limit_usd":10,"period":"weekly"}})",
       "spend.used=1125000 spend.resets=1795561645 spend.usd=11250000000 spend.of=10000000000 "
       "spend.period=weekly"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    EXPECT_EQ(said(row.json), std::string("quota source=5 at=1795295300500 ") + row.said);
  }
}

TEST(QuotaJson, NamesWhatIsWrong) {
  const struct {
    const char *json, *error;
  } rows[] = {
      {"[]", "not an object"},
      {"\"x\"", "not an object"},
      {"{}", "no limit in it: give five_hour or seven_day"},
      {R"({"five_hour":null})", "no limit in it: give five_hour or seven_day"},
      {R"({"rate_limits":{"five_hours":{}}})",
       "rate_limits: no limit in it: give five_hour or seven_day"},
      {R"({"rate_limits":7})", "rate_limits: not an object"},
      {R"({"five_hour":42})", "five_hour: not an object"},
      {R"({"five_hour":{"used_percentage":101,"resets_at":1795302445}})",
       "five_hour.used_percentage: not a percentage from 0 to 100"},
      {R"({"five_hour":{"used_percentage":-1,"resets_at":1795302445}})",
       "five_hour.used_percentage: negative"},
      {R"({"five_hour":{"used_percentage":"42","resets_at":1795302445}})",
       "five_hour.used_percentage: not a number"},
      {R"({"five_hour":{"used_percentage":42}})", "five_hour.resets_at: missing"},
      {R"({"five_hour":{"resets_at":1795302445}})", "five_hour.utilization: missing"},
      {R"({"five_hour":{"used_percentage":42,"utilization":42,"resets_at":1795302445}})",
       "five_hour.utilization: beside used_percentage: give one of them"},
      {R"({"five_hour":{"used_percentage":42,"resets_at":1795295300}})",
       "five_hour.resets_at: in the past"},
      {R"({"five_hour":{"used_percentage":42,"resets_at":1798060101}})",
       "five_hour.resets_at: more than 32 days ahead"},
      {R"({"five_hour":{"used_percentage":42,"resets_at":1795302445000}})",
       "five_hour.resets_at: not a number from 0 to 100000000000"},
      {R"({"seven_day":{"utilization":42,"resets_at":"Monday"}})",
       "seven_day.resets_at: not a time: ISO 8601 with its offset, or epoch seconds"},
      {R"({"limits":[{"kind":"weekly_scoped","percent":3,"resets_at":1795302445}]})",
       "limits[0].scope: without a display_name"},
      {R"({"limits":[{"kind":"session","percent":300,"resets_at":1795302445}]})",
       "limits[0].percent: not a percentage from 0 to 100"},
      {R"({"limits":{}})", "limits: not an array"},
      {R"({"extra_usage":{"used_credits":1,"decimal_places":12}})",
       "extra_usage.decimal_places: not a number from 0 to 9"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    EXPECT_EQ(said(row.json), std::string("error: ") + row.error);
  }
}

// One and the same window as each source says it; what is read is never guessed from its size.
TEST(Units, EachSourceCountsInItsOwn) {
  const struct {
    const char* value;
    i64 of_percent, of_fraction;
  } rows[] = {
      {"0.5", 5'000, 500'000},  {"1", 10'000, 1'000'000},  {"0.01", 100, 10'000},
      {"0.42", 4'200, 420'000}, {"42", 420'000, kUnknown}, {"1.01", 10'100, kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.value);
    const std::string value = row.value;
    StatusLineParser parser;
    const std::string line = R"({"session_id":"s","rate_limits":{"five_hour":{"used_percentage":)" +
                             value + R"(,"resets_at":1795302445}}})";
    EXPECT_EQ(parser.parse(line, kNow_ms)->five_hour.used_ppm, row.of_percent);

    i64 used_ppm = kUnknown;
    const auto take = [&](const Observation& seen) {
      used_ppm = std::get<QuotaSeen>(seen).five_hour.used_ppm;
    };
    ASSERT_TRUE(parse_quota(
        R"({"five_hour":{"utilization":)" + value + R"(,"resets_at":"2026-11-21T23:00:00Z"}})",
        kNow_ms, shm::QuotaSource::command, take));
    EXPECT_EQ(used_ppm, row.of_percent);

    used_ppm = kUnknown;
    StreamJson stream(take);
    stream.feed(R"({"type":"rate_limit_event","rate_limit_info":{"rateLimitType":"five_hour",)"
                R"("utilization":)" +
                    value + R"(,"resetsAt":1795302445}})" + "\n",
                kNow_ms);
    EXPECT_EQ(used_ppm, row.of_fraction);
  }
}

TEST(QuotaJson, MutationsAreTakenWholeOrNotAtAll) {
  const std::string whole =
      R"({"five_hour":{"utilization":42.0,"resets_at":"2026-11-21T23:00:00.123456+00:00"},"seven_day":{"used_percentage":77,"resets_at":1795561645},"extra_usage":{"is_enabled":true,"monthly_limit":5000,"used_credits":1234,"utilization":24.7,"currency":"USD","decimal_places":2},"limits":[{"kind":"weekly_scoped","percent":31,"resets_at":"2026-11-24T20:00:00Z","scope":{"model":{"display_name":"Fable"}}}]})";
  test::for_mutations(whole, 6000, [](const std::string& json) {
    int taken = 0;
    const auto done =
        parse_quota(json, kNow_ms, shm::QuotaSource::manual, [&](const Observation& seen) {
          const auto& quota = std::get<QuotaSeen>(seen);
          for (const WindowSeen& window : {quota.five_hour, quota.seven_day}) {
            EXPECT_EQ(window.used_ppm == kUnknown, window.resets_at_s == kUnknown);
            EXPECT_LE(window.used_ppm, 1'000'000);
          }
          ++taken;
        });
    EXPECT_EQ(taken, done ? 1 : 0);
  });
}

}  // namespace
}  // namespace shmeter::collector
