// SPDX-License-Identifier: MIT
// Where JSON that is written piece by piece goes, when it goes into a text.
#pragma once

#include <cstddef>
#include <string>

namespace shmeter::collector {

/// A formats::JsonSink whose context is a std::string.
inline void append_to(void* text, const char* bytes, std::size_t n) {
  static_cast<std::string*>(text)->append(bytes, n);
}

}  // namespace shmeter::collector
