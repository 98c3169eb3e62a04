// SPDX-License-Identifier: MIT
#include "collector/top/styled_text.hpp"

#include <algorithm>
#include <array>

#include "formats/render.hpp"
#include "formats/screen.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kLineBytes = std::size_t{8} << 10;  // 300 columns and their styles

/// Takes a style's escape off the front; false when there is none.
bool take_style(std::string_view& text, std::string_view& style) {
  if (!text.starts_with("\x1b[")) return false;
  const std::size_t end = text.find('m');
  style = text.substr(0, end == text.npos ? text.size() : end + 1);
  text.remove_prefix(style.size());
  return true;
}

struct Stand {
  std::string_view character;
  char ascii;
};
constexpr std::array<Stand, 18> kStands = {{{"█", '#'},
                                            {"░", '-'},
                                            {"▁", '_'},
                                            {"▂", '.'},
                                            {"▃", ':'},
                                            {"▄", '-'},
                                            {"▅", '='},
                                            {"▆", '+'},
                                            {"▇", '*'},
                                            {"─", '-'},
                                            {"·", '|'},
                                            {"…", '~'},
                                            {"→", '>'},
                                            {"▸", '>'},
                                            {"−", '-'},
                                            {"–", '-'},
                                            {"↑", '^'},
                                            {"↓", 'v'}}};

void add_in_ascii(std::string& out, std::string_view character, char32_t code) {
  if (code < 0x80) {
    out += character;
    return;
  }
  for (const Stand& stand : kStands) {
    if (stand.character != character) continue;
    out += stand.ascii;
    return;
  }
  const int columns = formats::columns(code);
  if (columns != formats::kDropped) out.append(static_cast<std::size_t>(columns), '?');
}

}  // namespace

std::string styled(std::string_view templ, const formats::Values& values, formats::Colour colour,
                   int width) {
  if (width < 1) return {};
  std::array<char, kLineBytes> room;
  formats::Options options;
  options.target = formats::Target::ansi;
  options.colour = colour;
  options.width = width;
  std::string out(room.data(), formats::render(templ, values, options, room));
  // The template has one line; values cannot make it more.
  if (const std::size_t end = out.find('\n'); end != out.npos) out.resize(end);
  return out;
}

std::string plain_text(std::string_view text, int width) {
  if (width < 1) return {};
  std::array<char, kLineBytes> room;
  const formats::Options options;
  formats::Screen screen(options, {}, room);
  screen.text(text, {}, width);
  screen.close();
  return {room.data(), screen.mark().bytes};
}

int columns_of(std::string_view styled) { return formats::columns_of(without_styles(styled)); }

std::string without_styles(std::string_view styled) {
  std::string out;
  std::string_view style;
  while (!styled.empty()) {
    if (take_style(styled, style)) continue;
    const std::size_t next = styled.find('\x1b', 1);
    out += styled.substr(0, next);
    styled.remove_prefix(next == styled.npos ? styled.size() : next);
  }
  return out;
}

std::string padded(std::string_view styled, int width, Edge edge) {
  const int missing = width - columns_of(styled);
  const std::string fill(missing > 0 ? static_cast<std::size_t>(missing) : 0, ' ');
  std::string out;
  if (edge == Edge::right) out += fill;
  out += styled;
  if (edge == Edge::left) out += fill;
  return out;
}

std::string in_ascii(std::string_view styled) {
  std::string out;
  std::string_view style;
  while (!styled.empty()) {
    if (take_style(styled, style)) {
      out += style;
      continue;
    }
    const formats::Decoded one = formats::decode(styled);
    add_in_ascii(out, styled.substr(0, one.bytes), one.code);
    styled.remove_prefix(one.bytes);
  }
  return out;
}

bool is_utf8_locale(std::string_view lc_all, std::string_view lc_ctype, std::string_view lang) {
  const std::string_view locale = !lc_all.empty() ? lc_all : !lc_ctype.empty() ? lc_ctype : lang;
  std::string name(locale);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name.find("utf-8") != name.npos || name.find("utf8") != name.npos;
}

}  // namespace shmeter::collector
