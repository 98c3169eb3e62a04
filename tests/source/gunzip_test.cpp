// SPDX-License-Identifier: MIT
#include "collector/source/gunzip.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/source/gzip.hpp"

namespace shmeter::collector {
namespace {

using test::gzip;

constexpr std::size_t kMost = 1 << 20;

std::string error_of(std::string_view bytes, std::size_t most = kMost) {
  const auto out = gunzip(bytes, most);
  if (out) return "none";
  const bool too_long = out.error().message.starts_with("more than");
  EXPECT_EQ(out.error().code, too_long ? Errc::unavailable : Errc::invalid);
  return out.error().message;
}

/// Text that does not shrink to nothing.
std::string noise(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

TEST(Gunzip, GivesBackWhatWasPacked) {
  for (const std::size_t bytes : {0u, 1u, 100u, 32768u, 32769u, 500'000u}) {
    SCOPED_TRACE(bytes);
    const std::string text = noise(bytes);
    const auto out = gunzip(gzip(text), kMost);
    ASSERT_TRUE(out.has_value()) << out.error().message;
    EXPECT_EQ(*out, text);
  }
}

TEST(Gunzip, TakesMembersOneAfterAnother) {
  const auto out = gunzip(gzip("{\"a\":") + gzip("") + gzip("1}"), kMost);
  ASSERT_TRUE(out.has_value()) << out.error().message;
  EXPECT_EQ(*out, "{\"a\":1}");
}

TEST(Gunzip, UnpacksNoMoreThanTheLimit) {
  const std::string text = noise(1000);
  EXPECT_TRUE(gunzip(gzip(text), 1000).has_value());
  EXPECT_EQ(error_of(gzip(text), 999), "more than 999 bytes");
  EXPECT_EQ(error_of(gzip(text) + gzip("x"), 1000), "more than 1000 bytes");
  EXPECT_EQ(error_of(gzip("x"), 0), "more than 0 bytes");
  const std::string bomb = gzip(std::string(std::size_t{64} << 20, '\0'));
  ASSERT_LT(bomb.size(), 100'000u);
  EXPECT_EQ(error_of(bomb), "more than 1048576 bytes");
}

TEST(Gunzip, SaysWhatIsWrong) {
  const std::string whole = gzip(noise(5000));
  EXPECT_EQ(error_of(""), "not gzip");
  EXPECT_EQ(error_of("{}"), "not gzip");
  EXPECT_EQ(error_of("\x1f"), "not gzip");
  EXPECT_EQ(error_of(whole + "{}"), "gzip: something else behind it");
  EXPECT_EQ(error_of(whole + '\0'), "gzip: something else behind it");
  EXPECT_EQ(error_of(whole + whole.substr(0, 9)), "gzip: ends in the middle");
  std::string wrong_sum = whole;
  wrong_sum[wrong_sum.size() - 8] = static_cast<char>(wrong_sum[wrong_sum.size() - 8] ^ 1);
  EXPECT_EQ(error_of(wrong_sum), "gzip: damaged");
  std::string wrong_method = whole;
  wrong_method[2] = 7;
  EXPECT_EQ(error_of(wrong_method), "gzip: damaged");
  for (std::size_t bytes = 2; bytes < whole.size(); ++bytes)
    ASSERT_EQ(error_of(whole.substr(0, bytes)), "gzip: ends in the middle") << bytes;
}

TEST(Gunzip, DamagedBytesGiveNothingOrWhatWasPacked) {
  const std::string text = noise(3000), whole = gzip(text);
  std::mt19937 random(11);
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = whole;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto out = gunzip(bytes, kMost);
    if (out)
      ASSERT_EQ(*out, text);
    else
      ++refused;
  }
  EXPECT_GT(refused, 1900);
}

}  // namespace
}  // namespace shmeter::collector
