// SPDX-License-Identifier: MIT
// What all changes to a host's file have in common.
#pragma once

#include <string>

namespace shmeter::collector {

/// A file's text as it is to be, and what its user should know beside it; often nothing.
struct Edited {
  std::string text;
  std::string note;
};

}  // namespace shmeter::collector
