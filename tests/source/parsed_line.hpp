// SPDX-License-Identifier: MIT
// One line, parsed, with its bytes behind it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "collector/source/transcript_line.hpp"

namespace shmeter::test {

using namespace shmeter::collector;

// Keeps a line's bytes, padded as the parser demands, for as long as its observations are looked
// at.
class Parsed {
 public:
  explicit Parsed(std::string text) : text_(std::move(text)) {
    const std::size_t size = text_.size();
    text_.append(kLinePadding, '\xff');  // looked at, never believed
    line_ = parser_.parse({text_.data(), size}, "file-session");
  }
  const TranscriptLine* operator->() const { return &line_; }
  const TranscriptLine& operator*() const { return line_; }

 private:
  std::string text_;
  TranscriptLineParser parser_;
  TranscriptLine line_;
};

using Events = std::vector<std::string>;
// "kind:id:name:agent:value" of each event, in order.
inline Events events_of(const TranscriptLine& line) {
  Events all;
  for (const EventSeen& event : line.events) {
    const char* kinds[] = {"?", "tokens", "tool_call", "message", "compute", "failure"};
    all.push_back(std::string(kinds[static_cast<int>(event.kind)]) + ':' + std::string(event.id) +
                  ':' + std::string(event.name) + ':' + std::string(event.agent) + ':' +
                  std::to_string(event.value));
  }
  return all;
}

}  // namespace shmeter::test
