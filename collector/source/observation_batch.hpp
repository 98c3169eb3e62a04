// SPDX-License-Identifier: MIT
// Observations that own their texts: what one thread hands to another, or somebody keeps until a
// message is whole. Invariant: whatever was added can be read for as long as the batch lives, and
// moves with it; observations of one kind come out in the order they went in. Not for two threads
// at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "collector/source/observation.hpp"

namespace shmeter::collector {

struct TranscriptLine;

/// Memory for copies of texts, a block at a time. Copies stay where they are until it dies.
class TextKeeper {
 public:
  TextKeeper() = default;
  TextKeeper(TextKeeper&& other) noexcept { swap(other); }
  TextKeeper& operator=(TextKeeper&& other) noexcept {
    TextKeeper taken(std::move(other));
    swap(taken);
    return *this;
  }

  /// What is said again and again, line after line: one copy will do.
  enum Often : std::size_t { session, model, cwd, branch, version, agent, tool, often_count };

  /// All copies die; their memory is used again.
  void clear();

  /// Makes `text` a view of a copy.
  void keep(std::string_view& text);
  void keep(std::string_view& text, Often often);
  /// The same for arrays of plain values.
  template <class T>
  void keep(std::span<const T>& values) {
    if (values.empty()) return;
    T* const copy = new (room(values.size_bytes(), alignof(T))) T[values.size()];
    for (std::size_t i = 0; i < values.size(); ++i) copy[i] = values[i];
    values = {copy, values.size()};
  }

 private:
  char* room(std::size_t bytes, std::size_t alignment);
  void swap(TextKeeper& other) noexcept;

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::unique_ptr<char[]>> large_;  // of one text each, longer than a block
  std::size_t used_ = 0;                        // blocks
  char* at_ = nullptr;
  std::size_t free_ = 0;
  std::string_view last_[often_count];
};

class ObservationBatch {
 public:
  ObservationBatch() = default;
  ObservationBatch(ObservationBatch&& other) noexcept
      : kinds_(std::move(other.kinds_)),
        texts_(std::move(other.texts_)),
        size_(std::exchange(other.size_, 0)) {}
  ObservationBatch& operator=(ObservationBatch&& other) noexcept {
    kinds_ = std::move(other.kinds_);
    texts_ = std::move(other.texts_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  void add(const Observation& seen);
  /// Everything that the line says; what lines one after another say is kept once, with their
  /// times.
  void add(const TranscriptLine& line);

  /// Empty again, but for the memory, which the next observations use.
  void clear() {
    std::apply([](auto&... kinds) { (kinds.clear(), ...); }, kinds_);
    texts_.clear();
    size_ = 0;
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// Calls `take(const Observation&)` for each, kind by kind.
  template <class Take>
  void for_each(Take&& take) const {
    for_some(0, size_, take);
  }
  /// The same for `count` of them behind the first `skip`, or as many as there are.
  template <class Take>
  void for_some(std::size_t skip, std::size_t count, Take&& take) const {
    const auto some = [&](const auto& kind) {
      const std::size_t first = std::min(skip, kind.size());
      const std::size_t end = first + std::min(count, kind.size() - first);
      for (std::size_t i = first; i < end; ++i) take(Observation(kind[i]));
      skip -= first;
      count -= end - first;
    };
    std::apply([&](const auto&... kinds) { (some(kinds), ...); }, kinds_);
  }

 private:
  template <class Variant>
  struct Lists;
  template <class... Seen>
  struct Lists<std::variant<Seen...>> {
    using Type = std::tuple<std::vector<Seen>...>;
  };

  template <class Seen>
  void add_seen(const Seen& seen);
  template <class Seen>
  void add_or_join(const Seen& seen);

  Lists<Observation>::Type kinds_;
  TextKeeper texts_;
  std::size_t size_ = 0;
};

}  // namespace shmeter::collector
