// SPDX-License-Identifier: MIT
// Facts of an installation in which nothing is wrong, to be made worse one by one.
#pragma once

#include "collector/doctor/facts.hpp"

namespace shmeter::collector::test {

inline FileFact file_at(const std::string& path, shm::u32 mode = 0600) {
  FileFact file;
  file.path = path;
  file.there = file.is_file = file.is_ours = file.can_read = file.can_write = true;
  file.can_run = (mode & 0100) != 0;
  file.mode = mode;
  file.size = 4096;
  file.age_s = 7;
  return file;
}

inline FileFact dir_at(const std::string& path) {
  FileFact dir = file_at(path, 0700);
  dir.is_file = false;
  dir.is_dir = true;
  return dir;
}

inline TrialFact good_trial(const std::string& command) {
  TrialFact trial;
  trial.command = command;
  trial.program = {file_at("/usr/bin/shmeter", 0755), {}, true};
  trial.ended.out = "a line\n";
  trial.shown = "a line";
  trial.took_ms = 2;
  trial.limit_ms = 5000;
  return trial;
}

inline Facts good_facts() {
  Facts facts;
  facts.version = "0.1.0";
  facts.reader = {file_at("/usr/bin/shmeter", 0755), "0.1.0", true};
  facts.in_path = facts.reader;
  facts.runtime = {"/run/user/7/shmeter", "XDG_RUNTIME_DIR", true, dir_at("/run/user/7/shmeter")};
  facts.collector.runs = facts.collector.autostarts = facts.collector.something_is_set_up = true;
  facts.collector.pid = 4711;
  facts.region.opened = shm::Opened::ok;
  facts.region.file = file_at("/run/user/7/shmeter/region.1");
  facts.region.version = "0.1.0";
  facts.region.minor = 1;
  facts.region.liveness = shm::Liveness::live;
  facts.region.heartbeat_age_s = 3;
  facts.region.runs_for_s = 7300;
  facts.region.summary.sessions = 12;
  facts.region.summary.completeness = static_cast<i64>(shm::Completeness::complete);
  facts.region.summary.unreadable_files = 0;
  facts.region.summary.damaged_lines = 0;
  facts.region.summary.skipped_lines = 0;
  facts.config = {"/home/sam/.config/shmeter/config.toml", true, {}, true};
  facts.state_dir = dir_at("/home/sam/.local/state/shmeter");
  facts.database = file_at("/home/sam/.local/state/shmeter/usage.db");
  facts.roots = {{dir_at("/home/sam/.claude/projects"), 31, 60, 0}};
  facts.sources = {{"the status line", 4, 12}};
  facts.quota = {{"work", "five hours", 420'000, 12, shm::QuotaSource::statusline}};
  HostFact claude;
  claude.name = "claude-code";
  claude.path = "/home/sam/.claude/settings.json";
  claude.is_ours = claude.starts_collector = true;
  claude.trials = {good_trial("exec shmeter claude --autostart")};
  HostFact tmux;
  tmux.name = "tmux";
  tmux.path = "/home/sam/.tmux.conf";
  tmux.is_ours = true;
  tmux.trials = {good_trial("exec shmeter tmux --watch")};
  HostFact zsh;
  zsh.name = "zsh";
  zsh.path = "/home/sam/.zshrc";
  facts.hosts = {claude, tmux, zsh};
  facts.tmux.server = TmuxFact::Server::running;
  facts.tmux.has_ours = true;
  facts.terminal = {true, 120, "xterm-256color", {}, {}, {}, formats::Colour::ansi256, true};
  return facts;
}

}  // namespace shmeter::collector::test
