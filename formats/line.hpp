// SPDX-License-Identifier: MIT
// A template and values as the text of one target, before anything is wrapped around it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "formats/fields.hpp"
#include "formats/markup.hpp"
#include "formats/render.hpp"

namespace shmeter::formats {

/// As render(); for waybar the text alone: Pango that can stand in a JSON string.
std::size_t render_line(std::string_view templ, const Values& values, const Options& options,
                        std::span<char> out) noexcept;

/// The line inside waybar's object; 0 when nothing is known, or `out` has no room for one.
std::size_t render_waybar(std::string_view templ, const Values& values, const Options& options,
                          std::span<char> out) noexcept;

/// ok, warn or crit by the limits; none for what is no share or unknown.
Tone tone_of(const Value& value, const Limits& limits) noexcept;

}  // namespace shmeter::formats
