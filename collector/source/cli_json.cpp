// SPDX-License-Identifier: MIT
#include "collector/source/cli_json.hpp"

#include <algorithm>

#include "collector/source/cli_messages.hpp"
#include "collector/source/top_members.hpp"

namespace shmeter::collector {
namespace {

using simdjson::dom::element;

bool is_result(element message) {
  std::string_view type;
  return message["type"].get_string().get(type) == simdjson::SUCCESS && type == "result";
}

/// Every message of a document, or the only one.
template <class Visit>
void each_message(element document, Visit&& visit) {
  simdjson::dom::array messages;
  if (document.get_array().get(messages) != simdjson::SUCCESS)
    return visit(document, json::Place{});
  std::size_t index = 0;
  for (const element message : messages) visit(message, json::Place{nullptr, {}, index++});
}

}  // namespace

Result<void> parse_cli_json(std::string_view bytes, i64 now_ms,
                            const std::function<void(const Observation&)>& take) {
  simdjson::dom::parser parser;
  const auto document = json::parse_document(parser, bytes, kMaxCliJson);
  if (!document) return tl::unexpected(document.error());
  json::Trouble trouble;
  bool has_result = false;
  CliMessages checked;
  each_message(*document, [&](element message, const json::Place& place) {
    has_result = has_result || is_result(message);
    checked.read(message, place, now_ms, trouble, [](const Observation&) {});
  });
  if (!has_result) trouble.note({}, "no message of type \"result\"");
  if (trouble.any()) return trouble.error();
  CliMessages messages;
  each_message(*document, [&](element message, const json::Place& place) {
    messages.read(message, place, now_ms, trouble, take);
  });
  return {};
}

struct StreamJson::State {
  // What only a huge line needs goes back at once.
  static constexpr std::size_t kKeepBytes = std::size_t{256} << 10;
  static constexpr std::size_t kMaxType = 64;

  explicit State(std::function<void(const Observation&)> sink) : take(std::move(sink)) {}

  void line(std::string_view bytes, i64 now_ms);
  void object(std::string_view bytes, i64 now_ms);
  void array(std::string_view bytes, i64 now_ms);
  void damaged(const std::string& why);

  std::function<void(const Observation&)> take;
  Status status;
  CliMessages messages;
  simdjson::dom::parser parser;
  std::string begun;      // a line whose end has not come
  bool skipping = false;  // it was too long
};

void StreamJson::State::damaged(const std::string& why) {
  ++status.damaged;
  if (status.trouble.empty()) status.trouble = "line " + std::to_string(status.lines) + ": " + why;
}

void StreamJson::State::line(std::string_view bytes, i64 now_ms) {
  const auto first = bytes.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return;
  ++status.lines;
  if (bytes[first] == '{') object(bytes, now_ms);
  if (bytes[first] == '[') array(bytes, now_ms);
}

// Most of a stream's bytes are tools' answers: they are passed over without being taken apart.
void StreamJson::State::object(std::string_view bytes, i64 now_ms) {
  TopMembers members({"type"}, kMaxType);
  members.feed(bytes);
  if (!members.whole()) return damaged("not one JSON object");
  std::string_view type = members.value(0);
  if (type.size() >= 2) type = type.substr(1, type.size() - 2);
  if (!CliMessages::of_interest(type)) return;
  const auto document = json::parse_document(parser, bytes, kMaxCliJson);
  if (!document) return damaged(document.error().message);
  json::Trouble trouble;
  if (messages.read(*document, {}, now_ms, trouble, take)) ++status.messages;
  if (trouble.any()) damaged(trouble.error().value().message);
  if (bytes.size() > kKeepBytes) parser = simdjson::dom::parser();
}

void StreamJson::State::array(std::string_view bytes, i64 now_ms) {
  const auto taken = parse_cli_json(bytes, now_ms, [this](const Observation& seen) {
    ++status.messages;
    take(seen);
  });
  if (!taken) damaged(taken.error().message);
}

StreamJson::StreamJson(std::function<void(const Observation&)> take)
    : state_(std::make_unique<State>(std::move(take))) {}
StreamJson::~StreamJson() = default;
StreamJson::StreamJson(StreamJson&&) noexcept = default;
StreamJson& StreamJson::operator=(StreamJson&&) noexcept = default;

void StreamJson::feed(std::string_view bytes, i64 now_ms) {
  State& state = *state_;
  while (!bytes.empty()) {
    const auto newline = bytes.find('\n');
    const std::string_view part = bytes.substr(0, newline);
    bytes.remove_prefix(newline == std::string_view::npos ? bytes.size() : newline + 1);
    if (!state.skipping && state.begun.size() + part.size() > kMaxCliJson) {
      state.skipping = true;
      ++state.status.lines;
      ++state.status.too_long;
      state.begun = {};
    }
    if (newline == std::string_view::npos) {
      if (!state.skipping) state.begun += part;
      return;
    }
    if (!state.skipping && state.begun.empty()) state.line(part, now_ms);
    if (!state.skipping && !state.begun.empty()) finish_line(part, now_ms);
    state.skipping = false;
  }
}

void StreamJson::finish_line(std::string_view rest, i64 now_ms) {
  State& state = *state_;
  state.begun += rest;
  state.line(state.begun, now_ms);
  if (state.begun.capacity() > State::kKeepBytes)
    state.begun = {};
  else
    state.begun.clear();
}

void StreamJson::finish(i64 now_ms) {
  finish_line({}, now_ms);
  state_->skipping = false;
}

const StreamJson::Status& StreamJson::status() const { return state_->status; }

}  // namespace shmeter::collector
