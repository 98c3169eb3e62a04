// SPDX-License-Identifier: MIT
// A sentence that knows which of its words are not ours to pass on. Invariant: what comes from
// outside gets in only as a path or as foreign, so nothing private is taken for our own words; and
// nothing of it reaches a terminal but characters to look at.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shm/picture.hpp"

namespace shmeter::collector {

/// Whether what is private may be said.
enum class Privacy { mine, redacted };

class Told {
 public:
  Told() = default;
  template <std::size_t kSize>
  Told(const char (&ours)[kSize]) : Told(Kind::ours, std::string(ours, kSize - 1)) {}
  Told(shm::i64 number) : Told(Kind::ours, std::to_string(number)) {}
  Told(int number) : Told(shm::i64{number}) {}

  /// What the program itself is made of.
  static Told ours(std::string_view text) { return {Kind::ours, std::string(text)}; }
  /// Redacted: `~` for the home directory, and of the rest only names that every machine has.
  static Told path(std::string_view text) { return {Kind::path, std::string(text)}; }
  /// The same, as one word for a shell.
  static Told shell_path(std::string_view text) { return {Kind::shell_path, std::string(text)}; }
  /// Redacted: its shape, x for a letter and 0 for a digit. `kMostForeign` bytes are kept.
  static Told foreign(std::string_view text);
  /// A version or the name of a kind of terminal: itself if it looks like one that many have.
  static Told version(std::string_view text);
  static Told terminal(std::string_view name);
  /// 12 s, 5 min, 3 h, 2 d; "unknown" below 0.
  static Told age(shm::i64 seconds);

  Told& operator<<(Told more);
  bool empty() const { return pieces_.empty(); }
  /// One line.
  std::string text(Privacy privacy, std::string_view home) const;

 private:
  enum class Kind { ours, path, shell_path, foreign };
  struct Piece {
    Kind kind = Kind::ours;
    std::string text;
  };
  Told(Kind kind, std::string text) { pieces_.push_back({kind, std::move(text)}); }

  std::vector<Piece> pieces_;
};

inline constexpr std::size_t kMostForeign = 240;

/// x for each letter, 0 for each digit, in whatever script; punctuation and block elements stay.
std::string shape_of(std::string_view text);
/// As Told::path is redacted.
std::string redacted_path(std::string_view path, std::string_view home);

}  // namespace shmeter::collector
