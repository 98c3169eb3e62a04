// SPDX-License-Identifier: MIT
// Which of several ways an execution goes: all of them in turn, depth first, or some at random.
// Invariant: the code that chooses is deterministic otherwise, so the same choices lead to the same
// execution again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace shmeter::model {

class Choices {
 public:
  virtual ~Choices() = default;
  /// One of 0 .. ways - 1.
  virtual std::uint32_t choose(std::uint32_t ways) = 0;
  /// To be called after an execution. False when there is none left.
  virtual bool next() = 0;
};

class EveryChoice final : public Choices {
 public:
  std::uint32_t choose(std::uint32_t ways) override {
    if (ways == 1) return 0;
    if (at_ == path_.size()) path_.push_back({0, ways});
    return path_[at_++].taken;
  }
  bool next() override {
    at_ = 0;
    while (!path_.empty() && ++path_.back().taken == path_.back().ways) path_.pop_back();
    return !path_.empty();
  }

 private:
  struct Fork {
    std::uint32_t taken, ways;
  };
  std::vector<Fork> path_;
  std::size_t at_ = 0;
};

/// Each execution mostly takes way 0, by a share of its own: an execution of many steps that chose
/// evenly at each would never come near the edge between accepted and thrown away.
class RandomChoice final : public Choices {
 public:
  RandomChoice(std::uint64_t seed, std::uint64_t executions) : random_(seed), left_(executions) {}
  std::uint32_t choose(std::uint32_t ways) override {
    if (ways == 1 || random_() % kShares >= share_) return 0;
    return static_cast<std::uint32_t>(random_() % ways);
  }
  bool next() override {
    share_ = std::uint64_t{1} << random_() % (kShareBits + 1);
    return --left_ > 0;
  }

 private:
  static constexpr std::uint64_t kShareBits = 12, kShares = 1u << kShareBits;
  std::mt19937_64 random_;
  std::uint64_t left_, share_ = kShares;
};

}  // namespace shmeter::model
