// SPDX-License-Identifier: MIT
#include "collector/store/place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "collector/store/try.hpp"
#include "shm/file_lock.hpp"

namespace shmeter::collector {
namespace {

constexpr mode_t kPrivateDir = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kOthersMayWrite = 022;
constexpr mode_t kOthers = 077;
constexpr mode_t kOwner = 0700;
constexpr int kMostNames = 100;  // damaged files of one second
constexpr std::array<const char*, 4> kParts = {"", "-wal", "-shm", "-journal"};

tl::unexpected<Error> system_says(const std::string& path, const std::string& what) {
  const int error = errno;
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS || error == ELOOP;
  return fail(forbidden ? Errc::forbidden : Errc::unavailable,
              path + ": " + what + ": " + std::strerror(error));
}

/// Sees to it that it is a `kind` (S_IFDIR, S_IFREG) of ours and that others have no right to it.
/// What we may do with it ourselves is left as it is: who made it read-only meant that.
Result<void> make_private(const std::string& path, mode_t kind) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return system_says(path, "cannot look at it");
  if (S_ISLNK(found.st_mode))
    return fail(Errc::forbidden, path + ": is a link: the history must not be one; remove it");
  if ((found.st_mode & S_IFMT) != kind)
    return fail(Errc::forbidden, path + ": is something else than the history needs: move it away");
  if (found.st_uid != ::geteuid())
    return fail(Errc::forbidden,
                path + ": belongs to user " + std::to_string(found.st_uid) + ": move it away");
  if (kind == S_IFDIR && (found.st_mode & kOthersMayWrite) != 0)
    return fail(Errc::forbidden, path + ": others may write in this folder: chmod 700 it");
  if ((found.st_mode & kOthers) != 0 && ::chmod(path.c_str(), found.st_mode & kOwner) != 0)
    return system_says(path, "cannot make it private");
  return {};
}

Result<void> make_folder(const std::string& folder) {
  std::error_code ignored;  // mkdir says it better
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), ignored);
  if (::mkdir(folder.c_str(), kPrivateDir) != 0 && errno != EEXIST)
    return system_says(folder, "cannot make the folder");
  return make_private(folder, S_IFDIR);
}

/// An empty file is an empty database. SQLite gives -wal and -shm the mode of this one.
Result<void> make_file(const std::string& path) {
  const Fd made(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kPrivateFile));
  if (!made && errno != EEXIST) return system_says(path, "cannot make it");
  return make_private(path, S_IFREG);
}

Result<Fd> take_lock(const std::string& path) {
  const std::string name = path + ".lock";
  Fd fd(::open(name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
               kPrivateFile));
  if (!fd) return system_says(name, "cannot open it");
  SHMETER_TRY(make_private(name, S_IFREG));
  if (!shm::lock_byte_0(fd.get()))
    return fail(Errc::exists, path +
                                  ": another collector writes this history: run one, or give "
                                  "this one `[store] keep = \"memory\"`");
  return fd;
}

bool there(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

std::string time_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &parts);
  return text.data();
}

}  // namespace

Result<StorePlace> StorePlace::take(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) return fail(Errc::invalid, path + ": must be an absolute path");
  SHMETER_TRY(make_folder(folder));
  StorePlace place;
  place.path_ = path;
  auto lock = take_lock(path);
  SHMETER_TRY(lock);
  place.lock_ = std::move(*lock);
  SHMETER_TRY(make_file(path));
  for (const char* part : kParts)
    if (there(path + part)) SHMETER_TRY(make_private(path + part, S_IFREG));
  return place;
}

Result<std::string> StorePlace::set_aside() {
  const std::string base = path_ + ".damaged-" + time_utc();
  std::string name = base;
  for (int i = 2; there(name) && i < kMostNames; ++i) name = base + "-" + std::to_string(i);
  for (const char* part : kParts) {
    const std::string from = path_ + part;
    if (::rename(from.c_str(), (name + part).c_str()) != 0 && errno != ENOENT)
      return system_says(from, "is damaged and cannot be set aside");
  }
  checked();
  SHMETER_TRY(make_file(path_));
  return name;
}

void StorePlace::ask_for_check() const {
  // Without it the damage is met again, and asked about again.
  const Fd made(::open((path_ + ".check").c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                       kPrivateFile));
}

bool StorePlace::check_asked_for() const { return there(path_ + ".check"); }
void StorePlace::checked() const { ::unlink((path_ + ".check").c_str()); }

}  // namespace shmeter::collector
