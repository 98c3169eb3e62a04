// SPDX-License-Identifier: MIT
// The template language cut into pieces, the same for the renderer and the check. Any text is a
// sequence of pieces; what is wrong with one is the check's to say. Language: formats/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace shmeter::formats {

inline constexpr int kMaxGroupDepth = 8;
inline constexpr int kMaxStyleDepth = 16;
inline constexpr std::size_t kMaxFilters = 4;
inline constexpr std::size_t kMaxArguments = 2;
inline constexpr int kDefaultRank =
    5;  // of a group that says none; 1 is kept longest, 9 goes first

struct Piece {
  enum class Type : std::uint8_t {
    end,
    text,         // body: shown as it is
    newline,      //
    field,        // {body}
    group_open,   // [ or [!rank:
    alternative,  // || inside a group
    group_close,  // ] inside a group
    tag,          // <body>
  };
  Type type = Type::end;
  bool closed = true;  // field: its } was found
  std::uint8_t rank = kDefaultRank;
  std::size_t at = 0;  // offset in the template
  std::string_view body;
};

class Scanner {
 public:
  explicit Scanner(std::string_view templ) : text_(templ) {}

  std::size_t at() const { return at_; }
  /// Outside a group `]` and `||` are text.
  Piece next(bool in_group);
  /// Goes behind the `]` of the group it stands in; false = to the next `||` of it, if any.
  enum class Until : std::uint8_t { alternative, close };
  /// What it stopped behind: `||` or `]`; the end of the template closes every group.
  Piece::Type skip(Until until);

 private:
  Piece text_run();
  Piece escaped();
  bool tag(Piece& piece);

  std::string_view text_;
  std::size_t at_ = 0;
};

/// `name|filter:argument|filter` cut into its parts; what exceeds the maxima is counted only.
struct FilterCall {
  std::string_view name;
  std::string_view arguments[kMaxArguments];
  std::size_t argument_count = 0;
};
struct FieldCall {
  std::string_view name;
  FilterCall filters[kMaxFilters];
  std::size_t filter_count = 0;
};
FieldCall parse_field(std::string_view body) noexcept;

/// The part of `text` before `separator`, which is taken off; all of it when there is none.
std::string_view take_until(std::string_view& text, char separator) noexcept;

}  // namespace shmeter::formats
