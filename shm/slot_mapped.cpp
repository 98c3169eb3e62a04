// SPDX-License-Identifier: MIT
#include "shm/slot_members.hpp"

namespace shmeter::shm {

template class Slot<MappedBytes>;

}  // namespace shmeter::shm
