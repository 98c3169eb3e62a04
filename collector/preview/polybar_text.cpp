// SPDX-License-Identifier: MIT
// polybar's wiki, "Formatting": %{…} with tags between spaces.
#include "collector/preview/host_text.hpp"

namespace shmeter::collector {
namespace {

bool apply_colour(std::optional<HostColour>& to, std::string_view value) {
  to.reset();
  if (value == "-") return true;
  to = hex_colour(value);
  return to.has_value();
}

/// False for what polybar would complain of in its log.
bool apply(HostStyle& style, std::string_view tag) {
  const std::string_view value = tag.substr(1);
  switch (tag[0]) {
    case 'F':
      return apply_colour(style.ink, value);
    case 'B':
      return apply_colour(style.ground, value);
    case 'R':
      style.reversed = !style.reversed;
      return value.empty();
    case '+':
    case '-':
      if (value == "u") style.underlined = tag[0] == '+';
      return value == "u" || value == "o";
    case 'u':
    case 'o':
      return value == "-" || hex_colour(value).has_value();
    case 'T':  // a font, an offset, a click, an alignment: nothing of the text itself
    case 'O':
    case 'A':
    case 'l':
    case 'c':
    case 'r':
      return true;
    default:
      return false;
  }
}

}  // namespace

Result<HostText> read_polybar(std::string_view line) {
  HostText out;
  HostStyle style;
  while (!line.empty()) {
    const std::size_t open = line.find("%{");
    add_text(out, style, line.substr(0, open));
    if (open == line.npos) break;
    line.remove_prefix(open + 2);
    const std::size_t end = line.find('}');
    if (end == line.npos) return fail(Errc::corrupt, "a %{ without its }");
    std::string_view body = line.substr(0, end);
    while (!body.empty()) {
      const std::string_view tag = body.substr(0, body.find(' '));
      if (!tag.empty() && !apply(style, tag))
        return fail(Errc::corrupt, "a tag that polybar does not know: " + std::string(tag));
      body.remove_prefix(tag.size() == body.size() ? body.size() : tag.size() + 1);
    }
    line.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace shmeter::collector
