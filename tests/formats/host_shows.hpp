// SPDX-License-Identifier: MIT
// What each host shows of a line, by the least of its rules that lines of ours use: on purpose not
// the readers of collector/preview, which are tested with the renderer's own lines.
#pragma once

#include <simdjson.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "formats/markup.hpp"

namespace shmeter::formats {

/// What a host shows, or nothing when the markup is not whole, closed and ours.
inline std::optional<std::string> without_markup(std::string_view text, std::string_view open,
                                                 char end, std::string_view reset) {
  std::string shown;
  bool styled = false;
  while (!text.empty()) {
    if (!text.starts_with(open)) {
      shown += text[0];
      text.remove_prefix(1);
      continue;
    }
    const std::size_t stop = text.find(end);
    if (stop == text.npos) return std::nullopt;
    styled = text.substr(0, stop + 1) != reset;
    text.remove_prefix(stop + 1);
  }
  return styled ? std::nullopt : std::optional(shown);
}

inline std::optional<std::string> tmux_shows(std::string_view text) {
  std::string shown;
  bool styled = false;
  while (!text.empty()) {
    if (text.starts_with("##")) {
      shown += '#';
      text.remove_prefix(2);
    } else if (text.starts_with("#")) {
      const std::size_t stop = text.find(']');
      if (!text.starts_with("#[") || stop == text.npos) return std::nullopt;
      styled = text.substr(0, stop + 1) != "#[default]";
      text.remove_prefix(stop + 1);
    } else {
      shown += text[0];
      text.remove_prefix(1);
    }
  }
  return styled ? std::nullopt : std::optional(shown);
}

inline std::optional<std::string> pango_shows(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#92;", '\\'}};
  std::string shown;
  int depth = 0;
  while (!text.empty()) {
    std::size_t take = 1;
    if (text[0] == '<') {
      take = text.find('>') + 1;
      if (take == 0) return std::nullopt;
      depth += text.starts_with("<span ") ? 1 : text.starts_with("</span>") ? -1 : 2;
      if (depth < 0 || depth > 1) return std::nullopt;
    } else if (text[0] == '&') {
      for (const auto& [entity, c] : kEntities) {
        if (!text.starts_with(entity)) continue;
        shown += c;
        take = entity.size();
      }
      if (take == 1) return std::nullopt;
    } else if (text[0] == '"' || text[0] == '\\') {
      return std::nullopt;
    } else {
      shown += text[0];
    }
    text.remove_prefix(take);
  }
  return depth == 0 ? std::optional(shown) : std::nullopt;
}

inline std::optional<std::string> waybar_shows(std::string_view line) {
  simdjson::dom::parser parser;
  std::string_view text;
  std::string_view tooltip;
  const simdjson::padded_string padded(line);
  const auto object = parser.parse(padded);
  if (object["text"].get(text) != simdjson::SUCCESS) return std::nullopt;
  if (object["tooltip"].get(tooltip) != simdjson::SUCCESS) return std::nullopt;
  if (!pango_shows(tooltip)) return std::nullopt;
  return pango_shows(text);
}

/// Tags of one letter pair each: an odd number of either is one that was not closed.
inline std::optional<std::string> polybar_shows(std::string_view text) {
  std::string shown;
  bool front = false;
  bool back = false;
  while (!text.empty()) {
    if (!text.starts_with("%{")) {
      shown += text[0];
      text.remove_prefix(1);
      continue;
    }
    const std::size_t stop = text.find('}');
    if (stop == text.npos || stop < 3) return std::nullopt;
    bool& open = text[2] == 'F' ? front : back;
    if ((text[2] != 'F' && text[2] != 'B') || open == (text[3] != '-')) return std::nullopt;
    open = !open;
    text.remove_prefix(stop + 1);
  }
  return front || back ? std::nullopt : std::optional(shown);
}

inline std::optional<std::string> zsh_shows(std::string_view text) {
  std::string shown;
  std::string open;  // letters of what is
  while (!text.empty()) {
    if (text[0] != '%') {
      shown += text[0];
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 2) return std::nullopt;
    const char letter = text[1];
    text.remove_prefix(2);
    if (letter == '%') {
      shown += '%';
    } else if (letter == 'F' || letter == 'K' || letter == 'B') {
      if (open.find(letter) != open.npos) return std::nullopt;
      open += letter;
      const std::size_t stop = letter == 'B' ? 0 : text.find('}') + 1;
      if (letter != 'B' && (!text.starts_with('{') || stop == 0)) return std::nullopt;
      text.remove_prefix(stop);
    } else {
      const auto at = open.find(static_cast<char>(letter - 'a' + 'A'));
      if (at == open.npos) return std::nullopt;
      open.erase(at, 1);
    }
  }
  return open.empty() ? std::optional(shown) : std::nullopt;
}

/// Escapes lie between the marks, nothing else does.
inline std::optional<std::string> bash_shows(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find('\x01'), text.size());
    if (text.substr(0, mark).find('\x1b') != text.npos) return std::nullopt;
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty()) break;
    const std::size_t end = text.find('\x02');
    if (end == text.npos || !text.starts_with("\x01\x1b[") || text[end - 1] != 'm')
      return std::nullopt;
    out += text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  }
  return without_markup(out, "\x1b[", 'm', "\x1b[0m");
}

/// Links are closed before another opens, and hold nothing but an address.
inline std::optional<std::string> without_links(std::string_view text) {
  constexpr std::string_view kBegin = "\x1b]8;;";
  std::string out;
  bool open = false;
  while (!text.empty()) {
    const std::size_t at = std::min(text.find(kBegin), text.size());
    out += text.substr(0, at);
    text.remove_prefix(at);
    if (text.empty()) break;
    const std::size_t end = text.find('\x1b', 1);
    if (end == text.npos || !text.substr(end).starts_with("\x1b\\")) return std::nullopt;
    const std::string_view address = text.substr(kBegin.size(), end - kBegin.size());
    if (address.empty() != open || address != web_address(address)) return std::nullopt;
    open = !open;
    text.remove_prefix(end + 2);
  }
  return open ? std::nullopt : std::optional(out);
}

inline std::optional<std::string> host_shows(Target target, std::string_view line) {
  switch (target) {
    case Target::tmux:
      return tmux_shows(line);
    case Target::waybar:
      return line.empty() ? std::optional<std::string>("") : waybar_shows(line);
    case Target::polybar:
      return polybar_shows(line);
    case Target::zsh:
      return zsh_shows(line);
    case Target::bash:
      return bash_shows(line);
    case Target::plain:
    case Target::json:
      return std::string(line);
    case Target::ansi:
    case Target::claude: {
      const auto out = without_links(line);
      return out ? without_markup(*out, "\x1b[", 'm', "\x1b[0m") : std::nullopt;
    }
    default:
      return without_markup(line, "\x1b[", 'm', "\x1b[0m");
  }
}

}  // namespace shmeter::formats
