// SPDX-License-Identifier: MIT
// See filters.hpp.
#include "formats/filters.hpp"

#include <array>

namespace shmeter::formats {

namespace {

// An array with its type left to deduction would land in writable memory (GCC 12).
constexpr FilterRow kRows[] = {
#define SHMETER_FILTER(name, kinds, arguments, form, help) \
  FilterRow{#name, Filter::k_##name, kinds, arguments},
    SHMETER_FILTERS(SHMETER_FILTER)
#undef SHMETER_FILTER
};

constexpr int kDefaultBarColumns = 8;
constexpr int kDefaultSparkHours = 12;
constexpr int kMaxTextColumns = 200;

Filter default_filter(Kind kind) {
  switch (kind) {
    case Kind::money:
      return Filter::k_money;
    case Kind::share:
    case Kind::remainder:
    case Kind::pace:
      return Filter::k_percent;
    case Kind::countdown:
      return Filter::k_countdown;
    case Kind::elapsed:
      return Filter::k_age;
    case Kind::moment:
      return Filter::k_clock;
    case Kind::series:
      return Filter::k_spark;
    default:
      return Filter::k_short;
  }
}

void write_raw(Word& out, const Value& value) {
  const bool share = (bit(value.kind) & kPercents) != 0;
  write_decimal(out, value.number, value.kind == Kind::money ? 9 : share ? 4 : 0);
}

void write_money_value(Word& out, const Value& value, const FilterCall& call) {
  if (call.argument_count == 0)
    write_money(out, value.number);
  else
    write_money(out, value.number, argument_number(call.arguments[0], 0, 9));
  if (value.at_least) out.add("+");
}

void write_series(Word& out, std::string_view levels, int hours, bool ascii) {
  const auto wanted = static_cast<std::size_t>(hours);
  if (levels.size() > wanted) levels = levels.substr(levels.size() - wanted);
  for (const char level : levels) write_spark(out, level - '0', ascii);
}

void write_local_time(Word& out, i64 at_s, const Values& values) {
  if (values.summary == nullptr) return;
  write_clock(out, at_s, values.now_s, utc_offset_s(*values.summary, at_s));
}

/// Writes nothing when the text needs what is not known.
void write(Word& out, Filter filter, const Value& value, const FilterCall& call,
           const Values& values, Glyphs glyphs) {
  const auto number = [&](int low, int high, int otherwise) {
    return call.argument_count == 0 ? otherwise : argument_number(call.arguments[0], low, high);
  };
  const bool moment = value.kind == Kind::moment;
  switch (filter) {
    case Filter::k_short:
      return write_short(out, value.number);
    case Filter::k_raw:
      return write_raw(out, value);
    case Filter::k_percent:
      if (value.kind == Kind::pace && value.number > 0) out.add("+");
      return write_percent(out, value.number, number(0, 4, 0));
    case Filter::k_money:
      return write_money_value(out, value, call);
    case Filter::k_bar:
      return write_bar(out, value.number, number(1, kMaxBarColumns, kDefaultBarColumns),
                       call.argument_count == 2 || glyphs == Glyphs::ascii);
    case Filter::k_spark:
      return write_series(out, value.text, number(1, shm::kHours, kDefaultSparkHours),
                          glyphs == Glyphs::ascii);
    case Filter::k_countdown:
      return write_countdown(out, moment ? difference(value.number, values.now_s) : value.number);
    case Filter::k_age:
      return write_age(out, moment ? difference(values.now_s, value.number) : value.number);
    case Filter::k_clock:
      return write_local_time(out, value.number, values);
    case Filter::k_max:
      return;
  }
}

}  // namespace

const FilterRow* find_filter(std::string_view name) noexcept {
  for (const FilterRow& row : kRows)
    if (row.name == name) return &row;
  return nullptr;
}

int argument_number(std::string_view argument, int low, int high) noexcept {
  int number = 0;
  if (argument.empty() || argument.size() > 3) return -1;
  for (const char c : argument) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number < low || number > high ? -1 : number;
}

bool arguments_fit(const FilterRow& row, const FilterCall& call) noexcept {
  if (call.argument_count > row.max_arguments) return false;
  const std::string_view first = call.arguments[0];
  switch (row.filter) {
    case Filter::k_percent:
      return call.argument_count == 0 || argument_number(first, 0, 4) >= 0;
    case Filter::k_money:
      return call.argument_count == 0 || argument_number(first, 0, 9) >= 0;
    case Filter::k_bar:
      return call.argument_count == 0 ||
             (argument_number(first, 1, kMaxBarColumns) > 0 &&
              (call.argument_count == 1 || call.arguments[1] == "ascii"));
    case Filter::k_spark:
      return call.argument_count == 0 || argument_number(first, 1, shm::kHours) > 0;
    case Filter::k_max:
      return argument_number(first, 1, kMaxTextColumns) > 0;
    default:
      return true;
  }
}

bool show(const Value& value, const FieldCall& call, const Values& values, Glyphs glyphs,
          Shown& out) noexcept {
  if (value.kind == Kind::unknown) return false;
  const bool text = value.kind == Kind::text;
  Filter filter = default_filter(value.kind);
  FilterCall with;
  for (std::size_t i = 0; i < call.filter_count && i < kMaxFilters; ++i) {
    const FilterRow* row = find_filter(call.filters[i].name);
    if (row == nullptr || !arguments_fit(*row, call.filters[i])) continue;
    if (row->filter == Filter::k_max) {
      if (text) out.max_columns = argument_number(call.filters[i].arguments[0], 1, kMaxTextColumns);
    } else if ((row->kinds & bit(value.kind)) != 0) {
      filter = row->filter;
      with = call.filters[i];
    }
  }
  if (!text) write(out.word, filter, value, with, values, glyphs);
  out.text = text ? value.text : out.word.view();
  return !out.text.empty();
}

}  // namespace shmeter::formats
