// SPDX-License-Identifier: MIT
#include "collector/store/columns.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

namespace shmeter::collector {
namespace {

static_assert(std::is_standard_layout_v<SessionRow>, "columns are found by their offsets");

template <class T>
void add(std::vector<Column>& to, const char* prefix, const char* name, std::size_t offset) {
  if constexpr (std::is_same_v<T, shm::Usage>) {
    for (const Column& part : usage_columns())
      to.push_back({std::string(name) + "_" + part.name, part.type, offset + part.offset, 0});
  } else if constexpr (std::is_same_v<T, i64>) {
    to.push_back({std::string(prefix) + name, Column::Type::number, offset, 0});
  } else if constexpr (std::is_same_v<T, u64>) {
    to.push_back({std::string(prefix) + name, Column::Type::word, offset, 0});
  } else if constexpr (std::is_same_v<T, std::string>) {
    to.push_back({name, Column::Type::string, offset, 0});
  } else {
    to.push_back({std::string(prefix) + name, Column::Type::text, offset, sizeof(T)});
  }
}

std::vector<Column> make_usage_columns() {
  std::vector<Column> all;
#define SHMETER_COLUMN(type, name, unit, help) \
  add<type>(all, "", #name, offsetof(shm::Usage, name));
  SHMETER_USAGE_FIELDS(SHMETER_COLUMN)
#undef SHMETER_COLUMN
  return all;
}

std::vector<Column> make_session_columns() {
  using namespace shm;
  std::vector<Column> all;
#define SHMETER_COLUMN(type, name, unit, help) \
  add<type>(all, "", #name, offsetof(SessionRow, record) + offsetof(Session, name));
  SHMETER_SESSION_FIELDS(SHMETER_COLUMN)
#undef SHMETER_COLUMN
  add<Usage>(all, "", "counted", offsetof(SessionRow, counted));
#define SHMETER_COLUMN(type, name, meaning) \
  add<type>(all, "mark_", #name, offsetof(SessionRow, marks) + offsetof(SessionMarks, name));
  SHMETER_SESSION_MARKS(SHMETER_COLUMN)
#undef SHMETER_COLUMN
  add<std::string>(all, "", "models", offsetof(SessionRow, models));
  return all;
}

std::string_view text_at(const char* bytes, std::size_t most) {
  return {bytes, ::strnlen(bytes, most)};
}

void bind_one(Statement& to, int at, const Column& column, const char* from) {
  u64 word = 0;
  if (column.type == Column::Type::text) return to.bind_some(at, text_at(from, column.bytes));
  if (column.type == Column::Type::string)
    return to.bind_some(at, *reinterpret_cast<const std::string*>(from));
  std::memcpy(&word, from, sizeof word);
  column.type == Column::Type::word ? to.bind_word(at, word)
                                    : to.bind_known(at, static_cast<i64>(word));
}

void read_one(const Statement& from, int at, const Column& column, char* to) {
  if (column.type == Column::Type::string) {
    *reinterpret_cast<std::string*>(to) = from.text(at);
    return;
  }
  if (column.type == Column::Type::text) {
    const std::string_view text = from.text(at).substr(0, column.bytes);
    std::memset(to, 0, column.bytes);
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return;
  }
  const i64 number = column.type == Column::Type::word ? from.number(at) : from.known(at);
  std::memcpy(to, &number, sizeof number);
}

}  // namespace

std::span<const Column> usage_columns() {
  static const std::vector<Column> columns = make_usage_columns();
  return columns;
}

std::span<const Column> session_columns() {
  static const std::vector<Column> columns = make_session_columns();
  return columns;
}

std::string join(std::span<const Column> columns, std::string_view each) {
  std::string text;
  for (const Column& column : columns) {
    if (!text.empty()) text += ',';
    for (const char c : each) c == '$' ? text += column.name : text += c;
  }
  return text;
}

void bind_columns(Statement& to, int first, std::span<const Column> columns, const void* from) {
  for (const Column& column : columns)
    bind_one(to, first++, column, static_cast<const char*>(from) + column.offset);
}

void read_columns(const Statement& from, int first, std::span<const Column> columns, void* to) {
  for (const Column& column : columns)
    read_one(from, first++, column, static_cast<char*>(to) + column.offset);
}

std::vector<int> find_columns(const Statement& statement, std::span<const Column> columns) {
  std::vector<int> found(columns.size(), -1);
  const int count = sqlite3_column_count(statement.get());
  for (int at = 0; at < count; ++at) {
    const std::string_view name = sqlite3_column_name(statement.get(), at);
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const Column& one) { return one.name == name; });
    if (column != columns.end()) found[static_cast<std::size_t>(column - columns.begin())] = at;
  }
  return found;
}

void read_found(const Statement& from, std::span<const int> found, std::span<const Column> columns,
                void* to) {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (found[i] >= 0)
      read_one(from, found[i], columns[i], static_cast<char*>(to) + columns[i].offset);
}

void bind_usage(Statement& to, int first, const shm::Usage& usage) {
#define SHMETER_BIND(type, name, unit, help) to.bind(first++, usage.name);
  SHMETER_USAGE_FIELDS(SHMETER_BIND)
#undef SHMETER_BIND
}

shm::Usage read_usage(const Statement& from, int first) {
  shm::Usage usage;
#define SHMETER_READ(type, name, unit, help) usage.name = from.number(first++);
  SHMETER_USAGE_FIELDS(SHMETER_READ)
#undef SHMETER_READ
  return usage;
}

}  // namespace shmeter::collector
