// SPDX-License-Identifier: MIT
#include "collector/source/json_fields.hpp"

#include <cmath>

#include "collector/source/timestamp.hpp"

namespace shmeter::collector::json {
namespace {

using Element = simdjson::dom::element;

// Names come from the document: short, and nothing that a terminal or a line protocol would obey.
std::string printable(std::string_view name) {
  constexpr std::size_t kMost = 48;
  std::string out(name.substr(0, kMost));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return name.size() > kMost ? out + "..." : out;
}

std::string up_to(double most) {
  std::string digits = std::to_string(most);
  digits.erase(digits.find('.'));
  return "0 to " + digits;
}

}  // namespace

std::string Place::text() const {
  std::string out = in == nullptr ? std::string() : in->text();
  if (index != kNoIndex) return out + '[' + std::to_string(index) + ']';
  if (member.empty()) return out;
  return out + (out.empty() ? "" : ".") + printable(member);
}

void Trouble::note(const Place& place, std::string_view what) {
  if (any()) return;
  message_ = place.text();
  if (!message_.empty()) message_ += ": ";
  message_ += what;
}

Result<Element> parse_document(simdjson::dom::parser& parser, std::string_view bytes,
                               std::size_t most_bytes) {
  if (bytes.size() > most_bytes)
    return fail(Errc::invalid, "too long: " + std::to_string(bytes.size()) + " bytes, at most " +
                                   std::to_string(most_bytes));
  if (bytes.empty()) return fail(Errc::invalid, "not JSON: nothing at all");
  Element root;
  if (const auto error = parser.parse(bytes.data(), bytes.size()).get(root))
    return fail(Errc::invalid, std::string("not JSON: ") + simdjson::error_message(error));
  return root;
}

Fields::Fields(Element element, const Place& place, Trouble& trouble)
    : element_(element), place_(place), trouble_(trouble) {
  simdjson::dom::object object;
  if (element.get_object().get(object) == simdjson::SUCCESS)
    object_ = object;
  else
    trouble_.note(place_, "not an object");
}

std::optional<Element> Fields::get(std::string_view name) const {
  Element value;
  if (!object_ || object_->at_key(name).get(value) != simdjson::SUCCESS || value.is_null())
    return {};
  return value;
}

std::optional<double> Fields::number(std::string_view name, double most) const {
  const auto value = get(name);
  if (!value) return {};
  double got = 0;
  if (value->get_double().get(got) != simdjson::SUCCESS || !std::isfinite(got)) {
    note(name, "not a number");
    return {};
  }
  if (got >= 0 && got <= most) return got;
  note(name, got < 0 ? "negative" : "not a number from " + up_to(most));
  return {};
}

i64 Fields::whole(std::string_view name, i64 most) const {
  const auto got = number(name, static_cast<double>(most));
  if (!got) return kUnknown;
  if (*got == std::floor(*got)) return static_cast<i64>(*got);
  note(name, "not a whole number");
  return kUnknown;
}

i64 Fields::scaled(std::string_view name, double scale, double most) const {
  const auto got = number(name, most);
  return got ? std::llround(*got * scale) : kUnknown;
}

std::string_view Fields::text(std::string_view name, std::size_t most_bytes) const {
  const auto value = get(name);
  if (!value) return {};
  std::string_view out;
  if (value->get_string().get(out) != simdjson::SUCCESS) {
    note(name, "not a text");
    return {};
  }
  if (out.size() <= most_bytes) return out;
  note(name,
       "too long: " + std::to_string(out.size()) + " bytes, at most " + std::to_string(most_bytes));
  return {};
}

i64 Fields::flag(std::string_view name) const {
  const auto value = get(name);
  if (!value) return kUnknown;
  bool out = false;
  if (value->get_bool().get(out) == simdjson::SUCCESS) return i64{out};
  note(name, "not true or false");
  return kUnknown;
}

i64 Fields::time_ms(std::string_view name) const {
  constexpr double kMostSeconds = 1e11;  // the year 5138; milliseconds lie beyond
  const auto value = get(name);
  if (!value) return kUnknown;
  if (!value->is_string()) {
    if (!value->is_number()) note(name, "not a time: ISO 8601 with its offset, or epoch seconds");
    return scaled(name, 1000, kMostSeconds);
  }
  const i64 at_ms = parse_timestamp_ms(text(name));
  if (at_ms == kUnknown) note(name, "not a time: ISO 8601 with its offset, or epoch seconds");
  return at_ms;
}

void Fields::each(std::string_view name, std::size_t most,
                  const std::function<void(Element, const Place&)>& row) const {
  const auto value = get(name);
  if (!value) return;
  const Place place{&place_, name};
  simdjson::dom::array rows;
  if (value->get_array().get(rows) != simdjson::SUCCESS)
    return trouble_.note(place, "not an array");
  std::size_t index = 0;
  for (const Element entry : rows) {
    if (index == most) return trouble_.note(place, "more than " + std::to_string(most));
    row(entry, {&place, {}, index++});
  }
}

}  // namespace shmeter::collector::json
