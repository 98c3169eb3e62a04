// SPDX-License-Identifier: MIT
#include "collector/serve/metrics_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

std::string_view without(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

struct Said {
  std::string_view name;
  std::string_view type;
};
/// OpenMetrics names a family without the suffix of its samples, and knows a type more.
Said as_family(std::string_view name, MetricType type, MetricsForm form) {
  const bool open = form == MetricsForm::openmetrics;
  switch (type) {
    case MetricType::counter:
      return {open ? without(name, "_total") : name, "counter"};
    case MetricType::info:
      return {open ? without(name, "_info") : name, open ? "info" : "gauge"};
    case MetricType::summary:
      return {name, "summary"};
    case MetricType::histogram:
      return {name, "histogram"};
    case MetricType::gauge:
      break;
  }
  return {name, "gauge"};
}

/// Names come from outside: they become valid UTF-8 in one line.
void escape(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const formats::Decoded one = formats::decode(text);
    if (!one.valid)
      out += '?';
    else if (one.code < 0x20)
      out += ' ';
    else
      out.append(one.code == '\\' || one.code == '"' ? "\\" : "").append(text.substr(0, one.bytes));
    text.remove_prefix(one.bytes);
  }
}

}  // namespace

void MetricsWriter::family(std::string_view name, MetricType type, std::string_view help) {
  name_ = name;
  series_.clear();
  const Said said = as_family(name, type, form_);
  out_.append("# HELP ").append(said.name).append(" ").append(help);
  out_.append("\n# TYPE ").append(said.name).append(" ").append(said.type).append("\n");
}

void MetricsWriter::line(std::string_view suffix, Labels labels, double value) {
  std::string series(suffix);
  char before = '{';
  for (const auto& [name, text] : labels) {
    series += before;
    series.append(name).append("=\"");
    escape(text, series);
    series += '"';
    before = ',';
  }
  if (before == ',') series += '}';
  if (!series_.insert(series).second) return;
  out_.append(name_).append(series) += ' ';
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out_.append(digits.data(), written.ptr);
  out_ += '\n';
}

void MetricsWriter::sample(Labels labels, double value) { line({}, labels, value); }

void MetricsWriter::sample(Labels labels, shm::i64 value, double parts) {
  // Divided, not multiplied by a fraction: so 0.1 is said as 0.1.
  if (shm::known(value)) sample(labels, static_cast<double>(value) / parts);
}

void MetricsWriter::bucket(double up_to, std::uint64_t count) {
  std::array<char, 32> digits;
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), up_to);
  const std::string_view bound(digits.data(),
                               static_cast<std::size_t>(written.ptr - digits.data()));
  line("_bucket", {{"le", std::isinf(up_to) ? "+Inf" : bound}}, static_cast<double>(count));
}

void MetricsWriter::sum_and_count(double sum, std::uint64_t count) {
  line("_sum", {}, sum);
  line("_count", {}, static_cast<double>(count));
}

std::string MetricsWriter::take() {
  if (form_ == MetricsForm::openmetrics) out_ += "# EOF\n";
  return std::move(out_);
}

}  // namespace shmeter::collector
