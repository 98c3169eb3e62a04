// SPDX-License-Identifier: MIT
// Pango's markup, and waybar's object around it. GLib parses it as XML: one mistake, and the bar
// shows nothing of it.
#include <simdjson.h>

#include <charconv>

#include "collector/preview/host_text.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

void add_character(std::string& out, char32_t code) {
  const auto part = [&](unsigned bits) { out += static_cast<char>(bits); };
  if (code < 0x80) return part(code);
  if (code < 0x800) {
    part(0xc0u | code >> 6);
  } else {
    if (code < 0x10000) {
      part(0xe0u | code >> 12);
    } else {
      part(0xf0u | code >> 18);
      part(0x80u | (code >> 12 & 0x3fu));
    }
    part(0x80u | (code >> 6 & 0x3fu));
  }
  part(0x80u | (code & 0x3fu));
}

/// `name` stands between & and ;.
bool add_entity(std::string& out, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [entity, character] : kEntities) {
    if (entity != name) continue;
    out += character;
    return true;
  }
  if (!name.starts_with('#')) return false;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
  const bool whole = read.ec == std::errc{} && read.ptr == name.data() + name.size();
  if (!whole || code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
  add_character(out, code);
  return true;
}

bool apply_attribute(HostStyle& style, std::string_view name, std::string_view value) {
  const auto colour = [&](std::optional<HostColour>& to) {
    to = value.starts_with('#') ? hex_colour(value) : named_colour(value);
    return to.has_value();
  };
  if (name == "color" || name == "foreground" || name == "fgcolor") return colour(style.ink);
  if (name == "background" || name == "bgcolor") return colour(style.ground);
  if (name == "weight" || name == "font_weight")
    return style.bold = value == "bold" || value == "heavy", true;
  if (name == "style" || name == "font_style") return style.italic = value != "normal", true;
  if (name == "underline") return style.underlined = value != "none", true;
  return name == "alpha" || name == "size" || name == "font" || name == "rise" ||
         name == "font_family" || name == "face";
}

/// Of `<span a='b' c="d">` what stands behind the name.
bool apply_attributes(HostStyle& style, std::string_view text) {
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return true;
    const std::size_t equals = text.find('=');
    if (equals == text.npos || equals + 1 == text.size()) return false;
    const char quote = text[equals + 1];
    const std::size_t end = text.find(quote, equals + 2);
    if ((quote != '\'' && quote != '"') || end == text.npos) return false;
    if (!apply_attribute(style, text.substr(0, equals), text.substr(equals + 2, end - equals - 2)))
      return false;
    text.remove_prefix(end + 1);
  }
}

struct Open {
  std::string_view name;
  HostStyle before;
};

/// What stands between < and >.
bool apply_tag(HostStyle& style, std::vector<Open>& open, std::string_view tag) {
  if (tag.starts_with('/')) {
    if (open.empty() || open.back().name != tag.substr(1)) return false;
    style = open.back().before;
    open.pop_back();
    return true;
  }
  const std::string_view name = tag.substr(0, tag.find(' '));
  open.push_back({name, style});
  const std::string_view rest = tag.substr(name.size());
  if (name == "span") return apply_attributes(style, rest);
  if (name == "b") style.bold = true;
  if (name == "i") style.italic = true;
  if (name == "u") style.underlined = true;
  const bool known = name == "b" || name == "i" || name == "u" || name == "tt" || name == "small" ||
                     name == "big" || name == "sub" || name == "sup" || name == "s";
  return known && rest.empty();
}

}  // namespace

Result<HostText> read_pango(std::string_view line) {
  HostText out;
  HostStyle style;
  std::vector<Open> open;
  while (!line.empty()) {
    const std::size_t special = line.find_first_of("<&");
    add_text(out, style, line.substr(0, special));
    if (special == line.npos) break;
    const bool is_tag = line[special] == '<';
    line.remove_prefix(special + 1);
    const std::size_t end = line.find(is_tag ? '>' : ';');
    const std::string_view body = line.substr(0, end);
    std::string character;
    if (end == line.npos || !(is_tag ? apply_tag(style, open, body) : add_entity(character, body)))
      return fail(Errc::corrupt, "markup that Pango does not know: " +
                                     std::string(is_tag ? "<" : "&").append(body.substr(0, 40)));
    add_text(out, style, character);
    line.remove_prefix(end + 1);
  }
  if (!open.empty())
    return fail(Errc::corrupt, "a <" + std::string(open.back().name) + "> that is left open");
  return out;
}

Result<HostText> read_waybar(std::string_view line) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(line.data(), line.size())["text"].get(text) != simdjson::SUCCESS)
    return fail(Errc::corrupt, "no JSON object with a text");
  return read_pango(text);
}

}  // namespace shmeter::collector
