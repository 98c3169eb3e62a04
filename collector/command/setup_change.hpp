// SPDX-License-Identifier: MIT
// A change to somebody's file: made up, shown, done, and undone. Invariant: the first state is kept
// beside the file for as long as anything of ours is in it.
#pragma once

#include <functional>
#include <string>

#include "collector/result.hpp"
#include "collector/setup/text_file.hpp"

namespace shmeter::collector {

/// A file and what is to be in it.
struct Change {
  TextFile file;
  std::string after;
  bool gone = false;

  bool any() const { return gone ? file.there : after != file.text; }
};

/// An error of a text, which says where in it, or begins with a blank, as one of its file.
tl::unexpected<Error> in_file(const TextFile& file, const Error& error);

/// What the file was before, if nobody changed it since; else without what is ours. `with` makes
/// the one of the other; `without` is told the text and what it was before.
using With = std::function<Result<std::string>(const std::string& text)>;
using Without =
    std::function<Result<std::string>(const std::string& text, const std::string& before)>;
Result<Change> undone(const std::string& path, const With& with, const Without& without);

void show(const Change& change);

Result<void> apply(const Change& change);
Result<void> apply_undone(const Change& change);

/// Says it, and how the command ends.
int fail_with(const Error& error);

}  // namespace shmeter::collector
