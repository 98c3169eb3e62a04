// SPDX-License-Identifier: MIT
// What commands of hosts are tried with: the JSON that Claude Code would write, of a session that
// the collector knows to be nobody's. Pure.
#pragma once

#include <string>
#include <string_view>

namespace shmeter::collector {

/// For a status line, as one line with its newline. No limit is in it: readers would show it.
std::string statusline_sample(std::string_view session, std::string_view config_dir,
                              std::string_view cwd);
/// For a hook.
std::string hook_sample(std::string_view session, std::string_view cwd);

/// The command without any `--autostart`.
std::string without_autostart(std::string_view command);

}  // namespace shmeter::collector
