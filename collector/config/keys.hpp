// SPDX-License-Identifier: MIT
// Every key of the configuration once: what may stand in a table, what it is when nobody says, and
// what it is for. The reader of the file, `config show`, the commented configuration and the block
// in README.md are made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shmeter::collector {

struct ConfigKey {
  enum class Value {
    preset,   // holds where nobody says otherwise
    example,  // nothing holds then
    instead,  // an example that cannot stand beside another one
  };
  std::string_view name;
  std::string_view value;  // as TOML
  Value is;
  std::string_view help;
};

struct ConfigSection {
  std::string_view name;     // its key in the file; empty = what stands before all tables
  std::string_view heading;  // as it is written: `[store]`, `[[account]]`; empty with the name
  std::string_view help;
  std::span<const ConfigKey> keys;
};

/// In the order in which they are shown.
std::span<const ConfigSection> config_sections();
/// All that may stand in that section; of the one without name the sections, too.
std::span<const std::string_view> config_keys(std::string_view section);

/// A configuration in which every key stands, with what it is for.
std::string documented_config();
/// The same with every key commented out: as a file it says what holds without it.
std::string commented_config();

}  // namespace shmeter::collector
