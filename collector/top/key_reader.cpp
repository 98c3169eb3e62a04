// SPDX-License-Identifier: MIT
// Sequences are those of xterm, ECMA-48 and the keypads of VT100 and rxvt.
#include "collector/top/key_reader.hpp"

#include <array>

#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

using Code = Key::Code;

constexpr char kEscape = '\x1b';
constexpr std::size_t kLongestSequence = 32;  // no key's is; what goes on is swallowed

/// Bytes at the front of `pending` that were looked at; 0 = there must be more.
struct Read {
  std::size_t bytes = 0;
  std::optional<Key> key;
};

std::optional<Key> of(Code code) { return Key{code, {}}; }

std::optional<Key> control(char c) {
  switch (c) {
    case '\r':
    case '\n':
      return of(Code::enter);
    case '\x7f':
    case '\b':
      return of(Code::backspace);
    case '\x03':
      return of(Code::quit);
    case '\x0c':
      return of(Code::redraw);
    case '\x15':
      return of(Code::clear_line);
    case '\x1a':
      return of(Code::suspend);
    case '\x0e':
      return of(Code::down);
    case '\x10':
      return of(Code::up);
    default:
      return std::nullopt;
  }
}

/// `body` is what stands between the introducer and `final`.
std::optional<Key> sequence(std::string_view body, char final) {
  const std::string_view number = body.substr(0, body.find(';'));
  struct Row {
    char final;
    std::string_view number;
    Code code;
  };
  constexpr std::array<Row, 10> kTilde = {{{'~', "1", Code::home},
                                           {'~', "7", Code::home},
                                           {'~', "4", Code::end},
                                           {'~', "8", Code::end},
                                           {'~', "5", Code::page_up},
                                           {'~', "6", Code::page_down},
                                           {'A', "", Code::up},
                                           {'B', "", Code::down},
                                           {'H', "", Code::home},
                                           {'F', "", Code::end}}};
  for (const Row& row : kTilde)
    if (row.final == final && (row.number.empty() || row.number == number)) return of(row.code);
  if (final == 'M' && body.empty()) return of(Code::enter);  // of the keypad, behind ESC O
  return std::nullopt;
}

Read read_escape(std::string_view pending) {
  if (pending.size() == 1) return {};
  if (pending[1] != '[' && pending[1] != 'O') return {1, of(Code::escape)};
  for (std::size_t i = 2; i < pending.size(); ++i) {
    const char c = pending[i];
    if (c >= '@' && c <= '~') return {i + 1, sequence(pending.substr(2, i - 2), c)};
    if (c < ' ' || c > '~' || i == kLongestSequence) return {i, std::nullopt};
  }
  return {};
}

Read read_text(std::string_view pending) {
  const auto lead = static_cast<unsigned char>(pending[0]);
  const std::size_t wanted = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const formats::Decoded one = formats::decode(pending);
  if (one.valid) return {one.bytes, Key{Code::text, std::string(pending.substr(0, one.bytes))}};
  return pending.size() < wanted ? Read{} : Read{1, std::nullopt};
}

Read read(std::string_view pending) {
  const char c = pending[0];
  if (c == kEscape) return read_escape(pending);
  if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') return {1, control(c)};
  return read_text(pending);
}

}  // namespace

std::optional<Key> KeyReader::next() {
  while (!pending_.empty()) {
    Read one = read(pending_);
    if (one.bytes == 0) return std::nullopt;
    pending_.erase(0, one.bytes);
    if (one.key) return one.key;
  }
  return std::nullopt;
}

std::optional<Key> KeyReader::give_up() {
  const bool escape = pending_.size() == 1 && pending_[0] == kEscape;
  pending_.clear();
  return escape ? of(Code::escape) : std::nullopt;
}

}  // namespace shmeter::collector
