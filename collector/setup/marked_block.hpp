// SPDX-License-Identifier: MIT
// A few lines of ours in somebody's text file, between two marks. Invariant: no byte outside the
// marks changes; taking the block out again gives the bytes that were there before, whatever was
// written above and below since.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

inline constexpr std::string_view kBlockBegins = "# >>> shmeter >>>";
inline constexpr std::string_view kBlockEnds = "# <<< shmeter <<<";

/// The lines of `body`, each with its newline, between marks.
std::string marked_block(std::string_view body);

/// The text with them: in place of a block that is there, else at the end. A text without a last
/// newline goes on having none. Errors (invalid): line:column and what to do.
Result<std::string> with_block(std::string_view text, std::string_view body);

/// The text without any block of ours. Errors: as above.
Result<std::string> without_block(std::string_view text);

/// The first line outside of our block that is_by_hand, as an error (exists); also those of above.
Result<void> refuse_by_hand(std::string_view text, bool (*is_by_hand)(std::string_view line));

/// The error for what has to be told of a place in the text.
tl::unexpected<Error> fail_at(std::string_view text, std::size_t at, Errc code,
                              std::string_view what);

/// Calls each(line, where it begins) with the newline that belongs to it.
template <class Each>
void each_line(std::string_view text, Each&& each) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t newline = text.find('\n', begin);
    const std::size_t end = newline == text.npos ? text.size() : newline + 1;
    each(text.substr(begin, end - begin), begin);
    begin = end;
  }
}

/// Without the blanks around it, and the line's end.
std::string_view bare_line(std::string_view line);

}  // namespace shmeter::collector
