// SPDX-License-Identifier: MIT
// How requests went, of those that telemetry or a posted event told it of: plain counts since the
// model began. Invariant: as many names as kMostEndpoints, and one for all others.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "shm/picture.hpp"

namespace shmeter::collector {

struct CallFigures {
  static constexpr std::array<shm::i64, 10> kUpTo_ms = {250,    500,    1'000,  2'000,  5'000,
                                                        10'000, 20'000, 40'000, 80'000, 160'000};
  static constexpr std::size_t kMostEndpoints = 32;
  static constexpr std::string_view kOthers = "other";

  std::array<std::uint64_t, kUpTo_ms.size() + 1> took{};     // by the first bound; the last: longer
  std::uint64_t took_ms = 0;                                 // all of them together
  std::map<std::string, std::uint64_t, std::less<>> failed;  // by endpoint

  void add_time(shm::i64 ms) {
    const auto bound = std::lower_bound(kUpTo_ms.begin(), kUpTo_ms.end(), ms);
    ++took[static_cast<std::size_t>(bound - kUpTo_ms.begin())];
    took_ms += static_cast<std::uint64_t>(ms);
  }
  void add_failure(std::string_view endpoint) {
    if (endpoint.empty()) endpoint = "messages";
    const auto known = failed.find(endpoint);
    if (known == failed.end() && failed.size() >= kMostEndpoints) endpoint = kOthers;
    ++(known != failed.end() ? known->second : failed[std::string(endpoint)]);
  }
};

}  // namespace shmeter::collector
