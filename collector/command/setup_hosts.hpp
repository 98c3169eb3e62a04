// SPDX-License-Identifier: MIT
// The hosts that `shmeter setup` knows: which file of the user's it is, and how it changes.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/command/client_words.hpp"
#include "collector/command/environment.hpp"
#include "collector/result.hpp"
#include "collector/setup/host_edit.hpp"

namespace shmeter::collector {

struct SetupHost {
  std::string_view name;
  /// Where its file may be, the most usual place first. Empty = no home directory is known.
  std::vector<std::string> (*places)(const ClientWords& words, const Environment& environment);
  /// The text with ours, for the reader at an absolute path.
  Result<Edited> (*with)(std::string_view text, const std::string& shmeter);
  /// Without it; `before` is what it was before the first change, or empty.
  Result<std::string> (*without)(std::string_view text, std::string_view before);
  /// What a person has to put into a file that cannot be written.
  Result<std::string> (*snippet)(const std::string& shmeter);
  /// How it comes into effect; `@` stands for the file's path.
  std::string_view next;
  /// The member of settings before the user's that makes ours useless; empty = the file is no
  /// settings file of Claude Code's.
  std::string_view ruled_by;
};

std::span<const SetupHost> setup_hosts();
/// Null when there is none of that name.
const SetupHost* find_setup_host(std::string_view name);

}  // namespace shmeter::collector
