// SPDX-License-Identifier: MIT
// Places, trust, and the words for them.
#include "plugin/region.hpp"

namespace shmeter::plugin {
namespace {

using formats::Freshness;
using shm::i64;

Freshness freshness_of(shm::Liveness liveness, const shm::Summary& summary) {
  switch (liveness) {
    case shm::Liveness::live:
      return summary.completeness == static_cast<i64>(shm::Completeness::complete)
                 ? Freshness::live
                 : Freshness::partial;
    case shm::Liveness::wedged:
      return Freshness::wedged;
    case shm::Liveness::stale:
    case shm::Liveness::superseded:
      break;
  }
  return Freshness::stale;
}

shm::FixedPath folder_of(std::string_view path) {
  shm::FixedPath folder;
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos)
    folder.append(".");
  else
    folder.append(path.substr(0, slash == 0 ? 1 : slash));
  return folder;
}

/// The only place there is; none when the path is too long.
[[gnu::noinline]] Places place_of(std::string_view region) {
  Places places;
  if (!places.given.append(region)) return places;
  places.dirs.paths[0] = folder_of(region);
  places.dirs.count = 1;
  return places;
}

}  // namespace

Places find_places(const Arguments& arguments, const Environment& env) {
  if (!arguments.region.empty()) return place_of(arguments.region);
  const auto euid = static_cast<shm::u64>(os::effective_uid());
  return {.dirs = shm::runtime_dirs(arguments.runtime_dir, env.shmeter_runtime_dir,
                                    env.xdg_runtime_dir, euid),
          .given = {},
          .euid = euid};
}

template <class Reader>
void judge(Reader& reader, formats::Values& values) {
  const shm::Liveness liveness = reader.liveness();
  values.freshness = freshness_of(liveness, *values.summary);
  values.age_s =
      shm::picture_age_s(reader, liveness, values.summary->published_at_ms, values.now_s);
}

template void judge(shm::FileReader& reader, formats::Values& values);
template void judge(shm::MappedReader& reader, formats::Values& values);

}  // namespace shmeter::plugin
