// SPDX-License-Identifier: MIT
// Lenient looks at a parsed JSON document: a member that is missing, null, of another type or
// absurd is unknown, and so is every member of it. For what clients write; what people send is read
// by json_fields.hpp.
#pragma once

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include "collector/source/observation.hpp"

namespace shmeter::collector::json {

/// A value, or why there is none: a member of something that is missing is missing too.
using Value = simdjson::simdjson_result<simdjson::dom::element>;
inline Value value_of(const simdjson::dom::element& element) {
  return Value(simdjson::dom::element(element));
}

/// At most kMaxText bytes; empty when it is no text.
inline std::string_view text(const Value& value) {
  std::string_view out;
  if (value.get_string().get(out) != simdjson::SUCCESS) return {};
  return out.substr(0, kMaxText);
}

/// Also of digits in a text.
inline bool number(const Value& value, double& out) {
  if (value.get_double().get(out) == simdjson::SUCCESS) return std::isfinite(out);
  const std::string_view digits = text(value);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return !digits.empty() && error == std::errc{} && end == digits.data() + digits.size() &&
         std::isfinite(out);
}

/// A number >= 0 times `scale`, rounded; unknown otherwise.
inline i64 scaled(const Value& value, double scale) {
  constexpr double kMost = 9e18;
  double got = 0;
  if (!number(value, got) || got < 0 || got * scale > kMost) return kUnknown;
  return std::llround(got * scale);
}
inline i64 whole(const Value& value) { return scaled(value, 1); }

inline i64 flag(const Value& value) {
  bool out = false;
  return value.get_bool().get(out) == simdjson::SUCCESS ? i64{out} : kUnknown;
}

}  // namespace shmeter::collector::json
