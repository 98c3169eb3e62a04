// SPDX-License-Identifier: MIT
// The ways in which a verb of the reader runs. Each but the hook prints at least one line, whatever
// state the region is in; each returns the exit status.
#pragma once

#include "plugin/arguments.hpp"
#include "plugin/environment.hpp"

namespace shmeter::plugin {

/// One line from the region (one_shot.cpp).
int run_once(const Arguments& arguments, const Environment& env);
/// One line from the status line's JSON on stdin and the region (claude.cpp).
int run_claude(const Arguments& arguments, const Environment& env);
/// The whole picture as JSON (whole_picture.cpp).
int run_json(const Arguments& arguments, const Environment& env);
/// A line whenever it changes, until nobody reads them (watch.cpp).
int run_watch(const Arguments& arguments, const Environment& env);
/// Passes on what a hook's JSON on stdin says, without a word (hook.cpp).
int run_hook(const Arguments& arguments, const Environment& env);

}  // namespace shmeter::plugin
