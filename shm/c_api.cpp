// SPDX-License-Identifier: MIT
// libshmeter: shm/include/shmeter/shmeter.h over the readers. Invariant: nothing is thrown, nothing
// is written outside of what the caller said it has, and every record that is handed out is of the
// publication that the last snapshot took.
#include <bit>
#include <cstdlib>
#include <cstring>
#include <new>

#include "shm/layout.hpp"
#include "shm/location.hpp"
#include "shm/os.hpp"
#include "shm/reader.hpp"

#define SHMETER_API __attribute__((visibility("default")))
#include "shm/include/shmeter/shmeter.h"

namespace shmeter::shm {
namespace {

// The C structs are ours, field by field.
#define SHMETER_SAME_FIELD(type, name, unit, help)                                            \
  static_assert(                                                                              \
      offsetof(InC, name) == offsetof(Ours, name) && sizeof(InC::name) == sizeof(Ours::name), \
      #name);
#define SHMETER_SAME(Name, c_name, FIELDS)      \
  struct Same##Name {                           \
    using Ours = Name;                          \
    using InC = c_name;                         \
    static_assert(sizeof(Ours) == sizeof(InC)); \
    FIELDS(SHMETER_SAME_FIELD)                  \
  }
SHMETER_SAME(Summary, shmeter_summary, SHMETER_SUMMARY_FIELDS);
SHMETER_SAME(Account, shmeter_account, SHMETER_ACCOUNT_FIELDS);
SHMETER_SAME(Model, shmeter_model, SHMETER_MODEL_FIELDS);
SHMETER_SAME(Session, shmeter_session, SHMETER_SESSION_FIELDS);
SHMETER_SAME(Header, shmeter_header, SHMETER_HEADER_FIELDS);
SHMETER_SAME(Live, shmeter_live, SHMETER_LIVE_FIELDS);
static_assert(SHMETER_UNKNOWN == kUnknown && SHMETER_MAGIC == kMagic);

// What a header may ask memory for. A configuration allows as many sessions and no more.
constexpr u32 kMostAccounts = 64;
constexpr u32 kMostModels = 1024;
constexpr u32 kMostSessions = 65536;

constexpr i64 kMillisecond_ns = 1'000'000;

constexpr u32 at_most(i64 count, u32 room) {
  return count < i64{room} ? static_cast<u32>(count) : room;
}

/// Records in memory of their own, as many as a region has room for.
template <class Record>
class Records {
 public:
  Records() noexcept = default;
  ~Records() noexcept { std::free(records_); }
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;

  /// Room for that many; what was there is lost when it was too small. False when there is no
  /// memory.
  bool reserve(u32 room) noexcept {
    if (room <= room_) return true;
    std::free(records_);
    records_ = static_cast<Record*>(std::malloc(std::size_t{room} * sizeof(Record)));
    room_ = records_ != nullptr ? room : 0;
    return records_ != nullptr;
  }
  u32 room() const noexcept { return room_; }
  Record* data() noexcept { return records_; }
  const Record& operator[](u32 i) const noexcept { return records_[i]; }

 private:
  Record* records_ = nullptr;
  u32 room_ = 0;
};

int result_of(Opened opened) {
  switch (opened) {
    case Opened::ok:
      return SHMETER_OK;
    case Opened::absent:
      return SHMETER_E_ABSENT;
    case Opened::forbidden:
      return SHMETER_E_FORBIDDEN;
    case Opened::not_ready:
      return SHMETER_E_NOT_READY;
    case Opened::foreign_version:
      return SHMETER_E_FOREIGN_VERSION;
    case Opened::corrupt:
      break;
  }
  return SHMETER_E_CORRUPT;
}

/// As much of the record as the caller has room for; what the caller has and we do not is unknown.
/// In a text that is an empty one: the first byte of kUnknown is 0.
static_assert(std::endian::native == std::endian::little);
template <class Record>
int hand_out(const Record& record, void* out, std::size_t bytes) noexcept {
  if (out == nullptr || bytes == 0 || bytes % sizeof(i64) != 0) return SHMETER_E_INVALID;
  const std::size_t ours = bytes < sizeof record ? bytes : sizeof record;
  std::memcpy(out, &record, ours);
  for (std::size_t at = ours; at < bytes; at += sizeof(i64))
    std::memcpy(static_cast<char*>(out) + at, &kUnknown, sizeof(i64));
  return SHMETER_OK;
}

std::string_view environment(const char* name) noexcept {
  const char* value = ::secure_getenv(name);
  return value != nullptr ? std::string_view(value) : std::string_view();
}

/// Sleeps: nobody wakes this word.
void sleep_until(i64 until_monotonic_ns) noexcept {
  const u32 word = 0;
  (void)os::futex_wait(&word, 0, until_monotonic_ns);
}

}  // namespace
}  // namespace shmeter::shm

namespace shm = shmeter::shm;
namespace os = shmeter::os;

/// A region that is followed wherever its collector puts it, and one picture of it.
struct shmeter_handle {
  shm::FixedPath named;   // this very file, whoever's it is
  shm::RuntimeDirs dirs;  // else in the first of these
  shm::FixedPath path;    // of the region that is open
  bool is_open = false;
  bool has_picture = false;
  shm::u32 notify = 0;  // from before the picture
  shm::u32 accounts_read = 0, models_read = 0, sessions_read = 0;
  shm::MappedReader reader;
  shm::Summary summary;
  shm::Records<shm::Account> accounts;
  shm::Records<shm::Model> models;
  shm::Records<shm::Session> sessions;

  /// Leaves the region that is open for the first there is now, and makes room for its pictures.
  int open() noexcept {
    has_picture = false;
    const shm::Opened opened = named.empty() ? open_first() : open_at(named, true);
    is_open = opened == shm::Opened::ok;
    if (!is_open) return shm::result_of(opened);
    const shm::Header& header = reader.header();
    if (accounts.reserve(shm::at_most(header.accounts.capacity, shm::kMostAccounts)) &&
        models.reserve(shm::at_most(header.models.capacity, shm::kMostModels)) &&
        sessions.reserve(shm::at_most(header.sessions.capacity, shm::kMostSessions)))
      return SHMETER_OK;
    reader.close();
    is_open = false;
    return SHMETER_E_NO_MEMORY;
  }

  int take() noexcept {
    if (!is_open || !is_current())
      if (const int result = open(); result != SHMETER_OK) return result;
    notify = reader.notify();
    const shm::Opened opened = reader.snapshot([this](shm::FileSlot& slot) { return copy(slot); });
    has_picture = opened == shm::Opened::ok;
    return shm::result_of(opened);
  }

  int state(shm::i64& age_s) noexcept {
    age_s = shm::kUnknown;
    if (!has_picture) return SHMETER_IS_ABSENT;
    const shm::Liveness liveness = reader.liveness();
    age_s = shm::picture_age_s(reader, liveness, summary.published_at_ms,
                               os::realtime_ns() / 1'000'000'000);
    switch (liveness) {
      case shm::Liveness::live:
        return summary.completeness == SHMETER_COMPLETENESS_COMPLETE ? SHMETER_IS_LIVE
                                                                     : SHMETER_IS_PARTIAL;
      case shm::Liveness::wedged:
        return SHMETER_IS_WEDGED;
      case shm::Liveness::stale:
      case shm::Liveness::superseded:
        break;
    }
    return SHMETER_IS_STALE;
  }

  int wait(shm::i64 until_ns) const noexcept {
    const long woken = is_open ? reader.wait(notify, until_ns) : 0;
    if (is_open && woken >= 0) return 1;
    constexpr long kTimedOut = -110, kInterrupted = -4;  // ETIMEDOUT, EINTR
    // What cannot be waited on would answer at once for ever.
    if (!is_open || (woken != kTimedOut && woken != kInterrupted)) shm::sleep_until(until_ns);
    return 0;
  }

 private:
  shm::Opened open_at(const shm::FixedPath& at, bool any_owner) noexcept {
    path = at;
    return reader.open(path.c_str(), any_owner);
  }

  /// The answer is that of the place that came nearest to having one.
  shm::Opened open_first() noexcept {
    shm::Opened nearest = shm::Opened::absent;
    for (const shm::FixedPath& dir : dirs) {
      const shm::Opened opened = open_at(shm::in_dir(dir, shm::kRegionName), false);
      if (opened == shm::Opened::ok) return opened;
      if (nearest == shm::Opened::absent) nearest = opened;
    }
    return nearest;
  }

  /// Is this still where a collector writes?
  bool is_current() noexcept {
    const shm::Liveness liveness = reader.liveness();
    return (liveness == shm::Liveness::live || liveness == shm::Liveness::wedged) &&
           reader.path_still_ours(path.c_str());
  }

  bool copy(shm::FileSlot& slot) noexcept {
    if (!slot.summary(summary)) return false;
    accounts_read = shm::at_most(summary.accounts, accounts.room());
    for (shm::u32 i = 0; i < accounts_read; ++i)
      if (!slot.account(i, accounts.data()[i])) return false;
    models_read = shm::at_most(summary.models, models.room());
    for (shm::u32 i = 0; i < models_read; ++i)
      if (!slot.model(i, models.data()[i])) return false;
    sessions_read = shm::at_most(summary.sessions, sessions.room());
    return slot.sessions(0, sessions_read, sessions.data());
  }
};

extern "C" {

shmeter_handle* shmeter_open(const char* path, int* why) {
  int ignored = 0;
  int& result = why != nullptr ? *why : ignored;
  void* memory = std::malloc(sizeof(shmeter_handle));
  if (memory == nullptr) return result = SHMETER_E_NO_MEMORY, nullptr;
  auto* handle = new (memory) shmeter_handle;
  if (path == nullptr)
    handle->dirs = shm::runtime_dirs({}, shm::environment("SHMETER_RUNTIME_DIR"),
                                     shm::environment("XDG_RUNTIME_DIR"),
                                     static_cast<shm::u64>(os::effective_uid()));
  const bool usable = path == nullptr || (*path != '\0' && handle->named.append(path));
  result = usable ? handle->open() : SHMETER_E_INVALID;
  if (result == SHMETER_OK) return handle;
  shmeter_close(handle);
  return nullptr;
}

void shmeter_close(shmeter_handle* handle) {
  if (handle == nullptr) return;
  handle->~shmeter_handle();
  std::free(handle);
}

int shmeter_snapshot(shmeter_handle* handle, shmeter_summary* out, size_t bytes) {
  if (handle == nullptr || (out == nullptr) != (bytes == 0) || bytes % sizeof(shm::i64) != 0)
    return SHMETER_E_INVALID;
  const int result = handle->take();
  return result != SHMETER_OK || out == nullptr ? result
                                                : shm::hand_out(handle->summary, out, bytes);
}

int shmeter_account_at(const shmeter_handle* handle, uint32_t i, shmeter_account* out,
                       size_t bytes) {
  if (handle == nullptr) return SHMETER_E_INVALID;
  if (!handle->has_picture || i >= handle->accounts_read) return SHMETER_E_NO_RECORD;
  return shm::hand_out(handle->accounts[i], out, bytes);
}

int shmeter_model_at(const shmeter_handle* handle, uint32_t i, shmeter_model* out, size_t bytes) {
  if (handle == nullptr) return SHMETER_E_INVALID;
  if (!handle->has_picture || i >= handle->models_read) return SHMETER_E_NO_RECORD;
  return shm::hand_out(handle->models[i], out, bytes);
}

int shmeter_session_at(const shmeter_handle* handle, uint32_t i, shmeter_session* out,
                       size_t bytes) {
  if (handle == nullptr) return SHMETER_E_INVALID;
  if (!handle->has_picture || i >= handle->sessions_read) return SHMETER_E_NO_RECORD;
  return shm::hand_out(handle->sessions[i], out, bytes);
}

int shmeter_session_by_id(const shmeter_handle* handle, const char* id, shmeter_session* out,
                          size_t bytes) {
  if (handle == nullptr || id == nullptr) return SHMETER_E_INVALID;
  if (!handle->has_picture || *id == '\0') return SHMETER_E_NO_RECORD;
  for (uint32_t i = 0; i < handle->sessions_read; ++i)
    if (handle->sessions[i].session_id.view() == id)
      return shm::hand_out(handle->sessions[i], out, bytes);
  return SHMETER_E_NO_RECORD;
}

int shmeter_state(shmeter_handle* handle, int64_t* age_s) {
  int64_t ignored = 0;
  int64_t& age = age_s != nullptr ? *age_s : ignored;
  age = shm::kUnknown;
  return handle != nullptr ? handle->state(age) : SHMETER_IS_ABSENT;
}

int shmeter_wait(shmeter_handle* handle, int timeout_ms) {
  if (handle == nullptr) return SHMETER_E_INVALID;
  const shm::i64 timeout_ns = timeout_ms > 0 ? timeout_ms * shm::kMillisecond_ns : 0;
  return handle->wait(os::monotonic_ns() + timeout_ns);
}

const char* shmeter_version(void) { return SHMETER_VERSION; }

const char* shmeter_error_text(int result) {
  switch (result) {
    case SHMETER_OK:
      return "all is well";
    case SHMETER_E_ABSENT:
      return "there is no region: start the collector with `shmeter daemon start`";
    case SHMETER_E_FORBIDDEN:
      return "the region is not a plain file of yours that only you can write: remove it and start "
             "the collector again";
    case SHMETER_E_NOT_READY:
      return "the region has no picture yet: try again in a moment";
    case SHMETER_E_FOREIGN_VERSION:
      return "the region is of a collector whose layout this library does not know: install one "
             "version of both";
    case SHMETER_E_CORRUPT:
      return "the region is damaged or was cut short: start the collector again";
    case SHMETER_E_NO_MEMORY:
      return "there is no memory for a picture: have fewer sessions in the region ([region] "
             "sessions)";
    case SHMETER_E_NO_RECORD:
      return "the last snapshot has no such record: look at its counts, or take one first";
    case SHMETER_E_INVALID:
      return "called wrongly: a null pointer, a size that is no record's, or a path that is empty "
             "or "
             "over 255 bytes";
  }
  return "no result of this library";
}

}  // extern "C"
