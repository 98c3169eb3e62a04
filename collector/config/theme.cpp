// SPDX-License-Identifier: MIT
#include "collector/config/theme.hpp"

#include <array>

#include "collector/config/colour.hpp"
#include "collector/config/keys.hpp"
#include "collector/config/near_name.hpp"
#include "collector/config/node.hpp"
#include "collector/config/theme_text.hpp"
#include "formats/field_table.hpp"
#include "formats/fields.hpp"
#include "formats/filters.hpp"
#include "formats/screen.hpp"

namespace shmeter::collector {
namespace {

using formats::Paint;
using formats::Theme;
using formats::Tone;

constexpr std::size_t kMaxSeparator = 32;
constexpr std::size_t kMaxCap = 16;
constexpr int kMaxCapColumns = 4;
constexpr i64 kWhole = 100;
constexpr std::string_view kTones[] = {"ok", "warn", "crit", "dim", "accent"};
constexpr std::string_view kGlyphs[] = {"ascii", "unicode", "nerd"};

#define SHMETER_NAME(name, kind, get, place, path, help) std::string_view{name},
constexpr std::array kFieldNames = {SHMETER_TEMPLATE_FIELDS(SHMETER_NAME)};

std::string style_text(const toml::node& node) {
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  return text_of(node, 64);
}

void read_style(const toml::node* node, Paint& paint) {
  if (node == nullptr) return;
  const auto read = parse_style(style_text(*node));
  if (!read)
    refuse(place(*node), "write a colour as " + std::string(kColourForms) +
                             ", perhaps with \"bold \" or \"faint \" before it");
  paint = *read;
}

/// As it shows on every line: nothing a host could take for something else is of any harm there.
std::string short_text(const toml::node& node, std::size_t most_bytes) {
  std::string text = text_of(node);
  if (text.size() > most_bytes)
    refuse(place(node), "longer than " + std::to_string(most_bytes) + " bytes; shorten it");
  if (text.find('\n') != text.npos) refuse(place(node), "must be on one line");
  return text;
}

std::string cap(const toml::node& node) {
  std::string text = short_text(node, kMaxCap);
  if (formats::columns_of(text) > kMaxCapColumns)
    refuse(place(node), "wider than " + std::to_string(kMaxCapColumns) + " columns; shorten it");
  return text;
}

/// `[warn, crit]` in percent used.
formats::Limits limits(const toml::node& node) {
  const auto* list = node.as_array();
  if (list == nullptr || list->size() != 2)
    refuse(place(node), "write two numbers, from when on it warns and is critical: [75, 90]");
  const auto ppm = [](const toml::node& number) {
    return four_decimals(number, kWhole, "percent");
  };
  const formats::Limits out = {ppm((*list)[0]), ppm((*list)[1])};
  if (out.warn_ppm > out.crit_ppm) refuse(place(node), "it must warn before it is critical");
  return out;
}

/// A field, or short for its share used: `five_hour`.
std::string field_name(const toml::key& key) {
  for (const std::string& name : {std::string(key.str()), std::string(key.str()) + ".used"}) {
    const formats::Field* field = formats::find_field(name);
    if (field == nullptr) continue;
    if ((formats::bit(formats::kind_of(*field)) & formats::kShares) == 0)
      refuse(place(key.source().begin),
             in_quotes(key.str()) + " is no share; only those are judged");
    return name;
  }
  const auto near = near_name(key.str(), kFieldNames);
  refuse(place(key.source().begin),
         "unknown field " + in_quotes(key.str()) +
             (near.empty() ? "" : "; did you mean " + in_quotes(near) + "?"));
}

void read_limits(const toml::node* node, formats::Limits& all, std::vector<OwnLimits>& own) {
  if (node == nullptr) return;
  const auto* table = node->as_table();
  if (table == nullptr) refuse(place(*node), "write [theme.thresholds], with a field on each line");
  for (const auto& [key, value] : *table) {
    if (key.str() == "default") {
      all = limits(value);
      continue;
    }
    own.push_back({field_name(key), limits(value)});
    if (own.size() > formats::kMaxLimits)
      refuse(place(value), "at most " + std::to_string(formats::kMaxLimits) + " fields");
  }
}

}  // namespace

std::string read_theme(const toml::node& node) {
  const Table table(node, "[theme]", config_keys("theme"));
  const std::vector<std::string_view> names = theme_names();
  const toml::node* const name = table.find("name");
  Theme theme = theme_named(names[name == nullptr ? 0 : choice(*name, "theme", names)]);
  for (std::size_t i = 0; i < std::size(kTones); ++i)
    read_style(table.find(kTones[i]), theme.paints[i + 1]);
  read_style(table.find("background"), theme.paints[static_cast<std::size_t>(Tone::ground)]);
  if (const auto* glyphs = table.find("glyphs"))
    theme.glyphs = static_cast<formats::Glyphs>(choice(*glyphs, "glyphs", kGlyphs));
  std::string separator;
  std::string left;
  std::string right;
  if (const auto* text = table.find("separator"))
    theme.separator = separator = short_text(*text, kMaxSeparator);
  else if (theme.glyphs == formats::Glyphs::ascii)
    theme.separator = " | ";
  if (const auto* text = table.find("left")) theme.left_cap = left = cap(*text);
  if (const auto* text = table.find("right")) theme.right_cap = right = cap(*text);
  std::vector<OwnLimits> own;
  read_limits(table.find("thresholds"), theme.limits, own);
  return write_theme(theme, own);
}

}  // namespace shmeter::collector
