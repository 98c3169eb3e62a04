// SPDX-License-Identifier: MIT
// A colour as people write it, brought down to every depth a terminal may have.
#pragma once

#include <optional>
#include <string_view>

#include "formats/theme.hpp"

namespace shmeter::collector {

struct Rgb {
  int red = 0, green = 0, blue = 0;
};
/// Of xterm's palette of 256; the first 16 are what a terminal's user makes of them.
Rgb palette_rgb(int index);

/// `#rrggbb`, `#rgb`, a name such as `red` or `bright_red`, or 0-255 of the palette of 256; nothing
/// when it is none of these. What a depth does not have is the nearest that it has.
std::optional<formats::Paint> parse_colour(std::string_view text);

/// For messages: what may be written.
inline constexpr std::string_view kColourForms =
    "\"#rrggbb\", a name such as \"red\" or \"bright_red\", \"none\", or 0 to 255";

}  // namespace shmeter::collector
