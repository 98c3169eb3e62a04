// SPDX-License-Identifier: MIT
// The JSON that Claude Code gives its status line command, as the values the picture knows. All or
// nothing: what is not one whole JSON object gives nothing. A member that is absent, null, of
// another type or beyond belief is unknown; numbers may stand in strings, `model` may be a string.
#pragma once

#include <array>
#include <string_view>

#include "plugin/json_scanner.hpp"
#include "shm/picture.hpp"

namespace shmeter::plugin {

struct StatusLine {
  shm::Session session;        // unknown and empty where the JSON said nothing
  bool has_workspace = false;  // it said where it works twice; workspace.current_dir counts
  bool has_context = false;    // it spoke of the context window, even if only to say: not known
  struct {
    shm::i64 input = shm::kUnknown;
    shm::i64 cache_write = shm::kUnknown;
    shm::i64 cache_read = shm::kUnknown;
  } context;              // what session.context_used_tokens is the sum of
  shm::Window five_hour;  // share and reset only
  shm::Window seven_day;
  shm::SpendLimit spend_limit;
  std::string_view transcript_path;  // in the JSON, or in the scratch if it held escapes
};

/// Scratch: untouched by JSON whose strings hold no escapes.
struct StatusLineScratch {
  JsonText decoded;
  std::array<char, kMaxJsonText> transcript_path;
};

/// Reads `json` into `out`, a value as it was made. False if it is no status line; `out` is then
/// not to be used.
bool read_status_line(std::string_view json, StatusLineScratch& scratch, StatusLine& out);

}  // namespace shmeter::plugin
