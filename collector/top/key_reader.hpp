// SPDX-License-Identifier: MIT
// What a terminal sends, as keys. Invariant: bytes may come in any pieces; what is no key we know
// is swallowed whole and never leaves a part of itself behind as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shmeter::collector {

struct Key {
  enum class Code {
    text,  // one character of UTF-8
    up,
    down,
    page_up,
    page_down,
    home,
    end,
    enter,
    escape,
    backspace,
    clear_line,  // Ctrl-U
    redraw,      // Ctrl-L
    quit,        // Ctrl-C, where the terminal makes no signal of it
    suspend      // Ctrl-Z, likewise
  };
  Code code = Code::text;
  std::string text;
  bool operator==(const Key&) const = default;
};

class KeyReader {
 public:
  void feed(std::string_view bytes) { pending_.append(bytes); }
  /// The next whole key; none while there is none, or only the beginning of one.
  std::optional<Key> next();
  /// The beginning of a key is there: an escape alone, or a sequence without its end.
  bool waits() const { return !pending_.empty(); }
  /// Nothing came for a while: an escape was the key, the beginning of anything else is nothing.
  std::optional<Key> give_up();

 private:
  std::string pending_;
};

}  // namespace shmeter::collector
