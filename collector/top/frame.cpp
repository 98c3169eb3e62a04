// SPDX-License-Identifier: MIT
#include "collector/top/frame.hpp"

#include <algorithm>
#include <array>

#include "collector/top/session_table.hpp"
#include "collector/top/styled_text.hpp"

namespace shmeter::collector {
namespace {

/// The parts from top to bottom, and how many lines each has or gets.
struct Heights {
  int header = 0, accounts = 0, totals = 0, block = 0, burn = 0, title = 0, sessions = 0,
      details = 0, footer = 0;
};

/// Rows go to the parts in order of importance, some of each first.
Heights share_rows(int rows, const Heights& wanted) {
  struct Step {
    int Heights::*part;
    int up_to;
  };
  constexpr int kAll = kMostRows * kMostColumns;
  constexpr std::array<Step, 14> kSteps = {{{&Heights::header, 1},
                                            {&Heights::sessions, 1},
                                            {&Heights::accounts, 1},
                                            {&Heights::footer, 1},
                                            {&Heights::sessions, 3},
                                            {&Heights::totals, 1},
                                            {&Heights::block, 1},
                                            {&Heights::title, 1},
                                            {&Heights::accounts, 3},
                                            {&Heights::sessions, 5},
                                            {&Heights::burn, 1},
                                            {&Heights::details, kAll},
                                            {&Heights::accounts, kAll},
                                            {&Heights::sessions, kAll}}};
  Heights out;
  for (const Step& step : kSteps) {
    int& has = out.*step.part;
    const int more = std::clamp(std::min(wanted.*step.part, step.up_to) - has, 0, rows);
    has += more;
    rows -= more;
  }
  return out;
}

void append(Lines& to, const Lines& lines, int most) {
  const std::size_t n = std::min(lines.size(), static_cast<std::size_t>(most));
  to.insert(to.end(), lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(n));
}

int size_of(const Lines& lines) { return static_cast<int>(lines.size()); }

Look limited(Look look) {
  look.width = std::clamp(look.width, 1, kMostColumns);
  return look;
}

/// Spaces at the end of a line are nothing to write.
void trim(Lines& lines) {
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
}

std::string no_session(const TopState& state, const Look& look) {
  const bool chosen = !state.filter.empty() || state.only_active == OnlyActive::yes;
  return plain_text(chosen ? "  no session is like that" : "  no sessions", look.width);
}

}  // namespace

Frame draw_frame(TopState& state, const TopPicture& picture, const Burn& burn, const Look& asked,
                 int rows) {
  const Look look = limited(asked);
  rows = std::clamp(rows, 1, kMostRows);
  const SessionList list =
      list_sessions(picture.sessions, state.order, state.only_active, state.filter, look.now_s);
  const Lines accounts = account_lines(picture, look);
  const shm::Session* selected = list.empty() ? nullptr : list[selected_index(state, list)];
  const Lines details = state.detail && !state.help && selected != nullptr
                            ? detail_lines(picture, *selected, look)
                            : Lines{};
  const Lines help = state.help ? help_lines(look) : Lines{};
  const int body = state.help ? size_of(help) : std::max(static_cast<int>(list.size()), 1);
  const Heights has = share_rows(
      rows, {1, size_of(accounts), 1, 1, 1, state.help ? 0 : 1, body, size_of(details), 1});
  Frame frame;
  frame.session_rows = static_cast<std::size_t>(has.sessions);
  settle(state, list, frame.session_rows);

  append(frame.lines, {header_line(picture, look)}, has.header);
  append(frame.lines, accounts, has.accounts);
  append(frame.lines, {totals_line(picture, look)}, has.totals);
  append(frame.lines, {block_line(picture, look)}, has.block);
  append(frame.lines, {burn_line(burn, look)}, has.burn);
  const SessionTable table(look.width);
  append(frame.lines, {table.title(look)}, has.title);
  append(frame.lines, help, has.sessions);
  if (!state.help && list.empty() && picture.freshness != formats::Freshness::absent)
    append(frame.lines, {no_session(state, look)}, has.sessions);
  for (std::size_t i = state.first;
       !state.help && i < std::min(list.size(), state.first + frame.session_rows); ++i)
    frame.lines.push_back(table.row(*list[i], picture, look, list[i] == selected));
  frame.lines.resize(static_cast<std::size_t>(rows - has.details - has.footer));
  append(frame.lines, details, has.details);
  append(frame.lines, {footer_line(state, picture, list.size(), look)}, has.footer);
  trim(frame.lines);
  return frame;
}

Lines draw_whole(const TopPicture& picture, const Look& asked) {
  const Look look = limited(asked);
  Lines out = {header_line(picture, look)};
  if (picture.freshness == formats::Freshness::absent) return out;
  append(out, account_lines(picture, look), kMostRows);
  for (const std::string& line : {totals_line(picture, look), block_line(picture, look)})
    if (!line.empty()) out.push_back(line);
  const SessionTable table(look.width);
  if (!picture.sessions.empty()) out.push_back(table.title(look));
  for (const shm::Session& session : picture.sessions)
    out.push_back(table.row(session, picture, look, false));
  trim(out);
  return out;
}

}  // namespace shmeter::collector
