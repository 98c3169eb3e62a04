// SPDX-License-Identifier: MIT
#include "collector/report/json_text.hpp"

#include "formats/units.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {

namespace {

/// Beside what JSON wants: `<`, so that no text closes the <script> that somebody puts JSON into,
/// and what moves a terminal or breaks a line.
bool must_escape(char32_t code) {
  return code == U'<' || formats::is_control(code) || formats::breaks_line(code);
}

}  // namespace

void JsonText::comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

void JsonText::clear() {
  out_.clear();
  first_ = true;
}

JsonText& JsonText::open(char bracket) {
  comma();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonText& JsonText::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonText& JsonText::name(std::string_view name) {
  text(name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonText& JsonText::bare(std::string_view text) {
  comma();
  out_ += text;
  return *this;
}

JsonText& JsonText::text(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  comma();
  out_ += '"';
  while (!text.empty()) {
    const formats::Decoded one = formats::decode(text);
    if (!one.valid) {
      out_ += "\uFFFD";
    } else if (must_escape(one.code)) {
      out_ += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out_ += kHex[one.code >> shift & 15u];
    } else {
      if (one.code == '"' || one.code == '\\') out_ += '\\';
      out_ += text.substr(0, one.bytes);
    }
    text.remove_prefix(one.bytes);
  }
  out_ += '"';
  return *this;
}

JsonText& JsonText::number(i64 number, int decimals) {
  if (!shm::known(number)) return null();
  formats::Word word;
  formats::write_decimal(word, number, decimals);
  return bare(word.view());
}

JsonText& JsonText::usage(const shm::Usage& usage) {
  const bool is_known = shm::known(usage);
  name("requests").number(usage.requests);
  name("input_tokens").number(usage.input_tokens);
  name("output_tokens").number(usage.output_tokens);
  name("cache_creation_tokens").number(is_known ? shm::cache_write_tokens(usage) : shm::kUnknown);
  name("cache_creation_5m_tokens").number(usage.cache_write_5m_tokens);
  name("cache_creation_1h_tokens").number(usage.cache_write_1h_tokens);
  name("cache_read_tokens").number(usage.cache_read_tokens);
  name("total_tokens").number(shm::total_tokens(usage));
  name("cost_usd").number(usage.cost_nanousd, 9);
  return name("unpriced_tokens").number(usage.unpriced_tokens);
}

}  // namespace shmeter::collector
