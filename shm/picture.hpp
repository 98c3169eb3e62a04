// SPDX-License-Identifier: MIT
// The published picture as values: plain structs of 64-bit numbers and fixed texts, made from the
// field table. Invariant: no padding, no pointers, no floats, trivially copyable; a default-made
// value is unknown in every number and empty in every text, so that nothing can be shown as a
// guessed 0.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <type_traits>

#include "shm/fields.hpp"

namespace shmeter::shm {

using i64 = std::int64_t;
using u64 = std::uint64_t;
using u32 = std::uint32_t;

/// The number nobody knows. Every i64 field may hold it.
inline constexpr i64 kUnknown = std::numeric_limits<i64>::min();
constexpr bool known(i64 value) { return value != kUnknown; }

inline constexpr std::size_t kIdBytes = 64;         // session ids
inline constexpr std::size_t kAccountIdBytes = 24;  // 16 hex digits
inline constexpr std::size_t kNameBytes = 64;
inline constexpr std::size_t kPathBytes = 192;
inline constexpr std::size_t kModelBytes = 48;
inline constexpr std::size_t kBranchBytes = 64;
inline constexpr std::size_t kAgentBytes = 48;
inline constexpr std::size_t kVersionBytes = 24;
inline constexpr std::size_t kTierBytes = 16;
inline constexpr std::size_t kPaneBytes = 16;
inline constexpr std::size_t kScopeBytes = 48;
inline constexpr std::size_t kHours = 24;
inline constexpr std::size_t kAddressBytes = 96;

inline constexpr u32 kSessions = 1024;  // default capacity
inline constexpr u32 kAccounts = 8;
inline constexpr u32 kModels = 32;
inline constexpr u32 kFormats = 32;
inline constexpr u32 kFormatTextBytes = 16 * 1024;
/// In place of a target: the text is how every line looks (formats/theme.hpp).
inline constexpr std::string_view kThemeFormat = "theme";
inline constexpr i64 kActiveWithin_s = 600;  // a session observed this recently is live

/// FNV-1a over the bytes: names a text that may have been cut. Not a defence against anybody.
constexpr u64 hash_text(std::string_view text) {
  u64 hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

/// 1-64 bytes of [A-Za-z0-9._:-]. Whatever else calls itself a session id is not believed.
constexpr bool valid_session_id(std::string_view id) {
  if (id.empty() || id.size() > kIdBytes) return false;
  for (const char c : id) {
    const bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == ':' || c == '-';
    if (!ok) return false;
  }
  return true;
}

/// Text of at most N bytes, zero padded. What does not fit is cut between code points and ends in
/// "…".
template <std::size_t N>
struct Text {
  static_assert(N % 8 == 0 && N > 8);
  std::array<char, N> bytes{};

  constexpr std::string_view view() const {
    std::size_t n = 0;
    while (n < N && bytes[n] != '\0') ++n;
    return {bytes.data(), n};
  }
  constexpr bool empty() const { return bytes[0] == '\0'; }
  /// Stores `text` up to its first NUL byte. Text that is not UTF-8 stays as it is: readers clean
  /// it.
  constexpr void assign(std::string_view text) {
    constexpr std::string_view kMark = "…";
    text = text.substr(0, text.find('\0'));
    std::size_t n = text.size();
    const bool cut = n > N;
    if (cut) {
      n = N - kMark.size();
      while (n > 0 && (static_cast<unsigned char>(text[n]) & 0xc0u) == 0x80u) --n;
    }
    std::size_t at = 0;
    for (; at < n; ++at) bytes[at] = text[at];
    if (cut)
      for (const char c : kMark) bytes[at++] = c;
    while (at < N) bytes[at++] = '\0';
  }
  constexpr bool operator==(const Text&) const = default;
};

/// Who passed a quota value on. Values are published: append only. `api.md` W.source names them.
enum class QuotaSource : i64 {
  statusline = 1,
  utilization_file = 2,
  limit_line = 3,
  stream = 4,
  manual = 5,
  command = 6,
  fleet = 7
};
enum class SessionStatus : i64 { unknown = 0, idle = 1, busy = 2, waiting = 3, ended = 4 };
enum class BudgetSource : i64 { preset = 0, config = 1 };
enum class Completeness : i64 { complete = 0, today_only = 1, nothing_yet = 2 };
enum class WriterState : u32 { running = 0, stopped = 1, superseded = 2 };

namespace detail {
template <class T>
constexpr T unknown() {
  if constexpr (std::is_same_v<T, i64>)
    return kUnknown;
  else
    return T{};
}
}  // namespace detail

#define SHMETER_MEMBER(type, name, unit, help) type name = detail::unknown<type>();
#define SHMETER_STRUCT(Name, FIELDS)                                           \
  struct Name {                                                                \
    FIELDS(SHMETER_MEMBER)                                                     \
    constexpr bool operator==(const Name&) const = default;                    \
  };                                                                           \
  static_assert(std::is_trivially_copyable_v<Name> && sizeof(Name) % 8 == 0 && \
                std::has_unique_object_representations_v<Name>)

SHMETER_STRUCT(Usage, SHMETER_USAGE_FIELDS);
SHMETER_STRUCT(Window, SHMETER_WINDOW_FIELDS);
SHMETER_STRUCT(ScopedWindow, SHMETER_SCOPED_WINDOW_FIELDS);
SHMETER_STRUCT(Block, SHMETER_BLOCK_FIELDS);
SHMETER_STRUCT(ExtraUsage, SHMETER_EXTRA_USAGE_FIELDS);
SHMETER_STRUCT(SpendLimit, SHMETER_SPEND_LIMIT_FIELDS);
SHMETER_STRUCT(Summary, SHMETER_SUMMARY_FIELDS);
SHMETER_STRUCT(Account, SHMETER_ACCOUNT_FIELDS);
SHMETER_STRUCT(Model, SHMETER_MODEL_FIELDS);
SHMETER_STRUCT(Session, SHMETER_SESSION_FIELDS);
SHMETER_STRUCT(IndexEntry, SHMETER_INDEX_FIELDS);
SHMETER_STRUCT(Format, SHMETER_FORMAT_FIELDS);

static_assert(sizeof(Summary) <= 1024, "the summary is one small read");
static_assert(sizeof(Session) <= 896);

constexpr bool known(const Usage& usage) { return known(usage.requests); }
constexpr i64 cache_write_tokens(const Usage& u) {
  return u.cache_write_5m_tokens + u.cache_write_1h_tokens;
}
/// All four kinds; unknown when the usage is.
constexpr i64 total_tokens(const Usage& u) {
  return known(u) ? u.input_tokens + u.output_tokens + cache_write_tokens(u) + u.cache_read_tokens
                  : kUnknown;
}
/// A usage of nothing, which is known to be nothing.
constexpr Usage no_usage() { return {0, 0, 0, 0, 0, 0, 0, 0}; }

/// Everything one publication carries. The writer is given one; it owns nothing.
struct Picture {
  Summary summary;  // sequence, checksum and the counts are the writer's to fill in
  std::span<const Account> accounts;
  std::span<const Model> models;
  std::span<const Session* const> sessions;  // newest first; what exceeds the capacity is left out
  std::span<const Format> formats;           // offsets into format_text
  std::string_view format_text;
};

}  // namespace shmeter::shm
