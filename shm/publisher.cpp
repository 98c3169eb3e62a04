// SPDX-License-Identifier: MIT
#include "shm/publisher.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/interprocess/mapped_region.hpp>
#include <cerrno>
#include <climits>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include "shm/file_lock.hpp"
#include "shm/image.hpp"
#include "shm/location.hpp"
#include "shm/os.hpp"
#include "shm/ring.hpp"

namespace shmeter::shm {
namespace {

namespace bi = boost::interprocess;

constexpr const char* kNewName = ".region.1.new";  // fixed: only the lock's holder makes one
constexpr u64 kTouchEvery_beats = 720;             // an hour of heartbeats

/// What mapped_region asks of a thing to map: a descriptor that we opened and checked ourselves.
struct Mappable {
  int fd;
  bi::mapping_handle_t get_mapping_handle() const {
    return bi::ipcdetail::mapping_handle_from_file_handle(fd);
  }
  static bi::mode_t get_mode() { return bi::read_write; }
};

/// A region file that we may write: open, mapped, and locked by us.
struct Region {
  Fd fd;
  bi::mapped_region memory;
  Image image;
};

Region map_region(Fd fd, const Header& header) {
  bi::mapped_region memory(Mappable{fd.get()}, bi::read_write, 0, header.file_bytes);
  auto* base = static_cast<char*>(memory.get_address());
  return {std::move(fd), std::move(memory), Image(base, header)};
}

/// Always, also when nobody waits: the writer knows no watcher.
void wake(Live& live) noexcept {
  ::syscall(SYS_futex, &live.notify, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void beat(Live& live) noexcept {
  live.heartbeat_ns.store(static_cast<u64>(os::monotonic_ns()), std::memory_order_relaxed);
}

void end_with(Live& live, WriterState state) noexcept {
  live.state.store(static_cast<u32>(state), std::memory_order_relaxed);
  live.notify.fetch_add(1, std::memory_order_release);
  wake(live);
}

/// Tells the watchers of a file that has lost its path. They would see it at their next look, too.
void retire(const Fd& old) noexcept try {
  struct stat found {};
  if (!old || ::fstat(old.get(), &found) != 0 || found.st_size < off_t{kHeaderBytes}) return;
  bi::mapped_region front(Mappable{old.get()}, bi::read_write, 0, kHeaderBytes);
  auto* base = static_cast<char*>(front.get_address());
  end_with(*reinterpret_cast<Live*>(base + kLiveOffset), WriterState::superseded);
} catch (const std::exception&) {  // not mapped, not told
}

/// What stands at the path before us, if it is a region of ours.
struct Old {
  Fd fd;
  u64 bytes = 0;
  Header header{};
  u64 begin = 0, head = 0;
  mode_t mode = 0;
};

Old open_old(int dir) {
  Old old;
  struct stat found {};
  Fd fd(::openat(dir, kRegionName, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!fd || ::fstat(fd.get(), &found) != 0 || !S_ISREG(found.st_mode) ||
      found.st_uid != ::geteuid() || found.st_size < off_t{kHeaderBytes})
    return old;
  u64 words[2];  // begin, head
  if (os::pread(fd.get(), &old.header, sizeof old.header, 0) != sizeof old.header ||
      os::pread(fd.get(), words, sizeof words, kLiveOffset) != sizeof words ||
      old.header.magic != kMagic || old.header.endian != kEndian ||
      old.header.layout_major != kLayoutMajor)
    return old;
  old.bytes = static_cast<u64>(found.st_size);
  old.mode = found.st_mode & 07777;
  old.begin = words[0];
  old.head = words[1];
  old.fd = std::move(fd);
  return old;
}

bool may_adopt(const Old& old, const Header& plan) {
  return old.bytes == plan.file_bytes && old.mode == 0600 && old.header == plan && old.head > 0 &&
         old.begin - old.head <= 1 &&
         // Space that somebody punched out would be a SIGBUS on a full file system.
         ::posix_fallocate(old.fd.get(), 0, static_cast<off_t>(old.bytes)) == 0;
}

std::string explain(const std::string& path, const std::string& what, int error) {
  return path + ": " + what + ": " + std::strerror(error);
}

}  // namespace

struct Publisher::State {
  WriterLock* lock;
  Header plan;
  std::string version;
  std::optional<Region> region{};
  u64 sequence = 0;
  u64 beats = 0;
  bool lost = false;
  bool superseded = false;
  Failure trouble{};

  std::string path() const { return lock->dir() + "/" + kRegionName; }
  bool bring_up(const Picture& picture);
  bool adopt(Old old, const Picture& picture);
  bool create(u64 last, const Picture& picture);
  bool fail(FailureCode code, std::string message);
  bool fail_new(const char* what, int error);
  void heal(const Picture& picture) noexcept;
  bool intact() const noexcept;
  bool at_path() const noexcept;
};

bool Publisher::State::fail(FailureCode code, std::string message) {
  trouble = {code, std::move(message)};
  return false;
}

bool Publisher::State::fail_new(const char* what, int error) {
  ::unlinkat(lock->dir_fd(), kNewName, 0);
  return fail(FailureCode::unavailable, explain(path(), what, error));
}

/// A whole picture at the path, ours: by taking over what is there, or by a new file.
bool Publisher::State::bring_up(const Picture& picture) {
  Old old;
  // Our own file, cut short, is nobody's to take over: we hold its lock ourselves.
  if (!region || !at_path()) old = open_old(lock->dir_fd());
  if (old.fd && !lock_byte_0(old.fd.get())) {
    superseded = true;
    return fail(FailureCode::exists, path() + ": another collector holds the region");
  }
  // Never backwards: a file that was put back from somewhere is behind us.
  if (old.fd && old.head >= sequence && may_adopt(old, plan)) return adopt(std::move(old), picture);
  const u64 last = old.head > sequence ? old.head : sequence;
  if (!create(last, picture)) return false;
  retire(old.fd);
  return true;
}

bool Publisher::State::adopt(Old old, const Picture& picture) {
  region = map_region(std::move(old.fd), plan);
  Live& live = region->image.live();
  live.adoptions.fetch_add(1, std::memory_order_relaxed);
  beat(live);  // before the picture: whom it wakes shall find it alive
  region->image.sign(version);
  sequence = region->image.publish(picture);
  wake(live);
  return true;
}

bool Publisher::State::create(u64 last, const Picture& picture) {
  const int dir = lock->dir_fd();
  ::unlinkat(dir, kNewName, 0);  // of a writer that died here
  Fd fd(::openat(dir, kNewName, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return fail_new("cannot make the region", errno);
  if (::fchmod(fd.get(), 0600) != 0) return fail_new("cannot make the region private", errno);
  if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(plan.file_bytes)))
    return fail_new(
        ("cannot reserve " + std::to_string(plan.file_bytes / 1024) + " KiB for the region")
            .c_str(),
        error);
  Region fresh = map_region(std::move(fd), plan);
  fresh.image.lay_out(last, version);
  beat(fresh.image.live());
  const u64 number = fresh.image.publish(picture);
  fresh.image.seal();
  if (!lock_byte_0(fresh.fd.get())) return fail_new("cannot lock the region", errno);
  if (::renameat(dir, kNewName, dir, kRegionName) != 0)
    return fail_new("cannot put the region in its place", errno);
  const std::optional<Region> before = std::exchange(region, std::move(fresh));
  if (before) retire(before->fd);
  sequence = number;
  return true;
}

bool Publisher::State::intact() const noexcept {
  os::Stat found;
  return os::stat_fd(region->fd.get(), found) >= 0 && found.size >= plan.file_bytes;
}

bool Publisher::State::at_path() const noexcept {
  struct stat by_path {};
  struct stat by_fd {};
  return ::lstat(path().c_str(), &by_path) == 0 && ::fstat(region->fd.get(), &by_fd) == 0 &&
         by_path.st_dev == by_fd.st_dev && by_path.st_ino == by_fd.st_ino;
}

void Publisher::State::heal(const Picture& picture) noexcept try {
  if (!lock->renew(trouble)) {
    superseded = trouble.code == FailureCode::exists;
    return;
  }
  if (!bring_up(picture)) return;
  lost = false;
  trouble = {};
} catch (const std::exception& error) {
  trouble.code = FailureCode::unavailable;
  trouble.message = error.what();
}

Publisher::Publisher(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Publisher::Publisher(Publisher&&) noexcept = default;
Publisher& Publisher::operator=(Publisher&&) noexcept = default;
Publisher::~Publisher() = default;

std::optional<Publisher> Publisher::open(WriterLock& lock, u32 session_capacity,
                                         const Picture& first, std::string_view writer_version,
                                         Failure& why) try {
  auto state = std::make_unique<State>(
      State{&lock, plan_header(session_capacity), std::string(writer_version)});
  if (state->plan.file_bytes > kMaxFileBytes) {
    why = {FailureCode::unavailable, "room for " + std::to_string(session_capacity) +
                                         " sessions is more than readers accept"};
    return std::nullopt;
  }
  if (!state->bring_up(first)) {
    why = std::move(state->trouble);
    return std::nullopt;
  }
  return Publisher(std::move(state));
} catch (const std::exception& error) {
  why = {FailureCode::unavailable, lock.dir() + "/" + kRegionName + ": " + error.what()};
  return std::nullopt;
}

void Publisher::publish(const Picture& picture) noexcept {
  // A file cut short would be a SIGBUS at the first store; asking costs a fraction of a copy.
  if (!state_->intact()) state_->lost = true;
  if (state_->lost) return state_->heal(picture);
  state_->sequence = state_->region->image.publish(picture);
  wake(state_->region->image.live());
}

Publisher::Beat Publisher::heartbeat() noexcept {
  if (!state_->intact() || !state_->at_path()) state_->lost = true;
  if (state_->superseded) return Beat::superseded;
  if (state_->lost) return Beat::republish;
  beat(state_->region->image.live());
  if (++state_->beats % kTouchEvery_beats == 0) {  // mapped stores do not, and cleaners look at it
    ::futimens(state_->region->fd.get(), nullptr);
    state_->lock->touch();
  }
  return Beat::fine;
}

void Publisher::stop() noexcept {
  if (state_->intact()) end_with(state_->region->image.live(), WriterState::stopped);
}

u64 Publisher::sequence() const noexcept { return state_->sequence; }

u64 Publisher::adoptions() const noexcept {
  return state_->intact() ? state_->region->image.live().adoptions.load(std::memory_order_relaxed)
                          : 0;
}

const Failure& Publisher::trouble() const noexcept { return state_->trouble; }

}  // namespace shmeter::shm
