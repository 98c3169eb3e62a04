// SPDX-License-Identifier: MIT
#include "collector/config/point_out.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kBefore = 60;  // characters shown around the place
constexpr std::size_t kBehind = 40;

/// A number and the colon behind it, taken off `text`.
std::optional<std::size_t> take_number(std::string_view& text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto size = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || number == 0 || size == text.size() || *end != ':') return {};
  text.remove_prefix(size + 1);
  return number;
}

std::optional<std::string_view> line_of(std::string_view text, std::size_t number) {
  for (; number > 1; --number) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

std::string point_out(std::string_view message, std::string_view path, std::string_view text) {
  if (!message.starts_with(path) || message.substr(path.size(), 1) != ":") return {};
  message.remove_prefix(path.size() + 1);
  const auto number = take_number(message);
  const auto column = number ? take_number(message) : std::nullopt;
  const auto line = column ? line_of(text, *number) : std::nullopt;
  if (!line) return {};
  std::string shown;
  std::string below;
  std::size_t at = 1;
  for (std::string_view rest = *line; !rest.empty(); ++at) {
    const formats::Decoded one = formats::decode(rest);
    const std::string_view bytes = rest.substr(0, one.bytes);
    rest.remove_prefix(one.bytes);
    if (at + kBefore < *column || at > *column + kBehind) continue;
    const bool odd = !one.valid || formats::is_control(one.code);
    const int columns = odd ? 1 : formats::columns(one.code);
    if (columns == formats::kDropped) continue;
    shown += odd ? (bytes == "\t" ? " " : "\uFFFD") : bytes;
    if (at < *column) below.append(static_cast<std::size_t>(std::max(columns, 0)), ' ');
  }
  if (*column > at) return {};
  return "  " + shown + "\n  " + below + "^\n";
}

}  // namespace shmeter::collector
