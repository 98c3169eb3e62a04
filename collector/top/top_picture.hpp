// SPDX-License-Identifier: MIT
// What the view looks at: one publication whole, and how far to trust it.
#pragma once

#include <string>
#include <vector>

#include "formats/values.hpp"

namespace shmeter::collector {

using shm::i64;

/// One publication, owned. Without a region: absent, and nothing in it is known.
struct TopPicture {
  shm::Summary summary;
  std::vector<shm::Account> accounts;
  std::vector<shm::Session> sessions;  // newest first
  formats::Freshness freshness = formats::Freshness::absent;
  i64 age_s = shm::kUnknown;  // of the values at `read_at_s`, unless they are live
  i64 read_at_s = 0;
  std::string version;       // of the collector that wrote it
  std::string_view trouble;  // why there is nothing, for people; a constant

  bool live() const {
    return freshness == formats::Freshness::live || freshness == formats::Freshness::partial;
  }
};

}  // namespace shmeter::collector
