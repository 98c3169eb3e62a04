// SPDX-License-Identifier: MIT
// bench_latency: how long a number takes from a transcript into the region, and from a publication
// to a watching reader's line. Arguments: shmeterd= shmeter= appends= seed=
#include <poll.h>
#include <unistd.h>

#include <ctime>
#include <exception>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "collector/bench/random.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/corpus.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/host.hpp"
#include "tests/bench/live_transcript.hpp"

namespace shmeter::bench {
namespace {

constexpr std::int64_t kPatience_ns = 5'000'000'000;

/// Waits on the mapped region as a watcher does. It does not spin: the collector, woken on the
/// core of the one who appended, would wait for the spinner's time slice to end.
class Watcher {
 public:
  explicit Watcher(const std::string& region) {
    if (reader_.open(region.c_str(), false) != shm::Opened::ok) {
      throw std::runtime_error(region + ": does not open");
    }
  }
  /// Requests counted by the newest publication.
  i64 requests() {
    shm::Summary summary;
    const auto copy = [&](shm::MappedSlot& slot) { return slot.summary(summary); };
    return reader_.snapshot_in_place(copy) == shm::Opened::ok ? summary.all.requests : -1;
  }
  /// Returns as soon as `requests` are counted, or at that time; what is counted then.
  i64 wait(i64 requests, std::int64_t until_ns) {
    for (;;) {
      const shm::u32 notify = reader_.notify();
      const i64 seen = this->requests();
      if (seen >= requests || now_ns() >= until_ns) return seen;
      reader_.wait(notify, until_ns);
    }
  }
  void expect(i64 requests) {
    if (wait(requests, now_ns() + kPatience_ns) < requests) {
      throw std::runtime_error("an appended line did not become visible");
    }
  }

 private:
  shm::MappedReader reader_;
};

std::string shown(const std::vector<double>& ns) {
  return text("**p50 %.3f ms**, p99 %.3f ms, n = %zu", median(ns) / 1e6, percentile(ns, 0.99) / 1e6,
              ns.size());
}

/// Appends further apart than the pause between publications.
std::vector<double> spaced(LiveTranscript& live, Watcher& watcher, i64 base, i64 count,
                           Random& random) {
  std::vector<double> waits;
  for (i64 i = 0; i < count; ++i) {
    sleep_ns(61'000'000 + random.below(20'000'000));
    const std::int64_t before = live.append();
    watcher.expect(base + live.appended());
    waits.push_back(static_cast<double>(now_ns() - before));
  }
  return waits;
}

/// Twenty appends within some 40 ms, each timed until it is visible.
std::vector<double> bursts(LiveTranscript& live, Watcher& watcher, i64 base, i64 count,
                           Random& random) {
  constexpr std::size_t kBurst = 20;
  std::vector<double> waits;
  while (static_cast<i64>(waits.size()) < count) {
    sleep_ns(100'000'000);
    const i64 start = base + live.appended();
    std::vector<std::int64_t> written;
    std::size_t visible = 0;
    std::int64_t next = now_ns();
    const std::int64_t limit = next + kPatience_ns;
    while (visible < kBurst) {
      const bool writing = written.size() < kBurst;
      if (writing && now_ns() >= next) {
        written.push_back(live.append());
        next = written.back() + 500'000 + random.below(3'000'000);
      }
      const i64 seen = watcher.wait(start + static_cast<i64>(visible) + 1, writing ? next : limit);
      for (; visible < written.size() && seen > start + static_cast<i64>(visible); ++visible) {
        waits.push_back(static_cast<double>(now_ns() - written[visible]));
      }
      if (now_ns() > limit) throw std::runtime_error("a burst did not become visible");
    }
  }
  return waits;
}

void append_to_visible(const std::string& shmeterd, i64 count, Random& random) {
  const TemporaryFolder home(memory_folder());
  CorpusOptions options;
  options.end_s = std::time(nullptr) - 3600;
  const Truth truth = write_corpus(home / "claude", options);
  LiveTranscript live(home / "claude");
  Daemon daemon(shmeterd, home.path(), home / "claude", Keep::disk);
  daemon.wait_until_complete(60);
  Watcher watcher(daemon.region());
  const i64 base = truth.all.requests;
  live.append();
  watcher.expect(base + 1);
  const std::vector<double> alone = spaced(live, watcher, base, count, random);
  const std::vector<double> crowd = bursts(live, watcher, base, count, random);
  print_row("line appended → visible in the region, one at a time", shown(alone),
            {"p50 ≤ 1 ms, p99 ≤ 60 ms", "p50 ≤ 0.1 ms"}, "wake-up of the waiting reader included");
  print_row("… in bursts of 20 within 40 ms", shown(crowd), {"p99 ≤ 60 ms", "–"},
            "at most one publication in 50 ms");
}

/// Reads from `fd` until a line holds `wanted`.
void until_line(int fd, const std::string& wanted) {
  std::string all;
  char buffer[4096];
  while (all.find(wanted + "\n") == std::string::npos) {
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(kPatience_ns / 1'000'000)) <= 0) {
      throw std::runtime_error("the watching reader did not write its line");
    }
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) throw std::runtime_error("the watching reader ended");
    all.append(buffer, static_cast<std::size_t>(n));
  }
}

void publish_to_line(const std::string& shmeter, i64 count, Random& random) {
  const TemporaryFolder home(memory_folder());
  RegionHost host(home / "runtime", 12, {}, cpu_count() - 1);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe: no descriptors");
  Command command;
  command.path = shmeter;
  command.arguments = {"plain", "--watch", "--format", "now {today.requests}"};
  command.environment = {"PATH=/usr/bin:/bin", "HOME=" + home.path(),
                         "SHMETER_RUNTIME_DIR=" + home / "runtime"};
  command.output_fd = ends[1];
  const Child watcher(command);
  close(ends[1]);
  std::vector<double> waits;
  for (i64 i = 0; i < count; ++i) {
    host.heartbeat();
    sleep_ns(61'000'000 + random.below(20'000'000));
    const std::int64_t before = now_ns();
    host.publish(100 + i);
    until_line(ends[0], "now " + std::to_string(100 + i));
    if (i > 0) waits.push_back(static_cast<double>(now_ns() - before));
  }
  close(ends[0]);
  print_row("publish → `--watch` reader has written its line", shown(waits),
            {"p50 ≤ 0.2 ms", "≤ 0.02 ms"}, "publishing and our wake-up included");
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  using namespace shmeter::bench;
  try {
    const Arguments arguments(argc - 1, argv + 1);
    const i64 count = arguments.number("appends", 500);
    Random random(static_cast<u64>(arguments.number("seed", 1)));
    append_to_visible(arguments.text("shmeterd"), count, random);
    publish_to_line(arguments.text("shmeter"), count, random);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_latency: %s\n", e.what());
    return 1;
  }
}
