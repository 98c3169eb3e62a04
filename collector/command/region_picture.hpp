// SPDX-License-Identifier: MIT
// What the region says, for verbs that want it without a daemon to ask, or beside one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/json.hpp"
#include "shm/location.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// One publication, without models and with at most one session.
struct RegionPicture {
  shm::Summary summary;
  std::vector<shm::Account> accounts;
  std::optional<shm::Session> session;
  formats::Freshness freshness = formats::Freshness::stale;
  shm::i64 age_s = shm::kUnknown;  // of the values, when they are not live
  shm::u64 writer_pid = 0;
  std::string writer_version;

  bool live() const {
    return freshness == formats::Freshness::live || freshness == formats::Freshness::partial;
  }
  formats::JsonPicture json(shm::i64 now_s) const;
};

/// One publication whole, as a picture that owns what it names.
struct WholePicture {
  shm::Picture picture() const;
  bool live() const { return freshness != formats::Freshness::stale; }

  shm::Summary summary;
  std::vector<shm::Account> accounts;
  std::vector<shm::Session> sessions;
  std::vector<const shm::Session*> pointers;
  formats::Freshness freshness = formats::Freshness::stale;
};

/// As read_region(), with every session and no model.
std::optional<WholePicture> read_whole_region(const shm::RuntimeDirs& dirs);

/// The first region that opens; empty when none does. `session_id` may be empty.
std::optional<RegionPicture> read_region(const shm::RuntimeDirs& dirs, std::string_view session_id,
                                         shm::i64 now_s);

}  // namespace shmeter::collector
