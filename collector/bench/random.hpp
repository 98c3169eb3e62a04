// SPDX-License-Identifier: MIT
// A small generator whose numbers are the same on every machine and with every library, so that a
// seed names one corpus and one order of rounds.
#pragma once

#include <cstdint>
#include <utility>

namespace shmeter::bench {

/// splitmix64: any seed is good, 0 included.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// 0 .. limit - 1; 0 when the limit is 0. The bias is far below what a corpus or a shuffle shows.
  std::int64_t below(std::int64_t limit) {
    return limit <= 0 ? 0 : static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
  }
  bool permille(std::int64_t share) { return below(1000) < share; }

  template <class Sequence>
  void shuffle(Sequence& s) {
    for (std::size_t i = s.size(); i > 1; --i) {
      std::swap(s[i - 1], s[static_cast<std::size_t>(below(static_cast<std::int64_t>(i)))]);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace shmeter::bench
