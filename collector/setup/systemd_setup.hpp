// SPDX-License-Identifier: MIT
// The collector as a user service of systemd: contrib/systemd/shmeterd.service with the path of the
// one that is here.
#pragma once

#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

/// The unit for that shmeterd, written as ExecStart takes it.
std::string systemd_unit(std::string_view exec_start);

/// A path as the first word of ExecStart. Errors (invalid): one that systemd does not start.
Result<std::string> systemd_quoted(std::string_view path);

/// The unit file, where the user may have added sections. Errors: as above; (exists) another unit
/// is there.
Result<Edited> systemd_with(std::string_view text, std::string_view shmeterd);

}  // namespace shmeter::collector
