// SPDX-License-Identifier: MIT
// Which session and which account a line speaks of, and the copy of just these parts out of one
// publication. Pure but for the reads of the slot it is given.
//
// Session: the one asked for by id, or by tmux's pane; else the newest live one in or below a
// folder; else the newest.
// Account: the one asked for by name or id; else the one whose config dir is CLAUDE_CONFIG_DIR;
// else the one with the longest config dir above the transcript; else the session's; else the one
// that was heard of last. Asked for and not there means none, never another one's numbers.
#pragma once

#include <span>
#include <string_view>

#include "formats/values.hpp"
#include "shm/slot.hpp"

namespace shmeter::plugin {

inline constexpr std::size_t kFormatBytes = std::size_t{4} << 10;  // of template and theme

/// What the user configured for a target; empty = nothing, so what comes with the product holds.
struct OwnFormat {
  std::string_view templ = {};
  std::string_view theme = {};  // as formats/theme.hpp has it
};

struct Wanted {
  std::string_view session = {};          // id
  std::string_view pane = {};             // looked at only without a session
  std::string_view cwd = {};              // folder; looked at only without these
  std::string_view account = {};          // name, id or config dir
  std::string_view config_dir = {};       // CLAUDE_CONFIG_DIR
  std::string_view transcript_path = {};  // claude only
  std::string_view target = {};           // whose own format to bring along, empty = none
  std::span<char> format_room = {};       // where to; what does not fit there is none
  shm::i64 now_s = 0;
};

/// How an account was found, weakest first.
enum class FoundBy { nothing, recency, session, transcript, config_dir };

struct Parts : shm::SummaryAndAccount {
  shm::Session session;
  bool has_account = false;
  bool has_session = false;
  FoundBy own = FoundBy::nothing;  // how the caller's own account was found
  bool account_is_own = false;     // `account` is that one
  OwnFormat format;                // for `target`, in Wanted::format_room
};

/// Fills `out` from the slot; false when the slot cannot be right.
bool copy_parts(shm::FileSlot& slot, const Wanted& wanted, Parts& out);

/// Makes a line speak of what was copied.
void point_at(const Parts& parts, formats::Values& values);

/// Whether a session works in `folder` or below it. Cut working directories match only by what is
/// left of them, or whole by hash.
bool works_in(const shm::Session& session, std::string_view folder);

/// `path` without slashes at its end.
std::string_view without_slashes(std::string_view path);

}  // namespace shmeter::plugin
