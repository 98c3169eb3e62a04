// SPDX-License-Identifier: MIT
// zshmisc(1), EXPANSION OF PROMPT SEQUENCES; bash(1), PROMPTING: readline's \001 and \002.
#include <charconv>

#include "collector/preview/host_text.hpp"

namespace shmeter::collector {
namespace {

constexpr char kBegin = '\x01';
constexpr char kEnd = '\x02';

/// `{71}` or `{#5f87d7}`, taken off `line`.
std::optional<HostColour> take_colour(std::string_view& line) {
  const std::size_t end = line.find('}');
  if (!line.starts_with('{') || end == line.npos) return std::nullopt;
  const std::string_view name = line.substr(1, end - 1);
  line.remove_prefix(end + 1);
  if (name.starts_with('#')) return hex_colour(name);
  std::uint8_t index = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
  if (read.ec == std::errc{} && read.ptr == name.data() + name.size()) return palette_colour(index);
  return named_colour(name);
}

}  // namespace

Result<HostText> read_zsh(std::string_view line) {
  HostText out;
  HostStyle style;
  while (!line.empty()) {
    const std::size_t percent = line.find('%');
    add_text(out, style, line.substr(0, percent));
    if (percent == line.npos) break;
    line.remove_prefix(percent + 1);
    if (line.empty()) return fail(Errc::corrupt, "a % at the end");
    const char letter = line[0];
    line.remove_prefix(1);
    switch (letter) {
      case '%':
        add_text(out, style, "%");
        break;
      case 'B':
      case 'b':
        style.bold = letter == 'B';
        break;
      case 'F':
      case 'K': {
        const auto colour = take_colour(line);
        if (!colour) return fail(Errc::corrupt, "a colour that zsh does not know");
        (letter == 'F' ? style.ink : style.ground) = colour;
        break;
      }
      case 'f':
        style.ink.reset();
        break;
      case 'k':
        style.ground.reset();
        break;
      default:
        return fail(Errc::corrupt, std::string("zsh puts something in place of %") + letter);
    }
  }
  return out;
}

Result<HostText> read_bash(std::string_view line) {
  std::string bare;
  while (!line.empty()) {
    const std::size_t begin = line.find(kBegin);
    const std::string_view text = line.substr(0, begin);
    if (text.find_first_of("\x02\x1b") != text.npos)
      return fail(Errc::corrupt, "an escape that readline would count as columns");
    bare += text;
    if (begin == line.npos) break;
    line.remove_prefix(begin + 1);
    const std::size_t end = line.find(kEnd);
    if (end == line.npos) return fail(Errc::corrupt, "a mark that is never closed");
    bare += line.substr(0, end);
    line.remove_prefix(end + 1);
  }
  return read_sgr(bare);
}

}  // namespace shmeter::collector
