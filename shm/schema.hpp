// SPDX-License-Identifier: MIT
// The layout said in words: descriptors of every published field, made from the field table, and
// the schema text that stands in the region so that a program of another build can still show it.
// For the writer and the tests; no reader includes it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "shm/layout.hpp"

namespace shmeter::shm {

/// One field of a record. `nested` is its own table when it is a struct, else empty.
struct FieldInfo {
  std::string_view name;
  std::string_view type;  // i64, u64, u32, text, or the nested struct's name
  std::size_t offset;     // from the start of its record
  std::size_t size;       // bytes
  std::string_view unit;
  std::string_view help;
  std::span<const FieldInfo> nested;
};

/// A kind of record and where it stands.
struct SectionInfo {
  std::string_view name;   // as the schema text calls it
  std::string_view title;  // the struct's name
  std::size_t size;
  std::string_view where;
  std::span<const FieldInfo> fields;
};

/// Every struct, nested ones first.
std::span<const SectionInfo> sections();

/// One line per leaf field, nested ones by dotted names: section, name, type, offset, size, unit,
/// help, separated by tabs. Offsets of `header` and `live` count from the start of the file, the
/// others from the start of their record.
const std::string& schema_text();
/// hash_text of it: two regions of one hash hold the same records.
u64 layout_hash();

/// The same as Markdown tables, one per struct, for shm/README.md.
std::string layout_tables();

}  // namespace shmeter::shm
