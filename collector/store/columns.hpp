// SPDX-License-Identifier: MIT
// Which columns hold a session and a usage: made from the field tables, so that a field appended
// there is a column here. Invariant: a column is found by its name alone; one that a file does not
// have (yet) is unknown.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collector/model/session_state.hpp"
#include "collector/store/sqlite.hpp"

namespace shmeter::collector {

struct Column {
  enum class Type { number, word, text, string };
  std::string name;
  Type type = Type::number;
  std::size_t offset = 0;  // in the struct
  std::size_t bytes = 0;   // of a text in the struct itself
};

/// Of a SessionRow, its number left out.
std::span<const Column> session_columns();
/// Of a shm::Usage.
std::span<const Column> usage_columns();

/// "a,b,c"; with `each`, every name in it for `$`: "a=?,b=?" out of "$=?".
std::string join(std::span<const Column> columns, std::string_view each = "$");

/// Binds the columns of the struct at `from`, from parameter `first` on.
void bind_columns(Statement& to, int first, std::span<const Column> columns, const void* from);
/// Reads columns that stand one after another from `first` on; into the struct at `to`.
void read_columns(const Statement& from, int first, std::span<const Column> columns, void* to);

/// Where each column of ours is in the statement's; -1 = not there.
std::vector<int> find_columns(const Statement& statement, std::span<const Column> columns);
/// Reads what was found.
void read_found(const Statement& from, std::span<const int> found, std::span<const Column> columns,
                void* to);

/// The numbers of a usage are sums: no number of them means unknown.
void bind_usage(Statement& to, int first, const shm::Usage& usage);
shm::Usage read_usage(const Statement& from, int first);

}  // namespace shmeter::collector
