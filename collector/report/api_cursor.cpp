// SPDX-License-Identifier: MIT
// Four words: time, the two of the key, and a check over these three. The check keeps accidents
// out, not people: a made-up cursor shows its maker nothing that a query would not.
#include "collector/report/api_cursor.hpp"

#include <array>
#include <charconv>

#include "collector/report/numbers.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kDigits = 16;
constexpr std::size_t kWords = 4;

shm::u64 check_of(const EventFilter::Position& position) {
  constexpr shm::u64 kForm = 0x7368'6d65'7465'7231u;  // another form gets another one
  shm::u64 check = mix_bits(kForm ^ static_cast<shm::u64>(position.at_ms));
  check = mix_bits(check ^ position.key.message);
  return mix_bits(check ^ position.key.request);
}

}  // namespace

std::string write_cursor(const EventFilter::Position& position) {
  return write_hex(static_cast<shm::u64>(position.at_ms)) + write_hex(position.key.message) +
         write_hex(position.key.request) + write_hex(check_of(position));
}

std::optional<EventFilter::Position> parse_cursor(std::string_view text) {
  // from_chars would take capitals too: one position has one text.
  if (text.size() != kWords * kDigits || text.find_first_not_of("0123456789abcdef") != text.npos)
    return {};
  std::array<shm::u64, kWords> words{};
  for (std::size_t i = 0; i < kWords; ++i) {
    const char* digits = text.data() + i * kDigits;
    std::from_chars(digits, digits + kDigits, words[i], 16);
  }
  const EventFilter::Position position{static_cast<i64>(words[0]), {words[1], words[2]}};
  if (words[3] != check_of(position)) return {};
  return position;
}

}  // namespace shmeter::collector
