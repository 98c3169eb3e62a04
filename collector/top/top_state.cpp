// SPDX-License-Identifier: MIT
#include "collector/top/top_state.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

using Code = Key::Code;

void select(TopState& state, const SessionList& list, std::size_t index) {
  if (list.empty()) return;
  state.selected = list[std::min(index, list.size() - 1)]->session_id.view();
}

void drop_last_character(std::string& text) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u; };
  while (!text.empty() && continues(text.back())) text.pop_back();
  if (!text.empty()) text.pop_back();
}

/// Whether the key went into the filter's line.
bool take_typed(TopState& state, const Key& key) {
  switch (key.code) {
    case Code::text:
      if (state.filter.size() + key.text.size() <= kMostFilterBytes) state.filter += key.text;
      return true;
    case Code::backspace:
      if (state.filter.empty()) state.typing = false;
      drop_last_character(state.filter);
      return true;
    case Code::clear_line:
      state.filter.clear();
      return true;
    case Code::enter:
      state.typing = false;
      return true;
    case Code::escape:
      state.typing = false;
      state.filter.clear();
      return true;
    default:
      return false;
  }
}

Then take_letter(TopState& state, char letter, const SessionList& list) {
  const std::size_t at = selected_index(state, list);
  switch (letter) {
    case 'q':
      return Then::quit;
    case 'j':
      select(state, list, at + 1);
      break;
    case 'k':
      select(state, list, at == 0 ? 0 : at - 1);
      break;
    case 'g':
      select(state, list, 0);
      break;
    case 'G':
      select(state, list, list.size());
      break;
    case ' ':
      state.detail = !state.detail;
      break;
    case 's':
      state.order = static_cast<SessionOrder>((static_cast<int>(state.order) + 1) % kSessionOrders);
      break;
    case 'a':
      state.only_active = state.only_active == OnlyActive::yes ? OnlyActive::no : OnlyActive::yes;
      break;
    case '/':
      state.typing = true;
      break;
    case '?':
    case 'h':
      state.help = !state.help;
      break;
    case 'l':
      return Then::redraw;
    default:
      break;
  }
  return Then::stay;
}

}  // namespace

std::size_t selected_index(const TopState& state, const SessionList& list) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const shm::Session* session) {
    return session->session_id.view() == state.selected;
  });
  return found == list.end() ? 0 : static_cast<std::size_t>(found - list.begin());
}

Then take_key(TopState& state, const Key& key, const SessionList& list, std::size_t page) {
  if (key.code == Code::quit) return Then::quit;
  if (key.code == Code::suspend) return Then::suspend;
  if (key.code == Code::redraw) return Then::redraw;
  if (state.typing && take_typed(state, key)) return Then::stay;
  const std::size_t at = selected_index(state, list);
  switch (key.code) {
    case Code::up:
      select(state, list, at == 0 ? 0 : at - 1);
      break;
    case Code::down:
      select(state, list, at + 1);
      break;
    case Code::page_up:
      select(state, list, at - std::min(at, page));
      break;
    case Code::page_down:
      select(state, list, at + page);
      break;
    case Code::home:
      select(state, list, 0);
      break;
    case Code::end:
      select(state, list, list.size());
      break;
    case Code::enter:
      state.detail = !state.detail;
      break;
    case Code::escape:
      if (!state.help) state.filter.clear();
      state.help = false;
      break;
    case Code::text:
      if (key.text.size() == 1) return take_letter(state, key.text[0], list);
      break;
    default:
      break;
  }
  return Then::stay;
}

void settle(TopState& state, const SessionList& list, std::size_t rows) {
  if (list.empty()) {
    state.first = 0;
    return;  // what was selected may come back
  }
  const std::size_t at = selected_index(state, list);
  rows = std::max<std::size_t>(rows, 1);
  const std::size_t last_first = list.size() > rows ? list.size() - rows : 0;
  if (at < state.first) state.first = at;
  if (at >= state.first + rows) state.first = at - rows + 1;
  state.first = std::min(state.first, last_first);
}

}  // namespace shmeter::collector
