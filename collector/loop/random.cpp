// SPDX-License-Identifier: MIT
#include "collector/loop/random.hpp"

#include <unistd.h>
#ifdef __APPLE__
#include <sys/random.h>
#endif

#include <array>
#include <string_view>

namespace shmeter::collector {

std::string random_hex(std::size_t bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::array<unsigned char, 256> random{};
  if (bytes > random.size() || ::getentropy(random.data(), bytes) != 0) return {};
  std::string text;
  for (std::size_t i = 0; i < bytes; ++i) {
    text += kHex[random[i] >> 4];
    text += kHex[random[i] & 15];
  }
  return text;
}

}  // namespace shmeter::collector
