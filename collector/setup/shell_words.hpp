// SPDX-License-Identifier: MIT
// Commands for /bin/sh in other programs' files: written, and known again. Invariant: a quoted word
// holds no backslash, which some files would read themselves.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shmeter::collector {

/// One word for /bin/sh; as it is when it needs no quotes.
std::string shell_quoted(std::string_view word);

/// The words of a command, without their quotes, as far as they can be told without running it;
/// what is neither quote nor blank stays as it is written.
std::vector<std::string> shell_words(std::string_view command);

/// The words from `shmeter VERB` on when the command is that, with or without a path, `exec` and
/// variables before it.
std::optional<std::vector<std::string>> words_of_ours(std::string_view command,
                                                      std::string_view verb);

}  // namespace shmeter::collector
