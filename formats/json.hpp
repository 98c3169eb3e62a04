// SPDX-License-Identifier: MIT
// The picture as the one line of `shmeter json`. Names, order and meaning are a published contract:
// members are added, never renamed, retyped or reused; what is not known is null, never 0.
// Freestanding-friendly.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "formats/values.hpp"

namespace shmeter::formats {

struct JsonPicture {
  const shm::Summary* summary = nullptr;  // nullptr: no picture, every number is null
  std::span<const shm::Account> accounts = {};
  std::span<const shm::Model> models = {};
  std::span<const shm::Session> sessions = {};
  Freshness freshness = Freshness::absent;
  i64 now_s = 0;  // epoch seconds: the line's `generated_at`, and what windows are measured against
  i64 age_s = shm::kUnknown;
  shm::u64 writer_pid = 0;  // 0 = unknown
  std::string_view writer_version = {};
};

/// Called with pieces of at most 4 KiB, in order.
using JsonSink = void (*)(void* context, const char* bytes, std::size_t n);

/// `[{"name":"five_hour",…},…]`: the account's windows that run, five_hour, seven_day or a scope's
/// label, each with the members it has in the line.
void write_windows(const shm::Account& account, i64 now_s, JsonSink sink, void* context) noexcept;

/// Writes one object and '\n'. Without a picture it is still whole, with state "absent".
void write_json(const JsonPicture& picture, JsonSink sink, void* context) noexcept;

}  // namespace shmeter::formats
