// SPDX-License-Identifier: MIT
#include "shm/c_header.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "shm/schema.hpp"

namespace shmeter::shm {
namespace {

// Switches without a default, so that the compiler names a value that was appended and not said
// here.
constexpr std::string_view name_of(QuotaSource value) {
  switch (value) {
    case QuotaSource::statusline:
      return "STATUSLINE";
    case QuotaSource::utilization_file:
      return "UTILIZATION_FILE";
    case QuotaSource::limit_line:
      return "LIMIT_LINE";
    case QuotaSource::stream:
      return "STREAM";
    case QuotaSource::manual:
      return "MANUAL";
    case QuotaSource::command:
      return "COMMAND";
    case QuotaSource::fleet:
      return "FLEET";
  }
  return {};
}

constexpr std::string_view name_of(SessionStatus value) {
  switch (value) {
    case SessionStatus::unknown:
      return "UNKNOWN";
    case SessionStatus::idle:
      return "IDLE";
    case SessionStatus::busy:
      return "BUSY";
    case SessionStatus::waiting:
      return "WAITING";
    case SessionStatus::ended:
      return "ENDED";
  }
  return {};
}

constexpr std::string_view name_of(BudgetSource value) {
  switch (value) {
    case BudgetSource::preset:
      return "PRESET";
    case BudgetSource::config:
      return "CONFIG";
  }
  return {};
}

constexpr std::string_view name_of(Completeness value) {
  switch (value) {
    case Completeness::complete:
      return "COMPLETE";
    case Completeness::today_only:
      return "TODAY_ONLY";
    case Completeness::nothing_yet:
      return "NOTHING_YET";
  }
  return {};
}

constexpr std::string_view name_of(WriterState value) {
  switch (value) {
    case WriterState::running:
      return "RUNNING";
    case WriterState::stopped:
      return "STOPPED";
    case WriterState::superseded:
      return "SUPERSEDED";
  }
  return {};
}

/// ScopedWindow as scoped_window.
std::string snake(std::string_view title) {
  std::string out;
  for (const char c : title) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += '_';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

template <class Enum>
void append_enum(std::string& out, std::string_view title) {
  constexpr i64 kValues = 64;  // more than any of them has
  const std::string name = snake(title);
  out += "enum shmeter_" + name + " {\n";
  std::string between;
  for (i64 value = 0; value < kValues; ++value) {
    // Of the underlying type, so any number is a value of it.
    const auto one = name_of(static_cast<Enum>(value));
    if (one.empty()) continue;
    out += between + "  SHMETER_" + upper(name) + "_" + std::string(one) + " = " +
           std::to_string(value);
    between = ",\n";
  }
  out += "\n};\n";
}

/// "shm::QuotaSource: who" as "enum shmeter_quota_source: who".
std::string help_in_c(std::string_view help) {
  constexpr std::string_view kOurs = "shm::";
  const std::size_t at = help.find(kOurs);
  if (at == help.npos) return std::string(help);
  const std::size_t from = at + kOurs.size();
  std::size_t end = from;
  while (end < help.size() && std::isalpha(static_cast<unsigned char>(help[end])) != 0) ++end;
  return std::string(help.substr(0, at)) + "enum shmeter_" + snake(help.substr(from, end - from)) +
         std::string(help.substr(end));
}

std::string declared(const FieldInfo& field) {
  const std::string name(field.name);
  if (field.type == "text") return "char " + name + "[" + std::to_string(field.size) + "];";
  if (!field.nested.empty()) return "shmeter_" + snake(field.type) + " " + name + ";";
  return (field.type == "i64"   ? "int64_t "
          : field.type == "u64" ? "uint64_t "
                                : "uint32_t ") +
         name + ";";
}

void append_gap(std::string& out, std::size_t from, std::size_t to) {
  if (from < to)
    out += "  char reserved_" + std::to_string(from) + "[" + std::to_string(to - from) + "];\n";
}

void append_struct(std::string& out, const SectionInfo& section) {
  constexpr std::size_t kCommentColumn = 44;
  const std::string name = "shmeter_" + snake(section.title);
  out += "/* " + std::to_string(section.size) + " bytes, " + std::string(section.where) + ". */\n";
  out += "typedef struct " + name + " {\n";
  std::size_t end = 0;
  for (const FieldInfo& field : section.fields) {
    append_gap(out, end, field.offset);
    std::string line = "  " + declared(field);
    const std::string_view unit = field.type == "text" || field.unit == "enum" ? "" : field.unit;
    const std::string help = help_in_c(field.help);
    const std::string comment =
        std::string(unit) + (unit.empty() || help.empty() ? "" : ": ") + help;
    if (!comment.empty()) {
      line.resize(std::max(line.size() + 1, kCommentColumn), ' ');
      line += "/* " + comment + " */";
    }
    out += line + "\n";
    end = field.offset + field.size;
  }
  append_gap(out, end, section.size);
  out += "} " + name + ";\n\n";
}

}  // namespace

std::string c_declarations() {
  std::string out = "enum {\n  SHMETER_LAYOUT_MAJOR = " + std::to_string(kLayoutMajor) +
                    ",\n  SHMETER_LAYOUT_MINOR = " + std::to_string(kLayoutMinor) +
                    ",\n  SHMETER_SLOTS = " + std::to_string(kSlots) +
                    ",\n  SHMETER_LIVE_OFFSET = " + std::to_string(kLiveOffset) + "\n};\n\n";
  append_enum<QuotaSource>(out, "QuotaSource");
  append_enum<SessionStatus>(out, "SessionStatus");
  append_enum<BudgetSource>(out, "BudgetSource");
  append_enum<Completeness>(out, "Completeness");
  append_enum<WriterState>(out, "WriterState");
  out += "\n";
  for (const SectionInfo& section : sections()) append_struct(out, section);
  for (const SectionInfo& section : sections())
    out += "SHMETER_CHECK_SIZE(shmeter_" + snake(section.title) + ", " +
           std::to_string(section.size) + ");\n";
  return out;
}

}  // namespace shmeter::shm
