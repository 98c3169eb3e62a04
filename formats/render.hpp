// SPDX-License-Identifier: MIT
// Values in, one line out, for every target. Invariant: whatever the values and the template hold,
// what comes out is valid UTF-8 without control characters of its own, within the width, with all
// markup closed, and with everything the host would interpret taken out of untrusted text.
// Freestanding-friendly: no heap, clock, environment, locale or I/O. Language: formats/README.md.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "formats/theme.hpp"

namespace shmeter::formats {

struct Options {
  Target target = Target::plain;
  Colour colour = Colour::none;  // tmux, waybar and polybar: anything but none means their own hex
  int width = 0;                 // columns; 0 = no limit
  const Theme* theme = nullptr;  // null = default_theme()
};

/// Writes the line and returns its bytes, without a trailing newline. 0 = nothing is known, so the
/// caller shows its fallback. Only plain, ansi and claude ever hold '\n', between lines. Text that
/// does not fit into `out` is cut between characters, markup closed. A mistake in the template
/// never shows as raw template text: an unknown field is a field nobody knows. Target::json is not
/// a line (formats/json.hpp) and renders as plain does.
std::size_t render(std::string_view templ, const Values& values, const Options& options,
                   std::span<char> out) noexcept;

/// The line a target shows when the user has no format of their own; empty for json.
std::string_view default_template(Target target) noexcept;
/// `[1.2k/5.3k tok | $0.02 | 98 left]`
std::string_view compact_template() noexcept;
/// The three lines `Tokens: …`, `Cost: …`, `Rate: …`.
std::string_view full_template() noexcept;
/// All there is to know at a glance, with icons.
std::string_view rich_template() noexcept;
/// The template of that name: default, compact, full or rich; empty when there is none.
std::string_view named_template(std::string_view name, Target target) noexcept;

/// Where a template is wrong; both counted from 1, columns in characters. The message is
/// NUL-terminated and says what to do.
struct TemplateError {
  std::size_t line = 0;
  std::size_t column = 0;
  char message[160] = {};
};

/// False, with the first mistake, when the template is not what formats/README.md describes. Not
/// needed before render: for the collector and the tools, which tell people.
bool check_template(std::string_view templ, TemplateError& error) noexcept;

/// Names as the verbs of `shmeter`: plain ansi claude tmux starship waybar polybar zsh bash fish
/// json.
bool parse_target(std::string_view name, Target& target) noexcept;
std::string_view target_name(Target target) noexcept;

}  // namespace shmeter::formats
