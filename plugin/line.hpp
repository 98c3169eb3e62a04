// SPDX-License-Identifier: MIT
// The last step of every verb: which template, which colours, which width; one line out, by one
// write; the fallback when nothing is known.
#pragma once

#include <span>
#include <string_view>

#include "formats/values.hpp"
#include "plugin/arguments.hpp"
#include "plugin/environment.hpp"
#include "plugin/selection.hpp"

namespace shmeter::plugin {

inline constexpr std::size_t kLineBytes = std::size_t{16} << 10;

/// Renders into `room` and returns the line without a newline: what is known, else the fallback.
std::string_view make_line(const Arguments& arguments, const Environment& env,
                           const formats::Values& values, const OwnFormat& own,
                           std::span<char> room);

/// Writes `line`, which lies at the start of `room` or elsewhere, and a newline by one write.
/// False when stdout takes no more.
bool print_line(std::string_view line, std::span<char> room);

/// All of it, however many writes that takes. False when `fd` takes no more.
bool write_all(int fd, std::string_view bytes);

/// One line on stderr, with the program's name before it.
void complain(std::string_view text);

}  // namespace shmeter::plugin
