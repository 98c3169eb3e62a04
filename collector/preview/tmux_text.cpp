// SPDX-License-Identifier: MIT
// tmux(1), STYLES: #[…] with attributes between commas or spaces, ## for a #. In what a #() prints
// tmux expands styles only, so any other # stands for itself.
#include <charconv>

#include "collector/preview/host_text.hpp"

namespace shmeter::collector {
namespace {

std::optional<HostColour> tmux_colour(std::string_view name) {
  if (name.starts_with('#')) return hex_colour(name);
  for (const std::string_view prefix : {"colour", "color"}) {
    if (!name.starts_with(prefix)) continue;
    const std::string_view number = name.substr(prefix.size());
    std::uint8_t index = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), index);
    if (read.ec != std::errc{} || read.ptr != number.data() + number.size()) return std::nullopt;
    return palette_colour(index);
  }
  return named_colour(name);
}

/// False for what tmux would refuse; it then ignores the whole of #[…].
bool apply_colour(std::optional<HostColour>& to, std::string_view name) {
  to.reset();
  if (name == "default" || name == "terminal") return true;
  to = tmux_colour(name);
  return to.has_value();
}

bool apply(HostStyle& style, std::string_view attribute) {
  if (attribute.starts_with("fg=")) return apply_colour(style.ink, attribute.substr(3));
  if (attribute.starts_with("bg=")) return apply_colour(style.ground, attribute.substr(3));
  if (attribute == "default" || attribute == "none") {
    style = {};
    return true;
  }
  const bool on = !attribute.starts_with("no");
  if (!on) attribute.remove_prefix(2);
  if (attribute == "bold" || attribute == "bright") return style.bold = on, true;
  if (attribute == "dim") return style.faint = on, true;
  if (attribute == "italics") return style.italic = on, true;
  if (attribute == "underscore") return style.underlined = on, true;
  if (attribute == "reverse") return style.reversed = on, true;
  return false;
}

bool apply_all(HostStyle& style, std::string_view body) {
  while (!body.empty()) {
    const std::size_t end = body.find_first_of(", ");
    const std::string_view attribute = body.substr(0, end);
    if (!attribute.empty() && !apply(style, attribute)) return false;
    body.remove_prefix(end == body.npos ? body.size() : end + 1);
  }
  return true;
}

}  // namespace

Result<HostText> read_tmux(std::string_view line) {
  HostText out;
  HostStyle style;
  while (!line.empty()) {
    const std::size_t sign = line.find('#');
    add_text(out, style, line.substr(0, sign));
    if (sign == line.npos) break;
    line.remove_prefix(sign);
    if (!line.starts_with("#[")) {
      add_text(out, style, "#");
      line.remove_prefix(line.starts_with("##") ? 2 : 1);
      continue;
    }
    const std::size_t end = line.find(']');
    if (end == line.npos) return fail(Errc::corrupt, "a #[ without its ]");
    const std::string_view body = line.substr(2, end - 2);
    if (!apply_all(style, body))
      return fail(Errc::corrupt, "a style that tmux does not know: " + std::string(body));
    line.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace shmeter::collector
