// SPDX-License-Identifier: MIT
#include "tests/bench/captured.hpp"

#include <stdexcept>

namespace shmeter::bench {
namespace {

/// Where the value of the next `name` begins, from `from` on; npos without any.
std::size_t next_value(const std::string& json, std::string_view name, std::size_t from) {
  const std::string key = std::string("\"").append(name).append("\":");
  const std::size_t at = json.find(key, from);
  return at == std::string::npos ? at : json.find_first_not_of(' ', at + key.size());
}

/// Its value, text or not, as it is written.
std::size_t value_length(const std::string& json, std::size_t at) {
  return json[at] == '"' ? json.find('"', at + 1) + 1 - at : json.find_first_of(",}\n", at) - at;
}

std::string replaced(std::string json, std::string_view name, std::string_view value) {
  for (std::size_t at = 0; (at = next_value(json, name, at)) != std::string::npos;
       at += value.size())
    json.replace(at, value_length(json, at), value);
  return json;
}

}  // namespace

std::string text_member(const std::string& json, std::string_view name) {
  const std::size_t at = next_value(json, name, 0);
  if (at == std::string::npos || json[at] != '"')
    throw std::runtime_error("no text " + std::string(name) + " in: " + json);
  return json.substr(at + 1, value_length(json, at) - 2);
}

std::string with_text(std::string json, std::string_view name, std::string_view value) {
  return replaced(std::move(json), name, std::string("\"").append(value).append("\""));
}

std::string with_number(std::string json, std::string_view name, std::int64_t value) {
  return replaced(std::move(json), name, std::to_string(value));
}

}  // namespace shmeter::bench
