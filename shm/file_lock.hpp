// SPDX-License-Identifier: MIT
// The write lock on byte 0 of a file that says "its writer lives". It belongs to the open file, so
// a process conflicts with itself too, and the kernel frees it with the last descriptor.
#pragma once

#include <fcntl.h>

namespace shmeter::shm {

/// Never waits. False when somebody else holds it.
inline bool lock_byte_0(int fd) noexcept {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_len = 1;
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

}  // namespace shmeter::shm
