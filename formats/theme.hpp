// SPDX-License-Identifier: MIT
// What a line looks like, whatever it says: colours, glyphs, separator, and from when on something
// is warned of. As a value, and as the text in which it lies in the region. Invariant: any text is
// a theme; what is not understood in it is as in the default theme.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "formats/values.hpp"

namespace shmeter::formats {

/// The semantic colours, in the order of the tags `<ok> <warn> <crit> <dim> <accent>`; `ground` is
/// the colour behind the line.
enum class Tone : std::uint8_t { none, ok, warn, crit, dim, accent, ground };
inline constexpr std::size_t kTones = 7;

/// A colour as terminals of each depth know it, and what else makes a style.
struct Paint {
  bool set = false;  // else the host's own colour
  std::uint8_t red = 0, green = 0, blue = 0;
  std::uint8_t indexed = 0;  // in the palette of 256
  std::uint8_t basic = 0;    // 0-15
  bool bold = false;
  bool faint = false;  // where there are no more than 16 colours, or without `set`
};

enum class Glyphs : std::uint8_t { ascii, unicode, nerd };

/// From these shares used on, in parts per million.
struct Limits {
  i64 warn_ppm = 750'000;
  i64 crit_ppm = 900'000;
};

inline constexpr std::size_t kMaxLimits = 16;
inline constexpr std::size_t kMaxThemeBytes = 1024;
inline constexpr std::string_view kDefaultSeparator = " · ";

struct Theme {
  std::array<Paint, kTones> paints = {};  // by Tone; `ground` unset = nothing behind the line
  Glyphs glyphs = Glyphs::unicode;
  std::string_view separator = kDefaultSeparator;
  std::string_view left_cap = {}, right_cap = {};  // around each line, in the colour of the ground
  Limits limits = {};
  struct Own {
    std::string_view field = {};
    Limits limits = {};
  };
  std::array<Own, kMaxLimits> own = {};  // of single fields
  std::size_t own_count = 0;

  const Paint& paint(Tone tone) const { return paints[static_cast<std::size_t>(tone)]; }
  bool has_ground() const { return paint(Tone::ground).set; }
  const Limits& limits_of(std::string_view field) const;
};

/// What a line has that says nothing else: readable on dark and on light ground.
const Theme& default_theme() noexcept;

/// The theme that lies in `text`, whose bytes it goes on pointing into. One thing a line:
///
///     ok 5faf5f 71 2 [bold] [faint]      also warn, crit, dim, accent, ground; `ok -` = no colour
///     glyphs ascii                       unicode, nerd
///     separator TEXT, left TEXT, right TEXT
///     limits 750000 900000               in parts per million used; for one field: its name behind
Theme parse_theme(std::string_view text) noexcept;

/// What stands for a thing: `<icon:NAME>`. Empty where the glyphs have none; false: no such name.
bool find_icon(std::string_view name, Glyphs glyphs, std::string_view& icon) noexcept;

}  // namespace shmeter::formats
