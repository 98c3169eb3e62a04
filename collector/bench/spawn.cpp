// SPDX-License-Identifier: MIT
#include "collector/bench/spawn.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "collector/bench/random.hpp"

namespace shmeter::bench {
namespace {

constexpr int kWarmUp = 30;  // rounds before the first that counts, at most

struct Sample {
  double ns = 0;
  long faults = 0;
  long peak_kib = 0;
};

Sample once(const Contestant& contestant) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe: no more descriptors");
  Command command = contestant.command;
  command.output_fd = ends[1];
  const std::int64_t before = now_ns();
  const pid_t pid = start(command);
  close(ends[1]);
  char buffer[65536];
  while (read(ends[0], buffer, sizeof buffer) > 0) {
  }
  const Ended ended = wait_for(pid);
  const std::int64_t after = now_ns();
  close(ends[0]);
  if (ended.status != 0) throw std::runtime_error(contestant.name + ": ended badly");
  return {static_cast<double>(after - before), ended.usage.ru_minflt, ended.usage.ru_maxrss};
}

/// What one contestant took in each round that counts.
using Samples = std::vector<Sample>;

SpawnResult summarise(const std::string& name, const Samples& own, const Samples& first) {
  SpawnResult result;
  result.name = name;
  std::vector<double> times;
  std::vector<double> ratios;
  std::vector<double> differences;
  for (std::size_t i = 0; i < own.size(); ++i) {
    times.push_back(own[i].ns / 1e3);
    ratios.push_back(own[i].ns / first[i].ns);
    differences.push_back((own[i].ns - first[i].ns) / 1e3);
    result.faults += static_cast<double>(own[i].faults) / static_cast<double>(own.size());
    result.peak_kib = std::max(result.peak_kib, own[i].peak_kib);
  }
  result.median_us = median(times);
  result.p10_us = percentile(times, 0.1);
  result.p90_us = percentile(times, 0.9);
  result.ratio = median(ratios);
  result.over_first_us = median(differences);
  return result;
}

}  // namespace

std::vector<SpawnResult> compare_spawns(const std::vector<Contestant>& contestants, int rounds,
                                        std::uint64_t seed, const std::function<void()>& between) {
  std::vector<Samples> samples(contestants.size());
  std::vector<std::size_t> order(contestants.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed);
  for (int round = -std::min(kWarmUp, 1 + rounds / 10); round < rounds; ++round) {
    between();
    random.shuffle(order);
    for (const std::size_t i : order) {
      const Sample sample = once(contestants[i]);
      if (round >= 0) samples[i].push_back(sample);
    }
  }
  std::vector<SpawnResult> results;
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    results.push_back(summarise(contestants[i].name, samples[i], samples[0]));
  }
  return results;
}

}  // namespace shmeter::bench
