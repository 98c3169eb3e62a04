// SPDX-License-Identifier: MIT
// See theme.hpp.
#include "formats/theme.hpp"

#include "formats/icons.hpp"

namespace shmeter::formats {

namespace {

// The 24-bit colours are those of the palette of 256, so both look alike. `dim` is faint in 16
// colours: bright black is invisible in some themes.
constexpr Theme kDefault = {
    .paints = {{{},
                {.set = true, .red = 95, .green = 175, .blue = 95, .indexed = 71, .basic = 2},
                {.set = true, .red = 215, .green = 135, .blue = 0, .indexed = 172, .basic = 3},
                {.set = true, .red = 215, .green = 95, .blue = 95, .indexed = 167, .basic = 1},
                {.set = true,
                 .red = 128,
                 .green = 128,
                 .blue = 128,
                 .indexed = 244,
                 .basic = 8,
                 .faint = true},
                {.set = true, .red = 95, .green = 135, .blue = 215, .indexed = 68, .basic = 6},
                {}}}};

constexpr Icon kIcons[] = {
#define SHMETER_ICON(name, unicode, nerd) Icon{name, unicode, nerd},
    SHMETER_ICONS(SHMETER_ICON)
#undef SHMETER_ICON
};

}  // namespace

const Limits& Theme::limits_of(std::string_view field) const {
  for (std::size_t i = 0; i < own_count; ++i)
    if (own[i].field == field) return own[i].limits;
  return limits;
}

const Theme& default_theme() noexcept { return kDefault; }

bool find_icon(std::string_view name, Glyphs glyphs, std::string_view& icon) noexcept {
  for (const Icon& one : kIcons) {
    if (one.name != name) continue;
    icon = glyphs == Glyphs::nerd      ? one.nerd
           : glyphs == Glyphs::unicode ? one.unicode
                                       : std::string_view{};
    return true;
  }
  return false;
}

}  // namespace shmeter::formats
