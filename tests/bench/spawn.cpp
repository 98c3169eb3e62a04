// SPDX-License-Identifier: MIT
#include "tests/bench/spawn.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <numeric>
#include <stdexcept>

#include "tests/bench/measure.hpp"
#include "tests/bench/random.hpp"

namespace shmeter::bench {
namespace {

constexpr int kWarmUp = 30;  // rounds before the first that counts

struct Sample {
  double ns = 0;
  long faults = 0;
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
  return {static_cast<double>(after - before), ended.usage.ru_minflt};
}

SpawnResult summarise(const std::string& name, const std::vector<double>& own,
                      const std::vector<double>& first, double faults) {
  std::vector<double> ratios;
  std::vector<double> differences;
  for (std::size_t i = 0; i < own.size(); ++i) {
    ratios.push_back(own[i] / first[i]);
    differences.push_back(own[i] - first[i]);
  }
  return {name,           median(own) / 1e3,         percentile(own, 0.9) / 1e3,
          median(ratios), median(differences) / 1e3, faults / static_cast<double>(own.size())};
}

}  // namespace

std::vector<SpawnResult> compare_spawns(const std::vector<Contestant>& contestants, int rounds,
                                        std::uint64_t seed, const std::function<void()>& between) {
  std::vector<std::vector<double>> times(contestants.size());
  std::vector<double> faults(contestants.size());
  std::vector<std::size_t> order(contestants.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed);
  for (int round = -kWarmUp; round < rounds; ++round) {
    between();
    random.shuffle(order);
    for (const std::size_t i : order) {
      const Sample sample = once(contestants[i]);
      if (round < 0) continue;
      times[i].push_back(sample.ns);
      faults[i] += static_cast<double>(sample.faults);
    }
  }
  std::vector<SpawnResult> results;
  for (std::size_t i = 0; i < contestants.size(); ++i) {
    results.push_back(summarise(contestants[i].name, times[i], times[0], faults[i]));
  }
  return results;
}

}  // namespace shmeter::bench
