// SPDX-License-Identifier: MIT
// bench_scan: the first scan of a big history against ccusage, file by file the same bytes, warm;
// then what the collector holds and does once it is through.
// Arguments: shmeterd= corpus= truth= (the line bench_corpus printed) ccusage= pairs= idle_s=
#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/bench/arguments.hpp"
#include "tests/bench/corpus.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/random.hpp"

namespace shmeter::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kPatience_s = 300;

struct Job {
  std::string shmeterd;
  std::string corpus;
  std::string ccusage;  // empty: no baseline
  std::string home;
};

/// A whole number behind `"name":` in a flat JSON line.
i64 member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":");
  if (at == std::string::npos) throw std::runtime_error("no " + name + " in: " + json);
  return std::stoll(json.substr(at + name.size() + 3));
}

double scan_once(const Job& job, shm::Usage& all) {
  Daemon daemon(job.shmeterd, job.home, job.corpus);
  daemon.wait_until_complete(kPatience_s);
  all = daemon.summary()->all;
  return daemon.end().cpu_ns();
}

double ccusage_once(const Job& job) {
  Command command;
  command.path = job.ccusage;
  command.arguments = {"daily", "--json", "--offline"};
  command.environment = {"PATH=" + std::string(std::getenv("PATH")), "HOME=" + job.home,
                         "CLAUDE_CONFIG_DIR=" + job.corpus};
  std::string output;
  const Ended ended = run(command, &output);
  if (ended.status != 0) throw std::runtime_error(job.ccusage + ": ended badly");
  return ended.cpu_ns();
}

bool equal(const shm::Usage& seen, const std::string& truth) {
  return seen.requests == member(truth, "requests") &&
         seen.input_tokens == member(truth, "input_tokens") &&
         seen.output_tokens == member(truth, "output_tokens") &&
         seen.cache_write_5m_tokens == member(truth, "cache_creation_5m_tokens") &&
         seen.cache_write_1h_tokens == member(truth, "cache_creation_1h_tokens") &&
         seen.cache_read_tokens == member(truth, "cache_read_tokens") &&
         seen.cost_nanousd == member(truth, "cost_nanousd") &&
         seen.unpriced_tokens == member(truth, "unpriced_tokens");
}

void scans(const Job& job, const std::string& truth, int pairs) {
  const auto bytes = static_cast<double>(member(truth, "bytes"));
  const auto lines = static_cast<double>(member(truth, "lines"));
  shm::Usage all;
  scan_once(job, all);  // warms the page cache
  std::vector<double> ours;
  std::vector<double> ratios;
  Random random(1);
  for (int i = 0; i < pairs; ++i) {
    const bool first = random.permille(500);
    double theirs = !job.ccusage.empty() && !first ? ccusage_once(job) : 0;
    ours.push_back(scan_once(job, all));
    if (!job.ccusage.empty() && first) theirs = ccusage_once(job);
    ratios.push_back(theirs / ours.back());
  }
  const double cpu = median(ours);
  const std::string speed = text("%.2f s CPU for %.0f MB: %.0f MB/s, %.0f ns a line", cpu / 1e9,
                                 bytes / 1e6, bytes / 1e6 / (cpu / 1e9), cpu / lines);
  if (job.ccusage.empty()) {
    print_row("first scan, totals only", speed, {"≤ 1/8", "≤ 1/12"}, "not run (`--ccusage`)");
  } else {
    print_row("first scan, totals only", text("**1/%.1f** (", median(ratios)) + speed + ")",
              {"≤ 1/8", "≤ 1/12"},
              text("`ccusage daily --json --offline`: %.2f s CPU", median(ratios) * cpu / 1e9));
  }
  print_row("its totals against the generator's truth",
            equal(all, truth) ? "equal to the nano-dollar" : "**NOT EQUAL**", {"equal", "equal"},
            text("%lld requests", static_cast<long long>(member(truth, "requests"))));
}

void append_line(const fs::path& path, i64 number) {
  const std::string line =
      live_line(path.stem().string(), number, static_cast<i64>(std::time(nullptr)) * 1000);
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0 || write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error(path.string() + ": cannot append");
  }
  close(fd);
}

/// The transcript that was written last: its folders are watched.
fs::path newest_transcript(const fs::path& corpus) {
  fs::path newest;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (entry.path().extension() != ".jsonl" ||
        entry.path().string().find("subagents") != std::string::npos)
      continue;
    if (newest.empty() || entry.last_write_time() > fs::last_write_time(newest))
      newest = entry.path();
  }
  return newest;
}

std::string shown(const Memory& m) {
  return text("**%.1f MB** (%.1f MB dirty)", m.private_kib * 1.024e-3, m.dirty_kib * 1.024e-3);
}

void afterwards(const Job& job, int idle_s) {
  Daemon daemon(job.shmeterd, job.home, job.corpus);
  daemon.wait_until_complete(kPatience_s);
  sleep_ns(1'000'000'000);
  const Budget budget{"≤ 14 MB", "≤ 11 MB"};
  const std::string region =
      text("region file %.1f MB, whole", static_cast<double>(fs::file_size(daemon.region())) / 1e6);
  print_row("private memory after the first scan", shown(daemon.memory()), budget, region);
  const fs::path live = newest_transcript(job.corpus);
  for (i64 i = 0; i < 100; ++i) {
    append_line(live, i);
    sleep_ns(70'000'000);
  }
  sleep_ns(500'000'000);
  print_row("private memory after 100 appends", shown(daemon.memory()), budget, region);

  const Used before = daemon.used();
  const std::int64_t began = now_ns();
  sleep_ns(std::int64_t{idle_s} * 1'000'000'000);
  const Used after = daemon.used();
  const auto elapsed = static_cast<double>(now_ns() - began);
  print_row(text("idle for %d s", idle_s),
            text("**%.4f %%** of a core, %.1f wake-ups a minute",
                 100 * (after.cpu_ns - before.cpu_ns) / elapsed,
                 static_cast<double>(after.switches - before.switches) * 60e9 / elapsed),
            {"≤ 0.1 %", "heartbeat only"}, "heartbeat: 12 a minute");
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  using namespace shmeter::bench;
  try {
    const Arguments arguments(argc - 1, argv + 1);
    const TemporaryFolder home(memory_folder());
    const Job job{arguments.text("shmeterd"), arguments.text("corpus"), arguments.text("ccusage"),
                  home.path()};
    scans(job, arguments.text("truth"), static_cast<int>(arguments.number("pairs", 5)));
    afterwards(job, static_cast<int>(arguments.number("idle_s", 60)));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_scan: %s\n", e.what());
    return 1;
  }
}
