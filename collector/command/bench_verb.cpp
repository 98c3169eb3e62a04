// SPDX-License-Identifier: MIT
#include "collector/command/bench_verb.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "collector/bench/lines.hpp"
#include "collector/bench/programs.hpp"
#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/reader_path.hpp"
#include "collector/command/reader_words.hpp"
#include "collector/doctor/trial_samples.hpp"
#include "collector/source/ingest_socket.hpp"

extern char** environ;

namespace shmeter::collector {
namespace {

constexpr const char* kForm = "shmeter bench [--rounds N] [--runtime-dir DIR]";
constexpr std::array<ClientOption, 3> kOptions = {{{"rounds"}, kRuntimeDirOption, kHelpOption}};
constexpr int kRounds = 1000;
constexpr int kMostRounds = 100'000;
constexpr const char* kShell = "/bin/sh";
constexpr const char* kTrue = "/bin/true";

/// 0 = none.
int rounds_of(std::string_view word) {
  int rounds = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), rounds);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  return whole && rounds >= 10 && rounds <= kMostRounds ? rounds : 0;
}

/// Everything is started with our own surroundings, as a host's would be.
bench::Command command(std::string path, std::vector<std::string> arguments) {
  bench::Command out;
  out.path = std::move(path);
  out.arguments = std::move(arguments);
  for (char** variable = environ; *variable != nullptr; ++variable)
    out.environment.emplace_back(*variable);
  return out;
}

bench::Command in_shell(const std::vector<std::string>& words) {
  std::vector<std::string> arguments = {"-c", "exec \"$@\"", "sh"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  return command(kShell, std::move(arguments));
}

std::vector<bench::Contestant> contestants(const std::string& reader, const std::string& floor,
                                           const std::string& json, std::string_view dir) {
  std::vector<bench::Contestant> all;
  if (!floor.empty()) all.push_back({"a program that only exits", command(floor, {})});
  const auto add = [&](const std::string& verb, const std::string& input) {
    std::vector<std::string> words = {verb};
    if (!dir.empty()) words.insert(words.end(), {"--runtime-dir", std::string(dir)});
    all.push_back({"shmeter " + verb, command(reader, words)});
    all.back().command.input = input;
  };
  add("tmux", "/dev/null");
  add("plain", "/dev/null");
  add("claude", json);
  if (::access(kTrue, X_OK) == 0)
    all.push_back({"/bin/true, a small C program", command(kTrue, {})});
  if (::access(kShell, X_OK) != 0) return all;
  if (!floor.empty()) all.push_back({"sh -c 'exec' of what only exits", in_shell({floor})});
  all.push_back({"sh -c 'exec shmeter tmux'", in_shell({reader, "tmux"})});
  if (!dir.empty())
    all.back().command.arguments.insert(all.back().command.arguments.end(),
                                        {"--runtime-dir", std::string(dir)});
  return all;
}

}  // namespace

int run_bench(std::span<char* const> arguments, const Environment&) {
  const auto words = read_client_words(arguments, kOptions, 0, kForm);
  if (!words) {
    say(words.error().message);
    return kExitUsage;
  }
  if (words->has("help")) {
    std::printf("usage: %s\n", kForm);
    return kExitOk;
  }
  const int rounds = words->has("rounds") ? rounds_of(words->value("rounds")) : kRounds;
  if (rounds == 0) {
    say("--rounds needs a number from 10 to " + std::to_string(kMostRounds));
    return kExitUsage;
  }
  const auto reader = path_of_reader();
  if (!reader) {
    say(reader.error().message);
    return kExitUnavailable;
  }
  try {
    const bench::MemoryFile json(statusline_sample(kTrialSession, "", "/"));
    const auto floor = bench::program_that_only_exits();
    const auto all = contestants(*reader, floor ? floor->path() : std::string(), json.path(),
                                 words->value("runtime-dir"));
    const auto seed = static_cast<std::uint64_t>(std::time(nullptr));
    const auto results = bench::compare_spawns(all, rounds, seed, [] {});
    std::printf("shmeter " SHMETER_VERSION ", %d rounds in turns; whole lives of processes\n\n%s",
                rounds, bench::lines_of(results).c_str());
  } catch (const std::runtime_error& error) {
    say(error.what());
    return kExitUnavailable;
  }
  return std::fflush(stdout) == 0 ? kExitOk : kExitUnavailable;
}

}  // namespace shmeter::collector
