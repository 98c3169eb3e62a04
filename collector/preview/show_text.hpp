// SPDX-License-Identifier: MIT
// Host text for people: in a terminal, as a page, or the bytes it was made of. Pure.
#pragma once

#include <string>

#include "collector/preview/host_text.hpp"

namespace shmeter::collector {

/// As SGR, with the nearest colour where the terminal has fewer.
std::string to_terminal(const HostText& text, formats::Colour colour);
/// As HTML that can stand in a <pre>.
std::string to_html(const HostText& text);
/// The bytes as a host gets them, with control characters written out: \e, \n.
std::string to_visible(std::string_view bytes);
/// As the text of an HTML element.
std::string html_escaped(std::string_view text);

}  // namespace shmeter::collector
