// SPDX-License-Identifier: MIT
#include "collector/serve/line_text.hpp"

#include <charconv>

#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBlanks = " \t";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void add_hex(std::string& out, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  out += kHex[value >> 4];
  out += kHex[value & 15];
}

bool to_look_at(const formats::Decoded& one) {
  return one.valid && !formats::is_control(one.code) && !formats::breaks_line(one.code) &&
         formats::columns(one.code) != formats::kDropped;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view take_word(std::string_view& rest) {
  rest = trimmed(rest);
  const auto end = rest.find_first_of(kBlanks);
  const std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : trimmed(rest.substr(end));
  return word;
}

std::optional<unsigned long long> whole_number(std::string_view digits) {
  unsigned long long number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return {};
  return number;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return {};
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return {};
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    out += '%';
    add_hex(out, c);
  }
  return out;
}

std::string visible(std::string_view text, std::size_t most) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= most) return out.append("…");
    const formats::Decoded one = formats::decode(text);
    const std::string_view bytes = text.substr(0, one.bytes);
    if (to_look_at(one)) {
      out += bytes;
    } else {
      for (const char byte : bytes) add_hex(out.append("\\x"), byte);
    }
    text.remove_prefix(one.bytes);
  }
  return out;
}

std::string error_line(std::string_view reason) {
  constexpr std::string_view kError = "ERROR ";
  constexpr std::size_t kRoomForLast = 16;  // a character, escaped, and the mark of a cut
  return std::string(kError) + visible(reason, kMaxErrorLine - kError.size() - kRoomForLast);
}

}  // namespace shmeter::collector
