// SPDX-License-Identifier: MIT
// One flat JSON object, member by member. What is not known is null, never 0.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "formats/units.hpp"
#include "formats/utf8.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

class JsonObject {
 public:
  JsonObject& null(std::string_view name) { return bare(name, "null"); }
  /// A multiple of 10^-decimals (0-9).
  JsonObject& number(std::string_view name, shm::i64 number, int decimals = 0) {
    if (!shm::known(number)) return null(name);
    formats::Word word;
    formats::write_decimal(word, number, decimals);
    return bare(name, word.view());
  }
  JsonObject& dollars(std::string_view name, shm::i64 nanousd) { return number(name, nanousd, 9); }
  JsonObject& text(std::string_view name, std::string_view text) {
    bare(name, "\"");
    escape(text);
    text_ += '"';
    return *this;
  }
  JsonObject& text_or_null(std::string_view name, std::string_view text) {
    return text.empty() ? null(name) : this->text(name, text);
  }
  std::string take() { return std::move(text_.append("}")); }

 private:
  JsonObject& bare(std::string_view name, std::string_view value) {
    text_.append(text_.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(value);
    return *this;
  }
  void escape(std::string_view text) {
    while (!text.empty()) {
      const formats::Decoded one = formats::decode(text);
      if (!one.valid) {
        text_.append("\uFFFD");
      } else if (one.code < 0x20) {
        char escaped[8];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(one.code));
        text_.append(escaped);
      } else {
        if (one.code == U'"' || one.code == U'\\') text_ += '\\';
        text_.append(text.substr(0, one.bytes));
      }
      text.remove_prefix(one.bytes);
    }
  }

  std::string text_ = "{";
};

}  // namespace shmeter::collector
