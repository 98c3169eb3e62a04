// SPDX-License-Identifier: MIT
#include "collector/command/doctor_facts.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "collector/command/file_facts.hpp"
#include "collector/command/find_daemon.hpp"
#include "collector/command/reader_path.hpp"
#include "collector/command/reader_words.hpp"
#include "collector/command/region_picture.hpp"
#include "collector/command/terminal.hpp"
#include "collector/loop/wall_clock.hpp"
#include "collector/serve/control_client.hpp"
#include "collector/serve/control_server.hpp"
#include "collector/source/json_dom.hpp"
#include "collector/top/styled_text.hpp"
#include "formats/units.hpp"
#include "plugin/colour.hpp"

namespace shmeter::collector {
namespace {

constexpr std::chrono::milliseconds kAnswerWithin{2000};
constexpr std::uint64_t kVersionWithin_ms = 2000;
constexpr std::size_t kVersionBytes = 4096;
constexpr i64 kSecond_ns = 1'000'000'000;

i64 now_s() { return wall_clock_ms() / 1000; }

/// `shmeter 0.1.0`, the version alone; empty when it says anything else.
std::string version_of(const std::string& program, CommandRunner& runner) {
  constexpr std::string_view kName = "shmeter ";
  const auto outcome = runner.run({program, "--version"}, {kVersionWithin_ms, kVersionBytes, true});
  const std::string& out = outcome.ended.out;
  return out.starts_with(kName) ? out.substr(kName.size(), out.find('\n') - kName.size()) : "";
}

std::string_view named_by(const DoctorCall& call, std::string_view dir) {
  const Environment& environment = call.environment;
  if (!call.flags.runtime_dir.empty()) return "--runtime-dir";
  if (!environment.shmeter_runtime_dir.empty()) return "SHMETER_RUNTIME_DIR";
  if (dir == environment.xdg_runtime_dir + "/shmeter") return "XDG_RUNTIME_DIR";
  return dir.starts_with("/run/") ? "the user's id, as XDG_RUNTIME_DIR did not lead there"
                                  : "default, as there is no runtime directory of the system's";
}

bool is_usable(const std::string& dir) {
  const FileFact self = file_fact(dir);
  if (self.there) return self.is_dir && self.is_ours;
  const FileFact above = file_fact(dir.substr(0, dir.rfind('/')));
  return above.is_dir && above.can_write;
}

/// Where a collector that is started now would go: the first that it can use.
std::string usable_dir(const shm::RuntimeDirs& dirs) {
  for (const shm::FixedPath& dir : dirs)
    if (is_usable(std::string(dir.view()))) return std::string(dir.view());
  return dirs.count == 0 ? std::string() : std::string(dirs.paths[0].view());
}

void look_at_region(const shm::RuntimeDirs& dirs, const std::string& dir, RegionFact& fact) {
  std::string path = region_path(dirs);
  for (const shm::FixedPath& one : dirs) {
    const std::string candidate = std::string(one.view()) + '/' + shm::kRegionName;
    if (path.empty() && file_fact(candidate).there) path = candidate;
  }
  if (path.empty()) path = dir + '/' + shm::kRegionName;
  fact.file = file_fact(path);
  shm::FileReader reader;
  fact.opened = reader.open(path.c_str(), false);
  if (fact.opened == shm::Opened::ok)
    fact.opened = reader.snapshot([&](shm::FileSlot& slot) { return slot.summary(fact.summary); });
  if (fact.opened != shm::Opened::ok) return;
  fact.version = reader.writer_version();
  fact.minor = reader.header().layout_minor;
  fact.liveness = reader.liveness();
  const i64 age_ns = reader.heartbeat_age_ns();
  if (shm::known(age_ns)) fact.heartbeat_age_s = age_ns / kSecond_ns;
  const auto started_s = static_cast<i64>(reader.live().writer_started_at_s);
  if (started_s > 0) fact.runs_for_s = std::max<i64>(now_s() - started_s, 0);
}

void look_at_quota(const shm::RuntimeDirs& dirs, std::vector<QuotaFact>& to) {
  const i64 now = now_s();
  const auto picture = read_region(dirs, {}, now);
  if (!picture) return;
  for (const shm::Account& account : picture->accounts) {
    const auto add = [&](std::string_view name, const shm::Window& window) {
      const bool over = shm::known(window.resets_at_s) && window.resets_at_s <= now;
      if (!shm::known(window.used_ppm) || over) return;
      const i64 age_s = formats::difference(now, window.observed_at_s);
      to.push_back({std::string(account.name.view()), name, window.used_ppm,
                    shm::known(age_s) ? std::max<i64>(age_s, 0) : kUnknown,
                    static_cast<shm::QuotaSource>(window.source)});
    };
    add("five hours", account.five_hour);
    add("seven days", account.seven_day);
  }
}

/// What people call the kinds of observations that tell of a source; the others come along.
std::string_view name_of_source(std::string_view kind) {
  if (kind == "request") return "requests, from transcripts or telemetry";
  if (kind == "statusline") return "the status line";
  if (kind == "hook") return "hooks";
  if (kind == "quota") return "limits, from Claude Code's cache or by command";
  if (kind == "live") return "files of running sessions";
  return {};
}

void look_at_sources(const std::string& answer, std::vector<SourceFact>& to) {
  simdjson::dom::parser parser;
  const json::Value root = parser.parse(answer);
  simdjson::dom::array list;
  if (root["sources"].get_array().get(list) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element& element : list) {
    const json::Value one = json::value_of(element);
    const std::string_view name = name_of_source(json::text(one["name"]));
    const i64 count = json::whole(one["observations"]);
    if (name.empty() || !shm::known(count)) continue;
    const i64 heard_at_s = json::whole(one["heard_at"]);
    to.push_back({std::string(name), count,
                  shm::known(heard_at_s) ? std::max<i64>(now_s() - heard_at_s, 0) : kUnknown});
  }
}

void look_at_collector(const Running& running, Facts& facts) {
  facts.collector.runs = true;
  facts.collector.pid = running.pid;
  auto client = ControlClient::open(running.dir + '/' + kControlSocketName);
  const auto pong = client ? client->ask("PING", {}, kAnswerWithin)
                           : Result<std::string>(tl::unexpected(client.error()));
  if (!pong) {
    facts.collector.trouble = pong.error().message;
    return;
  }
  const auto sources = without_error(client->ask("SOURCES", {}, kAnswerWithin));
  if (sources) look_at_sources(*sources, facts.sources);
}

void look_at_config(const DoctorCall& call, Config& config, ConfigFact& fact) {
  const ConfigPath path = call.environment.config_path(call.flags);
  fact.path = path.path;
  fact.there = file_fact(path.path).there;
  auto loaded = load_config(path, call.environment.home);
  if (!loaded) {
    fact.trouble = loaded.error().message;
    return;
  }
  config = std::move(*loaded);
  fact.keeps_on_disk = config.store.keep == Keep::disk;
}

RootFact look_at_root(const TranscriptRoot& root) {
  RootFact fact;
  fact.projects = file_fact(root.projects);
  if (!fact.projects.there) return fact;
  i64 newest_ns = 0;
  for (const FoundDir& dir : list_transcripts(root.projects, DirKind::projects)) {
    if (dir.error != 0) ++fact.unreadable;
    fact.files += static_cast<i64>(dir.files.size());
    for (const FoundFile& file : dir.files) newest_ns = std::max(newest_ns, file.modified_ns);
  }
  if (newest_ns > 0) fact.newest_age_s = std::max<i64>(now_s() - newest_ns / kSecond_ns, 0);
  return fact;
}

TerminalFact look_at_terminal(const plugin::Environment& env) {
  const auto variable = [](const char* name) {
    const char* value = ::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  TerminalFact fact;
  fact.is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const int width = terminal_width(STDOUT_FILENO);
  fact.columns = width > 0 ? width : plugin::parse_columns(env.columns);
  fact.term = env.term;
  fact.colorterm = env.colorterm;
  fact.no_color = env.no_color;
  fact.force_color = env.force_color;
  fact.colour = plugin::choose_colour(formats::Target::ansi, plugin::ColourWish::automatic, env);
  fact.is_utf8 = is_utf8_locale(variable("LC_ALL"), variable("LC_CTYPE"), variable("LANG"));
  return fact;
}

}  // namespace

std::string region_path(const shm::RuntimeDirs& dirs) {
  for (const shm::FixedPath& dir : dirs) {
    const shm::FixedPath path = shm::in_dir(dir, shm::kRegionName);
    shm::FileReader reader;
    if (!path.empty() && reader.open(path.c_str(), false) == shm::Opened::ok)
      return std::string(path.view());
  }
  return {};
}

ProgramFact program_fact(const std::string& name, std::string_view path, const std::string& ours,
                         CommandRunner& runner) {
  ProgramFact fact;
  fact.file = file_fact(find_program(name, path));
  if (fact.file.path.empty()) fact.file.path = name;  // told as it was written
  fact.is_same_file = is_same_file(fact.file.path, ours);
  if (fact.file.can_run && !fact.is_same_file) fact.version = version_of(fact.file.path, runner);
  return fact;
}

Facts gather_facts(const DoctorCall& call, CommandRunner& runner) {
  Facts facts;
  facts.version = SHMETER_VERSION;
  const auto beside = path_beside_us();
  facts.reader.file = file_fact(beside ? *beside : "");
  if (facts.reader.file.can_run) facts.reader.version = version_of(facts.reader.file.path, runner);
  const std::string found = find_program("shmeter", call.reader_env.path);
  if (!found.empty()) facts.in_path = program_fact(found, {}, facts.reader.file.path, runner);

  const shm::RuntimeDirs dirs = call.environment.runtime_dirs(call.flags);
  const auto running = find_running(dirs);
  facts.runtime.dir = running ? running->dir : usable_dir(dirs);
  facts.runtime.named = named_by(call, facts.runtime.dir);
  facts.runtime.is_first = dirs.count == 0 || facts.runtime.dir == usable_dir(dirs);
  facts.runtime.state = file_fact(facts.runtime.dir);
  if (running) look_at_collector(*running, facts);
  look_at_region(dirs, facts.runtime.dir, facts.region);
  look_at_quota(dirs, facts.quota);

  Config config;
  look_at_config(call, config, facts.config);
  facts.state_dir = file_fact(call.environment.state_dir());
  facts.database = file_fact(call.environment.store_path());
  for (const TranscriptRoot& root : call.environment.roots(call.flags, config))
    facts.roots.push_back(look_at_root(root));
  facts.terminal = look_at_terminal(call.reader_env);
  return facts;
}

}  // namespace shmeter::collector
