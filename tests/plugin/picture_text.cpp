// SPDX-License-Identifier: MIT
// See picture_text.hpp. The setters are made from the field table.
#include "tests/plugin/picture_text.hpp"

#include <charconv>
#include <stdexcept>

namespace shmeter::test {
namespace {

using shm::i64;
using shm::u64;

/// `now`, `now+2h13m`, `now-90s`, or a number.
i64 number(std::string_view text, i64 now_s) {
  i64 value = 0;
  int sign = 1;
  const bool relative = text.starts_with("now");
  if (relative) {
    text.remove_prefix(3);
    if (text.empty()) return now_s;
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  do {
    i64 part = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), part);
    if (error != std::errc()) throw std::runtime_error("no number: " + std::string(text));
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    i64 unit = 1;
    if (relative && !text.empty()) {
      const std::size_t which = std::string_view("smhd").find(text.front());
      if (which == text.npos) throw std::runtime_error("no unit: " + std::string(text));
      constexpr i64 kUnits[] = {1, 60, 3600, 86400};
      unit = kUnits[which];
      text.remove_prefix(1);
    }
    value += part * unit;
  } while (relative && !text.empty());
  if (!text.empty()) throw std::runtime_error("left over: " + std::string(text));
  return relative ? now_s + sign * value : value;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == 'n') {
      out += '\n';
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view first_part(std::string_view& path) {
  const std::size_t dot = path.find('.');
  const std::string_view first = path.substr(0, dot);
  path.remove_prefix(dot == path.npos ? path.size() : dot + 1);
  return first;
}

void set(i64& field, std::string_view, std::string_view value, i64 now_s) {
  field = number(value, now_s);
}
void set(u64& field, std::string_view, std::string_view value, i64 now_s) {
  field = static_cast<u64>(number(value, now_s));
}
template <std::size_t N>
void set(shm::Text<N>& field, std::string_view, std::string_view value, i64) {
  field.assign(unescaped(value));
}

#define SHMETER_TRY(type, field, unit, help) \
  if (name == #field) return set(record.field, path, value, now_s);
#define SHMETER_SETTER(Record, FIELDS)                                                      \
  void set(shm::Record& record, std::string_view path, std::string_view value, i64 now_s) { \
    const std::string_view name = first_part(path);                                         \
    FIELDS(SHMETER_TRY)                                                                     \
    throw std::runtime_error("no field " + std::string(name) + " in " #Record);             \
  }
SHMETER_SETTER(Usage, SHMETER_USAGE_FIELDS)
SHMETER_SETTER(Window, SHMETER_WINDOW_FIELDS)
SHMETER_SETTER(ScopedWindow, SHMETER_SCOPED_WINDOW_FIELDS)
SHMETER_SETTER(Block, SHMETER_BLOCK_FIELDS)
SHMETER_SETTER(ExtraUsage, SHMETER_EXTRA_USAGE_FIELDS)
SHMETER_SETTER(SpendLimit, SHMETER_SPEND_LIMIT_FIELDS)
SHMETER_SETTER(Summary, SHMETER_SUMMARY_FIELDS)
SHMETER_SETTER(Account, SHMETER_ACCOUNT_FIELDS)
SHMETER_SETTER(Model, SHMETER_MODEL_FIELDS)
SHMETER_SETTER(Session, SHMETER_SESSION_FIELDS)

template <class Record>
Record& numbered(std::vector<Record>& records, std::string_view& path) {
  const auto i = static_cast<std::size_t>(number(first_part(path), 0));
  if (i > records.size()) throw std::runtime_error("number them from 0 without a gap");
  if (i == records.size()) records.emplace_back();
  return records[i];
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

PictureText::PictureText(std::string_view text, i64 now_s) : now_s_(now_s) {
  summary_.completeness = static_cast<i64>(shm::Completeness::complete);
  summary_.published_at_ms = now_s * 1000;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view one = trimmed(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (one.empty() || one.starts_with('#')) continue;
    const std::size_t equals = one.find('=');
    try {
      if (equals == one.npos) throw std::runtime_error("path = value");
      line(trimmed(one.substr(0, equals)), trimmed(one.substr(equals + 1)));
    } catch (const std::runtime_error& error) {
      throw std::runtime_error(std::string(one) + ": " + error.what());
    }
  }
}

void PictureText::line(std::string_view path, std::string_view value) {
  const std::string_view part = first_part(path);
  if (part == "summary") return set(summary_, path, value, now_s_);
  if (part == "format") return format(path, value);
  if (part == "model") return set(numbered(models_, path), path, value, now_s_);
  if (part == "published") {
    summary_.published_at_ms = number(value, now_s_) * 1000;
    return;
  }
  if (part == "writer") {
    if (value == "stopped" || value == "gone") {
      writer_ = value == "gone" ? Writer::gone : Writer::stopped;
      return;
    }
    throw std::runtime_error("writer = stopped or gone");
  }
  if (part == "account") {
    shm::Account& account = numbered(accounts_, path);
    if (path == "config_dir") account.config_dir_hash = shm::hash_text(value);
    return set(account, path, value, now_s_);
  }
  if (part == "session") {
    shm::Session& session = numbered(sessions_, path);
    if (path == "cwd") session.cwd_hash = shm::hash_text(value);
    return set(session, path, value, now_s_);
  }
  throw std::runtime_error("summary, account, model, session, format, published or writer");
}

void PictureText::format(std::string_view target, std::string_view value) {
  formats_.add(target, unescaped(value));
}

shm::Picture PictureText::picture() {
  order_.clear();
  for (const shm::Session& session : sessions_) order_.push_back(&session);
  return {summary_, accounts_, models_, order_, formats_.entries(), formats_.text()};
}

}  // namespace shmeter::test
