// SPDX-License-Identifier: MIT
// One TOML value as what it must be, or a Mistake that says where it stands and what to do. For
// this folder's .cpp files only: it throws, and parse_config catches.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/config/literal.hpp"
#include "collector/config/toml.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;
using Names = std::span<const std::string_view>;

struct Mistake {
  Place where;
  std::string what;
};

inline Place place(const toml::source_position& at) { return {at.line, at.column}; }
inline Place place(const toml::node& node) { return place(node.source().begin); }

[[noreturn]] void refuse(const Place& where, std::string what);

std::string in_quotes(std::string_view text);
/// `unknown key "x"; did you mean "y"?`, or all there are.
std::string unknown(std::string_view kind, std::string_view wrong, Names right);

/// One table whose keys are known; what was said about a key is told with the key's place.
class Table {
 public:
  Table(const toml::node& node, std::string_view name, Names keys);

  const toml::node* find(std::string_view key) const { return table_->get(key); }
  const toml::node& need(std::string_view key) const;
  const toml::table& all() const { return *table_; }

 private:
  std::string name_;
  const toml::table* table_;
};

std::string text_of(const toml::node& node);
/// Not empty, no control characters.
std::string text_of(const toml::node& node, std::size_t max_bytes);
i64 whole_number(const toml::node& node, i64 least, i64 most);
bool flag(const toml::node& node);
/// Ten-thousandths of a number with at most four decimals; 0 to `most`, which `what` names.
i64 four_decimals(const toml::node& node, i64 most, std::string_view what);
/// Its place in `names`; `kind` is what they are.
std::size_t choice(const toml::node& node, std::string_view kind, Names names);
/// Texts, none of them with a NUL in it.
std::vector<std::string> texts_of(const toml::node& node, std::size_t most);
/// A program and its arguments; `~/` stands for the home directory in the program's name.
std::vector<std::string> command(const toml::node& node, std::string_view home);

/// Calls `read` with each table of `[[name]]`.
template <class Read>
void each(const toml::node* node, std::string_view name, Read&& read) {
  if (node == nullptr) return;
  const auto* list = node->as_array();
  if (list == nullptr)
    refuse(place(*node), "write " + std::string(name) + " with two brackets: there may be several");
  for (const toml::node& entry : *list) read(entry);
}

}  // namespace shmeter::collector
