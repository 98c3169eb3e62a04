// SPDX-License-Identifier: MIT
// `shmeter json`: everything the region holds, as one line. Without a region it is still an object,
// with state "absent".
#include "formats/json.hpp"
#include "plugin/line.hpp"
#include "plugin/region.hpp"
#include "plugin/render_verbs.hpp"
#include "plugin/room.hpp"
#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

using shm::u32;

/// Everything of one publication; of a region with a larger capacity, the newest kSessions.
struct Room {
  shm::FileReader reader;
  shm::Summary summary;
  u32 accounts_read = 0, models_read = 0, sessions_read = 0;
  alignas(shm::Account) std::array<std::byte, sizeof(shm::Account) * shm::kAccounts> accounts;
  alignas(shm::Model) std::array<std::byte, sizeof(shm::Model) * shm::kModels> models;
  alignas(shm::Session) std::array<std::byte, sizeof(shm::Session) * shm::kSessions> sessions;
};
constinit RoomFor<Room> room_for_json;

u32 at_most(shm::i64 count, u32 capacity) {
  return count < shm::i64{capacity} ? static_cast<u32>(count) : capacity;
}

// Every record is trivially copyable: bytes that were read into an array of bytes are the records.
template <class Record, std::size_t N>
Record* records(std::array<std::byte, N>& bytes) {
  return reinterpret_cast<Record*>(bytes.data());
}

bool copy_all(shm::FileSlot& slot, Room& room) {
  if (!slot.summary(room.summary)) return false;
  room.accounts_read = at_most(room.summary.accounts, shm::kAccounts);
  for (u32 i = 0; i < room.accounts_read; ++i)
    if (!slot.account(i, records<shm::Account>(room.accounts)[i])) return false;
  room.models_read = at_most(room.summary.models, shm::kModels);
  for (u32 i = 0; i < room.models_read; ++i)
    if (!slot.model(i, records<shm::Model>(room.models)[i])) return false;
  room.sessions_read = at_most(room.summary.sessions, shm::kSessions);
  return slot.sessions(0, room.sessions_read, records<shm::Session>(room.sessions));
}

void to_stdout(void*, const char* bytes, std::size_t n) { write_all(sys::kStdout, {bytes, n}); }

}  // namespace

int run_json(const Arguments& arguments, const Environment& env) {
  Room& room = room_for_json.make();
  formats::Values values;
  values.now_s = os::realtime_ns() / 1'000'000'000;
  formats::JsonPicture picture;
  u32 which = 0;
  shm::Opened opened = open_region(room.reader, find_places(arguments, env), which);
  if (opened == shm::Opened::ok)
    opened = room.reader.snapshot([&](shm::FileSlot& slot) { return copy_all(slot, room); });
  if (opened == shm::Opened::ok) {
    values.summary = &room.summary;
    judge(room.reader, values);
    picture = {.summary = &room.summary,
               .accounts = {records<shm::Account>(room.accounts), room.accounts_read},
               .models = {records<shm::Model>(room.models), room.models_read},
               .sessions = {records<shm::Session>(room.sessions), room.sessions_read},
               .freshness = values.freshness,
               .age_s = values.age_s,
               .writer_pid = room.reader.writer_pid(),
               .writer_version = room.reader.writer_version()};
  } else if (arguments.verbose) {
    complain(explain(opened));
  }
  picture.now_s = values.now_s;
  formats::write_json(picture, to_stdout, nullptr);
  return 0;
}

}  // namespace shmeter::plugin
