// SPDX-License-Identifier: MIT
#include "collector/command/doctor_tmux.hpp"

#include <unistd.h>

#include "collector/command/file_facts.hpp"
#include "collector/setup/marked_block.hpp"

namespace shmeter::collector {
namespace {

using How = ChildProcess::Ended::How;

constexpr ChildProcess::Limits kLimits{2000, std::size_t{256} << 10};
constexpr std::string_view kNameLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

std::string get(const Variables& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string() : found->second;
}

std::vector<TmuxVariable> differing(const Variables& there, const DoctorCall& call) {
  const Environment& here = call.environment;
  std::vector<TmuxVariable> out;
  const auto compare = [&](std::string_view name, const std::string& ours) {
    const std::string theirs = get(there, name);
    if (theirs != ours) out.push_back({name, theirs, ours});
  };
  compare("XDG_RUNTIME_DIR", here.xdg_runtime_dir);
  compare("SHMETER_RUNTIME_DIR", here.shmeter_runtime_dir);
  compare("CLAUDE_CONFIG_DIR", here.claude_config_dir);
  compare("HOME", here.home);
  // Of PATH, which nearly always differs, only what matters.
  const std::string_view ours = call.reader_env.path;
  if (find_program("shmeter", get(there, "PATH")) != find_program("shmeter", ours))
    compare("PATH", std::string(ours));
  return out;
}

/// The socket of the server that `tmux` alone would speak to; asking it makes its folder.
std::string socket_of(const DoctorCall& call) {
  if (!call.tmux.empty()) return call.tmux.substr(0, call.tmux.find(','));
  const std::string dir = call.tmux_tmpdir.empty() ? "/tmp" : call.tmux_tmpdir;
  return dir + "/tmux-" + std::to_string(::geteuid()) + "/default";
}

ChildProcess::Ended ask(const std::string& socket, std::vector<std::string> words,
                        CommandRunner& runner) {
  words.insert(words.begin(), {"tmux", "-S", socket});
  return runner.run(std::move(words), kLimits).ended;
}

}  // namespace

Variables parse_variables(std::string_view text) {
  Variables out;
  each_line(text, [&](std::string_view line, std::size_t) {
    line = line.substr(0, line.find('\n'));
    const auto equals = line.find('=');
    if (equals == line.npos || equals == 0 || line.find_first_not_of(kNameLetters) != equals)
      return;
    out.insert_or_assign(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
  });
  return out;
}

TmuxServer ask_tmux(const DoctorCall& call, const std::string& region, CommandRunner& runner) {
  TmuxServer server;
  const std::string socket = socket_of(call);
  if (!file_fact(socket).there) return server;
  const auto environment = ask(socket, {"show-environment", "-g"}, runner);
  if (environment.how == How::too_late) server.fact.server = TmuxFact::Server::silent;
  if (environment.how != How::exited || environment.code != 0) return server;
  server.fact.server = TmuxFact::Server::running;
  server.environment = parse_variables(environment.out);
  server.fact.differing = differing(server.environment, call);
  if (call.flags.runtime_dir.empty() && !region.empty()) {
    const shm::RuntimeDirs dirs =
        shm::runtime_dirs({}, get(server.environment, "SHMETER_RUNTIME_DIR"),
                          get(server.environment, "XDG_RUNTIME_DIR"), ::geteuid());
    server.fact.finds_region = region_path(dirs) == region;
  }
  const auto options =
      ask(socket,
          {"show-options", "-gv", "status-right", ";", "show-options", "-gv", "status-left", ";",
           "show-window-options", "-gv", "window-status-format", ";", "show-window-options", "-gv",
           "window-status-current-format"},
          runner);
  server.commands = tmux_commands(options.out, TmuxText::options);
  server.fact.has_ours = !server.commands.empty();
  if (!call.tmux.empty()) {
    const auto features = ask(socket, {"display-message", "-p", "#{client_termfeatures}"}, runner);
    server.fact.features = features.out.substr(0, features.out.find('\n'));
  }
  return server;
}

}  // namespace shmeter::collector
