// SPDX-License-Identifier: MIT
// See markup.hpp. Sources of the rules: tmux(1) STYLES, the Pango markup reference, polybar's wiki
// "Formatting", ECMA-48 SGR.
#include "formats/markup.hpp"

#include <cstring>

namespace shmeter::formats {

namespace {

class Bytes {
 public:
  explicit Bytes(char* to) : begin_(to), end_(to) {}
  Bytes& add(std::string_view text) {
    std::memcpy(end_, text.data(), text.size());
    end_ += text.size();
    return *this;
  }
  Bytes& add_number(unsigned number) {
    if (number >= 100) *end_++ = static_cast<char>('0' + number / 100);
    if (number >= 10) *end_++ = static_cast<char>('0' + number / 10 % 10);
    *end_++ = static_cast<char>('0' + number % 10);
    return *this;
  }
  Bytes& add_hex(const Paint& paint) {
    constexpr char kDigits[] = "0123456789abcdef";
    *end_++ = '#';
    for (const unsigned byte : {paint.red, paint.green, paint.blue}) {
      *end_++ = kDigits[byte >> 4];
      *end_++ = kDigits[byte & 15];
    }
    return *this;
  }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }

 private:
  char* begin_;
  char* end_;
};

enum class Syntax { none, sgr, bash, zsh, tmux, pango, polybar };

Syntax syntax(const Pen& pen) {
  if (pen.colour == Colour::none) return Syntax::none;
  switch (pen.target) {
    case Target::ansi:
    case Target::claude:
    case Target::starship:
    case Target::fish:
      return Syntax::sgr;
    case Target::bash:
      return Syntax::bash;
    case Target::zsh:
      return Syntax::zsh;
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

/// What a style comes to with a theme.
struct Look {
  const Paint& front;
  const Paint& back;
  bool coloured;
  bool faint;
  bool bold;
  bool grounded;

  bool any() const { return coloured || faint || bold || grounded; }
};

Look look(const Pen& pen, Style style) {
  const Paint& front = pen.theme->paint(style.tone);
  const Syntax to = syntax(pen);
  const bool sgr16 = pen.colour == Colour::ansi16 && (to == Syntax::sgr || to == Syntax::bash);
  const bool faint = front.faint && (!front.set || sgr16);
  return {.front = front,
          .back = pen.theme->paint(Tone::ground),
          .coloured = front.set && !faint,
          .faint = faint,
          .bold = style.bold || front.bold,
          .grounded = style.ground && pen.theme->has_ground()};
}

/// `38;2;95;175;95`, `38;5;71` or `32`; of what is behind, 48 and 42.
void add_sgr_colour(Bytes& out, Colour colour, const Paint& paint, bool behind) {
  if (colour == Colour::truecolor) {
    out.add(behind ? "48;2;" : "38;2;").add_number(paint.red).add(";").add_number(paint.green);
    out.add(";").add_number(paint.blue);
  } else if (colour == Colour::ansi256) {
    out.add(behind ? "48;5;" : "38;5;").add_number(paint.indexed);
  } else {
    const unsigned bright = paint.basic >= 8 ? 82 : 30;  // 90-97
    out.add_number(bright + paint.basic + (behind ? 10 : 0));
  }
}

void open_sgr(Bytes& out, Colour colour, const Look& look) {
  std::string_view next = "\x1b[";
  const auto parameter = [&]() -> Bytes& {
    out.add(next);
    next = ";";
    return out;
  };
  if (look.bold) parameter().add("1");
  if (look.faint) parameter().add("2");
  if (look.coloured) add_sgr_colour(parameter(), colour, look.front, false);
  if (look.grounded) add_sgr_colour(parameter(), colour, look.back, true);
  out.add("m");
}

void add_zsh_colour(Bytes& out, Colour colour, const Paint& paint) {
  out.add("{");
  if (colour == Colour::truecolor)
    out.add_hex(paint);
  else
    out.add_number(colour == Colour::ansi256 ? paint.indexed : paint.basic);
  out.add("}");
}

void open_zsh(Bytes& out, Colour colour, const Look& look) {
  if (look.bold) out.add("%B");
  if (look.coloured) add_zsh_colour(out.add("%F"), colour, look.front);
  if (look.grounded) add_zsh_colour(out.add("%K"), colour, look.back);
}

void open_tmux(Bytes& out, const Look& look) {
  std::string_view next = "#[";
  const auto word = [&](std::string_view text) -> Bytes& {
    out.add(next).add(text);
    next = ",";
    return out;
  };
  if (look.coloured) word("fg=").add_hex(look.front);
  if (look.grounded) word("bg=").add_hex(look.back);
  if (look.bold) word("bold");
  if (look.faint) word("dim");
  out.add("]");
}

void open_pango(Bytes& out, const Look& look) {
  out.add("<span");
  if (look.coloured) out.add(" color='").add_hex(look.front).add("'");
  if (look.grounded) out.add(" background='").add_hex(look.back).add("'");
  if (look.bold) out.add(" weight='bold'");
  if (look.faint) out.add(" alpha='60%'");
  out.add(">");
}

}  // namespace

std::size_t open_style(const Pen& pen, Style style, char* to) noexcept {
  const Look wanted = look(pen, style);
  if (!wanted.any()) return 0;
  Bytes out(to);
  switch (syntax(pen)) {
    case Syntax::none:
      break;
    case Syntax::sgr:
      open_sgr(out, pen.colour, wanted);
      break;
    case Syntax::bash:  // between marks that readline counts no columns for
      out.add("\x01");
      open_sgr(out, pen.colour, wanted);
      out.add("\x02");
      break;
    case Syntax::zsh:
      open_zsh(out, pen.colour, wanted);
      break;
    case Syntax::tmux:
      open_tmux(out, wanted);
      break;
    case Syntax::pango:
      open_pango(out, wanted);
      break;
    case Syntax::polybar:  // bold is a font of the user's choice there: left alone
      if (wanted.coloured) out.add("%{F").add_hex(wanted.front).add("}");
      if (wanted.grounded) out.add("%{B").add_hex(wanted.back).add("}");
      break;
  }
  return out.size();
}

std::size_t close_style(const Pen& pen, Style style, char* to) noexcept {
  const Look shown = look(pen, style);
  if (!shown.any()) return 0;
  Bytes out(to);
  switch (syntax(pen)) {
    case Syntax::none:
      break;
    case Syntax::sgr:
      out.add("\x1b[0m");
      break;
    case Syntax::bash:
      out.add("\x01\x1b[0m\x02");
      break;
    case Syntax::zsh:
      if (shown.bold) out.add("%b");
      if (shown.coloured) out.add("%f");
      if (shown.grounded) out.add("%k");
      break;
    case Syntax::tmux:
      out.add("#[default]");
      break;
    case Syntax::pango:
      out.add("</span>");
      break;
    case Syntax::polybar:
      if (shown.coloured) out.add("%{F-}");
      if (shown.grounded) out.add("%{B-}");
      break;
  }
  return out.size();
}

std::size_t open_link(const Pen& pen, Style style, char* to) noexcept {
  return style.link ? Bytes(to).add("\x1b]8;;").add(pen.address).add("\x1b\\").size() : 0;
}

std::size_t close_link(Style style, char* to) noexcept {
  return style.link ? Bytes(to).add("\x1b]8;;\x1b\\").size() : 0;
}

std::string_view web_address(std::string_view text) noexcept {
  const bool web = text.starts_with("http://") || text.starts_with("https://");
  if (!web || text.size() > shm::kAddressBytes) return {};
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && std::string_view("-._:/[]").find(c) == std::string_view::npos) return {};
  }
  return text;
}

std::size_t escape(Target target, std::string_view character, char* to) noexcept {
  Bytes out(to);
  const char c = character.size() == 1 ? character[0] : '\0';
  if (target == Target::tmux && c == '#') return out.add("##").size();
  if (target == Target::zsh && c == '%') return out.add("%%").size();
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
