// SPDX-License-Identifier: MIT
#include "collector/config/theme_text.hpp"

#include <array>
#include <cstdio>

#include "collector/config/colour.hpp"

namespace shmeter::collector {
namespace {

using formats::Paint;
using formats::Theme;
using formats::Tone;

constexpr std::string_view kTones[] = {"ok", "warn", "crit", "dim", "accent"};
constexpr std::string_view kGlyphs[] = {"ascii", "unicode", "nerd"};

/// Styles in the order of kTones, as `[theme]` would have them.
struct BuiltIn {
  std::string_view name;
  std::array<std::string_view, std::size(kTones)> styles;
};
constexpr BuiltIn kBuiltIn[] = {
    {"default", {}},
    {"mono", {"none", "bold none", "bold none", "faint none", "none"}},
    {"nord", {"#a3be8c", "#ebcb8b", "#bf616a", "faint #7b88a1", "#88c0d0"}},
    {"gruvbox", {"#b8bb26", "#fabd2f", "#fb4934", "faint #928374", "#83a598"}},
    {"catppuccin", {"#a6e3a1", "#f9e2af", "#f38ba8", "faint #7f849c", "#89b4fa"}},
    {"dracula", {"#50fa7b", "#f1fa8c", "#ff5555", "faint #6272a4", "#bd93f9"}},
};

std::string line_of(std::string_view name, const Paint& paint) {
  char text[64];
  std::string line(name);
  if (paint.set) {
    std::snprintf(text, sizeof text, " %02x%02x%02x %d %d", paint.red, paint.green, paint.blue,
                  paint.indexed, paint.basic);
    line += text;
  } else {
    line += " -";
  }
  return line + (paint.bold ? " bold" : "") + (paint.faint ? " faint" : "") + '\n';
}

std::string line_of(const formats::Limits& limits, std::string_view field) {
  return "limits " + std::to_string(limits.warn_ppm) + ' ' + std::to_string(limits.crit_ppm) +
         (field.empty() ? "" : " ") + std::string(field) + '\n';
}

}  // namespace

std::optional<Paint> parse_style(std::string_view text) {
  bool bold = false;
  bool faint = false;
  for (;;) {
    if (text.starts_with("bold ")) {
      bold = true;
      text.remove_prefix(5);
    } else if (text.starts_with("faint ")) {
      faint = true;
      text.remove_prefix(6);
    } else {
      break;
    }
  }
  auto paint = text == "none" ? std::optional<Paint>(Paint{}) : parse_colour(text);
  if (!paint) return {};
  paint->bold = bold;
  paint->faint = faint;
  return paint;
}

std::string write_theme(const formats::Theme& theme, const std::vector<OwnLimits>& own) {
  std::string text;
  for (std::size_t i = 0; i < std::size(kTones); ++i)
    text += line_of(kTones[i], theme.paints[i + 1]);
  if (theme.has_ground()) text += line_of("ground", theme.paint(Tone::ground));
  text.append("glyphs ").append(kGlyphs[static_cast<std::size_t>(theme.glyphs)]).append("\n");
  text.append("separator ").append(theme.separator).append("\n");
  if (!theme.left_cap.empty()) text.append("left ").append(theme.left_cap).append("\n");
  if (!theme.right_cap.empty()) text.append("right ").append(theme.right_cap).append("\n");
  text += line_of(theme.limits, {});
  for (const OwnLimits& one : own) text += line_of(one.limits, one.field);
  return text;
}

std::vector<std::string_view> theme_names() {
  std::vector<std::string_view> names;
  for (const BuiltIn& one : kBuiltIn) names.push_back(one.name);
  return names;
}

formats::Theme theme_named(std::string_view name) {
  Theme theme = formats::default_theme();
  for (const BuiltIn& from : kBuiltIn)
    for (std::size_t i = 0; from.name == name && i < std::size(kTones); ++i)
      if (const auto paint = parse_style(from.styles[i])) theme.paints[i + 1] = *paint;
  return theme;
}

}  // namespace shmeter::collector
