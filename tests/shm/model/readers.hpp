// SPDX-License-Identifier: MIT
// What every reader of the model does and has to find: a copy of one publication, not older than
// what it has seen before.
#pragma once

#include <string>

#include "region.hpp"

namespace shmeter::model {

/// After so many tries the reader is alone: nobody publishes for ever, and to be thrown back again
/// adds nothing new.
inline constexpr u32 kExploredTries = 2;

struct Copy {
  shm::Opened state = shm::Opened::corrupt;
  u64 sequence = 0;
  Words words{};
  u32 tries = 0;
};

/// What a production snapshot is given.
class Copier {
 public:
  explicit Copier(Copy& copy) : copy_(copy) {}
  bool operator()(const shm::MappedSlot& slot) {
    start(slot.sequence());
    shm::load_words(&copy_.words, region().slot(slot.sequence()), sizeof copy_.words);
    return true;
  }
  bool operator()(const shm::FileSlot& slot) {
    start(slot.sequence());
    const auto at = static_cast<u64>(region().slot(slot.sequence()) - region().base());
    return os::pread(0, &copy_.words, sizeof copy_.words, at) == sizeof copy_.words;
  }

 private:
  void start(u64 sequence) {
    copy_.sequence = sequence;
    if (++copy_.tries > kExploredTries) memory().catch_up();
  }
  Copy& copy_;
};

inline Copy copy_in_place() {
  Copy copy;
  copy.state = shm::snapshot_in_place(region().base(), region().header(), Copier(copy));
  return copy;
}

template <class Reader>
Copy copy_by_pread(Reader& reader) {
  Copy copy;
  copy.state = reader.snapshot(Copier(copy));
  return copy;
}

inline std::string text_of(const Words& words) {
  return std::to_string(words.first) + " " + std::to_string(words.second);
}

/// What is wrong with an accepted copy, or nothing.
inline std::string judge(const Copy& copy, u64 not_before) {
  const std::string number = "number " + std::to_string(copy.sequence);
  if (copy.state != shm::Opened::ok) return "refused after " + std::to_string(copy.tries);
  if (copy.sequence < not_before)
    return number + " is older than " + std::to_string(not_before) + ", seen before";
  const Words* words = region().published(copy.sequence);
  if (words == nullptr) return number + " was never published";
  if (copy.words == *words) return {};
  return number + ": copied " + text_of(copy.words) + ", published " + text_of(*words);
}

/// One look, then another, which may not go back.
inline std::string look_twice_in_place(Choices& choices) {
  memory().start_reader(choices);
  const u64 head = shm::newest(region().live());
  const Copy first = copy_in_place();
  if (std::string wrong = judge(first, head); !wrong.empty()) return wrong;
  return judge(copy_in_place(), first.sequence);
}

inline std::string look_in_place(Choices& choices) {
  memory().start_reader(choices);
  return judge(copy_in_place(), 1);
}

inline std::string look_by_pread(Choices& choices) {
  memory().start_reader(choices);
  region().next_look_is_for(Region::Used::head);
  shm::FileReader reader;
  if (reader.open("region", true) != shm::Opened::ok) return "not opened";
  return judge(copy_by_pread(reader), 1);
}

/// As `--watch` does it: what `notify` sees, the picture, sleep. Whoever sleeps for ever must
/// have copied the newest.
template <class Notify>
std::string watch_by(Choices& choices, Notify&& notify) {
  memory().pause();
  shm::MappedReader reader;
  if (reader.open("region", true) != shm::Opened::ok) return "not opened";
  memory().start_reader(choices);
  Copy copy;
  u32 seen = 0;
  do {
    region().next_look_is_for(Region::Used::notify);
    seen = notify(reader);
    region().next_look_is_for(Region::Used::head);
    copy = copy_by_pread(reader);
    if (std::string wrong = judge(copy, 1); !wrong.empty()) return wrong;
  } while (reader.wait(seen, 0) >= 0);
  if (copy.sequence == region().newest_published()) return {};
  return "sleeps on number " + std::to_string(copy.sequence) + " while there is " +
         std::to_string(region().newest_published());
}

inline std::string watch(Choices& choices) {
  return watch_by(choices, [](shm::MappedReader& reader) { return reader.notify(); });
}

}  // namespace shmeter::model
