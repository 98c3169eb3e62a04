// SPDX-License-Identifier: MIT
#include "collector/config/show.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include "collector/config/keys.hpp"
#include "collector/config/toml.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kSecret = "webhook_secret";

class Shown {
 public:
  explicit Shown(std::string_view text) : text_(text), file_(toml::parse(text)) {
    for (std::size_t at = 0; at != 0 || lines_.empty(); at = text.find('\n', at) + 1)
      lines_.push_back(at);
  }

  std::string all() const {
    std::string out;
    for (const ConfigSection& one : config_sections()) {
      if (one.name == "format")
        for (const auto& [target, format] : in_order(file_["format"].as_table()))
          out += under("[format." + target + ']', entries(format->as_table()));
      else if (one.name == "thresholds")
        out += under(one.heading, section(one, file_["theme"]["thresholds"].as_table()));
      else if (const auto* list = file_[one.name].as_array(); one.heading.starts_with("[["))
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i)
          out += under(one.heading, entries((*list)[i].as_table()));
      else
        out += under(one.heading,
                     section(one, one.name.empty() ? &file_ : file_[one.name].as_table()));
    }
    return out;
  }

 private:
  struct Entry {
    std::string key;  // as it was written
    const toml::node* value;
  };

  static std::string under(std::string_view heading, const std::string& lines) {
    if (lines.empty()) return {};
    return (heading.empty() ? "" : '\n' + std::string(heading) + '\n') + lines;
  }

  /// Columns are counted in characters.
  std::size_t offset(const toml::source_position& at) const {
    std::size_t byte = lines_[at.line - 1];
    for (auto column = at.column; column > 1 && byte < text_.size(); --column) do
        ++byte;
      while (byte < text_.size() && (static_cast<unsigned char>(text_[byte]) & 0xc0u) == 0x80u);
    return byte;
  }
  std::string written(const toml::source_region& source) const {
    const std::size_t begin = offset(source.begin);
    return std::string(text_.substr(begin, offset(source.end) - begin));
  }

  /// What is no table itself, as it stands in the file.
  std::vector<Entry> in_order(const toml::table* table) const {
    std::map<std::size_t, Entry> found;
    if (table != nullptr)
      for (const auto& [key, value] : *table)
        found[offset(key.source().begin)] = {written(key.source()), &value};
    std::vector<Entry> out;
    for (auto& [at, entry] : found) out.push_back(std::move(entry));
    return out;
  }

  std::string entries(const toml::table* table) const {
    std::string out;
    for (const auto& [key, value] : in_order(table)) {
      if (value->is_table() || value->is_array_of_tables()) continue;
      const bool secret = value == table->get(kSecret);
      out +=
          (secret ? "# " : "") + key + " = " + (secret ? "(not shown)" : written(value->source()));
      out += '\n';
    }
    return out;
  }

  /// A section that stands once: what is said in it, and what holds beside that.
  std::string section(const ConfigSection& section, const toml::table* said) const {
    std::string out = entries(said);
    for (const ConfigKey& key : section.keys)
      if (key.is == ConfigKey::Value::preset && (said == nullptr || !said->contains(key.name)))
        out += std::string(key.name) + " = " + std::string(key.value) + "  # default\n";
    return out;
  }

  std::string_view text_;
  std::vector<std::size_t> lines_;  // where each begins
  toml::table file_;
};

}  // namespace

std::string what_holds(std::string_view text) { return Shown(text).all(); }

}  // namespace shmeter::collector
