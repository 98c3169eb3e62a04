// SPDX-License-Identifier: MIT
#include "collector/command/region_picture.hpp"

#include <algorithm>

#include "shm/reader.hpp"

namespace shmeter::collector {
namespace {

using formats::Freshness;
using shm::i64;
using shm::u32;

Freshness freshness_of(shm::Liveness liveness, const shm::Summary& summary) {
  const bool complete = summary.completeness == static_cast<i64>(shm::Completeness::complete);
  if (liveness == shm::Liveness::live) return complete ? Freshness::live : Freshness::partial;
  return liveness == shm::Liveness::wedged ? Freshness::wedged : Freshness::stale;
}

template <class Out>
bool copy_accounts(shm::FileSlot& slot, Out& out) {
  if (!slot.summary(out.summary)) return false;
  out.accounts.resize(
      static_cast<std::size_t>(std::clamp<i64>(out.summary.accounts, 0, i64{shm::kAccounts})));
  for (u32 i = 0; i < out.accounts.size(); ++i)
    if (!slot.account(i, out.accounts[i])) return false;
  return true;
}

bool copy_whole(shm::FileSlot& slot, WholePicture& out) {
  constexpr i64 kMostSessions = 65'536;  // that a region may have
  if (!copy_accounts(slot, out)) return false;
  out.sessions.resize(
      static_cast<std::size_t>(std::clamp<i64>(out.summary.sessions, 0, kMostSessions)));
  for (u32 i = 0; i < out.sessions.size(); ++i)
    if (!slot.session(i, out.sessions[i])) return false;
  return true;
}

bool copy(shm::FileSlot& slot, std::string_view session_id, RegionPicture& out) {
  if (!copy_accounts(slot, out)) return false;
  u32 position = 0;
  shm::Session session;
  out.session.reset();
  if (!session_id.empty() && slot.find_session(session_id, session, position))
    out.session = session;
  return true;
}

}  // namespace

formats::JsonPicture RegionPicture::json(i64 now_s) const {
  return {.summary = &summary,
          .accounts = accounts,
          .freshness = freshness,
          .now_s = now_s,
          .age_s = age_s,
          .writer_pid = writer_pid,
          .writer_version = writer_version};
}

shm::Picture WholePicture::picture() const {
  shm::Picture out;
  out.summary = summary;
  out.accounts = accounts;
  out.sessions = pointers;
  return out;
}

std::optional<WholePicture> read_whole_region(const shm::RuntimeDirs& dirs) {
  for (const shm::FixedPath& dir : dirs) {
    shm::FileReader reader;
    WholePicture out;
    if (reader.open(shm::in_dir(dir, shm::kRegionName).c_str(), false) != shm::Opened::ok ||
        reader.snapshot([&](shm::FileSlot& slot) { return copy_whole(slot, out); }) !=
            shm::Opened::ok)
      continue;
    out.freshness = freshness_of(reader.liveness(), out.summary);
    for (const shm::Session& session : out.sessions) out.pointers.push_back(&session);
    return out;
  }
  return std::nullopt;
}

std::optional<RegionPicture> read_region(const shm::RuntimeDirs& dirs, std::string_view session_id,
                                         i64 now_s) {
  for (const shm::FixedPath& dir : dirs) {
    shm::FileReader reader;
    RegionPicture out;
    if (reader.open(shm::in_dir(dir, shm::kRegionName).c_str(), false) != shm::Opened::ok ||
        reader.snapshot([&](shm::FileSlot& slot) { return copy(slot, session_id, out); }) !=
            shm::Opened::ok)
      continue;
    const shm::Liveness liveness = reader.liveness();
    out.freshness = freshness_of(liveness, out.summary);
    out.age_s = shm::picture_age_s(reader, liveness, out.summary.published_at_ms, now_s);
    out.writer_pid = reader.writer_pid();
    out.writer_version = reader.writer_version();
    return out;
  }
  return std::nullopt;
}

}  // namespace shmeter::collector
