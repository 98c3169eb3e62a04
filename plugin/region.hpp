// SPDX-License-Identifier: MIT
// Finding the region, and how far to trust what is in it. All candidate places are tried in order
// until a region opens.
#pragma once

#include "formats/values.hpp"
#include "plugin/arguments.hpp"
#include "plugin/environment.hpp"
#include "shm/location.hpp"
#include "shm/os.hpp"
#include "shm/reader.hpp"

namespace shmeter::plugin {

/// Where a region may be and its collector listens.
struct Places {
  shm::RuntimeDirs dirs;
  shm::FixedPath given;  // --region: this very file, in the only one of `dirs`
  shm::u64 euid = 0;     // who must own any other

  bool is_given() const { return !given.empty(); }
  /// Empty when it is too long.
  shm::FixedPath region_path(shm::u32 i) const {
    return is_given() ? given : shm::in_dir(dirs.paths[i], shm::kRegionName);
  }
};

Places find_places(const Arguments& arguments, const Environment& env);

/// Opens the first region there is. `which` is its place, or the count of places; the answer is
/// that of the place that came nearest to having one.
template <class Reader>
shm::Opened open_region(Reader& reader, const Places& places, shm::u32& which) {
  shm::Opened nearest = shm::Opened::absent;
  for (which = 0; which < places.dirs.count; ++which) {
    const shm::FixedPath path = places.region_path(which);
    const shm::Opened opened = reader.open(path.c_str(), places.is_given(), places.euid);
    if (opened == shm::Opened::ok) return opened;
    if (nearest == shm::Opened::absent) nearest = opened;
  }
  return nearest;
}

/// Says how far the picture in `values` can be trusted, and its age (shm::picture_age_s).
template <class Reader>
void judge(Reader& reader, formats::Values& values);

/// For --verbose.
std::string_view explain(shm::Opened opened);

}  // namespace shmeter::plugin
