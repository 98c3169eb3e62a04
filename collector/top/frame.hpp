// SPDX-License-Identifier: MIT
// The whole frame: which parts a screen of this height has room for, and their lines. Pure.
// Invariant: a frame of a screen has exactly its rows, and no line is wider than it.
#pragma once

#include "collector/top/frame_parts.hpp"

namespace shmeter::collector {

/// Columns and rows that are drawn; a larger screen stays empty beyond, a smaller one is cut.
inline constexpr int kMostColumns = 300;
inline constexpr int kMostRows = 200;

struct Frame {
  Lines lines;
  std::size_t session_rows = 0;  // a page
};

/// What a screen of `rows` shows. `state` is settled on the way: its list may have changed.
Frame draw_frame(TopState& state, const TopPicture& picture, const Burn& burn, const Look& look,
                 int rows);

/// Once and for all that is there: no keys, nothing selected, as many lines as it takes.
Lines draw_whole(const TopPicture& picture, const Look& look);

}  // namespace shmeter::collector
