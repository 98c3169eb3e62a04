// SPDX-License-Identifier: MIT
// bench_reader: what one run of the reader costs, beside the floor and ordinary empty programs,
// over a usual region (12 sessions) and a full one (1024); then the same runs in countable things.
// Arguments: shmeter= floor= static= dynamic= stdin= hook= rounds= cpu= seed=
#include <filesystem>
#include <stdexcept>

#include "formats/render.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/gate.hpp"
#include "tests/bench/host.hpp"
#include "tests/bench/measure.hpp"
#include "tests/bench/spawn.hpp"

namespace shmeter::bench {
namespace {

std::string session_id_in(const std::string& path) {
  const std::string json = content_of(path);
  const std::string key = "\"session_id\":\"";
  const std::size_t at = json.find(key);
  if (at == std::string::npos) throw std::runtime_error(path + ": no session_id in it");
  return json.substr(at + key.size(), json.find('"', at + key.size()) - at - key.size());
}

std::vector<std::string> environment(const std::string& runtime, const std::string& home) {
  return {"PATH=/usr/bin:/bin", "HOME=" + home,  "XDG_RUNTIME_DIR=" + runtime,
          "TERM=tmux-256color", "LANG=C.UTF-8",  "COLORTERM=truecolor",
          "USER=dev",           "SHELL=/bin/sh", "TMUX=/tmp/tmux-1000/default,1,0",
          "TMUX_PANE=%3"};
}

struct Row {
  std::string name;
  Budget budget;
};

void print_spawns(const std::vector<SpawnResult>& results, const std::vector<Row>& rows) {
  const auto baseline = text("floor %.1f µs, empty static C %.2f×, dynamic C %.2f×",
                             results[0].median_us, results[1].ratio, results[2].ratio);
  for (std::size_t i = 3; i < results.size(); ++i) {
    const SpawnResult& r = results[i];
    print_row(rows[i].name,
              text("**%.2f×** (%.1f µs, +%.1f µs, %+.1f faults)", r.ratio, r.median_us,
                   r.over_first_us, r.faults - results[0].faults),
              rows[i].budget, baseline);
  }
}

void print_counts(const std::vector<Contestant>& contestants, const std::vector<Row>& rows) {
  for (std::size_t i = 3; i < contestants.size(); ++i) {
    const Count c = count(contestants[i].command);
    const bool claude = rows[i].name.find("claude") != std::string::npos;
    print_row(rows[i].name + ", counted",
              text("%d system calls, %d written pages", c.system_calls, c.written_pages),
              {claude ? "20; 3" : "16; 3", "fewer"}, "floor: 2; 0");
  }
}

int run_all(const Arguments& arguments) {
  const int cpu = static_cast<int>(arguments.number("cpu", cpu_count() - 1));
  const TemporaryFolder memory(memory_folder());
  const std::string input = arguments.text("stdin");
  const std::string id = session_id_in(input);
  const std::string few = memory / "few";
  const std::string full = memory / "full";
  for (const std::string& folder : {few, full}) {
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  }
  const int other = cpu == 0 ? cpu_count() - 1 : 0;
  RegionHost few_host(few + "/shmeter", 12, id, other);
  RegionHost full_host(full + "/shmeter", shm::kSessions, id, other);
  pin(cpu);

  const std::string shmeter = arguments.text("shmeter");
  const std::vector<std::string> env = environment(few, memory.path());
  const std::vector<std::string> full_env = environment(full, memory.path());
  const std::string rich(formats::full_template());
  const Budget tmux{"≤ 1.30×", "≤ 1.20×"};
  const Budget claude{"≤ 1.75×", "≤ 1.45×"};
  std::vector<Contestant> contestants{{"floor", {arguments.text("floor"), {}, env}},
                                      {"static", {arguments.text("static"), {}, env}},
                                      {"dynamic", {arguments.text("dynamic"), {}, env}}};
  std::vector<Row> rows{{}, {}, {}};
  const auto add = [&](const std::string& name, std::vector<std::string> words, bool in_full,
                       const Budget& budget) {
    Command command{shmeter, std::move(words), in_full ? full_env : env};
    if (name.find("claude") != std::string::npos) command.input = input;
    contestants.push_back({name, command});
    rows.push_back({name, budget});
  };
  for (const bool in_full : {false, true}) {
    const std::string over = in_full ? ", 1024 sessions" : ", 12 sessions";
    add("`shmeter tmux`" + over, {"tmux"}, in_full, tmux);
    add("`shmeter claude`" + over, {"claude"}, in_full, claude);
    add("`shmeter plain`" + over, {"plain"}, in_full, {});
    add("`shmeter starship`" + over, {"starship", ""}, in_full, {});
  }
  add("`shmeter claude`, three-line form", {"claude", rich}, false, {"≤ 1.85×", "≤ 1.55×"});

  add("`shmeter hook`, a tool call", {"hook"}, false, {"≤ 2×", "–"});
  contestants.back().command.input = arguments.text("hook");

  const auto results =
      compare_spawns(contestants, static_cast<int>(arguments.number("rounds", 1500)),
                     static_cast<std::uint64_t>(arguments.number("seed", now_ns())), [&] {
                       few_host.heartbeat();
                       full_host.heartbeat();
                     });
  print_spawns(results, rows);
  contestants.resize(5);  // the floor, two empty ones, tmux and claude
  print_counts(contestants, rows);
  print_row("size of `shmeter`",
            text("%.1f KiB", static_cast<double>(std::filesystem::file_size(shmeter)) / 1024), {},
            text("empty static C %.0f KiB",
                 static_cast<double>(std::filesystem::file_size(arguments.text("static"))) / 1024));
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  return shmeter::bench::run_program("bench_reader", argc, argv, shmeter::bench::run_all);
}
