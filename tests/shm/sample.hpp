// SPDX-License-Identifier: MIT
// Pictures whose every word follows from a number, so that a reader can say of any copy whether it
// is one that was published, to the last byte. Some are kept in data/, so what follows from a
// number stays as it is.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "shm/picture.hpp"
#include "shm/slot.hpp"

namespace shmeter::shm::test {

constexpr u64 mix(u64 a, u64 b) {
  u64 x = a * 0x9e3779b97f4a7c15u + b * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 29)) * 0x94d049bb133111ebu;
  return x ^ (x >> 32);
}

inline std::string hex16(u64 number) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; number /= 16) text[i] = "0123456789abcdef"[number % 16];
  return text;
}

template <class Record>
Record filled(u64 seed) {
  Record record;
  for (std::size_t at = 0; at < sizeof record; at += 8) {
    const u64 word = mix(seed, at);
    std::memcpy(reinterpret_cast<char*>(&record) + at, &word, 8);
  }
  return record;
}

/// Picture number `n` for a region of that many sessions. Its number stands in published_at_ms.
class Sample {
 public:
  Sample(u64 n, u32 capacity) : n_(n) {
    for (u64 i = 0; i < n * 5 % (capacity + 1); ++i) {
      sessions_.push_back(filled<Session>(mix(n, 1000 + i)));
      sessions_.back().session_id.assign(hex16(mix(n, i)) + "-" + hex16(i));
    }
    for (u64 i = 0; i < n % (kAccounts + 1); ++i)
      accounts_.push_back(filled<Account>(mix(n, 2000 + i)));
    for (u64 i = 0; i < n % 4; ++i) models_.push_back(filled<Model>(mix(n, 3000 + i)));
    for (u64 i = 0; i < n * 3 % 200; ++i) text_.push_back(static_cast<char>('a' + (n + i) % 26));
    for (u64 i = 0; i < n % 3; ++i) formats_.push_back({{}, text_.size() / 3, text_.size() / 2});
    for (const Session& session : sessions_) pointers_.push_back(&session);
    picture_.summary = filled<Summary>(n);
    picture_.summary.published_at_ms = static_cast<i64>(n);
    picture_.accounts = accounts_;
    picture_.models = models_;
    picture_.sessions = pointers_;
    picture_.formats = formats_;
    picture_.format_text = text_;
  }
  Sample(const Sample&) = delete;
  Sample(Sample&&) = delete;

  u64 number() const { return n_; }
  const Picture& picture() const { return picture_; }

 private:
  u64 n_;
  std::vector<Session> sessions_;
  std::vector<Account> accounts_;
  std::vector<Model> models_;
  std::vector<Format> formats_;
  std::vector<const Session*> pointers_;
  std::string text_;
  Picture picture_{};
};

/// All that one slot holds, by every function that a slot has.
struct Copied {
  Summary summary;
  Account first_account;
  std::vector<Account> accounts;
  std::vector<Model> models;
  std::vector<Session> sessions;
  std::vector<Format> formats;
  std::string text;
};

template <class Slot>
bool copy_all(Slot& slot, Copied& out, std::size_t text_bytes = 0) {
  SummaryAndAccount both;
  if (!slot.summary_and_first_account(both)) return false;
  out.summary = both.summary;
  out.first_account = both.summary.accounts > 0 ? both.account : Account{};
  const auto size = [](i64 count) { return static_cast<std::size_t>(count); };
  out.accounts.resize(size(out.summary.accounts));
  out.models.resize(size(out.summary.models));
  out.sessions.resize(size(out.summary.sessions));
  out.formats.resize(size(out.summary.formats));
  for (u32 i = 0; i < out.accounts.size(); ++i)
    if (!slot.account(i, out.accounts[i])) return false;
  for (u32 i = 0; i < out.models.size(); ++i)
    if (!slot.model(i, out.models[i])) return false;
  if (!slot.formats(static_cast<u32>(out.formats.size()), out.formats.data())) return false;
  out.text.resize(text_bytes);
  return slot.format_text(0, text_bytes, out.text.data()) &&
         slot.sessions(0, static_cast<u32>(out.sessions.size()), out.sessions.data());
}

/// Is the copy this picture, whole?
inline bool is_whole(const Copied& got, const Picture& want) {
  Summary summary = want.summary;
  summary.sequence = got.summary.sequence;
  summary.checksum = got.summary.checksum;
  summary.accounts = static_cast<i64>(want.accounts.size());
  summary.models = static_cast<i64>(want.models.size());
  summary.sessions = static_cast<i64>(want.sessions.size());
  summary.formats = static_cast<i64>(want.formats.size());
  if (!(got.summary == summary)) return false;
  if (!(got.first_account == (want.accounts.empty() ? Account{} : want.accounts[0]))) return false;
  for (std::size_t i = 0; i < got.accounts.size(); ++i)
    if (!(got.accounts[i] == want.accounts[i])) return false;
  for (std::size_t i = 0; i < got.models.size(); ++i)
    if (!(got.models[i] == want.models[i])) return false;
  for (std::size_t i = 0; i < got.sessions.size(); ++i)
    if (!(got.sessions[i] == *want.sessions[i])) return false;
  for (std::size_t i = 0; i < got.formats.size(); ++i)
    if (!(got.formats[i] == want.formats[i])) return false;
  return want.format_text.starts_with(got.text) || got.text.starts_with(want.format_text);
}

/// A set of pictures for a writer that goes round and round. Its size is odd, so that the pictures
/// that follow each other in one slot differ.
class Samples {
 public:
  explicit Samples(u32 capacity) {
    for (u64 n = 1; n <= kCount; ++n) samples_.push_back(std::make_unique<Sample>(n, capacity));
  }
  const Picture& picture(u64 turn) const { return samples_[turn % kCount]->picture(); }
  /// Whole, and one of ours.
  bool know(const Copied& got) const {
    const i64 n = got.summary.published_at_ms;
    return n >= 1 && n <= static_cast<i64>(kCount) &&
           is_whole(got, samples_[static_cast<std::size_t>(n) - 1]->picture());
  }

 private:
  static constexpr u64 kCount = 31;
  std::vector<std::unique_ptr<Sample>> samples_;
};

}  // namespace shmeter::shm::test
