// SPDX-License-Identifier: MIT
#include "collector/setup/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "collector/loop/fd.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;

tl::unexpected<Error> trouble(const std::string& path, int error) {
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS || error == ELOOP;
  return fail(forbidden ? Errc::forbidden : Errc::unavailable, path + ": " + std::strerror(error));
}

/// A link that points to nothing yet is followed, too.
std::string followed(const std::string& path) {
  std::error_code ignored;
  const std::string end = std::filesystem::weakly_canonical(path, ignored).string();
  return end.empty() ? path : end;
}

}  // namespace

Result<TextFile> read_text_file(const std::string& path) {
  TextFile file{followed(path), {}, false};
  const Fd fd(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd && errno == ENOENT) return file;
  if (!fd) return trouble(file.path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return trouble(file.path, errno);
  if (!S_ISREG(status.st_mode)) return fail(Errc::invalid, file.path + ": not a regular file");
  file.there = true;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return trouble(file.path, errno);
    if (n == 0) return file;
    file.text.append(buffer, static_cast<std::size_t>(n));
    if (file.text.size() > kMostBytes)
      return fail(Errc::invalid, file.path + ": longer than a megabyte");
  }
}

Result<void> write_text_file(const TextFile& file, std::string_view text) {
  std::error_code ignored;  // opening the file says it better
  const auto folder = std::filesystem::path(file.path).parent_path();
  if (std::filesystem::create_directories(folder, ignored)) ::chmod(folder.c_str(), 0700);
  struct stat status {};
  const bool there = ::stat(file.path.c_str(), &status) == 0;
  // A file that may not be written stays, though its folder would allow to put another there.
  if (there && ::faccessat(AT_FDCWD, file.path.c_str(), W_OK, AT_EACCESS) != 0)
    return trouble(file.path, errno);
  const std::string part = file.path + ".shmeter-new";
  ::unlink(part.c_str());
  const Fd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  const bool owned = !there || (status.st_uid == ::geteuid() && status.st_gid == ::getegid());
  const bool written = fd && write_all(fd.get(), text) &&
                       (owned || ::fchown(fd.get(), status.st_uid, status.st_gid) == 0) &&
                       (!there || ::fchmod(fd.get(), status.st_mode & 07777) == 0) &&
                       ::fsync(fd.get()) == 0;
  if (written && ::rename(part.c_str(), file.path.c_str()) == 0) return {};
  const int error = errno;
  ::unlink(part.c_str());
  return trouble(file.path, error);
}

Result<void> remove_text_file(const TextFile& file) {
  if (::unlink(file.path.c_str()) == 0 || errno == ENOENT) return {};
  return trouble(file.path, errno);
}

std::string backup_path(const TextFile& file) { return file.path + ".before-shmeter"; }

}  // namespace shmeter::collector
