// SPDX-License-Identifier: MIT
// From a place inside a TOML string's value back to the place in the file where it was written, so
// that a mistake in a template is told where the user can see it.
#pragma once

#include <cstddef>
#include <string_view>

namespace shmeter::collector {

/// Both from 1, columns in characters.
struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
  bool operator==(const Place&) const = default;
};

/// `literal` = where in `file` the string's opening quotes stand, `inside` = the place in its
/// value. Beyond the value's end: where the closing quotes stand.
Place place_in_file(std::string_view file, Place literal, Place inside);

}  // namespace shmeter::collector
