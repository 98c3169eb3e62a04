// SPDX-License-Identifier: MIT
#include "formats/units.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace shmeter::formats {
namespace {

template <class Write>
std::string word(Write&& write) {
  Word out;
  write(out);
  return std::string(out.view());
}

constexpr i64 kMost = std::numeric_limits<i64>::max();
constexpr i64 kLeast = std::numeric_limits<i64>::min();

TEST(Units, Short) {
  const struct {
    i64 number;
    std::string_view want;
  } rows[] = {{0, "0"},
              {7, "7"},
              {999, "999"},
              {1'000, "1.0k"},
              {1'049, "1.0k"},
              {1'050, "1.1k"},
              {1'200, "1.2k"},
              {5'300, "5.3k"},
              {9'949, "9.9k"},
              {9'950, "10.0k"},
              {12'345, "12.3k"},
              {99'949, "99.9k"},
              {99'950, "100k"},
              {123'456, "123k"},
              {999'499, "999k"},
              {999'500, "1.0M"},
              {999'999, "1.0M"},
              {1'234'567, "1.2M"},
              {99'950'000, "100M"},
              {999'499'999, "999M"},
              {999'500'000, "1.0B"},
              {4'500'000'000, "4.5B"},
              {999'500'000'000, "1.0T"},
              {6'700'000'000'000, "6.7T"},
              {-1'200, "-1.2k"},
              {kMost, "9223372T"},
              {kLeast, "-9223372T"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_short(out, row.number); }), row.want) << row.number;
}

TEST(Units, ShortNeverShowsAThousandOfItsUnit) {
  for (i64 number = 1; number < kMost / 11; number = number * 11 / 10 + 1) {
    const std::string text = word([&](Word& out) { write_short(out, number); });
    EXPECT_EQ(text.find("1000"), text.npos) << number << " " << text;
    EXPECT_LE(text.size(), number < 1'000'000'000'000'000 ? 5u : 8u) << number << " " << text;
  }
}

TEST(Units, Money) {
  const struct {
    i64 nanousd;
    std::string_view want;
  } rows[] = {{0, "$0.00"},
              {1, "<$0.01"},
              {9'999'999, "<$0.01"},
              {10'000'000, "$0.01"},
              {14'999'999, "$0.01"},
              {15'000'000, "$0.02"},
              {21'345'678, "$0.02"},
              {12'340'000'000, "$12.34"},
              {999'994'999'999, "$999.99"},
              {999'995'000'000, "$1.0k"},
              {1'000'000'000'000, "$1.0k"},
              {1'234'560'000'000, "$1.2k"},
              {12'345'000'000'000, "$12.3k"},
              {1'234'567'000'000'000, "$1.2M"},
              {-20'000'000, "-$0.02"},
              {-1'234'560'000'000, "-$1.2k"},
              {kMost, "$9.2B"},
              {kLeast, "-$9.2B"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_money(out, row.nanousd); }), row.want) << row.nanousd;
}

TEST(Units, MoneyWithDigits) {
  const struct {
    i64 nanousd;
    int digits;
    std::string_view want;
  } rows[] = {{21'345'678, 4, "$0.0213"},
              {21'345'678, 9, "$0.021345678"},
              {21'345'678, 1, "<$0.1"},
              {21'345'678, 0, "<$1"},
              {1'500'000'000, 0, "$2"},
              {1'234'560'000'000, 2, "$1234.56"},
              {1'234'567'800'000, 3, "$1234.568"},
              {0, 4, "$0.0000"},
              {99'999, 4, "<$0.0001"},
              {kMost, 9, "$9223372036.854775807"},
              {kLeast, 0, "-$9223372037"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_money(out, row.nanousd, row.digits); }), row.want)
        << row.nanousd;
}

TEST(Units, Percent) {
  const struct {
    i64 ppm;
    int digits;
    std::string_view want;
  } rows[] = {{0, 0, "0%"},
              {1, 0, "<1%"},
              {9'999, 0, "<1%"},
              {10'000, 0, "1%"},
              {14'999, 0, "1%"},
              {15'000, 0, "2%"},
              {424'999, 0, "42%"},
              {425'000, 0, "43%"},
              {994'999, 0, "99%"},
              {995'000, 0, "99%"},
              {999'999, 0, "99%"},
              {1'000'000, 0, "100%"},
              {1'234'567, 0, "123%"},
              {425'000, 1, "42.5%"},
              {999'999, 1, "99.9%"},
              {999, 1, "<0.1%"},
              {425'678, 4, "42.5678%"},
              {1, 4, "0.0001%"},
              {999'999, 4, "99.9999%"},
              {-50'000, 0, "-5%"},
              {kLeast, 0, "-922337203685478%"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_percent(out, row.ppm, row.digits); }), row.want)
        << row.ppm;
}

TEST(Units, Decimal) {
  const struct {
    i64 number;
    int decimals;
    std::string_view want;
  } rows[] = {{0, 9, "0"},
              {20'000'000, 9, "0.02"},
              {21'345'678, 9, "0.021345678"},
              {4'560'000'000, 9, "4.56"},
              {1, 9, "0.000000001"},
              {425'000, 4, "42.5"},
              {1'000'000, 4, "100"},
              {125'750, 3, "125.75"},
              {-5, 0, "-5"},
              {-500'000'000, 9, "-0.5"},
              {kLeast, 9, "-9223372036.854775808"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_decimal(out, row.number, row.decimals); }), row.want);
}

TEST(Units, Bar) {
  const struct {
    i64 ppm;
    int columns;
    bool ascii;
    std::string_view want;
  } rows[] = {{0, 5, false, "░░░░░"},
              {1, 5, false, "█░░░░"},
              {420'000, 6, false, "███░░░"},
              {500'000, 8, true, "====----"},
              {999'999, 5, false, "████░"},
              {1'000'000, 5, false, "█████"},
              {0, 1, true, "-"},
              {999'999, 1, true, "-"},
              {1'000'000, 1, true, "="},
              {kMost, 4, true, "===="},
              {kLeast, 4, true, "----"},
              {1'000'000, 32, true, "================================"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_bar(out, row.ppm, row.columns, row.ascii); }), row.want);
}

TEST(Units, Countdown) {
  const struct {
    i64 seconds;
    std::string_view want;
  } rows[] = {{-5, "now"},        {0, "now"},      {1, "<1m"},
              {59, "<1m"},        {60, "1m"},      {3'599, "59m"},
              {3'600, "1h"},      {3'660, "1h1m"}, {14'399, "3h59m"},
              {86'399, "23h59m"}, {86'400, "1d"},  {90'000, "1d1h"},
              {604'799, "6d23h"}, {kLeast, "now"}, {kMost, "106751991167300d15h"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_countdown(out, row.seconds); }), row.want);
}

TEST(Units, Age) {
  const struct {
    i64 seconds;
    std::string_view want;
  } rows[] = {{-5, "0s"},
              {0, "0s"},
              {3, "3s"},
              {59, "59s"},
              {60, "1m"},
              {3'599, "59m"},
              {3'600, "1h"},
              {86'399, "23h"},
              {86'400, "1d"},
              {kLeast, "0s"},
              {kMost, "106751991167300d"}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_age(out, row.seconds); }), row.want);
}

TEST(Units, Clock) {
  constexpr i64 kSaturday15 = 1'795'273'200;
  const struct {
    i64 at_s;
    i64 offset_s;
    std::string_view want;
  } rows[] = {{kSaturday15, 0, "15:00"},
              {kSaturday15 + 65, 0, "15:01"},
              {kSaturday15 + 9 * 3600, 0, "Sun 00:00"},
              {kSaturday15, 3'600, "16:00"},
              {kSaturday15 + 8 * 3600, 3'600, "Sun 00:00"},
              {kSaturday15 - 3'600, -5 * 3600, "09:00"},
              {kSaturday15 + 3 * 86'400, 19'800, "Tue 20:30"},
              {0, 0, "Thu 00:00"},
              {-1, 0, "Wed 23:59"},
              {kMost, 3'600, ""},
              {0, shm::kUnknown, ""}};
  for (const auto& row : rows)
    EXPECT_EQ(word([&](Word& out) { write_clock(out, row.at_s, kSaturday15, row.offset_s); }),
              row.want);
}

}  // namespace
}  // namespace shmeter::formats
