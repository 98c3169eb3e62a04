// SPDX-License-Identifier: MIT
// The parts of a frame, each as lines of styled text that fit into a width. Pure. What nobody knows
// is left out, as everywhere; the words are templates of formats/README.md.
#pragma once

#include <string>
#include <vector>

#include "collector/top/burn.hpp"
#include "collector/top/top_picture.hpp"
#include "collector/top/top_state.hpp"

namespace shmeter::collector {

/// How a frame is drawn.
struct Look {
  int width = 80;
  formats::Colour colour = formats::Colour::none;
  i64 now_s = 0;
};

using Lines = std::vector<std::string>;

/// The values that a template speaks of; both parts may be null. Ages stand in the header alone, so
/// nothing in it is marked as old but limits.
formats::Values values_of(const TopPicture& picture, i64 now_s,
                          const shm::Account* account = nullptr,
                          const shm::Session* session = nullptr);

/// Name, state and age, counts, the time.
std::string header_line(const TopPicture& picture, const Look& look);
/// One line an account: both limits with reset, pace and projection.
Lines account_lines(const TopPicture& picture, const Look& look);
/// Today, week, month, all.
std::string totals_line(const TopPicture& picture, const Look& look);
/// The active block with burn rate and projection; that there is none only when that is sure.
std::string block_line(const TopPicture& picture, const Look& look);
std::string burn_line(const Burn& burn, const Look& look);
/// All there is to say of a session, the most important lines first.
Lines detail_lines(const TopPicture& picture, const shm::Session& session, const Look& look);
/// What the keys do, or the filter while it is typed.
std::string footer_line(const TopState& state, const TopPicture& picture, std::size_t listed,
                        const Look& look);
Lines help_lines(const Look& look);

}  // namespace shmeter::collector
