// SPDX-License-Identifier: MIT
#include "tests/bench/look.hpp"

#include <stdexcept>
#include <string_view>

#include "collector/config/config.hpp"

namespace shmeter::bench {
namespace {

// U+E0B6 and U+E0B4 are the half circles of a font with icons.
constexpr std::string_view kConfig = R"([theme]
name = "catppuccin"
glyphs = "nerd"
background = "#1e1e2e"
left = "\uE0B6"
right = "\uE0B4"

[format.tmux]
template = "rich"
)";

}  // namespace

shm::FormatList richest_look() {
  const auto config = collector::parse_config(kConfig, "the richest look", "/home/dev");
  if (!config) throw std::runtime_error(config.error().message);
  shm::FormatList formats;
  formats.add(shm::kThemeFormat, config->theme);
  for (const collector::FormatConfig& own : config->formats) formats.add(own.target, own.text);
  return formats;
}

}  // namespace shmeter::bench
