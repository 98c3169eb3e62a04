// SPDX-License-Identifier: MIT
// The scanner and the exact conversion of its numbers.
#include "plugin/json_scanner.hpp"

#include <bit>

#include "formats/utf8.hpp"

namespace shmeter::plugin {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits_length(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  return n;
}

/// The first kMaxJsonText bytes, cut between characters.
std::string_view cut(std::string_view text) {
  if (text.size() <= kMaxJsonText) return text;
  std::size_t n = kMaxJsonText;
  while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xc0u) == 0x80u) --n;
  return text.substr(0, n);
}

/// How many bytes at the front stand for themselves: printing ASCII but quote and backslash. Eight
/// at a time: most of a status line is such text.
std::size_t plain_length(std::string_view text) {
  constexpr shm::u64 kOnes = 0x0101010101010101u;
  constexpr shm::u64 kHigh = kOnes << 7;
  std::size_t n = 0;
  for (; n + 8 <= text.size(); n += 8) {
    shm::u64 word;
    __builtin_memcpy(&word, text.data() + n, 8);
    // Of each byte the highest bit: set by what is not ASCII, and where a difference fell below 0.
    const shm::u64 special = (word | (word - kOnes * 0x20) | ((word ^ kOnes * '"') - kOnes) |
                              ((word ^ kOnes * '\\') - kOnes)) &
                             kHigh;
    if (special == 0) continue;
    // The lowest bit that is set is true; those above it may come from a borrow.
    if constexpr (std::endian::native == std::endian::little)
      return n + static_cast<std::size_t>(std::countr_zero(special)) / 8;
    break;
  }
  while (n < text.size() && text[n] >= 0x20 && text[n] < 0x7f && text[n] != '"' && text[n] != '\\')
    ++n;
  return n;
}

}  // namespace

void JsonText::start(std::string_view text) {
  const std::string_view kept = cut(text);
  full_ = kept.size() < text.size();
  for (size_ = 0; size_ < kept.size(); ++size_) bytes_[size_] = kept[size_];
}

void JsonText::append(char32_t code) {
  std::array<char, 4> bytes;
  std::size_t n = 0;
  const auto tail = [&](int shift) {
    bytes[n++] = static_cast<char>(0x80 | ((code >> shift) & 0x3f));
  };
  if (code < 0x80) {
    bytes[n++] = static_cast<char>(code);
  } else if (code < 0x800) {
    bytes[n++] = static_cast<char>(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    bytes[n++] = static_cast<char>(0xe0 | (code >> 12));
    tail(6);
  } else {
    bytes[n++] = static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
  }
  if (code >= 0x80) tail(0);
  full_ = full_ || size_ + n > bytes_.size();
  for (std::size_t i = 0; i < n && !full_; ++i) bytes_[size_++] = bytes[i];
}

std::size_t number_length(std::string_view text) {
  std::size_t n = text.starts_with('-') ? 1 : 0;
  const std::size_t whole = digits_length(text.substr(n));
  if (whole == 0 || (whole > 1 && text[n] == '0')) return 0;
  n += whole;
  if (n < text.size() && text[n] == '.') {
    const std::size_t fraction = digits_length(text.substr(n + 1));
    if (fraction == 0) return 0;
    n += 1 + fraction;
  }
  if (n < text.size() && (text[n] == 'e' || text[n] == 'E')) {
    ++n;
    if (n < text.size() && (text[n] == '+' || text[n] == '-')) ++n;
    const std::size_t exponent = digits_length(text.substr(n));
    if (exponent == 0) return 0;
    n += exponent;
  }
  return n;
}

shm::i64 scaled_number(std::string_view number, int scale, shm::i64 least, shm::i64 most) {
  if (number.empty() || number_length(number) != number.size()) return shm::kUnknown;
  constexpr int kDigits = 18;  // of the mantissa that is kept: its tenfold still fits
  constexpr shm::i64 kFarExponent = 100'000;
  const bool negative = number.front() == '-';
  shm::i64 mantissa = 0;
  int kept = 0;
  shm::i64 power = scale;
  bool fraction = false;
  std::size_t i = negative ? 1 : 0;
  for (; i < number.size() && (is_digit(number[i]) || number[i] == '.'); ++i) {
    if (number[i] == '.') {
      fraction = true;
      continue;
    }
    if (kept < kDigits) {
      mantissa = mantissa * 10 + (number[i] - '0');
      if (mantissa != 0) ++kept;
      if (fraction) --power;
    } else if (!fraction) {
      ++power;  // a digit that is dropped; rounding never looks that far
    }
  }
  if (i < number.size()) {
    ++i;  // e
    const bool down = number[i] == '-';
    if (!is_digit(number[i])) ++i;
    shm::i64 exponent = 0;
    for (; i < number.size(); ++i)
      if (exponent < kFarExponent) exponent = exponent * 10 + (number[i] - '0');
    power += down ? -exponent : exponent;
  }
  for (; power > 0 && mantissa != 0; --power) {
    if (mantissa > most) return shm::kUnknown;
    if (__builtin_mul_overflow(mantissa, shm::i64{10}, &mantissa)) return shm::kUnknown;
  }
  for (; power < -1 && mantissa != 0; ++power) mantissa /= 10;
  if (power < 0) mantissa = (mantissa + 5) / 10;
  if (negative) mantissa = -mantissa;
  return mantissa < least || mantissa > most ? shm::kUnknown : mantissa;
}

bool JsonScanner::fail() {
  failed_ = true;
  return false;
}

void JsonScanner::space() {
  while (at_ < json_.size() &&
         (json_[at_] == ' ' || json_[at_] == '\n' || json_[at_] == '\t' || json_[at_] == '\r'))
    ++at_;
}

bool JsonScanner::eat(char c) {
  if (at_ < json_.size() && json_[at_] <= ' ') space();
  if (at_ >= json_.size() || json_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonScanner::enter_object() {
  if (failed_ || !eat('{')) return false;
  first_member_ = true;
  return true;
}

bool JsonScanner::member(std::string_view& key) {
  if (failed_) return false;
  const bool first = first_member_;
  first_member_ = false;
  if (eat('}')) return false;
  if (!first && !eat(',')) return fail();
  JsonValue name;
  if (!eat('"') || !string(name) || !eat(':')) return fail();
  key = name.text;
  return true;
}

JsonValue JsonScanner::value() {
  JsonValue out;
  if (failed_) return out;
  space();
  const char c = at_ < json_.size() ? json_[at_] : '\0';
  if (c == '{' || c == '[') {
    out.kind = c == '{' ? JsonValue::Kind::object : JsonValue::Kind::array;
    if (!skip_container()) fail();
    return out;
  }
  return scalar();
}

JsonValue JsonScanner::scalar() {
  JsonValue out;
  const char c = at_ < json_.size() ? json_[at_] : '\0';
  if (c == '"') {
    ++at_;
    out.kind = JsonValue::Kind::string;
    if (!string(out)) fail();
  } else if (c == 't' || c == 'f') {
    out.kind = JsonValue::Kind::boolean;
    out.truth = c == 't';
    if (!literal(out.truth ? "true" : "false")) fail();
  } else if (c == 'n') {
    if (!literal("null")) fail();
  } else {
    const std::size_t n = number_length(json_.substr(at_));
    if (n == 0) fail();
    out.kind = JsonValue::Kind::number;
    out.text = json_.substr(at_, n);
    at_ += n;
  }
  return out;
}

bool JsonScanner::literal(std::string_view word) {
  if (!json_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

/// Checks the object or array at the cursor without recursion: one bit per level says which it is.
bool JsonScanner::skip_container() {
  shm::u64 in_object = 0;
  int depth = 0;
  bool opened = false;  // the innermost one has no element yet
  do {
    space();
    if (at_ >= json_.size()) return false;
    const bool object = (in_object & 1) != 0;
    if (depth > 0) {
      if (json_[at_] == (object ? '}' : ']')) {
        ++at_;
        in_object >>= 1;
        --depth;
        opened = false;
        continue;
      }
      if (!opened && !eat(',')) return false;
      JsonValue key;
      if (object && (!eat('"') || !string(key) || !eat(':'))) return false;
      space();
      if (at_ >= json_.size()) return false;
    }
    opened = json_[at_] == '{' || json_[at_] == '[';
    if (!opened) {
      scalar();
      continue;
    }
    if (++depth > kMaxJsonDepth) return false;
    in_object = (in_object << 1) | (json_[at_] == '{' ? 1u : 0u);
    ++at_;
  } while (depth > 0 && !failed_);
  return !failed_;
}

/// The string after its opening quote. Without an escape it is a view of the input.
bool JsonScanner::string(JsonValue& out) {
  const std::size_t start = at_;
  out.borrowed = true;
  at_ += plain_length(json_.substr(at_));
  while (at_ < json_.size()) {
    const char c = json_[at_];
    char32_t code = static_cast<unsigned char>(c);
    if (code < 0x20) return false;
    if (c == '"') {
      out.text = out.borrowed ? cut(json_.substr(start, at_ - start)) : decoded_.view();
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (out.borrowed) decoded_.start(json_.substr(start, at_ - start));
      out.borrowed = false;
      if (!escape(code)) return false;
    } else if (code < 0x80) {
      ++at_;
    } else {
      const formats::Decoded one = formats::decode(json_.substr(at_));
      if (!one.valid) return false;
      at_ += one.bytes;
      code = one.code;
    }
    if (!out.borrowed) decoded_.append(code);
  }
  return false;
}

/// One escape at the cursor, which stands on its backslash.
bool JsonScanner::escape(char32_t& code) {
  if (at_ + 1 >= json_.size()) return false;
  const char c = json_[at_ + 1];
  at_ += 2;
  constexpr std::string_view kFrom = "\"\\/bfnrt";
  constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  const std::size_t simple = kFrom.find(c);
  if (simple != kFrom.npos) {
    code = static_cast<unsigned char>(kTo[simple]);
    return true;
  }
  if (c != 'u' || !four_digits(code)) return false;
  if (code < 0xd800 || code > 0xdfff) return true;
  if (code < 0xdc00 && json_.substr(at_).starts_with("\\u")) {
    const std::size_t before = at_;
    char32_t low = 0;
    at_ += 2;
    if (!four_digits(low)) return false;
    if (low >= 0xdc00 && low <= 0xdfff) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      return true;
    }
    at_ = before;
  }
  code = formats::kReplacement;
  return true;
}

bool JsonScanner::four_digits(char32_t& code) {
  if (json_.size() - at_ < 4) return false;
  code = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = json_[at_++];
    const char lower = static_cast<char>(c | 0x20);
    if (!is_digit(c) && (lower < 'a' || lower > 'f')) return false;
    code = code * 16 + static_cast<char32_t>(is_digit(c) ? c - '0' : lower - 'a' + 10);
  }
  return true;
}

bool JsonScanner::finish() {
  space();
  return !failed_ && at_ == json_.size();
}

}  // namespace shmeter::plugin
