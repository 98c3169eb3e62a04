// SPDX-License-Identifier: MIT
// A region in WeakMemory, with the writers that take turns at it and what they published. Readers
// come to it as to any other: in place at base(), or through the functions of shm/os.hpp.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shm/image.hpp"
#include "shm/reader.hpp"
#include "weak_memory.hpp"

namespace shmeter::model {

/// The whole picture of the small model: enough words to be torn.
struct Words {
  u64 first = 0, second = 0;
  bool operator==(const Words&) const = default;
};

class Region {
 public:
  /// Published once, as a region is when it gets its path.
  explicit Region(const Weakness& weakness = {}, shm::u32 sessions = 1);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  char* base() const { return memory_.get(); }
  const shm::Header& header() const { return header_; }
  shm::Live& live() const { return image_.live(); }
  shm::Image& image() { return image_; }
  char* slot(u64 sequence) const {
    return memory_.get() + header_.slots_offset + sequence % shm::kSlots * header_.slot_stride;
  }

  /// begin_publication, two words, end_publication, FUTEX_WAKE: as Image and Publisher do it.
  void publish();
  /// The same for another order of things: `store` does it all and returns its number.
  void publish_by(const std::function<u64(const Words&)>& store);
  /// The words of the next publication, which no other has.
  Words next_words() { return {++author_ * 2, author_ * 2 + 1}; }
  void start_writer(u32 publications);
  /// Memory, and what had been published, as of that many steps.
  void die_after(u32 steps);

  /// What stands for publication `sequence`, or null. Publications of the dead that never became
  /// whole are not there.
  const Words* published(u64 sequence) const;
  u64 newest_published() const { return published_.rbegin()->first; }
  std::string name(const void* word) const;

  // What the substitutes for shm/os.hpp ask.
  /// Of each look at the live words the protocol uses one. The others are not explored: as they
  /// are of no consequence, the weakest of their values stands for all.
  enum class Used { head, begin, notify };
  void next_look_is_for(Used used) { used_ = used; }
  bool is_used(const void* word) const;
  void looked() { used_ = used_ == Used::head ? Used::begin : Used::head; }

 private:
  struct Published {
    Words words;
    u32 whole_at;  // the step that made it so
  };
  struct Free {
    void operator()(char* memory) const;
  };

  shm::Header header_;
  std::unique_ptr<char[], Free> memory_;
  shm::Image image_;
  u64 author_ = 0;
  std::map<u64, Published> published_;
  Used used_ = Used::head;
};

/// The one that the substitutes for shm/os.hpp show, at any path.
Region& region();

/// Every execution or some, until one is wrong.
struct Outcome {
  u64 executions = 0;
  u64 loads = 0;
  std::string wrong;  // what, and how it came to it; empty = nothing in any of them
};
/// `reader` starts with memory().start_reader(choices) and returns what is wrong, or nothing.
Outcome explore(Choices& choices, const std::function<std::string(Choices&)>& reader);
Outcome explore_all(const std::function<std::string(Choices&)>& reader);

}  // namespace shmeter::model
