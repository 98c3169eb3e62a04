// SPDX-License-Identifier: MIT
// Numbers as people read them. Every function writes into a Word and is total: any i64 has an
// answer, none of them is "1000.0k", "60m" or "100%" for what is not quite that. Rounding is half
// up in the size of the number.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "shm/picture.hpp"

namespace shmeter::formats {

using shm::i64;

inline constexpr int kMaxBarColumns = 32;
inline constexpr int kSparkLevels = 8;
inline constexpr i64 kShareWhole = 1'000'000;  // 100 % in parts per million
inline constexpr i64 kNanoPerDollar = 1'000'000'000;

/// A short text in a fixed buffer. What does not fit is left out: nothing here comes near.
class Word {
 public:
  std::string_view view() const { return {bytes_.data(), size_}; }
  Word& add(std::string_view text);
  Word& add(i64 number);
  /// `number` with leading zeros up to `digits`.
  Word& add_padded(shm::u64 number, int digits);

 private:
  // A wide bar is the longest. Left uninitialised: size_ says what is written.
  std::array<char, std::size_t{3} * kMaxBarColumns> bytes_;
  std::size_t size_ = 0;
};

/// A number kept as a multiple of 10^-decimals (0-9), without trailing zeros: 0.021345, 42.5, 7.
void write_decimal(Word& out, i64 number, int decimals);
/// 999, 1.0k, 12.3k, 123k, 1.2M, 4.5B, 6.7T: one decimal below a hundred of the unit.
void write_short(Word& out, i64 number);
/// $0.02, $999.99, then $1.2k …; <$0.01 for what is more than nothing.
void write_money(Word& out, i64 nanousd);
/// Exactly `digits` (0–9) decimals and no unit letters: $1234.5678, <$0.0001.
void write_money(Word& out, i64 nanousd, int digits);
/// 42%, <1%; 99% up to the whole. `digits` 0–4: 42.5%, <0.1%, 99.9%.
void write_percent(Word& out, i64 ppm, int digits);
/// `columns` (1–32) cells; a share of nothing has none filled, and only the whole fills all.
void write_bar(Word& out, i64 ppm, int columns, bool ascii);
/// What a value is of the greatest one beside it: 0 for nothing alone, kSparkLevels - 1 for the
/// greatest.
constexpr int spark_level(i64 value, i64 most) {
  if (value <= 0 || most <= 0) return 0;
  const double share = static_cast<double>(value) / static_cast<double>(most);
  return value >= most ? kSparkLevels - 1 : 1 + static_cast<int>(share * (kSparkLevels - 2));
}
/// ▁▂▃▄▅▆▇█; any other level is the nearest. In ASCII _.:-=+*#.
void write_spark(Word& out, int level, bool ascii);
/// now, <1m, 1m, 3h59m, 2h, 1d1h: what is left, rounded down.
void write_countdown(Word& out, i64 seconds);
/// 0s, 59s, 5m, 2h, 3d: how long ago, rounded down.
void write_age(Word& out, i64 seconds);
/// 14:05, and with its day (Tue 14:05) unless it is the day of `now_s`.
void write_clock(Word& out, i64 at_s, i64 now_s, i64 utc_offset_s);

/// The whole number that `number` lies in when cut into pieces of `unit` (> 0): rounds down.
constexpr i64 floor_div(i64 number, i64 unit) {
  return number / unit - (number % unit < 0 ? 1 : 0);
}
/// Sums and differences in which unknown, and what does not fit, is unknown.
constexpr i64 sum(i64 a, i64 b) {
  i64 out = 0;
  return shm::known(a) && shm::known(b) && !__builtin_add_overflow(a, b, &out) ? out
                                                                               : shm::kUnknown;
}
constexpr i64 difference(i64 a, i64 b) {
  i64 out = 0;
  return shm::known(a) && shm::known(b) && !__builtin_sub_overflow(a, b, &out) ? out
                                                                               : shm::kUnknown;
}

}  // namespace shmeter::formats
