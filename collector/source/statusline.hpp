// SPDX-License-Identifier: MIT
// The JSON that Claude Code gives to a status line, to one observation. Invariant: what the JSON
// did not say, or said in a way that cannot be meant, is unknown; one odd member spoils no other.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Longest JSON that is looked at. Real ones are 1-4 KB.
inline constexpr std::size_t kMaxStatusLine = std::size_t{128} << 10;

/// Parses one after another in memory it keeps.
class StatusLineParser {
 public:
  StatusLineParser();
  ~StatusLineParser();

  /// The texts live until the next call. Empty when it is not one whole JSON object with a valid
  /// session id. Numbers may come as strings, `model` as a plain string.
  std::optional<StatusLineSeen> parse(std::string_view json, i64 received_at_ms);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace shmeter::collector
