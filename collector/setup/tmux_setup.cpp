// SPDX-License-Identifier: MIT
#include "collector/setup/tmux_setup.hpp"

#include "collector/setup/marked_block.hpp"
#include "collector/setup/shell_words.hpp"

namespace shmeter::collector {
namespace {

/// tmux finds the end of #( ) by counting.
bool balanced(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return false;
  }
  return depth == 0;
}

/// The command as it stands inside #( ), which is first read as a time, then as a format.
std::string in_format(std::string_view command) {
  std::string out;
  for (const char c : command) out.append(c == '%' || c == '#' ? 2 : 1, c);
  return out;
}

std::string in_single_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
  return out + "'";
}

bool is_by_hand(std::string_view line) {
  const auto at = line.find("shmeter");
  return at != line.npos && bare_line(line)[0] != '#' && line.find(" tmux", at) != line.npos;
}

}  // namespace

Result<std::string> tmux_lines(std::string_view shmeter) {
  if (!balanced(shmeter))
    return fail(Errc::invalid, " " + std::string(shmeter) +
                                   ": tmux runs no command whose parentheses do not match; "
                                   "install shmeter somewhere else");
  const std::string job = "#(exec " + in_format(shell_quoted(shmeter)) + " tmux --watch) ";
  // Both conditions are of tmux 2.9: numbers are compared as texts, `less than 120` as one digit,
  // two, or 100 to 119. What is in a user option needs no quotes inside quotes.
  constexpr std::string_view kLength = "#{status-right-length}";
  std::string narrow = "#{||:#{m:?,@},#{||:#{m:??,@},#{m:1[01]?,@}}}";
  for (auto at = narrow.find('@'); at != narrow.npos; at = narrow.find('@'))
    narrow.replace(at, 1, kLength);
  return "if-shell -F '" + narrow + "' 'set -g status-right-length 120'\n" + "set -g @shmeter " +
         in_single_quotes(job) + "\n" +
         "if-shell -F '#{?#{m:*shmeter* tmux*,#{status-right}},,1}' "
         "'set -gF status-right \"#{@shmeter}#{status-right}\"'\n";
}

Result<Edited> tmux_with(std::string_view text, std::string_view shmeter) {
  const auto lines = tmux_lines(shmeter);
  if (!lines) return tl::unexpected(lines.error());
  if (auto free = refuse_by_hand(text, is_by_hand); !free) return tl::unexpected(free.error());
  auto after = with_block(text, *lines);
  if (!after) return tl::unexpected(after.error());
  return Edited{std::move(*after), {}};
}

}  // namespace shmeter::collector
