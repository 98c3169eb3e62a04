// SPDX-License-Identifier: MIT
// A host's line as people see it there: text and how it looks, read back out of the host's own
// markup. Pure. Invariant: what a host would refuse or show otherwise is an error and never
// repaired, as this is how one learns of it; attributes that only move or name things are skipped.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/result.hpp"
#include "formats/values.hpp"

namespace shmeter::collector {

struct HostColour {
  std::uint8_t red = 0, green = 0, blue = 0;
  std::optional<std::uint8_t>
      index;  // of the terminal's own palette; then the rest is its usual one
  bool operator==(const HostColour&) const = default;
};
HostColour palette_colour(std::uint8_t index);
/// `#rgb` or `#rrggbb`.
std::optional<HostColour> hex_colour(std::string_view text);
/// black, red, brightred …, as tmux and Pango name them.
std::optional<HostColour> named_colour(std::string_view text);

struct HostStyle {
  std::optional<HostColour> ink;     // none = the host's own
  std::optional<HostColour> ground;  //
  bool bold = false, faint = false, italic = false, underlined = false, reversed = false;
  bool operator==(const HostStyle&) const = default;
};

struct HostSpan {
  HostStyle style;
  std::string text;  // may hold newlines, where the target has lines
  bool operator==(const HostSpan&) const = default;
};
using HostText = std::vector<HostSpan>;

/// Text is added to the last span where that looks alike.
void add_text(HostText& to, const HostStyle& style, std::string_view text);

/// What `target` makes of a line of ours. Errors: corrupt, with what the host would stumble over.
Result<HostText> read_host_line(formats::Target target, std::string_view line);

/// One for each kind of markup.
Result<HostText> read_sgr(std::string_view line);
Result<HostText> read_tmux(std::string_view line);
Result<HostText> read_polybar(std::string_view line);
Result<HostText> read_zsh(std::string_view line);
/// Escapes between the marks that readline counts no columns for.
Result<HostText> read_bash(std::string_view line);
Result<HostText> read_pango(std::string_view line);
/// The `text` of waybar's object, which is Pango.
Result<HostText> read_waybar(std::string_view line);

}  // namespace shmeter::collector
