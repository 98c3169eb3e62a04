// SPDX-License-Identifier: MIT
#include "collector/config/node.hpp"

#include <algorithm>
#include <cmath>

#include "collector/config/near_name.hpp"

namespace shmeter::collector {

void refuse(const Place& where, std::string what) { throw Mistake{where, std::move(what)}; }

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string unknown(std::string_view kind, std::string_view wrong, Names right) {
  std::string text = "unknown " + std::string(kind) + ' ' + in_quotes(wrong);
  if (const auto near = near_name(wrong, right); !near.empty())
    return text + "; did you mean " + in_quotes(near) + "?";
  text += "; use ";
  for (const auto name : right) text += (name == right.front() ? "" : ", ") + std::string(name);
  return text;
}

Table::Table(const toml::node& node, std::string_view name, Names keys) : name_(name) {
  table_ = node.as_table();
  if (table_ == nullptr) refuse(place(node), std::string(name) + " must be a table");
  for (const auto& [key, value] : *table_) {
    if (std::find(keys.begin(), keys.end(), key.str()) == keys.end())
      refuse(place(key.source().begin), unknown("key", key.str(), keys));
  }
}

const toml::node& Table::need(std::string_view key) const {
  if (const toml::node* node = find(key)) return *node;
  refuse(place(*table_), name_ + " needs " + in_quotes(key) + "; add it");
}

std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  refuse(place(node), "must be a text; put it into quotes");
}

std::string text_of(const toml::node& node, std::size_t max_bytes) {
  std::string text = text_of(node);
  if (text.empty()) refuse(place(node), "must not be empty");
  if (text.size() > max_bytes)
    refuse(place(node), "longer than " + std::to_string(max_bytes) + " bytes; shorten it");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      refuse(place(node), "must not hold control characters");
  }
  return text;
}

i64 whole_number(const toml::node& node, i64 least, i64 most) {
  const auto* number = node.as_integer();
  if (number != nullptr && number->get() >= least && number->get() <= most) return number->get();
  refuse(place(node),
         "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

bool flag(const toml::node& node) {
  if (const auto* value = node.as_boolean()) return value->get();
  refuse(place(node), "must be true or false");
}

i64 four_decimals(const toml::node& node, i64 most, std::string_view what) {
  const auto number = node.value<double>();
  if (!number || !node.is_number() || !(*number >= 0) || *number > static_cast<double>(most))
    refuse(place(node), "must be " + std::string(what) + ", from 0 to " + std::to_string(most));
  const double exact = *number * 10'000;
  const double rounded = std::round(exact);
  if (std::abs(exact - rounded) > 1e-9 * std::max(1.0, exact) || (rounded == 0 && exact > 0))
    refuse(place(node), "more than four decimals; round it to 0.0001");
  return static_cast<i64>(rounded);
}

std::size_t choice(const toml::node& node, std::string_view kind, Names names) {
  const std::string name = text_of(node);
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) refuse(place(node), unknown(kind, name, names));
  return static_cast<std::size_t>(at - names.begin());
}

std::vector<std::string> texts_of(const toml::node& node, std::size_t most) {
  const auto* list = node.as_array();
  if (list == nullptr || list->empty())
    refuse(place(node), "must be a list of texts such as [\"/usr/bin/program\", \"--flag\"]");
  if (list->size() > most)
    refuse(place(node), "more than " + std::to_string(most) + " texts; shorten the list");
  std::vector<std::string> texts;
  for (const toml::node& one : *list) {
    texts.push_back(text_of(one));
    if (texts.back().find('\0') != std::string::npos || texts.back().size() > 4096)
      refuse(place(one), "longer than 4096 bytes, or with a NUL in it");
  }
  return texts;
}

std::vector<std::string> command(const toml::node& node, std::string_view home) {
  constexpr std::size_t kMaxWords = 64;
  std::vector<std::string> argv = texts_of(node, kMaxWords);
  if (argv.front().empty()) refuse(place(node), "must begin with the program");
  if (argv.front().starts_with("~/")) argv.front().replace(0, 1, home);
  return argv;
}

}  // namespace shmeter::collector
