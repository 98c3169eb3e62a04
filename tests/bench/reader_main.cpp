// SPDX-License-Identifier: MIT
// bench_reader: what one run of the reader costs, beside the floor and ordinary empty programs,
// over a usual region (12 sessions), a full one (1024) and one with the richest look; then some of
// the same runs in countable things, and as hosts start them: through a shell.
// Arguments: shmeter= floor= static= dynamic= stdin= hook= rounds= shells= (rounds) cpu= seed=
#include <filesystem>
#include <optional>

#include "collector/bench/measure.hpp"
#include "collector/bench/spawn.hpp"
#include "formats/render.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/captured.hpp"
#include "tests/bench/gate.hpp"
#include "tests/bench/host.hpp"
#include "tests/bench/look.hpp"

namespace shmeter::bench {
namespace {

constexpr std::size_t kEmptyOnes = 3;  // the floor and two empty C programs come first

std::vector<std::string> environment(const std::string& runtime, const std::string& home) {
  return {"PATH=/usr/bin:/bin", "HOME=" + home,  "XDG_RUNTIME_DIR=" + runtime,
          "TERM=tmux-256color", "LANG=C.UTF-8",  "COLORTERM=truecolor",
          "USER=dev",           "SHELL=/bin/sh", "TMUX=/tmp/tmux-1000/default,1,0",
          "TMUX_PANE=%3"};
}

struct Row {
  std::string name;
  Budget budget;
  std::optional<Budget> counts = {};  // of those that are counted, too
};

void print_spawns(const std::vector<SpawnResult>& results, const std::vector<Row>& rows) {
  const auto baseline = text("floor %.1f µs, empty static C %.2f×, dynamic C %.2f×",
                             results[0].median_us, results[1].ratio, results[2].ratio);
  for (std::size_t i = kEmptyOnes; i < results.size(); ++i) {
    const SpawnResult& r = results[i];
    print_row(rows[i].name,
              text("**%.2f×** (%.1f µs, +%.1f µs, %+.1f faults)", r.ratio, r.median_us,
                   r.over_first_us, r.faults - results[0].faults),
              rows[i].budget, baseline);
  }
}

void print_counts(const std::vector<Contestant>& contestants, const std::vector<Row>& rows) {
  for (std::size_t i = kEmptyOnes; i < contestants.size(); ++i) {
    if (!rows[i].counts) continue;
    const Count c = count(contestants[i].command);
    print_row(rows[i].name + ", counted",
              text("%d system calls, %d written pages", c.system_calls, c.written_pages),
              *rows[i].counts, "floor: 2; 0");
  }
}

/// The same program as tmux, waybar and Claude Code start it.
Command in_shell(Command command) {
  std::string line = "exec " + command.path;
  for (const std::string& word : command.arguments) line.append(" ").append(word);
  command.arguments = {"-c", line};
  command.path = "/bin/sh";
  return command;
}

/// `bare` is the floor, tmux and claude: what of each start is not the shell's.
void print_shells(const std::vector<Contestant>& bare, int rounds, std::uint64_t seed,
                  const std::function<void()>& between) {
  std::vector<Contestant> contestants;
  for (const Contestant& one : bare) contestants.push_back({one.name, in_shell(one.command)});
  contestants.push_back(bare[0]);
  const auto results = compare_spawns(contestants, rounds, seed, between);
  const std::string shell = std::filesystem::canonical("/bin/sh").filename();
  for (std::size_t i = 1; i < bare.size(); ++i) {
    const SpawnResult& r = results[i];
    print_row("`sh -c 'exec " + bare[i].name + "'`",
              text("**%.2f×** (%.1f µs, of which %.1f µs, %.0f %%, are ours)", r.ratio, r.median_us,
                   r.over_first_us, 100 * r.over_first_us / r.median_us),
              {},
              text("`sh -c 'exec floor'`, %s: %.1f µs; floor without a shell: %.1f µs",
                   shell.c_str(), results[0].median_us, results.back().median_us));
  }
}

int run_all(const Arguments& arguments) {
  const int cpu = static_cast<int>(arguments.number("cpu", cpu_count() - 1));
  const auto seed = static_cast<std::uint64_t>(arguments.number("seed", now_ns()));
  const TemporaryFolder memory(memory_folder());
  const std::string input = arguments.text("stdin");
  const std::string id = text_member(content_of(input), "session_id");
  const std::string few = memory / "few";
  const std::string full = memory / "full";
  const std::string rich = memory / "rich";
  for (const std::string& folder : {few, full, rich}) {
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  }
  const int other = cpu == 0 ? cpu_count() - 1 : 0;
  RegionHost few_host(few + "/shmeter", 12, id, other);
  RegionHost full_host(full + "/shmeter", shm::kSessions, id, other);
  RegionHost rich_host(rich + "/shmeter", 12, id, other, richest_look());
  const auto between = [&] {
    for (RegionHost* host : {&few_host, &full_host, &rich_host}) host->heartbeat();
  };
  pin(cpu);

  const std::string shmeter = arguments.text("shmeter");
  const std::vector<std::string> env = environment(few, memory.path());
  const std::vector<std::string> full_env = environment(full, memory.path());
  std::vector<std::string> rich_env = environment(rich, memory.path());
  rich_env.emplace_back("COLUMNS=160");  // as Claude Code tells it; the line takes all of them
  const Budget tmux{"≤ 1.30×", "≤ 1.20×"};
  const Budget claude{"≤ 1.75×", "≤ 1.45×"};
  const Budget richest{"≤ 1.85×", "≤ 1.55×"};
  std::vector<Contestant> contestants{{"floor", {arguments.text("floor"), {}, env}},
                                      {"static", {arguments.text("static"), {}, env}},
                                      {"dynamic", {arguments.text("dynamic"), {}, env}}};
  std::vector<Row> rows(kEmptyOnes);
  const auto add = [&](const Row& row, std::vector<std::string> words,
                       const std::vector<std::string>& with) {
    Command command{shmeter, std::move(words), with};
    if (command.arguments[0] == "claude") command.input = input;
    contestants.push_back({"shmeter " + command.arguments[0], command});
    rows.push_back(row);
  };
  add({"`shmeter tmux`, 12 sessions", tmux, Budget{"16; 3", "fewer"}}, {"tmux"}, env);
  add({"`shmeter claude`, 12 sessions", claude, Budget{"20; 3", "fewer"}}, {"claude"}, env);
  add({"`shmeter plain`, 12 sessions", {}}, {"plain"}, env);
  add({"`shmeter starship`, 12 sessions", {}}, {"starship", ""}, env);
  add({"`shmeter tmux`, 1024 sessions", tmux}, {"tmux"}, full_env);
  add({"`shmeter claude`, 1024 sessions", claude}, {"claude"}, full_env);
  add({"`shmeter plain`, 1024 sessions", {}}, {"plain"}, full_env);
  add({"`shmeter starship`, 1024 sessions", {}}, {"starship", ""}, full_env);
  add({"`shmeter claude`, three-line form", richest},
      {"claude", std::string(formats::full_template())}, env);
  add({"`shmeter claude`, richest form and theme", richest, Budget{}},
      {"claude", "--format", "rich"}, rich_env);
  add({"`shmeter tmux`, richest form and theme", richest, Budget{}}, {"tmux"}, rich_env);
  add({"`shmeter hook`, a tool call", {"≤ 2×", "–"}}, {"hook"}, env);
  contestants.back().command.input = arguments.text("hook");

  print_spawns(compare_spawns(contestants, static_cast<int>(arguments.number("rounds", 1500)), seed,
                              between),
               rows);
  print_counts(contestants, rows);
  if (const auto rounds = static_cast<int>(arguments.number("shells", 0)); rounds > 0) {
    print_shells({contestants[0], contestants[kEmptyOnes], contestants[kEmptyOnes + 1]}, rounds,
                 seed, between);
  }
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
