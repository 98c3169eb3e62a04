// SPDX-License-Identifier: MIT
// What the person at the keys has chosen, and what a key makes of it. Pure. Invariant: after
// settle() the selected session is one that is listed and stands on the screen, if any is.
#pragma once

#include <string>

#include "collector/top/key_reader.hpp"
#include "collector/top/session_list.hpp"

namespace shmeter::collector {

struct TopState {
  SessionOrder order = SessionOrder::age;
  OnlyActive only_active = OnlyActive::no;
  bool detail = true;
  bool help = false;
  bool typing = false;    // what is typed goes into the filter
  std::string filter;     // whole characters
  std::string selected;   // session id; it stays selected wherever it moves. Empty = the first
  std::size_t first = 0;  // of the list, on the table's first row
  bool operator==(const TopState&) const = default;
};

inline constexpr std::size_t kMostFilterBytes = 64;

enum class Then { stay, redraw, suspend, quit };

/// `page` rows are a page.
Then take_key(TopState& state, const Key& key, const SessionList& list, std::size_t page);

/// Where the selected session stands in the list; 0 when it is not there.
std::size_t selected_index(const TopState& state, const SessionList& list);

/// Follows a list that has changed: `rows` of it are shown. While what was selected is not listed,
/// the first one is.
void settle(TopState& state, const SessionList& list, std::size_t rows);

}  // namespace shmeter::collector
