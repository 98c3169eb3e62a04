// SPDX-License-Identifier: MIT
// Small steps over simdjson's on-demand values that the line parser is made of. Invariant: every
// step answers false as soon as the JSON is broken where it looked, and reads each value once. A
// member of an unexpected type is absent, except where the caller says that it damages the line.
#pragma once

#include <simdjson.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "shm/picture.hpp"

namespace shmeter::collector {

/// What a value of another type than the expected one means. Null is always absent.
enum class Else { ignored, damaged };

/// The first quote or backslash from `at` on, eight bytes at a time. The index has found a closing
/// quote already, and what is looked at behind it lies within the line's padding.
inline const char* quote_or_escape(const char* at) {
  static_assert(std::endian::native == std::endian::little);
  constexpr shm::u64 kOnes = 0x0101010101010101u;
  const auto zero_bytes = [](shm::u64 word) { return (word - kOnes) & ~word & (kOnes << 7); };
  for (;; at += sizeof(shm::u64)) {
    shm::u64 word = 0;
    std::memcpy(&word, at, sizeof word);
    const shm::u64 hits = zero_bytes(word ^ (kOnes * '"')) | zero_bytes(word ^ (kOnes * '\\'));
    if (hits != 0) return at + std::countr_zero(hits) / 8;  // the lowest hit is never a false one
  }
}

/// The member's name. Names with an escape in them are none of ours, but must not hide one either.
inline bool key_of(simdjson::ondemand::field& field, std::string_view& key) {
  const char* begin = field.key().raw();
  const char* end = quote_or_escape(begin);
  key = {begin, static_cast<std::size_t>(end - begin)};
  return *end == '"' || field.unescaped_key().get(key) == simdjson::SUCCESS;
}

/// "null" in full. False when it only begins like it.
inline bool read_null(simdjson::ondemand::value value) {
  bool null = false;
  return value.is_null().get(null) == simdjson::SUCCESS && null;
}

inline bool says_null(simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  return value.type().get(type) == simdjson::SUCCESS && type == simdjson::ondemand::json_type::null;
}

/// Calls `visit(key, value)` for each member until it answers false. False when broken.
template <class Visit>
bool walk_members(simdjson::ondemand::object object, Visit&& visit) {
  for (auto result : object) {
    simdjson::ondemand::field field;
    std::string_view key;
    if (std::move(result).get(field) != simdjson::SUCCESS || !key_of(field, key)) return false;
    if (!visit(key, field.value())) return false;
  }
  return true;
}

template <class Visit>
bool walk_object(simdjson::ondemand::value value, Else otherwise, Visit&& visit) {
  using simdjson::ondemand::json_type;
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != json_type::object)
    return type == json_type::null ? read_null(value) : otherwise == Else::ignored;
  simdjson::ondemand::object object;
  return value.get_object().get(object) == simdjson::SUCCESS && walk_members(object, visit);
}

/// A text; empty when it is something else.
inline bool read_text(simdjson::ondemand::value value, std::string_view& out) {
  simdjson::ondemand::json_type type{};
  out = {};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != simdjson::ondemand::json_type::string) return true;
  return value.get_string().get(out) == simdjson::SUCCESS;
}

inline bool read_flag(simdjson::ondemand::value value, bool& out) {
  simdjson::ondemand::json_type type{};
  out = false;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != simdjson::ondemand::json_type::boolean) return true;
  return value.get_bool().get(out) == simdjson::SUCCESS;
}

/// A count that is billed: null is 0, anything but a whole number in 0 .. 2^32-1 damages the line.
inline bool read_count(simdjson::ondemand::value value, shm::i64& out) {
  using simdjson::ondemand::json_type;
  json_type type{};
  out = 0;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type == json_type::null) return read_null(value);
  shm::u64 count = 0;
  if (type != json_type::number || value.get_uint64().get(count) != simdjson::SUCCESS) return false;
  if (count > std::numeric_limits<shm::u32>::max()) return false;
  out = static_cast<shm::i64>(count);
  return true;
}

/// A number that is only shown: unknown when it is no number, or negative, or absurd.
inline bool read_number_or_unknown(simdjson::ondemand::value value, double scale, shm::i64& out) {
  constexpr double kMost = 9e18;
  simdjson::ondemand::json_type type{};
  out = shm::kUnknown;
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (type != simdjson::ondemand::json_type::number) return true;
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS) return false;
  if (number >= 0 && number * scale < kMost) out = std::llround(number * scale);
  return true;
}
inline bool read_whole_or_unknown(simdjson::ondemand::value value, shm::i64& out) {
  return read_number_or_unknown(value, 1, out);
}
inline bool read_nanousd_or_unknown(simdjson::ondemand::value value, shm::i64& out) {
  return read_number_or_unknown(value, 1e9, out);
}

}  // namespace shmeter::collector
