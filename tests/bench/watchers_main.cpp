// SPDX-License-Identifier: MIT
// bench_watchers: what readers with --watch cost the collector, which knows of none of them: its
// CPU time for a publication without a reader and with ten, in batches that take turns.
// Arguments: shmeterd= shmeter= publications= (in all) seed=
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "collector/bench/random.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/live_transcript.hpp"

namespace shmeter::bench {
namespace {

constexpr int kReaders = 10;
constexpr i64 kBatch = 10;  // publications
constexpr std::int64_t kPatience_ns = 10'000'000'000;

/// Ten readers over one pipe. A stopped one waits for nothing, so it is none to the collector.
class Readers {
 public:
  Readers(const std::string& shmeter, const Daemon& daemon) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe: no descriptors");
    out_ = ends[0];
    Command command;
    command.path = shmeter;
    command.arguments = {"plain", "--watch", "--format", "at {total.requests|raw}"};
    command.environment = daemon.environment();
    command.output_fd = ends[1];
    for (int i = 0; i < kReaders; ++i) readers_.emplace_back(command);
    close(ends[1]);
  }
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers() {
    go_on();  // so that they can end
    close(out_);
  }

  void stop() {
    for (const Child& reader : readers_) kill(reader.pid(), SIGSTOP);
    for (const Child& reader : readers_) waitpid(reader.pid(), nullptr, WUNTRACED);
  }
  void go_on() {
    for (const Child& reader : readers_) kill(reader.pid(), SIGCONT);
  }
  /// Returns once all have written that so many requests are counted.
  void expect(i64 requests) {
    if (requests == shown_) return;
    const std::string wanted = "at " + std::to_string(requests) + "\n";
    for (int seen = 0; seen < kReaders;) {
      const std::size_t end = pending_.find('\n');
      if (end == std::string::npos) {
        read_more();
        continue;
      }
      if (pending_.compare(0, end + 1, wanted) == 0) ++seen;
      pending_.erase(0, end + 1);
    }
    shown_ = requests;
  }

 private:
  void read_more() {
    pollfd ready{out_, POLLIN, 0};
    char buffer[4096];
    const ssize_t n = poll(&ready, 1, static_cast<int>(kPatience_ns / 1'000'000)) > 0
                          ? read(out_, buffer, sizeof buffer)
                          : 0;
    if (n <= 0) throw std::runtime_error("a watching reader did not write its line");
    pending_.append(buffer, static_cast<std::size_t>(n));
  }

  std::deque<Child> readers_;
  int out_ = -1;
  std::string pending_;
  i64 shown_ = -1;
};

/// Without waiting on the region, as that would be one more who waits.
void wait_until_counted(const Daemon& daemon, i64 requests) {
  const std::int64_t until = now_ns() + kPatience_ns;
  for (;;) {
    const auto summary = daemon.summary();
    if (summary && summary->all.requests == requests) return;
    if (now_ns() > until) throw std::runtime_error("an appended line did not become visible");
    sleep_ns(2'000'000);
  }
}

/// CPU time for each of a batch of publications, which are further apart than the pause between
/// them.
double batch(const Daemon& daemon, LiveTranscript& live, Random& random) {
  const double before = daemon.used().cpu_ns;
  for (i64 i = 0; i < kBatch; ++i) {
    live.append();
    sleep_ns(56'000'000 + random.below(10'000'000));
  }
  wait_until_counted(daemon, live.appended());
  return (daemon.used().cpu_ns - before) / static_cast<double>(kBatch);
}

int run_bench(const Arguments& arguments) {
  Random random(static_cast<u64>(arguments.number("seed", 1)));
  const i64 pairs = std::max<i64>(1, arguments.number("publications", 240) / (2 * kBatch));
  const TemporaryFolder home(memory_folder());
  LiveTranscript live(home / "claude");
  Daemon daemon(arguments.text("shmeterd"), home.path(), home / "claude", Keep::disk);
  daemon.wait_until_complete(60);
  live.append();
  wait_until_counted(daemon, live.appended());
  Readers readers(arguments.text("shmeter"), daemon);
  readers.expect(live.appended());
  readers.stop();
  std::vector<double> alone;
  std::vector<double> watched;
  std::vector<double> ratios;
  std::vector<double> over;
  for (i64 i = 0; i < pairs; ++i) {
    const bool first = random.permille(500);
    if (first) alone.push_back(batch(daemon, live, random));
    readers.go_on();
    readers.expect(live.appended());
    watched.push_back(batch(daemon, live, random));
    readers.expect(live.appended());
    readers.stop();
    if (!first) alone.push_back(batch(daemon, live, random));
    ratios.push_back(watched.back() / alone.back());
    over.push_back((watched.back() - alone.back()) / kReaders);
  }
  print_row("ten `--watch` readers: `shmeterd`'s CPU for a publication",
            text("**%.2f×** (%.0f µs, +%.1f µs a reader), n = %lld", median(ratios),
                 median(watched) / 1e3, median(over) / 1e3, static_cast<long long>(pairs * kBatch)),
            {"about 1×", "–"}, text("no reader: %.0f µs", median(alone) / 1e3));
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  return shmeter::bench::run_program("bench_watchers", argc, argv, shmeter::bench::run_bench);
}
