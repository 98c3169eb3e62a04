// SPDX-License-Identifier: MIT
#include "shm/schema.hpp"

#include <array>
#include <string>

namespace shmeter::shm {
namespace {

/// FieldTable<T>::fields for every struct made from the field table.
template <class T>
struct FieldTable;

template <class T>
struct TypeName {
  static constexpr std::string_view value = FieldTable<T>::name;
};
template <>
struct TypeName<i64> {
  static constexpr std::string_view value = "i64";
};
template <>
struct TypeName<u64> {
  static constexpr std::string_view value = "u64";
};
template <>
struct TypeName<u32> {
  static constexpr std::string_view value = "u32";
};
template <std::size_t N>
struct TypeName<Text<N>> {
  static constexpr std::string_view value = "text";
};

template <class T>
constexpr std::span<const FieldInfo> nested_fields() {
  if constexpr (requires { FieldTable<T>::fields; })
    return FieldTable<T>::fields;
  else
    return {};
}

// `offsetof` needs the struct's name, so each table is made inside a specialisation that calls it
// Record. Live's members are atomics of the type that the field table names.
#define SHMETER_FIELD(type, field, unit, help)                                                   \
  FieldInfo{#field, TypeName<type>::value, offsetof(Record, field), sizeof(Record::field), unit, \
            help,   nested_fields<type>()},
#define SHMETER_TABLE(Name, FIELDS)                                                   \
  template <>                                                                         \
  struct FieldTable<Name> {                                                           \
    using Record = Name;                                                              \
    static constexpr std::string_view name = #Name;                                   \
    static constexpr auto fields = std::to_array<FieldInfo>({FIELDS(SHMETER_FIELD)}); \
  }

SHMETER_TABLE(Usage, SHMETER_USAGE_FIELDS);
SHMETER_TABLE(Window, SHMETER_WINDOW_FIELDS);
SHMETER_TABLE(ScopedWindow, SHMETER_SCOPED_WINDOW_FIELDS);
SHMETER_TABLE(Block, SHMETER_BLOCK_FIELDS);
SHMETER_TABLE(ExtraUsage, SHMETER_EXTRA_USAGE_FIELDS);
SHMETER_TABLE(SpendLimit, SHMETER_SPEND_LIMIT_FIELDS);
SHMETER_TABLE(Section, SHMETER_SECTION_FIELDS);
SHMETER_TABLE(Header, SHMETER_HEADER_FIELDS);
SHMETER_TABLE(Live, SHMETER_LIVE_FIELDS);
SHMETER_TABLE(Summary, SHMETER_SUMMARY_FIELDS);
SHMETER_TABLE(Account, SHMETER_ACCOUNT_FIELDS);
SHMETER_TABLE(Model, SHMETER_MODEL_FIELDS);
SHMETER_TABLE(Format, SHMETER_FORMAT_FIELDS);
SHMETER_TABLE(IndexEntry, SHMETER_INDEX_FIELDS);
SHMETER_TABLE(Session, SHMETER_SESSION_FIELDS);

template <class T>
constexpr SectionInfo section(std::string_view name, std::string_view where) {
  return {name, FieldTable<T>::name, sizeof(T), where, FieldTable<T>::fields};
}

constexpr auto kSections = std::to_array<SectionInfo>({
    section<Usage>("", "inside other records"),
    section<Window>("", "inside other records"),
    section<ScopedWindow>("", "inside other records"),
    section<Block>("", "inside other records"),
    section<ExtraUsage>("", "inside other records"),
    section<SpendLimit>("", "inside other records"),
    section<Section>("", "inside the header"),
    section<Header>("header", "at 0 of the file"),
    section<Live>("live", "at 512 of the file"),
    section<Summary>("summary", "one in each slot"),
    section<Account>("account", "up to 8 in each slot"),
    section<Model>("model", "up to 32 in each slot"),
    section<Format>("format", "up to 32 in each slot"),
    section<IndexEntry>("index", "as many as sessions"),
    section<Session>("session", "up to the capacity in each slot"),
});

// A layout that has been published: these may grow at the end of a top-level record, never move.
static_assert(sizeof(Usage) == 64 && sizeof(Window) == 32 && sizeof(ScopedWindow) == 80);
static_assert(sizeof(Block) == 112 && sizeof(ExtraUsage) == 32 && sizeof(SpendLimit) == 48);
static_assert(sizeof(Section) == 24 && sizeof(IndexEntry) == 16 && sizeof(Format) == 32);
static_assert(offsetof(Header, magic) == 0 && offsetof(Header, endian) == 8);
static_assert(offsetof(Header, layout_major) == 16 && offsetof(Header, layout_compat_minor) == 24);
static_assert(offsetof(Header, layout_hash) == 32 && offsetof(Header, summary) == 80);
static_assert(offsetof(Summary, sequence) == 0 && offsetof(Summary, checksum) == 8);
static_assert(offsetof(Summary, all) == 160 && offsetof(Summary, block) == 480);
static_assert(offsetof(Session, session_id) == 0 && offsetof(Session, pane) == 824);
static_assert(offsetof(Account, five_hour) == 304 && offsetof(Account, last_request_at_s) == 992);

void append_leaves(std::string& out, std::string_view section, const std::string& prefix,
                   std::size_t base, std::span<const FieldInfo> fields) {
  for (const FieldInfo& field : fields) {
    const std::string name = prefix + std::string(field.name);
    const std::size_t offset = base + field.offset;
    if (!field.nested.empty()) {
      append_leaves(out, section, name + ".", offset, field.nested);
      continue;
    }
    for (const std::string_view part : {section, std::string_view(name), field.type})
      out.append(part).push_back('\t');
    out += std::to_string(offset) + '\t' + std::to_string(field.size) + '\t';
    out.append(field.unit).append("\t").append(field.help).append("\n");
  }
}

}  // namespace

std::span<const SectionInfo> sections() { return kSections; }

const std::string& schema_text() {
  static const std::string text = [] {
    std::string out;
    for (const SectionInfo& section : kSections)
      if (!section.name.empty())
        append_leaves(out, section.name, "", section.title == "Live" ? kLiveOffset : 0,
                      section.fields);
    return out;
  }();
  return text;
}

u64 layout_hash() {
  static const u64 hash = hash_text(schema_text());
  return hash;
}

std::string layout_tables() {
  std::string out;
  for (const SectionInfo& section : kSections) {
    out += "### " + std::string(section.title) + ": " + std::to_string(section.size) + " bytes, ";
    out.append(section.where).append("\n\n| offset | bytes | name | type | unit | meaning |\n");
    out += "|---:|---:|---|---|---|---|\n";
    for (const FieldInfo& field : section.fields) {
      out += "| " + std::to_string(field.offset) + " | " + std::to_string(field.size) + " | `";
      out.append(field.name).append("` | ").append(field.type).append(" | ");
      out.append(field.unit).append(" | ").append(field.help).append(" |\n");
    }
    out += "\n";
  }
  return out;
}

}  // namespace shmeter::shm
