// SPDX-License-Identifier: MIT
// Strict looks at a parsed JSON document that somebody sent and waits for an answer to: the first
// member that is wrong is kept as an error that names it. Invariant: a reader asks Trouble before
// it believes anything of the document, so nothing is taken from a wrong one. Of members with one
// name the first counts; null is absent.
#pragma once

#include <simdjson.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector::json {

/// Whole numbers beyond this are not exact in everybody's JSON.
inline constexpr i64 kMostWhole = i64{1} << 53;
/// Dollars; what fits into nano-dollars with room to add.
inline constexpr double kMostDollars = 1e9;
inline constexpr double kNano = 1e9;
/// Names that people give to things: agents, models, endpoints, ids.
inline constexpr std::size_t kMaxName = 256;

/// Where something stands in a document. Lives on the stack of who walks it.
struct Place {
  static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);

  const Place* in = nullptr;
  std::string_view member = {};
  std::size_t index = kNoIndex;

  /// `limits[2].percent`; empty for the document itself. Safe to print.
  std::string text() const;
};

class Trouble {
 public:
  /// The first one stays.
  void note(const Place& place, std::string_view what);
  bool any() const { return !message_.empty(); }
  tl::unexpected<Error> error() const { return fail(Errc::invalid, message_); }

 private:
  std::string message_;
};

/// One whole JSON document of at most `most_bytes`.
Result<simdjson::dom::element> parse_document(simdjson::dom::parser& parser, std::string_view bytes,
                                              std::size_t most_bytes);

/// The members of one object. What is absent is kUnknown or empty.
class Fields {
 public:
  /// An element that is no object has no members and is a trouble.
  Fields(simdjson::dom::element element, const Place& place, Trouble& trouble);

  /// Absent and null are empty.
  std::optional<simdjson::dom::element> get(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  /// A whole number in 0 .. most; 5.0 is one.
  i64 whole(std::string_view name, i64 most = kMostWhole) const;
  /// A number in 0 .. most times `scale`, rounded.
  i64 scaled(std::string_view name, double scale, double most) const;
  i64 nanousd(std::string_view name) const { return scaled(name, kNano, kMostDollars); }
  /// Longer ones are a trouble.
  std::string_view text(std::string_view name, std::size_t most_bytes = kMaxName) const;
  i64 flag(std::string_view name) const;
  /// ISO 8601 with its offset, or epoch seconds: epoch ms.
  i64 time_ms(std::string_view name) const;
  /// Calls `row(element, place)` for each element of an array.
  void each(std::string_view name, std::size_t most,
            const std::function<void(simdjson::dom::element, const Place&)>& row) const;

  void note(std::string_view name, std::string_view what) const {
    trouble_.note({&place_, name}, what);
  }
  simdjson::dom::element element() const { return element_; }
  const Place& place() const { return place_; }
  Trouble& trouble() const { return trouble_; }

 private:
  std::optional<double> number(std::string_view name, double most) const;

  simdjson::dom::element element_;
  std::optional<simdjson::dom::object> object_;
  const Place& place_;
  Trouble& trouble_;
};

}  // namespace shmeter::collector::json
