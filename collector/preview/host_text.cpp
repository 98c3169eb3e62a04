// SPDX-License-Identifier: MIT
#include "collector/preview/host_text.hpp"

#include "collector/config/colour.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"black", "red",     "green", "yellow",
                                                    "blue",  "magenta", "cyan",  "white"};
std::uint8_t byte(unsigned value) { return static_cast<std::uint8_t>(value); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Text that no host may get: it would act on a control, or show something of its own.
std::optional<std::string> unclean(std::string_view text) {
  while (!text.empty()) {
    const formats::Decoded one = formats::decode(text);
    if (!one.valid) return "bytes that are not UTF-8";
    if (one.code != U'\n' && formats::is_control(one.code)) return "a control character";
    text.remove_prefix(one.bytes);
  }
  return std::nullopt;
}

Result<HostText> read_markup(formats::Target target, std::string_view line) {
  switch (target) {
    case formats::Target::ansi:
    case formats::Target::claude:
    case formats::Target::starship:
    case formats::Target::fish:
      return read_sgr(line);
    case formats::Target::zsh:
      return read_zsh(line);
    case formats::Target::bash:
      return read_bash(line);
    case formats::Target::tmux:
      return read_tmux(line);
    case formats::Target::waybar:
      return read_waybar(line);
    case formats::Target::polybar:
      return read_polybar(line);
    case formats::Target::plain:
    case formats::Target::json:
      break;
  }
  HostText out;
  add_text(out, {}, line);
  return out;
}

}  // namespace

HostColour palette_colour(std::uint8_t index) {
  const Rgb rgb = palette_rgb(index);
  const auto level = [](int value) { return byte(static_cast<unsigned>(value)); };
  return {level(rgb.red), level(rgb.green), level(rgb.blue), index};
}

std::optional<HostColour> hex_colour(std::string_view text) {
  if (!text.starts_with('#')) return std::nullopt;
  text.remove_prefix(1);
  if (text.size() != 3 && text.size() != 6) return std::nullopt;
  const std::size_t each = text.size() / 3;
  std::array<std::uint8_t, 3> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int high = hex_digit(text[i * each]);
    const int low = hex_digit(text[i * each + each - 1]);
    if (high < 0 || low < 0) return std::nullopt;
    parts[i] = byte(static_cast<unsigned>(high * 16 + low));
  }
  return HostColour{parts[0], parts[1], parts[2], std::nullopt};
}

std::optional<HostColour> named_colour(std::string_view text) {
  const bool bright = text.starts_with("bright");
  if (bright) text.remove_prefix(6);
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == text) return palette_colour(byte(static_cast<unsigned>(i + (bright ? 8 : 0))));
  return std::nullopt;
}

void add_text(HostText& to, const HostStyle& style, std::string_view text) {
  if (text.empty()) return;
  if (to.empty() || to.back().style != style) to.push_back({style, {}});
  to.back().text += text;
}

Result<HostText> read_host_line(formats::Target target, std::string_view line) {
  auto out = read_markup(target, line);
  if (!out) return out;
  for (const HostSpan& span : *out)
    if (const auto what = unclean(span.text)) return fail(Errc::corrupt, *what);
  return out;
}

}  // namespace shmeter::collector
