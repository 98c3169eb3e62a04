// SPDX-License-Identifier: MIT
// The `usage` member of a response as the service reported it, in whatever line it stands, and for
// both walks: `Value` is what the walk has for a value. Members that are missing or null count as
// 0; one that is there and is no whole number from 0 to 2^32 - 1 makes the line damaged, never 0.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <string_view>

#include "collector/source/json_walk.hpp"
#include "collector/source/observation.hpp"

namespace shmeter::collector {

/// Token counts as written, before the rule about cache writes is applied.
struct RawUsage {
  bool present = false;
  i64 input = 0;
  i64 output = 0;
  i64 writes = 0;
  i64 writes_5m = 0;
  i64 writes_1h = 0;
  i64 reads = 0;
  i64 web_searches = 0;
  bool fast = false;
  bool has_speed = false;
  bool us_inference = false;
  bool batch = false;
};

template <class Value>
bool read_cache_lives(Value&& value, RawUsage& usage) {
  return walk_object(value, Else::damaged, [&](std::string_view key, auto&& member) {
    if (key == "ephemeral_5m_input_tokens") return read_count(member, usage.writes_5m);
    if (key == "ephemeral_1h_input_tokens") return read_count(member, usage.writes_1h);
    return true;
  });
}

template <class Value>
bool read_server_tools(Value&& value, RawUsage& usage) {
  return walk_object(value, Else::damaged, [&](std::string_view key, auto&& member) {
    return key != "web_search_requests" || read_count(member, usage.web_searches);
  });
}

template <class Value>
bool read_speed(Value&& value, RawUsage& usage) {
  std::string_view speed;
  if (!read_text(value, speed)) return false;
  usage.has_speed = !speed.empty();
  usage.fast = speed == "fast";
  return true;
}

template <class Value>
bool text_is(Value&& value, std::string_view wanted, bool& is) {
  std::string_view text;
  const bool ok = read_text(value, text);
  is = text == wanted;
  return ok;
}

/// By length first, as every answer has a usage.
template <class Value>
bool read_usage_member(std::string_view key, Value&& value, RawUsage& usage) {
  switch (key.size()) {
    case 5:
      return key != "speed" || read_speed(value, usage);
    case 12:
      if (key == "input_tokens") return read_count(value, usage.input);
      return key != "service_tier" || text_is(value, "batch", usage.batch);
    case 13:
      if (key == "output_tokens") return read_count(value, usage.output);
      return key != "inference_geo" || text_is(value, "us", usage.us_inference);
    case 14:
      return key != "cache_creation" || read_cache_lives(value, usage);
    case 15:
      return key != "server_tool_use" || read_server_tools(value, usage);
    case 23:
      return key != "cache_read_input_tokens" || read_count(value, usage.reads);
    case 27:
      return key != "cache_creation_input_tokens" || read_count(value, usage.writes);
    default:
      return true;
  }
}

template <class Value>
bool read_usage(Value&& value, RawUsage& usage) {
  usage = {};
  usage.present = !says_null(value);
  return walk_object(value, Else::damaged, [&](std::string_view key, auto&& member) {
    return read_usage_member(key, member, usage);
  });
}

/// The two lives may sum to less than all writes: the client prices the rest as 5 min.
inline Tokens tokens_of(const RawUsage& usage) {
  Tokens tokens;
  tokens.input = usage.input;
  tokens.output = usage.output;
  tokens.write_1h = usage.writes_1h;
  tokens.write_5m = std::max(usage.writes, usage.writes_5m + usage.writes_1h) - usage.writes_1h;
  tokens.read = usage.reads;
  tokens.web_searches = usage.web_searches;
  return tokens;
}

}  // namespace shmeter::collector
