// SPDX-License-Identifier: MIT
// The reader as it was compiled at layout minor 0: today's sources over the records of that time,
// in a namespace of their own, so that a test has both. Values pass as bytes, as each knows its
// own.
#pragma once

#include <string>
#include <vector>

struct OldPicture {
  std::string summary;
  std::vector<std::string> accounts, models, sessions, formats;
  std::string format_text;
};

/// 0, or the reader's shm::Opened as a number. Every session is looked up by its id besides; one
/// that is found elsewhere is left empty.
int read_as_minor_0(const char* path, OldPicture& out);
