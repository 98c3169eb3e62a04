// SPDX-License-Identifier: MIT
#include "shm/reader.hpp"

#include "shm/geometry.hpp"
#include "shm/os.hpp"

namespace shmeter::shm {
namespace {

constexpr long kNoEntry = -2;        // ENOENT
constexpr long kNotDirectory = -20;  // ENOTDIR
constexpr std::uint32_t kOthersMayWrite = 022;

Opened refuse(long error) {
  return error == kNoEntry || error == kNotDirectory ? Opened::absent : Opened::forbidden;
}

Opened as_opened(HeaderVerdict verdict) {
  switch (verdict) {
    case HeaderVerdict::good:
      return Opened::ok;
    case HeaderVerdict::not_ready:
      return Opened::not_ready;
    case HeaderVerdict::foreign_version:
      return Opened::foreign_version;
    case HeaderVerdict::corrupt:
      break;
  }
  return Opened::corrupt;
}

bool is_ours(const os::Stat& stat, u64 euid) {
  return stat.uid == euid && (stat.mode & kOthersMayWrite) == 0;
}

}  // namespace

Opened FileReader::open(const char* path, bool any_owner, u64 euid) noexcept {
  close();
  const long fd = os::open_readonly(path);
  if (fd < 0) return refuse(fd);
  fd_ = static_cast<int>(fd);
  os::Stat stat;
  Opened state = Opened::forbidden;
  if (os::stat_fd(fd_, stat) >= 0 && stat.regular && (any_owner || is_ours(stat, euid))) {
    device_ = stat.device;
    inode_ = stat.inode;
    state = read_front(stat.size);
  }
  if (state != Opened::ok) close();
  return state;
}

Opened FileReader::read_front(u64 file_size) noexcept {
  alignas(8) char front[kHeaderBytes];
  if (os::pread(fd_, front, sizeof front, 0) != static_cast<long>(sizeof front))
    return Opened::corrupt;
  std::memcpy(&header_, front, sizeof header_);
  std::memcpy(&live_, front + kLiveOffset, sizeof live_);
  std::memcpy(writer_version_, front + kWriterVersionOffset, sizeof writer_version_);
  live_is_fresh_ = true;
  return as_opened(check_header(header_, file_size));
}

void FileReader::close() noexcept {
  if (fd_ >= 0) os::close(fd_);
  fd_ = -1;
  live_is_fresh_ = false;
}

bool FileReader::refresh() noexcept {
  live_is_fresh_ = false;
  return os::pread(fd_, &live_, sizeof live_, kLiveOffset) == static_cast<long>(sizeof live_);
}

i64 FileReader::heartbeat_age_ns() const noexcept {
  if (live_.heartbeat_ns == 0) return kUnknown;
  // Unsigned, so that no heartbeat can overflow; what lies ahead comes out negative.
  const i64 age = static_cast<i64>(static_cast<u64>(os::monotonic_ns()) - live_.heartbeat_ns);
  return age < 0 ? kUnknown : age;
}

Liveness FileReader::liveness() const noexcept {
  if (live_.state == static_cast<u32>(WriterState::superseded)) return Liveness::superseded;
  if (live_.state == static_cast<u32>(WriterState::stopped)) return Liveness::stale;
  const long held = os::lock_held(fd_);
  if (held == 0) return Liveness::stale;
  const i64 age = heartbeat_age_ns();
  if (!known(age) || age <= kWedgedAfter_ns) return Liveness::live;
  // A file system without locks cannot tell a dead writer from a wedged one.
  return held > 0 ? Liveness::wedged : Liveness::stale;
}

std::string_view FileReader::writer_version() const noexcept {
  std::size_t n = 0;
  while (n < sizeof writer_version_ && writer_version_[n] != '\0') ++n;
  return {writer_version_, n};
}

Opened MappedReader::open(const char* path, bool any_owner, u64 euid) noexcept {
  close();
  const Opened state = file_.open(path, any_owner, euid);
  if (state != Opened::ok) return state;
  bytes_ = file_.header().file_bytes;
  base_ = static_cast<const char*>(os::map_readonly(file_.fd(), bytes_));
  if (base_ == nullptr) {
    close();
    return Opened::forbidden;
  }
  // A watcher looks again and again: its first snapshot is of its own moment, too.
  return file_.refresh() ? Opened::ok : Opened::corrupt;
}

void MappedReader::close() noexcept {
  if (base_ != nullptr) os::unmap(base_, bytes_);
  base_ = nullptr;
  file_.close();
}

long MappedReader::wait(u32 seen, i64 until_monotonic_ns) const noexcept {
  return os::futex_wait(base_ + kLiveOffset + offsetof(Live, notify), seen, until_monotonic_ns);
}

bool MappedReader::path_still_ours(const char* path) const noexcept {
  os::Stat stat;
  return os::stat_path(path, stat) >= 0 && stat.device == device() && stat.inode == inode() &&
         stat.size >= bytes_;
}

bool MappedReader::intact() const noexcept {
  os::Stat stat;
  return os::stat_fd(file_.fd(), stat) >= 0 && stat.size >= bytes_;
}

}  // namespace shmeter::shm
