// SPDX-License-Identifier: MIT
#include "collector/command/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "collector/loop/fd.hpp"

namespace shmeter::collector {
namespace {

tl::unexpected<Error> trouble(const std::string& path, int error) {
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS || error == ELOOP;
  const Errc code = error == ENOENT ? Errc::not_found
                    : forbidden     ? Errc::forbidden
                                    : Errc::unavailable;
  return fail(code, path + ": " + std::strerror(error));
}

}  // namespace

Result<void> write_private(const std::string& path, std::string_view text) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;  // opening the file says it better
  std::filesystem::create_directories(folder.parent_path(), ignored);
  ::mkdir(folder.c_str(), 0700);
  const std::string part = path + ".new";
  ::unlink(part.c_str());
  const Fd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd && write_all(fd.get(), text) && ::rename(part.c_str(), path.c_str()) == 0) return {};
  const int error = errno;
  ::unlink(part.c_str());
  return trouble(path, error);
}

}  // namespace shmeter::collector
