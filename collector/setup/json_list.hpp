// SPDX-License-Identifier: MIT
// Another program's JSON list with one element more, or less. Invariant: every byte that is not the
// element's, or the comma and space that belong to it, stays as it is; taking out what was put in
// gives the bytes that were there before, except that a list which was empty is written `[]`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/result.hpp"

namespace shmeter::collector {

/// The elements of a list, as they are written: places in `list`. Errors (invalid): line:column.
Result<std::vector<std::string_view>> json_elements(std::string_view list);

/// The list with `element`, a text written as JSON, as its last. Errors: as above.
Result<std::string> json_list_with(std::string_view list, std::string_view element);

/// Without the element at that index, which is there. Errors: as above.
Result<std::string> json_list_without(std::string_view list, std::size_t index);

/// Whether there is nothing in it, which counts as an empty object.
bool is_blank_json(std::string_view text);

/// What a JSON string says; nothing for any other value, or a broken one.
std::optional<std::string> json_text(std::string_view value);

/// `text` with `by` in place of `part`, which is a part of it.
std::string json_replaced(std::string_view text, std::string_view part, std::string_view by);

}  // namespace shmeter::collector
