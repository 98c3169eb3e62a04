// SPDX-License-Identifier: MIT
// bench_alternatives: `shmeter claude` beside other programs for Claude Code's status line, each a
// whole process, over the same history and with the same JSON. Ours has its collector running.
// Arguments: shmeterd= shmeter= npm= (where they are installed) corpus= stdin= seconds= seed=
#include <net/if.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "collector/bench/spawn.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/captured.hpp"
#include "tests/bench/corpus.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/gate.hpp"
#include "tests/bench/terminal.hpp"

namespace shmeter::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kPatience_s = 300;
constexpr unsigned short kColumns = 160;
constexpr unsigned short kRows = 48;
constexpr int kLeastRounds = 5;
constexpr int kMostRounds = 1000;
constexpr std::int64_t kStored_ns = 5'000'000'000;  // what a first scan still stores behind it
constexpr int kLines = 100;
constexpr std::int64_t kLinePause_ns = 60'000'000;  // longer than that between publications
constexpr i64 kWindowLeft_s = 7000;  // of the limits in the JSON, which would be over by now

/// A program that others write, as its users start it.
struct Alternative {
  std::string name;
  std::string package;
  fs::path program;  // empty: the registry has none for this machine
  std::vector<std::string> words;
};

/// Runs it once, which also lets it write its settings; whether it says anything.
bool works(const Command& command) {
  std::string output;
  try {
    return run(command, &output).status == 0 && !output.empty();
  } catch (const std::runtime_error&) {
    return false;  // cannot be started: of another machine, or not there
  }
}

/// The first program `inside` a package `prefix`*, which are named after machines, that starts.
fs::path native(const fs::path& scope, const std::string& prefix, const fs::path& inside) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(scope, none)) {
    const fs::path program = entry.path() / inside;
    if (entry.path().filename().string().starts_with(prefix) && fs::exists(program))
      found.push_back(program);
  }
  std::sort(found.begin(), found.end());
  for (const fs::path& program : found) {
    fs::permissions(program, fs::perms::owner_exec, fs::perm_options::add);  // as wrappers do
    Command version;
    version.path = program;
    version.arguments = {"--version"};
    version.errors = "/dev/null";
    if (works(version)) return program;
  }
  return {};
}

/// ccline's own installer puts its program into the home, where its users start it.
fs::path install_ccline(const fs::path& modules, const fs::path& home) {
  const fs::path program = native(modules / "@cometix", "ccline-linux-", "ccline");
  if (program.empty()) return {};
  const fs::path to = home / ".claude/ccline/ccline";
  fs::create_directories(to.parent_path());
  fs::copy_file(program, to);
  return to;
}

/// ccusage's answer holds for a second: whoever asks later has all counted anew.
std::vector<Alternative> alternatives(const fs::path& modules, const fs::path& home) {
  const fs::path ccusage = native(modules / "@ccusage", "ccusage-linux-", "bin/ccusage");
  const std::vector<std::string> anew{"statusline", "--offline", "--no-cache"};
  return {
      {"`ccusage statusline --offline`", "ccusage", modules / ".bin/ccusage", anew},
      {"…, its native program alone", "ccusage", ccusage, anew},
      {"…, its native program alone, asked again within a second",
       "ccusage",
       ccusage,
       {"statusline", "--offline", "--refresh-interval", "3600"}},
      {"`ccstatusline`", "ccstatusline", modules / ".bin/ccstatusline", {}},
      {"`ccline`", "@cometix/ccline", install_ccline(modules, home), {}},
  };
}

bool has_network() {
  struct if_nameindex* const all = if_nameindex();
  bool found = false;
  for (auto* one = all; one != nullptr && one->if_index != 0; ++one)
    found = found || std::string_view(one->if_name) != "lo";
  if_freenameindex(all);
  return found;
}

std::string describe_history(const fs::path& corpus) {
  int files = 0;
  double bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    bytes += static_cast<double>(entry.file_size());
  }
  return text("%d transcripts, %.1f MB", files, bytes / 1e6);
}

/// The captured JSON, as if it were of the newest session of that history, working in `cwd`.
std::string write_stdin(const std::string& captured, const fs::path& corpus, const fs::path& home) {
  const fs::path transcript = newest_transcript(corpus);
  const fs::path cwd = home / "project";
  fs::create_directories(cwd);
  std::string json = content_of(captured);
  json = with_text(std::move(json), "session_id", transcript.stem().string());
  json = with_text(std::move(json), "transcript_path", transcript.string());
  for (const char* name : {"cwd", "current_dir", "project_dir"})
    json = with_text(std::move(json), name, cwd.string());
  json = with_number(std::move(json), "resets_at", std::time(nullptr) + kWindowLeft_s);
  const std::string path = home / "stdin.json";
  std::ofstream(path) << json;
  return path;
}

/// Everyone's environment: the collector's, and what Claude Code and a terminal add.
std::vector<std::string> environment(const Daemon& daemon, const fs::path& home) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> all = daemon.environment();
  std::erase_if(all, [](const std::string& one) { return one.starts_with("PATH="); });
  fs::create_directories(home / "tmp");
  for (const std::string& one :
       {"PATH=" + std::string(path == nullptr ? "/usr/bin:/bin" : path),
        "TMPDIR=" + (home / "tmp").string(), std::string("TERM=xterm-256color"),
        std::string("COLORTERM=truecolor"), std::string("LANG=C.UTF-8"),
        "COLUMNS=" + std::to_string(kColumns), "LINES=" + std::to_string(kRows),
        std::string("USER=dev")})
    all.push_back(one);
  return all;
}

std::string shown_size(long kib) { return text("%.1f MB at most", static_cast<double>(kib) / 1e3); }

/// The collector's CPU for a line of ours, whose values it takes in and publishes.
double collector_us(const Daemon& daemon, const Command& line) {
  const double before = daemon.used().cpu_ns;
  for (int i = 0; i < kLines; ++i) {
    run(line);
    sleep_ns(kLinePause_ns);
  }
  return (daemon.used().cpu_ns - before) / 1e3 / kLines;
}

/// Ours first, then whoever runs here; a row says who does not.
std::vector<Contestant> contestants_of(const Arguments& arguments, const Daemon& daemon,
                                       const std::string& input, const fs::path& home) {
  const fs::path modules = fs::path(arguments.text("npm")) / "node_modules";
  const auto env = environment(daemon, home);
  const std::string over = ", " + describe_history(arguments.text("corpus"));
  std::vector<Contestant> contestants{
      {"`shmeter claude`" + over, {arguments.text("shmeter"), {"claude"}, env, input}}};
  if (!works(contestants[0].command)) throw std::runtime_error("shmeter claude: says nothing");
  for (const Alternative& one : alternatives(modules, home)) {
    const fs::path manifest = modules / one.package / "package.json";
    const std::string version =
        fs::exists(manifest) ? text_member(content_of(manifest), "version") : "not installed";
    const Contestant contestant{
        one.name + " (" + version + ")" + over,
        {one.program, one.words, env, input, "/dev/null", -1, home / "errors"}};
    if (!one.program.empty() && works(contestant.command)) {
      contestants.push_back(contestant);
    } else {
      print_row(contestant.name, "does not run here", {}, "–");
    }
  }
  return contestants;
}

/// So many that they take about that long.
int rounds_in(i64 seconds, const std::vector<Contestant>& contestants) {
  const std::int64_t began = now_ns();
  for (const Contestant& one : contestants) works(one.command);
  const double round_s = static_cast<double>(now_ns() - began) / 1e9;
  constexpr double kWithWarmUp = 1.1;
  return static_cast<int>(std::clamp(static_cast<double>(seconds) / (kWithWarmUp * round_s),
                                     double{kLeastRounds}, double{kMostRounds}));
}

void print_others(const std::vector<SpawnResult>& results) {
  for (std::size_t i = 1; i < results.size(); ++i) {
    const SpawnResult& r = results[i];
    print_row(r.name,
              text("**%.1f ms** (p10 %.1f, p90 %.1f), %.*f× ours, ", r.median_us / 1e3,
                   r.p10_us / 1e3, r.p90_us / 1e3, r.ratio < 10 ? 1 : 0, r.ratio) +
                  shown_size(r.peak_kib),
              {}, text("`shmeter claude`: %.0f µs", results[0].median_us));
  }
}

int run_all(const Arguments& arguments) {
  const fs::path corpus = arguments.text("corpus");
  const ControllingTerminal terminal(kColumns, kRows);
  const TemporaryFolder home(memory_folder());
  Daemon daemon(arguments.text("shmeterd"), home.path(), corpus, Keep::disk);
  daemon.wait_until_complete(kPatience_s);
  sleep_ns(kStored_ns);
  const std::string input = write_stdin(arguments.text("stdin"), corpus, home.path());
  const auto contestants = contestants_of(arguments, daemon, input, home.path());
  const Command& line = contestants[0].command;
  const double behind_us = collector_us(daemon, line);
  const int rounds = rounds_in(arguments.number("seconds", 60), contestants);
  const auto seed = static_cast<std::uint64_t>(arguments.number("seed", now_ns()));
  const auto results = compare_spawns(contestants, rounds, seed, [] {});
  const SpawnResult& ours = results[0];
  print_row(ours.name,
            text("**%.0f µs** (p10 %.0f, p90 %.0f), ", ours.median_us, ours.p10_us, ours.p90_us) +
                shown_size(count(line).resident_kib),
            {},
            text("n = %d, %s network; the collector's CPU is not in it: %.0f µs for each line",
                 rounds, has_network() ? "with a" : "no", behind_us));
  print_others(results);
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  return shmeter::bench::run_program("bench_alternatives", argc, argv, shmeter::bench::run_all);
}
