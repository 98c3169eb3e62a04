// SPDX-License-Identifier: MIT
// One message of `claude -p` after the other to observations. Remembers of a stream only when its
// last message was written and which agent each sub-agent is. Invariant: a message that is wrong in
// what is looked at is a trouble, changes nothing here and says nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "collector/source/json_fields.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

class CliMessages {
 public:
  using Take = std::function<void(const Observation&)>;

  /// True for the types of message that read() looks into.
  static bool of_interest(std::string_view type);

  /// `element` is an object. True when `take` was called.
  bool read(simdjson::dom::element element, const json::Place& place, i64 now_ms,
            json::Trouble& trouble, const Take& take);

 private:
  bool read_init(const json::Fields& message, i64 now_ms, const Take& take) const;
  bool read_assistant(const json::Fields& message, i64 now_ms, const Take& take);
  bool read_limits(const json::Fields& message, i64 now_ms, const Take& take) const;
  bool read_result(const json::Fields& message, i64 now_ms, const Take& take) const;
  i64 time(i64 now_ms) const { return newest_ms_ == kUnknown ? now_ms : newest_ms_; }
  std::string_view agent_of(std::string_view tool_use_id) const;

  i64 newest_ms_ = kUnknown;
  std::map<std::string, std::string, std::less<>> agents_;  // by the tool use that started them
};

}  // namespace shmeter::collector
