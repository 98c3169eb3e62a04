// SPDX-License-Identifier: MIT
// Themes as the text that readers are given, and those that come with the product.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/theme.hpp"

namespace shmeter::collector {

/// Of one field.
struct OwnLimits {
  std::string field;
  formats::Limits limits;
};

/// `bold #a3be8c`: a colour as parse_colour() has it, or `none`, with what else makes the style
/// before it; nothing when it is none of that.
std::optional<formats::Paint> parse_style(std::string_view text);

/// As formats::parse_theme reads it; what `theme` itself says of single fields is not looked at.
std::string write_theme(const formats::Theme& theme, const std::vector<OwnLimits>& own);

/// The themes that come with the product; the first is what holds where nobody says anything.
std::vector<std::string_view> theme_names();
/// The default one when there is none of that name.
formats::Theme theme_named(std::string_view name);

}  // namespace shmeter::collector
