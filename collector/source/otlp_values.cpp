// SPDX-License-Identifier: MIT
#include "collector/source/otlp_values.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "collector/source/json_fields.hpp"

namespace shmeter::collector::otlp {
namespace {

/// Each of the tags that a number, a text or a boolean may have.
Value untagged(const Element& tagged) {
  const Value value = json::value_of(tagged);
  for (const std::string_view tag : {"stringValue", "intValue", "doubleValue", "boolValue"}) {
    const Value inner = value[tag];
    if (inner.error() == simdjson::SUCCESS) return inner;
  }
  return Value(simdjson::NO_SUCH_FIELD);
}

}  // namespace

i64 nanoseconds(const Value& value) {
  i64 out = 0;
  if (value.get_int64().get(out) == simdjson::SUCCESS) return out < 0 ? kUnknown : out;
  const std::string_view digits = json::text(value);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  const bool all = !digits.empty() && end == digits.data() + digits.size();
  return all && error == std::errc{} && out >= 0 ? out : kUnknown;
}

bool Attributes::read(const Value& list) {
  bool room = true;
  each(list, [&](const Value& row) {
    std::string_view key;
    Element value;
    if (row["key"].get_string().get(key) != simdjson::SUCCESS) return;
    if (row["value"].get(value) != simdjson::SUCCESS) return;
    room = room && all_.size() < kMaxAttributes;
    if (room) all_.emplace_back(key, value);
  });
  return room;
}

Value Attributes::get(std::string_view key) const {
  for (const auto& [name, value] : all_) {
    if (name == key) return untagged(value);
  }
  return Value(simdjson::NO_SUCH_FIELD);
}

std::string_view Attributes::text(std::string_view key) const {
  std::string_view out;
  return get(key).get_string().get(out) == simdjson::SUCCESS ? out : std::string_view{};
}

std::string_view Attributes::name(std::string_view key) const {
  const std::string_view whole = text(key);
  std::size_t bytes = std::min(whole.size(), json::kMaxName);
  while (bytes < whole.size() && bytes > 0 &&
         (static_cast<unsigned char>(whole[bytes]) & 0xc0u) == 0x80u)
    --bytes;
  return whole.substr(0, bytes);
}

i64 Attributes::flag(std::string_view key) const {
  const std::string_view said = text(key);
  if (said == "true" || said == "false") return i64{said == "true"};
  return json::flag(get(key));
}

u64 Attributes::hash() const {
  u64 sum = 0;
  for (const auto& [name, value] : all_) {
    std::string text(name);
    text += '\0';
    text += simdjson::minify(value);
    sum += shm::hash_text(text);
  }
  return sum;
}

Result<Value> request_list(simdjson::dom::parser& parser, std::string_view body,
                           std::size_t most_bytes, std::string_view name) {
  const auto document = json::parse_document(parser, body, most_bytes);
  if (!document) return tl::unexpected(document.error());
  simdjson::dom::object object;
  if (document->get_object().get(object) != simdjson::SUCCESS)
    return fail(Errc::invalid, "not OTLP: not an object");
  const Value list = object[name];
  if (list.error() != simdjson::SUCCESS) {
    if (object.size() == 0) return list;
    return fail(Errc::invalid, "not OTLP: " + std::string(name) + " missing");
  }
  if (!list.is_array()) return fail(Errc::invalid, std::string(name) + ": not an array");
  return list;
}

}  // namespace shmeter::collector::otlp
