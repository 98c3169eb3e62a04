// SPDX-License-Identifier: MIT
#include "collector/command/reader_path.hpp"

#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace shmeter::collector {

Result<std::string> path_beside_us() {
  std::array<char, 4096> self{};
  std::size_t size = self.size();
  if (::uv_exepath(self.data(), &size) != 0)
    return fail(Errc::unavailable, "the system does not say where this program is");
  const std::string_view path(self.data(), size);
  return std::string(path.substr(0, path.rfind('/') + 1)) + "shmeter";
}

Result<std::string> path_of_reader() {
  auto reader = path_beside_us();
  if (!reader) return reader;
  if (::access(reader->c_str(), X_OK) != 0)
    return fail(Errc::unavailable, *reader + ": there is no reader beside shmeterd; install both");
  const bool plain = std::none_of(reader->begin(), reader->end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (!plain)
    return fail(Errc::invalid,
                "the path of shmeter holds a control character; install it "
                "somewhere else");
  return reader;
}

}  // namespace shmeter::collector
