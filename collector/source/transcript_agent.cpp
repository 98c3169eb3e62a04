// SPDX-License-Identifier: MIT
#include "collector/source/transcript_agent.hpp"

#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "collector/loop/fd.hpp"
#include "collector/source/json_walk.hpp"

namespace shmeter::collector {
namespace {

// The file's bytes with room for simdjson behind; empty when it is no small regular file.
std::string read_small(const std::string& path, std::size_t& bytes) {
  bytes = 0;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat st {};
  if (!fd || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) return {};
  std::string text(kMaxMetaBytes + 1 + simdjson::SIMDJSON_PADDING, '\0');
  const ssize_t n = ::pread(fd.get(), text.data(), kMaxMetaBytes + 1, 0);
  if (n <= 0 || static_cast<std::size_t>(n) > kMaxMetaBytes) return {};
  bytes = static_cast<std::size_t>(n);
  return text;
}

std::string agent_type(const std::string& meta_path) {
  namespace ondemand = simdjson::ondemand;
  std::size_t bytes = 0;
  const std::string text = read_small(meta_path, bytes);
  if (bytes == 0) return {};
  ondemand::parser parser;
  ondemand::document doc;
  ondemand::object object;
  const simdjson::padded_string_view padded(text.data(), bytes, text.size());
  if (parser.iterate(padded).get(doc) != simdjson::SUCCESS ||
      doc.get_object().get(object) != simdjson::SUCCESS)
    return {};
  std::string_view type;
  const bool ok = walk_members(object, [&](std::string_view key, ondemand::value value) {
    return key != "agentType" || read_text(value, type);
  });
  return ok && valid_agent(type) ? std::string(type) : std::string();
}

}  // namespace

bool valid_agent(std::string_view name) {
  return !name.empty() && name.size() <= kMaxAgentName &&
         std::none_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void AgentOfFile::look_at(std::string_view transcript_path) {
  if (path_ == transcript_path && !name_.empty()) return;
  path_ = transcript_path;
  name_.clear();
}

std::string_view AgentOfFile::name() {
  constexpr std::string_view kEnding = ".jsonl";
  if (!name_.empty()) return name_;
  const bool own_file = path_.find("/subagents/") != std::string::npos && path_.ends_with(kEnding);
  if (own_file) name_ = agent_type(path_.substr(0, path_.size() - kEnding.size()) + ".meta.json");
  if (name_.empty()) name_ = kUnknownAgent;
  return name_;
}

}  // namespace shmeter::collector
