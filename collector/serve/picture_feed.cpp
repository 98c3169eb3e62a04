// SPDX-License-Identifier: MIT
#include "collector/serve/picture_feed.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "collector/serve/picture_line.hpp"

namespace shmeter::collector {
namespace {

using shm::u64;

/// Word by word: records are multiples of eight bytes without padding. Two that differ give the
/// same hash once in 2^64.
class Hash {
 public:
  template <class Record>
  Hash& add(const Record& record) {
    static_assert(std::has_unique_object_representations_v<Record> && sizeof(Record) % 8 == 0);
    for (std::size_t at = 0; at < sizeof(Record); at += sizeof(u64)) {
      u64 word = 0;
      std::memcpy(&word, reinterpret_cast<const char*>(&record) + at, sizeof word);
      value_ = (value_ ^ word) * 0x9e3779b97f4a7c15u;
      value_ ^= value_ >> 29;
    }
    return *this;
  }
  u64 value() const { return value_; }

 private:
  u64 value_ = 0xcbf29ce484222325u;
};

/// Seen again and still the same is no change.
void add_window(Hash& hash, const shm::Window& window) {
  hash.add(window.used_ppm).add(window.resets_at_s);
}

}  // namespace

bool PictureFeed::quota_changed(const shm::Picture& picture) {
  Hash hash;
  for (const shm::Account& account : picture.accounts) {
    add_window(hash.add(account.id), account.five_hour);
    add_window(hash, account.seven_day);
    for (const auto* scoped :
         {&account.scoped_1, &account.scoped_2, &account.scoped_3, &account.scoped_4})
      add_window(hash.add(scoped->label), scoped->window);
    hash.add(account.extra_usage).add(account.spend_limit);
  }
  return std::exchange(quota_, hash.value()) != hash.value();
}

bool PictureFeed::rest_changed(const shm::Picture& picture) {
  shm::Summary summary = picture.summary;
  summary.sequence = summary.checksum = 0;  // of a publication, not of what it says
  summary.published_at_ms = 0;
  Hash hash;
  hash.add(summary);
  for (const shm::Account& account : picture.accounts) hash.add(account);
  for (const shm::Model& model : picture.models) hash.add(model);
  return std::exchange(rest_, hash.value()) != hash.value();
}

std::vector<shm::Session> PictureFeed::changed_sessions(const shm::Picture& picture) {
  const auto all =
      picture.sessions.first(std::min<std::size_t>(picture.sessions.size(), shm::kSessions));
  std::vector<shm::Session> changed;
  Known now;
  now.reserve(all.size());
  for (const shm::Session* session : all) {
    const std::pair one(Hash().add(session->session_id).value(), Hash().add(*session).value());
    now.push_back(one);
    if (!std::binary_search(sessions_.begin(), sessions_.end(), one)) changed.push_back(*session);
  }
  std::sort(now.begin(), now.end());
  sessions_ = std::move(now);
  return changed;
}

std::string PictureFeed::next() {
  const shm::Picture& picture = intake_.picture();
  const bool first = std::exchange(first_, false);
  const bool quota = quota_changed(picture);
  if (about_ == About::quota && !first && !quota) return {};
  const bool rest = rest_changed(picture);
  const auto sessions = changed_sessions(picture);
  if (!first && !rest && sessions.empty()) return {};
  formats::JsonPicture line = own_picture(picture, intake_.now_ms() / 1000);
  line.models = picture.models;
  line.sessions = sessions;
  return picture_line(line);
}

}  // namespace shmeter::collector
