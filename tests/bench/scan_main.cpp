// SPDX-License-Identifier: MIT
// bench_scan: the first scan of a big history against ccusage, file by file the same bytes, warm;
// then what the collector holds and does once it is through.
// Arguments: shmeterd= corpus= truth= (the line bench_corpus printed) ccusage= pairs= restarts=
// idle_s=
#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "collector/bench/random.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/corpus.hpp"
#include "tests/bench/daemon.hpp"

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

/// A first scan, to the end of the process, which is not before everything is stored.
double scan_once(const Job& job, Keep keep, shm::Usage& all) {
  fs::remove_all(job.home + "/state");
  Daemon daemon(job.shmeterd, job.home, job.corpus, keep);
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

void print_scan(const std::string& name, const Budget& budget, const std::vector<double>& ours,
                const std::vector<double>& theirs, double bytes, double lines) {
  const double cpu = median(ours);
  const std::string speed = text("%.2f s CPU for %.0f MB: %.0f MB/s, %.0f ns a line", cpu / 1e9,
                                 bytes / 1e6, bytes / 1e6 / (cpu / 1e9), cpu / lines);
  if (theirs.empty()) return print_row(name, speed, budget, "not run (`--ccusage`)");
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(theirs[i] / ours[i]);
  print_row(name, text("**1/%.1f** (", median(ratios)) + speed + ")", budget,
            text("`ccusage daily --json --offline`: %.2f s CPU", median(theirs) / 1e9));
}

void scans(const Job& job, const std::string& truth, int pairs) {
  const auto bytes = static_cast<double>(member(truth, "bytes"));
  const auto lines = static_cast<double>(member(truth, "lines"));
  shm::Usage counted;
  shm::Usage stored;
  scan_once(job, Keep::memory, counted);  // warms the page cache
  std::vector<double> totals_only;
  std::vector<double> with_store;
  std::vector<double> theirs;
  Random random(1);
  for (int i = 0; i < pairs; ++i) {
    const bool first = random.permille(500);
    if (!job.ccusage.empty() && !first) theirs.push_back(ccusage_once(job));
    totals_only.push_back(scan_once(job, Keep::memory, counted));
    with_store.push_back(scan_once(job, Keep::disk, stored));
    if (!job.ccusage.empty() && first) theirs.push_back(ccusage_once(job));
  }
  print_scan("first scan, totals only", {"≤ 1/8", "≤ 1/12"}, totals_only, theirs, bytes, lines);
  print_scan("first scan, everything stored", {"≤ 1/4", "≤ 1/8"}, with_store, theirs, bytes, lines);
  print_row(
      "their totals against the generator's truth",
      equal(counted, truth) && equal(stored, truth) ? "equal to the nano-dollar" : "**NOT EQUAL**",
      {"equal", "equal"}, text("%lld requests", static_cast<long long>(member(truth, "requests"))));
}

/// Everything known, the collector killed: from its start to the complete picture.
void restarts(const Job& job, const std::string& truth, int times) {
  fs::remove_all(job.home + "/state");
  {
    Daemon daemon(job.shmeterd, job.home, job.corpus, Keep::disk);
    daemon.wait_until_complete(kPatience_s);
    daemon.end();  // not before everything is stored
  }
  std::vector<double> took_ms;
  bool right = true;
  for (int i = 0; i < times; ++i) {
    const std::int64_t began = now_ns();
    Daemon daemon(job.shmeterd, job.home, job.corpus, Keep::disk);
    daemon.wait_until_complete(kPatience_s, 500'000);
    took_ms.push_back(static_cast<double>(now_ns() - began) / 1e6);
    right = right && equal(daemon.summary()->all, truth);
    daemon.kill();
  }
  const auto files = static_cast<double>(fs::file_size(job.home + "/state/shmeter/usage.db"));
  print_row("restart with everything known, killed before, to the complete picture",
            text("**p50 %.1f ms**, p90 %.1f ms%s", median(took_ms), percentile(took_ms, 0.9),
                 right ? "" : ", **NOT EQUAL**"),
            {"≤ 60 ms", "≤ 20 ms"}, text("process start included; database %.1f MB", files / 1e6));
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

std::string shown(const Memory& m) {
  return text("**%.1f MB** (%.1f MB dirty)", m.private_kib * 1.024e-3, m.dirty_kib * 1.024e-3);
}

void afterwards(const Job& job, int idle_s) {
  fs::remove_all(job.home + "/state");
  Daemon daemon(job.shmeterd, job.home, job.corpus, Keep::disk);
  daemon.wait_until_complete(kPatience_s);
  sleep_ns(5'000'000'000);  // for what is stored behind it
  const Budget budget{"≤ 20 MB", "≤ 14 MB"};
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

void smallest(const Job& job) {
  fs::remove_all(job.home + "/state");
  Daemon daemon(job.shmeterd, job.home, job.corpus, Keep::least);
  daemon.wait_until_complete(kPatience_s);
  sleep_ns(5'000'000'000);
  print_row("private memory after the first scan, smallest form", shown(daemon.memory()),
            {"≤ 14 MB", "≤ 11 MB"}, "`[region] sessions = 256`");
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
    settle(job.shmeterd);
    scans(job, arguments.text("truth"), static_cast<int>(arguments.number("pairs", 5)));
    restarts(job, arguments.text("truth"), static_cast<int>(arguments.number("restarts", 15)));
    smallest(job);
    afterwards(job, static_cast<int>(arguments.number("idle_s", 60)));
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_scan: %s\n", e.what());
    return 1;
  }
}
