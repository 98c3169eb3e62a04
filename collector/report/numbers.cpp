// SPDX-License-Identifier: MIT
#include "collector/report/numbers.hpp"

namespace shmeter::collector {
namespace {

constexpr shm::u64 kNanoPerCent = 10'000'000;

shm::u64 size_of(i64 number) {
  return number < 0 ? shm::u64{0} - static_cast<shm::u64>(number) : static_cast<shm::u64>(number);
}

std::string grouped(shm::u64 number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

}  // namespace

std::string write_count(i64 number) {
  if (!shm::known(number)) return kUnknownText;
  return (number < 0 ? "-" : "") + grouped(size_of(number));
}

std::string write_dollars(i64 nanousd) {
  if (!shm::known(nanousd)) return kUnknownText;
  const shm::u64 size = size_of(nanousd);
  if (size > 0 && size < kNanoPerCent) return nanousd < 0 ? ">-$0.01" : "<$0.01";
  const shm::u64 cents = size / kNanoPerCent + (size % kNanoPerCent >= kNanoPerCent / 2 ? 1 : 0);
  const std::string rest = std::to_string(cents % 100);
  return (nanousd < 0 ? "-$" : "$") + grouped(cents / 100) + (rest.size() == 1 ? ".0" : ".") + rest;
}

i64 known_cost(const shm::Usage& usage) {
  if (!shm::known(usage)) return shm::kUnknown;
  const bool unpriced =
      usage.unpriced_tokens > 0 && usage.unpriced_tokens >= shm::total_tokens(usage);
  return unpriced && usage.cost_nanousd == 0 ? shm::kUnknown : usage.cost_nanousd;
}

std::string write_cost(const shm::Usage& usage) {
  const i64 cost = known_cost(usage);
  return write_dollars(cost) + (shm::known(cost) && usage.unpriced_tokens > 0 ? "*" : "");
}

std::string write_hex(shm::u64 word) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15u];
  return text;
}

}  // namespace shmeter::collector
