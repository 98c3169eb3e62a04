// SPDX-License-Identifier: MIT
// The forms that OTLP's JSON gives to values: attributes as a list of keys and tagged values,
// 64-bit numbers as texts or numbers, lists within lists. Lenient as json_dom.hpp: what is missing
// or of another form is unknown. Invariant: at most kMaxAttributes of a list are ever looked at.
#pragma once

#include <simdjson.h>

#include <string_view>
#include <utility>
#include <vector>

#include "collector/result.hpp"
#include "collector/source/json_dom.hpp"

namespace shmeter::collector::otlp {

using json::Value;
using Element = simdjson::dom::element;

/// What a client's SDK sends is cut at 128.
inline constexpr std::size_t kMaxAttributes = 256;

/// Whole nanoseconds, exactly, of a number or of digits in a text; kUnknown for everything else.
i64 nanoseconds(const Value& value);

/// A list of attributes, or several one after another. Of one key the first counts.
class Attributes {
 public:
  void clear() { all_.clear(); }
  /// False: there are more than kMaxAttributes.
  bool read(const Value& list);

  /// What the tagged value holds.
  Value get(std::string_view key) const;
  bool has(std::string_view key) const { return get(key).error() == simdjson::SUCCESS; }
  /// Whole; empty when it is no text.
  std::string_view text(std::string_view key) const;
  /// The same, cut between code points where names end.
  std::string_view name(std::string_view key) const;
  /// Also of a boolean in a text.
  i64 flag(std::string_view key) const;
  /// The same for the same attributes in any order.
  u64 hash() const;

 private:
  std::vector<std::pair<std::string_view, Element>> all_;
};

/// Calls `visit(const Value&)` for each element of a list.
template <class Visit>
void each(const Value& list, Visit&& visit) {
  simdjson::dom::array rows;
  if (list.get_array().get(rows) != simdjson::SUCCESS) return;
  for (const Element row : rows) visit(json::value_of(row));
}

/// The list `name` of a request, which may be absent if nothing else is there. Errors (invalid):
/// no JSON, or none of this kind.
Result<Value> request_list(simdjson::dom::parser& parser, std::string_view body,
                           std::size_t most_bytes, std::string_view name);

}  // namespace shmeter::collector::otlp
