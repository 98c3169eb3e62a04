// SPDX-License-Identifier: MIT
// A pull scanner for JSON small enough to read at one sitting: no heap, no tree, one pass. It is
// strict (what it accepts is JSON in valid UTF-8 and nothing after it) and believes nothing: depth
// and length of texts are bounded. One leniency: a lone \u surrogate, which JavaScript writes for a
// broken string, reads as U+FFFD.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "shm/picture.hpp"

namespace shmeter::plugin {

inline constexpr int kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonText = 4096;  // decoded bytes; longer texts are cut

struct JsonValue {
  enum class Kind { null, boolean, number, string, object, array };
  Kind kind = Kind::null;
  bool truth = false;     // of a boolean
  std::string_view text;  // of a number as written, of a string decoded
  bool borrowed = true;   // `text` stands in the input, not where it was decoded
};

/// Where a string that holds escapes is decoded. Big, and untouched by strings without any: start()
/// comes before all else.
class JsonText {
 public:
  /// Begins with bytes that need no decoding.
  void start(std::string_view text);
  /// Appends one character; the first that does not fit ends the text.
  void append(char32_t code);
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::size_t size_;
  bool full_;
  std::array<char, kMaxJsonText> bytes_;
};

class JsonScanner {
 public:
  JsonScanner(std::string_view json, JsonText& decoded) : json_(json), decoded_(decoded) {}

  /// True if an object comes next. It is then entered.
  bool enter_object();
  /// The next member of the object entered last; false at its end, which leaves it, and on trouble.
  /// Each member must be followed by enter_object() or value(). `key` holds until then.
  bool member(std::string_view& key);
  /// The next value; objects and arrays are checked and passed over. Texts hold until the next
  /// call.
  JsonValue value();
  /// True if all of the input was one JSON value.
  bool finish();

 private:
  bool fail();
  void space();
  bool eat(char c);
  bool literal(std::string_view word);
  JsonValue scalar();
  bool string(JsonValue& out);
  bool escape(char32_t& code);
  bool four_digits(char32_t& code);
  bool skip_container();

  std::string_view json_;
  std::size_t at_ = 0;
  bool failed_ = false;
  bool first_member_ = false;  // no comma before the next member
  JsonText& decoded_;
};

/// The length of the JSON number at the front of `text`, 0 if there is none.
std::size_t number_length(std::string_view text);

/// A JSON number times 10^scale, exactly, rounded half away from zero; unknown if `number` is none
/// or the result lies outside [least, most].
shm::i64 scaled_number(std::string_view number, int scale, shm::i64 least, shm::i64 most);

}  // namespace shmeter::plugin
