// SPDX-License-Identifier: MIT
// See markup.hpp. Sources of the rules: tmux(1) STYLES, the Pango markup reference, polybar's wiki
// "Formatting", ECMA-48 SGR.
#include "formats/markup.hpp"

#include <array>
#include <cstring>

namespace shmeter::formats {

namespace {

// The six-digit colours are those of the 256-colour palette, so both look alike; chosen to be
// readable on dark and on light ground. `dim` is faint in 16 colours: bright black is invisible in
// some themes.
struct Palette {
  std::string_view hex;
  std::string_view rgb;
  std::string_view indexed;
  std::string_view basic;
};
constexpr std::array<Palette, 6> kPalette = {{{"", "", "", ""},
                                              {"#5faf5f", "95;175;95", "71", "32"},
                                              {"#d78700", "215;135;0", "172", "33"},
                                              {"#d75f5f", "215;95;95", "167", "31"},
                                              {"#808080", "128;128;128", "244", "2"},
                                              {"#5f87d7", "95;135;215", "68", "36"}}};

class Bytes {
 public:
  explicit Bytes(char* to) : begin_(to), end_(to) {}
  Bytes& add(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
    return *this;
  }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }

 private:
  char* begin_;
  char* end_;
};

enum class Syntax { none, sgr, tmux, pango, polybar };

Syntax syntax(Target target, Colour colour) {
  if (colour == Colour::none) return Syntax::none;
  switch (target) {
    case Target::ansi:
    case Target::claude:
    case Target::starship:
      return Syntax::sgr;
    case Target::tmux:
      return Syntax::tmux;
    case Target::waybar:
      return Syntax::pango;
    case Target::polybar:
      return Syntax::polybar;
    default:
      return Syntax::none;
  }
}

void open_sgr(Bytes& out, Colour colour, Style style, const Palette& palette) {
  out.add("\x1b[");
  if (style.bold) out.add(style.tone == Tone::none ? "1" : "1;");
  if (style.tone != Tone::none) {
    if (colour == Colour::truecolor)
      out.add("38;2;").add(palette.rgb);
    else if (colour == Colour::ansi256)
      out.add("38;5;").add(palette.indexed);
    else
      out.add(palette.basic);
  }
  out.add("m");
}

void open_tmux(Bytes& out, Style style, const Palette& palette) {
  out.add("#[");
  if (style.tone != Tone::none) out.add("fg=").add(palette.hex);
  if (style.bold) out.add(style.tone == Tone::none ? "bold" : ",bold");
  out.add("]");
}

void open_pango(Bytes& out, Style style, const Palette& palette) {
  out.add("<span");
  if (style.tone != Tone::none) out.add(" color='").add(palette.hex).add("'");
  if (style.bold) out.add(" weight='bold'");
  out.add(">");
}

}  // namespace

std::size_t open_style(Target target, Colour colour, Style style, char* to) noexcept {
  if (style == Style{}) return 0;
  const Palette& palette = kPalette[static_cast<std::size_t>(style.tone)];
  Bytes out(to);
  switch (syntax(target, colour)) {
    case Syntax::none:
      break;
    case Syntax::sgr:
      open_sgr(out, colour, style, palette);
      break;
    case Syntax::tmux:
      open_tmux(out, style, palette);
      break;
    case Syntax::pango:
      open_pango(out, style, palette);
      break;
    case Syntax::polybar:  // bold is a font of the user's choice there: left alone
      if (style.tone != Tone::none) out.add("%{F").add(palette.hex).add("}");
      break;
  }
  return out.size();
}

std::size_t close_style(Target target, Colour colour, Style style, char* to) noexcept {
  if (style == Style{}) return 0;
  Bytes out(to);
  switch (syntax(target, colour)) {
    case Syntax::none:
      break;
    case Syntax::sgr:
      out.add("\x1b[0m");
      break;
    case Syntax::tmux:
      out.add("#[default]");
      break;
    case Syntax::pango:
      out.add("</span>");
      break;
    case Syntax::polybar:
      if (style.tone != Tone::none) out.add("%{F-}");
      break;
  }
  return out.size();
}

std::size_t escape(Target target, std::string_view character, char* to) noexcept {
  Bytes out(to);
  const char c = character.size() == 1 ? character[0] : '\0';
  if (target == Target::tmux && c == '#') return out.add("##").size();
  if (target == Target::waybar) {
    // Pango inside JSON. A backslash as an entity: waybar rewrites `\x` before it parses.
    if (c == '&') return out.add("&amp;").size();
    if (c == '<') return out.add("&lt;").size();
    if (c == '>') return out.add("&gt;").size();
    if (c == '"') return out.add("&quot;").size();
    if (c == '\\') return out.add("&#92;").size();
  }
  return out.add(character).size();
}

}  // namespace shmeter::formats
