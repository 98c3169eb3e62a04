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

}  // namespace

std::string_view make_line(const Arguments& arguments, const Environment& env,
                           const formats::Values& values, const OwnFormat& own,
                           std::span<char> room) {
  const Target target = arguments.verb->target;
  formats::Options options = {target, choose_colour(target, arguments.colour, env),
                              choose_width(arguments, env)};
  formats::Theme theme;
  if (!own.theme.empty()) {
    theme = formats::parse_theme(own.theme);
    options.theme = &theme;
  }
  // One byte stays free for the newline.
  const std::size_t n = formats::render(choose_template(arguments, own.templ), values, options,
                                        room.first(room.size() - 1));
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
