// SPDX-License-Identifier: MIT
// Which kind of sub-agent wrote a file, for lines that do not say it themselves: the `agentType` of
// agent-ID.meta.json beside agent-ID.jsonl. Invariant: that file is opened only when somebody asks,
// once for each file looked at, and never more than kMaxMetaBytes of it are read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace shmeter::collector {

/// What a sub-agent of unknown kind is called.
inline constexpr std::string_view kUnknownAgent = "subagent";
/// Longest name of a kind of agent; real ones are a few words.
inline constexpr std::size_t kMaxAgentName = 128;
inline constexpr std::size_t kMaxMetaBytes = std::size_t{64} << 10;

/// 1-128 bytes without control characters. What else calls itself an agent is not believed.
bool valid_agent(std::string_view name);

class AgentOfFile {
 public:
  /// From here on it is about this transcript.
  void look_at(std::string_view transcript_path);
  /// Never empty; valid until the next look_at().
  std::string_view name();

 private:
  std::string path_;
  std::string name_;  // empty = not looked up yet
};

}  // namespace shmeter::collector
