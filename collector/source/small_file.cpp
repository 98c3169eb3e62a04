// SPDX-License-Identifier: MIT
#include "collector/source/small_file.hpp"

#include <fcntl.h>

#include <cerrno>

namespace shmeter::collector {

Fd open_file(const std::string& path, Links links, uid_t owner, struct stat& st) {
  const int flags =
      O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (links == Links::refused ? O_NOFOLLOW : 0);
  Fd fd(::open(path.c_str(), flags));
  if (!fd || ::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != owner) return {};
  return fd;
}

bool read_whole(const Fd& fd, std::size_t most_bytes, std::string& out) {
  out.resize(most_bytes + 1);
  std::size_t length = 0;
  while (length < out.size()) {
    const ssize_t n = ::read(fd.get(), out.data() + length, out.size() - length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    if (n == 0) break;
    length += static_cast<std::size_t>(n);
  }
  const bool fits = length <= most_bytes;
  out.resize(fits ? length : 0);
  return fits;
}

FileMark file_mark(const struct stat& st) {
  return {st.st_ino, st.st_size, shm::i64{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec};
}

}  // namespace shmeter::collector
