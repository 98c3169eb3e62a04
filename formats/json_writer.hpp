// SPDX-License-Identifier: MIT
// JSON as it is written: commas, quotes, escapes, numbers, in pieces of at most 4 KiB; what an
// object holds is the caller's business. Invariant: whatever the texts and numbers, what comes out
// is valid JSON in valid UTF-8, and what is not known is null, never 0. Freestanding-friendly.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "formats/json.hpp"
#include "formats/units.hpp"

namespace shmeter::formats {

/// Commas, quotes and the buffer. Every open() needs its close(), and the whole its end().
class JsonWriter {
 public:
  JsonWriter(JsonSink sink, void* context) : sink_(sink), context_(context) {}

  void open(char bracket) {
    comma();
    put(bracket);
    first_ = true;
  }
  void close(char bracket) {
    put(bracket);
    first_ = false;
  }
  void name(std::string_view name) {
    comma();
    put('"');
    put(name);
    put("\":");
    first_ = true;
  }
  void value(std::string_view bare) {
    comma();
    put(bare);
  }
  void string(std::string_view text);
  /// Hands out what is left.
  void end() { sink_(context_, buffer_.data(), size_); }
  void newline() { put('\n'); }

  void null(std::string_view member) {
    name(member);
    value("null");
  }
  void text(std::string_view member, std::string_view text) {
    name(member);
    string(text);
  }
  void text_or_null(std::string_view member, std::string_view text) {
    if (text.empty()) return null(member);
    this->text(member, text);
  }
  /// A multiple of 10^-decimals.
  void number(std::string_view member, i64 number, int decimals = 0) {
    if (!shm::known(number)) return null(member);
    Word word;
    write_decimal(word, number, decimals);
    name(member);
    value(word.view());
  }
  void dollars(std::string_view member, i64 nanousd) { number(member, nanousd, 9); }
  void percentage(std::string_view member, i64 ppm) { number(member, ppm, 4); }
  void flag(std::string_view member, i64 value) {
    if (!shm::known(value)) return null(member);
    name(member);
    this->value(value != 0 ? "true" : "false");
  }

 private:
  void comma() {
    if (!first_) put(',');
    first_ = false;
  }
  void put(char c) { put(std::string_view(&c, 1)); }
  void put(std::string_view bytes);

  JsonSink sink_;
  void* context_;
  std::size_t size_ = 0;
  bool first_ = true;
  std::array<char, 4096> buffer_;
};

}  // namespace shmeter::formats
