// SPDX-License-Identifier: MIT
#include "shm/slot_members.hpp"

namespace shmeter::shm {

template class Slot<FileBytes>;

}  // namespace shmeter::shm
