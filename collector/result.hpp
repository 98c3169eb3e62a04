// SPDX-License-Identifier: MIT
// The one place that says what a fallible function of the collector returns, so that the step to
// std::expected is one edit.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace shmeter::collector {

enum class Errc {
  invalid,      // what was asked for cannot be: bad flag, bad configuration
  not_found,    // no such file or folder
  forbidden,    // not ours, or no permission
  exists,       // somebody else already holds it
  unavailable,  // the world says no for now: disk full, limit reached
  corrupt,      // read, but not what it must be
};

/// A code to branch on, and one line for people: what, where, what to do.
struct Error {
  Errc code;
  std::string message;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace shmeter::collector
