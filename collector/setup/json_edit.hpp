// SPDX-License-Identifier: MIT
// Another program's JSON file with one member more, or less. Invariant: every byte that is not the
// member's, or the comma and space that belong to it, stays as it is; comments may stand between.
// Taking out what was put in gives the bytes that were there before, except that an object which
// was empty is written `{}`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collector/result.hpp"

namespace shmeter::collector {

/// Keys from the outermost object on, as they stand between their quotes.
using JsonPath = std::span<const std::string_view>;

/// The value there, as it is written; nothing when there is none. Errors (invalid): line:column and
/// what is wrong; also when something on the way is no object.
Result<std::optional<std::string_view>> json_value(std::string_view text, JsonPath path);

/// With `value`, a text written as JSON, there: in place of the one that is, or as the last of its
/// object, which is made where it is missing. An empty text is an empty object. Errors: as above.
Result<std::string> json_with(std::string_view text, JsonPath path, std::string_view value);

/// Without the member, when it is there; and without the objects around it that it leaves empty
/// of members and comments, except the outermost. Errors: as above.
Result<std::string> json_without(std::string_view text, JsonPath path);

/// A text as a JSON string.
std::string json_quoted(std::string_view text);

}  // namespace shmeter::collector
