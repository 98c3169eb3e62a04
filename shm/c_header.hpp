// SPDX-License-Identifier: MIT
// The layout said in C: the declarations of every record and enumeration, for the generated part of
// shm/include/shmeter/shmeter.h. For the test that holds the header to the field table.
#pragma once

#include <string>

namespace shmeter::shm {

/// The versions, enumerations and structs, nested ones first, each field with unit and meaning;
/// then a check of each struct's size.
std::string c_declarations();

}  // namespace shmeter::shm
