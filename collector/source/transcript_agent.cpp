// SPDX-License-Identifier: MIT
#include "collector/source/transcript_agent.hpp"

#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "collector/source/json_walk.hpp"
#include "collector/source/small_file.hpp"

namespace shmeter::collector {
namespace {

std::string agent_type(const std::string& meta_path) {
  namespace ondemand = simdjson::ondemand;
  struct stat st {};
  const Fd fd = open_file(meta_path, Links::followed, ::geteuid(), st);
  std::string text;
  if (!fd || !read_whole(fd, kMaxMetaBytes, text) || text.empty()) return {};
  const std::size_t bytes = text.size();
  text.append(simdjson::SIMDJSON_PADDING, '\0');
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
