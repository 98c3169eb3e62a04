// SPDX-License-Identifier: MIT
// What the targets share: a condition that must hold whatever the bytes, and an input in parts.
// Invariant: what does not hold ends the process with its file and line, in every build, so that a
// fuzzer keeps the input and a replay fails.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace shmeter::fuzz {

[[noreturn, gnu::noinline, gnu::cold]] inline void fail_at(const char* what, std::string_view about,
                                                           const char* file, int line) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
  std::fwrite(about.data(), 1, about.size(), stderr);
  std::fputc('\n', stderr);
  std::abort();
}

/// `about` is shown when it does not.
inline void holds(bool it_does, const char* what, std::string_view about = {},
                  const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!it_does) fail_at(what, about, file, line);
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// What stands before the first `end`, or all there is; `rest` goes on behind it.
inline std::string_view take_until(std::string_view& rest, std::string_view end) {
  const auto at = rest.find(end);
  const std::string_view taken = rest.substr(0, at);
  rest = at == rest.npos ? std::string_view() : rest.substr(at + end.size());
  return taken;
}
inline std::string_view take_line(std::string_view& rest) { return take_until(rest, "\n"); }

/// One whole document in valid UTF-8.
inline bool is_json(std::string_view text) {
  if (text.empty()) return false;  // simdjson copies it, and there may be nothing to copy from
  simdjson::dom::parser parser;
  return parser.parse(text.data(), text.size()).error() == simdjson::SUCCESS;
}

/// Nothing in it that would end a line, or that a terminal would obey.
inline bool is_one_line(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  return simdjson::validate_utf8(text.data(), text.size());
}

}  // namespace shmeter::fuzz
