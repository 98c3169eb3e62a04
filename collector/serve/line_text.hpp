// SPDX-License-Identifier: MIT
// Words of a request line, and text from outside inside an answer line. Invariant: whatever bytes
// somebody sent, what is answered is one line of bounded length that a terminal can show.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace shmeter::collector {

/// Longest `ERROR` line without its newline, in bytes.
inline constexpr std::size_t kMaxErrorLine = 1024;

std::string_view trimmed(std::string_view text);
/// Takes the first word off `rest`; empty when there is none. Words are apart by spaces and tabs.
std::string_view take_word(std::string_view& rest);
/// A plain decimal number without sign; empty when it is anything else or too large.
std::optional<unsigned long long> whole_number(std::string_view digits);
/// `%20` and the like become bytes; empty when one of them is broken.
std::optional<std::string> percent_decoded(std::string_view text);
/// The other way: everything but letters, digits and `-._~/:@` is escaped.
std::string percent_encoded(std::string_view text);

/// `text` with `\xNN` in place of every byte that is not a character to look at, cut to about
/// `most` bytes and then ending in "…".
std::string visible(std::string_view text, std::size_t most = 64);
/// `ERROR reason`, as one bounded line without its newline.
std::string error_line(std::string_view reason);

}  // namespace shmeter::collector
