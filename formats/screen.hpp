// SPDX-License-Identifier: MIT
// The line as it grows: cleans text, counts columns, opens and closes styles, holds back what must
// not stand at an edge. Invariant: the bytes so far plus close() are always whole markup and whole
// characters, so a line can be cut anywhere, and taken back to any earlier mark().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "formats/markup.hpp"
#include "formats/render.hpp"
#include "formats/syntax.hpp"

namespace shmeter::formats {

inline constexpr int kMaxFilled = 8;  // lines on which something is pushed to the right
inline constexpr int kMaxLines = 64;  // what is below is left out

/// Columns that text from anywhere takes once it is cleaned.
int columns_of(std::string_view text) noexcept;
/// False for what takes none.
bool shows(std::string_view text) noexcept;

class Screen {
 public:
  /// Everything that a vanished group must take back.
  struct Mark {
    std::size_t bytes = 0;
    std::size_t spaces = 0;      // held back (starship trims)
    std::string_view separator;  // waits for what it separates from
    int line = 0;
    int columns = 0;        // of this line
    int fill_line = -1;     // the last that has something pushed to the right
    Style shown;            // what the markup so far has opened
    bool newline = false;   // waits for something to show below
    bool item = false;      // a field was shown on this line
    bool cut = false;       // this line is full
    bool full = false;      // the buffer is
    bool percent = false;   // the last byte is '%'
    bool any = false;       // something that is known was shown
    bool old = false;       // something of a stale picture was shown
    shm::u64 too_long = 0;  // lines wider than the width (bit n = line n)
  };

  /// `address`: of the dashboard, a web_address(); empty = none.
  Screen(const Options& options, std::string_view address, std::span<char> out);

  const Mark& mark() const { return at_; }
  void back_to(const Mark& mark) { at_ = mark; }

  /// From here on these lines (bit n = line n) end in "…" at the width; the line `last` leaves
  /// `tail` columns free for tail().
  void cut_lines(shm::u64 lines, int last, int tail);

  /// Shows text from anywhere, of at most `max` columns (0 = all; cut text ends in "…").
  void text(std::string_view text, Style style, int max = 0);
  /// Held back until something is shown behind it; left out unless a field was shown before it.
  void separator(std::string_view text);
  void separator() { separator(theme().separator); }
  /// What follows stands at the right end of the line, where that is known; else a separator.
  void fill();
  void newline();
  /// A field shows now; `known` when it is one somebody knows.
  void item(bool known);
  void mark_old() { at_.old = true; }
  /// What stands at the end of the last line whatever was cut.
  void tail(std::string_view text, Style style);
  /// Ends the last line, and pushes to the right what is to stand there.
  void close();

  const Theme& theme() const { return *pen_.theme; }
  /// What is tagged as a link leads somewhere.
  bool has_links() const { return !pen_.address.empty(); }

 private:
  void begin_text();
  void end_line();
  void push();
  void cap(std::string_view text);
  bool holds_back() const { return at_.newline || at_.spaces > 0 || !at_.separator.empty(); }
  void flush();
  void begin_line();
  bool run(std::string_view& text, Style style);
  void take_columns(int columns);
  void character(std::string_view bytes, int columns, Style style);
  void put(std::string_view bytes, int columns, Style style);
  void change_style(Style style);
  bool is_cut_line() const { return (cut_lines_ >> at_.line & 1u) != 0; }

  const Options& options_;
  Pen pen_;
  std::span<char> out_;
  int width_;            // that a line may take without its right cap; 0 = no limit
  bool capped_ = false;  // the theme has caps, and there is room for them
  // By line, of those that have something pushed to the right; columns before that, and of all.
  struct Filled {
    std::int16_t before, all;
  };
  std::array<Filled, kMaxFilled> filled_;
  Mark at_;
  shm::u64 cut_lines_ = 0;
  int last_ = -1;
  int tail_ = 0;
};

}  // namespace shmeter::formats
