// SPDX-License-Identifier: MIT
// Why there is nothing to show, for who asks with --verbose.
#include "plugin/region.hpp"

namespace shmeter::plugin {

std::string_view explain(shm::Opened opened) {
  switch (opened) {
    case shm::Opened::ok:
      return "the region is there, but what was asked for is not in it";
    case shm::Opened::absent:
      return "no region: the collector has not run yet (shmeter daemon start)";
    case shm::Opened::forbidden:
      return "the region is not a file of yours that only you can write";
    case shm::Opened::not_ready:
      return "the region has no picture yet";
    case shm::Opened::foreign_version:
      return "the region is of another version: reader and collector must be installed together";
    case shm::Opened::corrupt:
      break;
  }
  return "the region is damaged; the collector makes it anew within seconds if it runs";
}

}  // namespace shmeter::plugin
