// SPDX-License-Identifier: MIT
// Text of a frame: clean characters and our own colours (SGR), nothing else. All of it comes out of
// formats/, which takes from names whatever a terminal would interpret. Invariant: what these
// functions make is valid UTF-8, holds no control character but ESC in `ESC [ digits ; … m`, and
// every style in it is closed.
#pragma once

#include <string>
#include <string_view>

#include "formats/values.hpp"

namespace shmeter::collector {

enum class Edge { left, right };

/// A template of formats/README.md over these values in at most `width` columns: groups go, the
/// least important first, then it is cut. Empty when nothing in it is known, or `width` < 1.
std::string styled(std::string_view templ, const formats::Values& values, formats::Colour colour,
                   int width);

/// Text from anywhere, cleaned, in at most `width` columns; cut text ends in "…".
std::string plain_text(std::string_view text, int width);

/// The columns that styled text takes.
int columns_of(std::string_view styled);

/// Filled with spaces to `width` columns, the text at that edge; wider text stays as it is.
std::string padded(std::string_view styled, int width, Edge edge = Edge::left);

/// The same without styles.
std::string without_styles(std::string_view styled);

/// As a terminal of no UTF-8 can show it: bars, lines and sparks have a character of their own, any
/// other character becomes a `?` for each of its columns.
std::string in_ascii(std::string_view styled);

/// Whether a terminal of these variables shows UTF-8: the first that is set says so. Empty = not
/// set.
bool is_utf8_locale(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang);

}  // namespace shmeter::collector
