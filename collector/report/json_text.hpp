// SPDX-License-Identifier: MIT
// JSON as it is written: commas, quotes and escapes. Invariant: whatever texts and numbers come,
// the result is valid UTF-8 and valid JSON without control characters and without `<`, as long as
// every open() has its close(); an unknown number is null, never 0.
#pragma once

#include <string>
#include <string_view>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;

class JsonText {
 public:
  JsonText& open(char bracket);
  JsonText& close(char bracket);
  JsonText& name(std::string_view name);
  JsonText& text(std::string_view text);
  JsonText& text_or_null(std::string_view text) { return text.empty() ? null() : this->text(text); }
  /// A multiple of 10^-decimals, exact.
  JsonText& number(i64 number, int decimals = 0);
  JsonText& flag(bool value) { return bare(value ? "true" : "false"); }
  JsonText& null() { return bare("null"); }
  /// A value that is JSON already.
  JsonText& value(std::string_view json) { return bare(json); }

  /// The members of a usage object, into the open object.
  JsonText& usage(const shm::Usage& usage);

  const std::string& view() const { return out_; }
  std::string take() { return std::move(out_); }
  void clear();

 private:
  JsonText& bare(std::string_view text);
  void comma();

  std::string out_;
  bool first_ = true;
};

}  // namespace shmeter::collector
