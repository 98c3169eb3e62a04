// SPDX-License-Identifier: MIT
// The name of one API response: 128 bits made from its message id and its request id, the same on
// every machine and in every version. Invariant: this function never changes, as stores and other
// machines keep its results; tests/ledger/event_key_test.cpp holds them to fixed values.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace shmeter::collector {

/// What a text names. The same text as two kinds of name gives two numbers. Append only.
enum class NameKind : std::uint64_t {
  message = 1,  // of the API
  request = 2,
  uuid = 3,
  content = 4,
  tool_call = 5,
  prompt = 6,
  turn = 7,
  failure = 8,
};

/// The finaliser of splitmix64: every bit of the word reaches every bit of the result, and no two
/// words give the same.
constexpr std::uint64_t mix_bits(std::uint64_t word) {
  word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
  word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

/// Up to eight bytes as a little-endian word, padded with zeros.
constexpr std::uint64_t name_word(std::string_view text) {
  std::uint64_t word = 0;
  if (!std::is_constant_evaluated() && std::endian::native == std::endian::little &&
      text.size() >= 8) {
    std::memcpy(&word, text.data(), 8);
    return word;
  }
  for (std::size_t i = 0; i < 8 && i < text.size(); ++i)
    word |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
  return word;
}

/// Eight bytes at a time, then the length.
/// Never 0, so that 0 can mean "none".
constexpr std::uint64_t hash_name(NameKind kind, std::string_view text) {
  constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15u;  // 2^64 / golden ratio
  std::uint64_t hash = mix_bits(static_cast<std::uint64_t>(kind) * kStep);
  for (std::size_t at = 0; at < text.size(); at += 8)
    hash = mix_bits((hash ^ name_word(text.substr(at))) + kStep);
  hash = mix_bits(hash ^ text.size());
  return hash == 0 ? kStep : hash;
}

/// `request` = 0: the response has no request id.
struct EventKey {
  std::uint64_t message = 0;
  std::uint64_t request = 0;
  bool operator==(const EventKey&) const = default;
};

/// Of a response that has a message id.
constexpr EventKey event_key(std::string_view message_id, std::string_view request_id) {
  return {hash_name(NameKind::message, message_id),
          request_id.empty() ? 0 : hash_name(NameKind::request, request_id)};
}

}  // namespace shmeter::collector
