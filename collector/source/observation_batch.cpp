// SPDX-License-Identifier: MIT
// Which texts each kind of observation has: a new one in observation.hpp needs a place here, or it
// dies before its observation.
#include "collector/source/observation_batch.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "collector/source/transcript_line.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{32} << 10;

void keep_texts(CallDetails& call, TextKeeper& texts) {
  texts.keep(call.endpoint);
  texts.keep(call.key);
}

void keep_texts(RequestSeen& seen, TextKeeper& texts) {
  texts.keep(seen.message_id);
  texts.keep(seen.request_id);
  texts.keep(seen.uuid);
  texts.keep(seen.session_id, TextKeeper::session);
  texts.keep(seen.model, TextKeeper::model);
  texts.keep(seen.agent, TextKeeper::agent);
  keep_texts(seen.call, texts);
}

void keep_texts(EventSeen& seen, TextKeeper& texts) {
  texts.keep(seen.session_id, TextKeeper::session);
  texts.keep(seen.id);
  texts.keep(seen.agent, TextKeeper::agent);
  texts.keep(seen.name, TextKeeper::tool);
  keep_texts(seen.call, texts);
}

void keep_texts(SessionSeen& seen, TextKeeper& texts) {
  texts.keep(seen.session_id, TextKeeper::session);
  texts.keep(seen.cwd, TextKeeper::cwd);
  texts.keep(seen.git_branch, TextKeeper::branch);
  texts.keep(seen.version, TextKeeper::version);
  texts.keep(seen.model, TextKeeper::model);
}

void keep_texts(StatusLineSeen& seen, TextKeeper& texts) {
  texts.keep(seen.transcript_path);
  texts.keep(seen.cwd, TextKeeper::cwd);
}

// A span of values that hold texts: the texts are kept in a copy, and the copy is.
template <class T, class TextOf>
void keep_texts(std::span<const T>& values, TextKeeper& texts, TextOf&& text_of) {
  std::vector<T> copy(values.begin(), values.end());
  for (T& value : copy) texts.keep(text_of(value));
  values = copy;
  texts.keep(values);
}

void keep_texts(AggregateSeen& seen, TextKeeper& texts) {
  texts.keep(seen.session_id, TextKeeper::session);
  keep_texts(seen.models, texts,
             [](ModelTokens& tokens) -> std::string_view& { return tokens.model; });
}

void keep_texts(LimitHitSeen& seen, TextKeeper& texts) {
  texts.keep(seen.session_id, TextKeeper::session);
  texts.keep(seen.window);
}

void keep_texts(QuotaSeen& seen, TextKeeper& texts) {
  texts.keep(seen.login);
  keep_texts(seen.scoped, texts,
             [](ScopedWindowSeen& scoped) -> std::string_view& { return scoped.label; });
}

void keep_texts(LoginSeen& seen, TextKeeper& texts) { texts.keep(seen.login); }

void keep_texts(HookSeen& seen, TextKeeper& texts) {
  texts.keep(seen.session_id, TextKeeper::session);
  texts.keep(seen.cwd, TextKeeper::cwd);
  texts.keep(seen.tool_name, TextKeeper::tool);
  for (std::string_view* text : {&seen.transcript_path, &seen.agent_transcript_path, &seen.agent_id,
                                 &seen.agent_type, &seen.tool_use_id, &seen.error,
                                 &seen.notification_type, &seen.source, &seen.reason, &seen.pane})
    texts.keep(*text);
}

void keep_texts(LiveSeen& seen, TextKeeper& texts) {
  texts.keep(seen.session_id, TextKeeper::session);
  texts.keep(seen.name);
  texts.keep(seen.cwd, TextKeeper::cwd);
  texts.keep(seen.version, TextKeeper::version);
}

void keep_texts(ReportedSeen& seen, TextKeeper& texts) {
  texts.keep(seen.session_id, TextKeeper::session);
  texts.keep(seen.model, TextKeeper::model);
}

/// A response has a line for each of its blocks. They mostly say the same, only later; prices
/// change at midnight, so on one day nothing but when the last of them was written follows from
/// that.
bool join(RequestSeen& last, const RequestSeen& next) {
  constexpr i64 kDay_ms = 86'400'000;
  const i64 end_ms = std::max(last.at_ms, last.until_ms);
  const bool same = !next.message_id.empty() && next.message_id == last.message_id &&
                    next.request_id == last.request_id && next.session_id == last.session_id &&
                    next.model == last.model && next.agent == last.agent &&
                    next.tokens == last.tokens && next.side_chain == last.side_chain &&
                    next.fast == last.fast && next.has_speed == last.has_speed &&
                    next.us_inference == last.us_inference && next.batch == last.batch &&
                    next.source == last.source && next.cost_nanousd == last.cost_nanousd &&
                    next.call == last.call;
  if (!same || next.at_ms < end_ms || next.at_ms / kDay_ms != last.at_ms / kDay_ms) return false;
  last.until_ms = next.at_ms;
  return true;
}

/// The newest to say something is who is believed: of lines that said the same before, only when
/// the first was written is of interest.
bool join(SessionSeen& last, const SessionSeen& next) {
  const bool same = next.session_id == last.session_id && next.cwd == last.cwd &&
                    next.git_branch == last.git_branch && next.version == last.version &&
                    next.model == last.model && !next.context_cleared && !last.context_cleared &&
                    shm::known(next.context_used_tokens) == shm::known(last.context_used_tokens);
  if (!same || !shm::known(last.at_ms) || next.at_ms <= last.at_ms) return false;
  if (!shm::known(last.since_ms)) last.since_ms = last.at_ms;
  last.at_ms = next.at_ms;
  last.context_used_tokens = next.context_used_tokens;
  return true;
}

}  // namespace

char* TextKeeper::room(std::size_t bytes, std::size_t alignment) {
  // A new block is aligned for everything.
  if (bytes > kBlockBytes)
    return large_.emplace_back(std::make_unique_for_overwrite<char[]>(bytes)).get();
  void* at = at_;
  if (at == nullptr || std::align(alignment, bytes, at, free_) == nullptr) {
    if (used_ == blocks_.size())
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(kBlockBytes));
    at = blocks_[used_++].get();
    free_ = kBlockBytes;
  }
  at_ = static_cast<char*>(at) + bytes;
  free_ -= bytes;
  return static_cast<char*>(at);
}

void TextKeeper::clear() {
  large_.clear();
  used_ = 0;
  at_ = nullptr;
  free_ = 0;
  std::fill(std::begin(last_), std::end(last_), std::string_view{});
}

void TextKeeper::keep(std::string_view& text) {
  if (text.empty()) {
    text = {};
    return;
  }
  char* const copy = room(text.size(), 1);
  std::memcpy(copy, text.data(), text.size());
  text = {copy, text.size()};
}

void TextKeeper::keep(std::string_view& text, Often often) {
  if (text != last_[often]) {
    keep(text);
    last_[often] = text;
  }
  text = last_[often];
}

void TextKeeper::swap(TextKeeper& other) noexcept {
  std::swap(blocks_, other.blocks_);
  std::swap(large_, other.large_);
  std::swap(used_, other.used_);
  std::swap(at_, other.at_);
  std::swap(free_, other.free_);
  std::swap(last_, other.last_);
}

template <class Seen>
void ObservationBatch::add_seen(const Seen& seen) {
  keep_texts(std::get<std::vector<Seen>>(kinds_).emplace_back(seen), texts_);
  ++size_;
}

void ObservationBatch::add(const Observation& seen) {
  std::visit([this](const auto& kind) { add_seen(kind); }, seen);
}

template <class Seen>
void ObservationBatch::add_or_join(const Seen& seen) {
  std::vector<Seen>& all = std::get<std::vector<Seen>>(kinds_);
  if (all.empty() || !join(all.back(), seen)) add_seen(seen);
}

void ObservationBatch::add(const TranscriptLine& line) {
  if (line.request) add_or_join(*line.request);
  if (line.session) add_or_join(*line.session);
  if (line.aggregate) add_seen(*line.aggregate);
  if (line.limit_hit) add_seen(*line.limit_hit);
  for (const EventSeen& event : line.events) add_seen(event);
}

}  // namespace shmeter::collector
