// SPDX-License-Identifier: MIT
// Included before every file of the freestanding reader: libstdc++'s assertions stay on, but tell
// nobody where they failed, as nobody listens (freestanding.cpp). Their texts alone were 6 KB.
#pragma once

#include <cstddef>

#if defined(_GLIBCXX_ASSERTIONS) && defined(__glibcxx_assert_impl) && \
    defined(__glibcxx_constexpr_assert)
#undef __glibcxx_assert_impl
#define __glibcxx_assert_impl(condition)           \
  if (__builtin_expect(!bool(condition), false)) { \
    __glibcxx_constexpr_assert(false);             \
    __builtin_abort();                             \
  }
#endif
