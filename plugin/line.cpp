// SPDX-License-Identifier: MIT
// See line.hpp.
#include "plugin/line.hpp"

#include "formats/render.hpp"
#include "plugin/colour.hpp"
#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

using formats::Target;

constexpr int kClaudePadding = 3;  // columns that Claude Code keeps for itself

/// 0 = no limit. COLUMNS is trusted where the host sets it for us, or where it is the terminal's.
int choose_width(const Arguments& arguments, const Environment& env) {
  if (arguments.width > 0) return arguments.width;
  const Target target = arguments.verb->target;
  const int columns = parse_columns(env.columns);
  if (target == Target::claude)
    return columns > kClaudePadding ? columns - kClaudePadding : columns;
  return target == Target::plain || target == Target::ansi ? columns : 0;
}

std::string_view choose_template(const Arguments& arguments, std::string_view own_format) {
  const Target target = arguments.verb->target;
  const std::string_view asked = arguments.format;
  const std::string_view named = formats::named_template(asked, target);
  if (!named.empty()) return named;
  if (!asked.empty()) return asked;
  return own_format.empty() ? formats::default_template(target) : own_format;
}

/// Not inlined: a theme is more than who has none should have on the stack.
[[gnu::noinline]] std::size_t render_themed(std::string_view templ, const formats::Values& values,
                                            formats::Options options, std::string_view text,
                                            std::span<char> out) {
  const formats::Theme theme = formats::parse_theme(text);
  options.theme = &theme;
  return formats::render(templ, values, options, out);
}

}  // namespace

std::string_view make_line(const Arguments& arguments, const Environment& env,
                           const formats::Values& values, const OwnFormat& own,
                           std::span<char> room) {
  const Target target = arguments.verb->target;
  const formats::Options options = {target, choose_colour(target, arguments.colour, env),
                                    choose_width(arguments, env)};
  // One byte stays free for the newline.
  const std::string_view templ = choose_template(arguments, own.templ);
  const std::span<char> out = room.first(room.size() - 1);
  const std::size_t n = own.theme.empty() ? formats::render(templ, values, options, out)
                                          : render_themed(templ, values, options, own.theme, out);
  if (n == 0) return arguments.fallback.substr(0, room.size() - 1);
  return {room.data(), n};
}

bool print_line(std::string_view line, std::span<char> room) {
  if (line.data() != room.data()) {
    line = line.substr(0, room.size() - 1);
    for (std::size_t i = 0; i < line.size(); ++i) room[i] = line[i];
  }
  room[line.size()] = '\n';
  return write_all(sys::kStdout, {room.data(), line.size() + 1});
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const long n = sys::write(fd, bytes.data(), bytes.size());
    if (n == sys::kInterrupted) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

void complain(std::string_view text) {
  FixedText<1024> line;
  line << "shmeter: " << text;
  line << '\n';
  write_all(sys::kStderr, line.view());
}

}  // namespace shmeter::plugin
