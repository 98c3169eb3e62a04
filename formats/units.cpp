// SPDX-License-Identifier: MIT
// See units.hpp. All arithmetic is on sizes (u64), so that the smallest i64 needs no case of its
// own.
#include "formats/units.hpp"

#include <charconv>
#include <cstring>

namespace shmeter::formats {

namespace {

using shm::u64;

constexpr std::array<u64, 20> kPow10 = [] {
  std::array<u64, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

constexpr u64 size_of(i64 number) {
  return number < 0 ? u64{0} - static_cast<u64>(number) : static_cast<u64>(number);
}
u64 rounded(u64 number, u64 unit) { return number / unit + (number % unit >= unit - unit / 2); }

// A number that was rounded to `digits` (0-9) decimals, given in units of the last of them.
void add_decimals(Word& out, u64 in_last_digit, int digits) {
  const u64 whole = kPow10[static_cast<std::size_t>(digits)];
  out.add_padded(in_last_digit / whole, 1);
  if (digits > 0) out.add(".").add_padded(in_last_digit % whole, digits);
}

constexpr std::array<std::string_view, 4> kUnits = {"k", "M", "B", "T"};

// `number` (>= 1000 when rounded) as 1.2k, 12.3k, 123k, 1.2M.
void add_with_unit(Word& out, u64 number) {
  for (std::size_t unit = 0; unit < kUnits.size(); ++unit) {
    const u64 one = kPow10[3 * (unit + 1)];
    const u64 tenths = rounded(number, one / 10);
    const u64 wholes = rounded(number, one);
    const bool last = unit + 1 == kUnits.size();
    if (tenths < 1000) {
      add_decimals(out, tenths, 1);
    } else if (wholes < 1000 || last) {
      out.add_padded(wholes, 1);
    } else {
      continue;
    }
    out.add(kUnits[unit]);
    return;
  }
}

}  // namespace

Word& Word::add(std::string_view text) {
  if (text.size() > bytes_.size() - size_) return *this;
  std::memcpy(bytes_.data() + size_, text.data(), text.size());
  size_ += text.size();
  return *this;
}

Word& Word::add(i64 number) {
  if (number < 0) add("-");
  return add_padded(size_of(number), 1);
}

Word& Word::add_padded(u64 number, int digits) {
  std::array<char, 20> text;
  const char* end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  const auto n = static_cast<std::size_t>(end - text.data());
  for (std::size_t i = n; i < static_cast<std::size_t>(digits); ++i) add("0");
  return add({text.data(), n});
}

void write_decimal(Word& out, i64 number, int decimals) {
  if (number < 0) out.add("-");
  u64 size = size_of(number);
  for (; decimals > 0 && size % 10 == 0; --decimals) size /= 10;
  add_decimals(out, size, decimals);
}

void write_short(Word& out, i64 number) {
  if (number < 0) out.add("-");
  const u64 size = size_of(number);
  if (size < 1000)
    out.add_padded(size, 1);
  else
    add_with_unit(out, size);
}

void write_money(Word& out, i64 nanousd, int digits) {
  const u64 size = size_of(nanousd);
  const u64 unit = kPow10[static_cast<std::size_t>(9 - digits)];
  const bool too_small = size > 0 && size < unit;
  if (too_small) out.add("<");
  if (nanousd < 0) out.add("-");
  add_decimals(out.add("$"), too_small ? 1 : rounded(size, unit), digits);
}

void write_money(Word& out, i64 nanousd) {
  const u64 size = size_of(nanousd);
  if (rounded(size, kPow10[7]) < 100'000) return write_money(out, nanousd, 2);
  if (nanousd < 0) out.add("-");
  out.add("$");
  add_with_unit(out, rounded(size, kPow10[9]));
}

void write_percent(Word& out, i64 ppm, int digits) {
  if (ppm < 0) out.add("-");
  const u64 size = size_of(ppm);
  const u64 unit = kPow10[static_cast<std::size_t>(4 - digits)];
  u64 shown = rounded(size, unit);
  const u64 whole = static_cast<u64>(kShareWhole) / unit;
  if (size < static_cast<u64>(kShareWhole) && shown == whole) shown = whole - 1;
  const bool too_small = size > 0 && size < unit;
  if (too_small) out.add("<");
  add_decimals(out, too_small ? 1 : shown, digits);
  out.add("%");
}

void write_bar(Word& out, i64 ppm, int columns, bool ascii) {
  const i64 share = ppm < 0 ? 0 : ppm > kShareWhole ? kShareWhole : ppm;
  i64 filled = (share * columns + kShareWhole / 2) / kShareWhole;
  if (filled == columns && share < kShareWhole) filled = columns - 1;
  if (filled == 0 && share > 0 && columns > 1) filled = 1;
  const std::string_view full = ascii ? "=" : "█";
  const std::string_view empty = ascii ? "-" : "░";
  for (int i = 0; i < columns; ++i) out.add(i < filled ? full : empty);
}

void write_spark(Word& out, int level, bool ascii) {
  const auto at = static_cast<std::size_t>(level < 0 ? 0 : level);
  const std::size_t column = at < kSparkLevels ? at : kSparkLevels - 1;
  constexpr std::string_view kAscii = "_.:-=+*#";
  constexpr std::string_view kBlocks = "▁▂▃▄▅▆▇█";  // of three bytes each
  out.add(ascii ? kAscii.substr(column, 1) : kBlocks.substr(3 * column, 3));
}

void write_countdown(Word& out, i64 seconds) {
  if (seconds <= 0) {
    out.add("now");
  } else if (seconds < 60) {
    out.add("<1m");
  } else if (seconds < 86400) {
    const i64 hours = seconds / 3600;
    const i64 minutes = seconds / 60 % 60;
    if (hours > 0) out.add(hours).add("h");
    if (minutes > 0) out.add(minutes).add("m");
  } else {
    const i64 hours = seconds / 3600 % 24;
    out.add(seconds / 86400).add("d");
    if (hours > 0) out.add(hours).add("h");
  }
}

void write_age(Word& out, i64 seconds) {
  if (seconds < 60)
    out.add(seconds < 0 ? 0 : seconds).add("s");
  else if (seconds < 3600)
    out.add(seconds / 60).add("m");
  else if (seconds < 86400)
    out.add(seconds / 3600).add("h");
  else
    out.add(seconds / 86400).add("d");
}

void write_clock(Word& out, i64 at_s, i64 now_s, i64 utc_offset_s) {
  constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun",
                                                     "Mon", "Tue", "Wed"};  // day 0 of the epoch on
  const i64 local = sum(at_s, utc_offset_s);
  const i64 local_now = sum(now_s, utc_offset_s);
  if (!shm::known(local) || !shm::known(local_now)) return;
  const i64 day = floor_div(local, 86400);
  const i64 minute = floor_div(local, 60) - day * 1440;
  if (day != floor_div(local_now, 86400))
    out.add(kDays[static_cast<std::size_t>(day - floor_div(day, 7) * 7)]).add(" ");
  out.add_padded(static_cast<u64>(minute / 60), 2).add(":");
  out.add_padded(static_cast<u64>(minute % 60), 2);
}

}  // namespace shmeter::formats
