// SPDX-License-Identifier: MIT
// How one value takes the place of another: the small rules that all of session_take*.cpp share.
// Invariant: each returns true exactly when it changed something.
#pragma once

#include <algorithm>
#include <string_view>

#include "collector/model/sessions.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

inline bool set(i64& field, i64 value) {
  const bool changed = field != value;
  field = value;
  return changed;
}

/// kUnknown is the smallest number, so the known one of two wins.
inline bool raise(i64& field, i64 value) { return value > field && set(field, value); }

/// Does the field hold just this text, whole?
template <std::size_t N>
bool holds(const shm::Text<N>& field, std::string_view text) {
  const std::size_t size = text.size();
  return size <= N && std::string_view(field.bytes.data(), size) == text &&
         (size == N || field.bytes[size] == '\0');
}

template <std::size_t N>
bool set(shm::Text<N>& field, std::string_view text) {
  shm::Text<N> next;
  next.assign(text);
  const bool changed = next != field;
  field = next;
  return changed;
}

/// Newer wins; of one moment the text that sorts last.
template <std::size_t N>
bool newer_text(shm::Text<N>& field, i64& said_ms, std::string_view text, i64 at_ms) {
  if (text.empty() || at_ms < said_ms) return false;
  if (holds(field, text)) return raise(said_ms, at_ms);  // as most lines do
  shm::Text<N> next;
  next.assign(text);
  if (at_ms == said_ms && next.view() <= field.view()) return false;
  const bool changed = next != field || at_ms != said_ms;
  field = next;
  said_ms = at_ms;
  return changed;
}

/// The working directory, and the hash of the whole path.
bool take_cwd(SessionState& state, std::string_view cwd, i64 at_ms);

/// Who said what a session is doing; of two at one moment the later in this list is believed.
enum class StatusBy { status_line = 1, hook = 2, session_file = 3 };
bool take_status(SessionState& state, shm::SessionStatus status, i64 at_ms, StatusBy by);

}  // namespace shmeter::collector
