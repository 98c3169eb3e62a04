// SPDX-License-Identifier: MIT
#include "collector/command/daemon.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "collector/command/exit_codes.hpp"
#include "collector/loop/wall_clock.hpp"

namespace shmeter::collector {
namespace {

bool is_below(std::string_view path, std::string_view dir) {
  return path.size() > dir.size() && path.starts_with(dir) && path[dir.size()] == '/';
}

}  // namespace

void say(const std::string& message) { std::fprintf(stderr, "shmeterd: %s\n", message.c_str()); }

Daemon::Daemon(Flags flags, Environment environment, Config config, shm::WriterLock lock)
    : flags_(std::move(flags)),
      environment_(std::move(environment)),
      config_(std::move(config)),
      lock_(std::move(lock)),
      model_(config_),
      roots_(environment_.roots(flags_, config_)),
      publisher_(loop_, lock_, model_, config_.sessions,
                 {.beat =
                      [this] {
                        look_after_ingest();
                        turn_ends();
                      },
                  .say = say,
                  .ended =
                      [this](const Error& error) {
                        say(error.message);
                        end(error.code == Errc::exists ? kExitOk : kExitCannotCreate);
                      }}) {}

int Daemon::run() {
  if (const auto trouble = model_.time_zone_trouble(); !trouble.empty()) say(std::string(trouble));
  if (auto started = publisher_.start(); !started) {
    say(started.error().message);
    return kExitCannotCreate;
  }
  if (auto opened = open_ingest(); !opened)  // transcripts alone still make a right picture
    say(opened.error().message + "; status lines will not be received");
  each_turn_.emplace(loop_, [this] {
    if (ingest_) ingest_->drain();
  });
  for (const int signum : {SIGTERM, SIGINT})
    signals_.push_back(std::make_unique<SignalHandler>(loop_, signum, [this] { end(kExitOk); }));
  signals_.push_back(std::make_unique<SignalHandler>(loop_, SIGHUP, [this] { reload(); }));
  make_transcripts();
  loop_.run();
  publisher_.stop();
  return exit_code_;
}

Result<void> Daemon::open_ingest() {
  auto socket = IngestSocket::open(
      loop_, lock_.dir() + '/' + shm::kIngestSocketName,
      {.observed =
           [this](const StatusLineSeen& seen, const std::string& config_dir) {
             model_.apply(Observation(seen), account_of(seen, config_dir), wall_clock_ms());
           },
       .turn_ends = [this] { turn_ends(); }});
  if (!socket) return tl::unexpected(socket.error());
  ingest_ = std::move(*socket);
  return {};
}

// The region is made again by its publisher when the directory was cleaned; so is the socket.
void Daemon::look_after_ingest() {
  const bool lost = ingest_ && !ingest_->path_still_there();
  if (lost) {
    dropped_before_ += ingest_->dropped();
    ingest_.reset();
    ingest_lost_ = true;
  }
  if (!ingest_lost_) return;
  const auto opened = open_ingest();
  ingest_lost_ = !opened;
  if (lost && !opened) say(opened.error().message + "; tried again with each heartbeat");
}

void Daemon::make_transcripts() {
  std::string dirs;
  for (const TranscriptRoot& root : roots_) dirs += (dirs.empty() ? "" : ", ") + root.projects;
  say(dirs.empty() ? "no transcripts to read: HOME is not set; name a directory with --config-dir"
                   : "reading " + dirs);
  accounts_.assign(roots_.size(), std::nullopt);
  transcripts_ = std::make_unique<Transcripts>(
      loop_, roots_,
      Transcripts::Sink{.observed =
                            [this](std::size_t root, const Observation& seen) {
                              model_.apply(seen, account_of_root(root), turn_ms_);
                            },
                        .turn_begins = [this] { turn_ms_ = wall_clock_ms(); },
                        .turn_ends = [this] { turn_ends(); },
                        .say = say});
  transcripts_->start();
}

void Daemon::turn_ends() {
  if (!transcripts_) return;
  const Transcripts::Status& status = transcripts_->status();
  model_.set_scan(status.files_read, status.files_known, status.completeness);
  model_.set_troubles({.damaged_lines = status.lines.damaged,
                       .skipped_lines = status.lines.skipped,
                       .unreadable_files = status.unreadable,
                       .dropped_datagrams = dropped_before_ + (ingest_ ? ingest_->dropped() : 0)});
  publisher_.changed(status.completeness == shm::Completeness::complete);
}

void Daemon::reload() {
  auto config = load_config(environment_.config_path(flags_), environment_.home);
  if (!config) return say(config.error().message + "; the configuration stays as it was");
  if (config->sessions != config_.sessions) say("sessions: takes effect at the next start");
  config_ = std::move(*config);
  model_.reconfigure(config_, wall_clock_ms());
  auto roots = environment_.roots(flags_, config_);
  accounts_.assign(roots_.size(), std::nullopt);
  const auto same = [](const TranscriptRoot& a, const TranscriptRoot& b) {
    return a.projects == b.projects;
  };
  if (!std::equal(roots.begin(), roots.end(), roots_.begin(), roots_.end(), same)) {
    // Reading everything again counts nothing twice; until that is done the old picture stays.
    roots_ = std::move(roots);
    make_transcripts();
  }
  say("configuration loaded");
  turn_ends();
}

void Daemon::end(int exit_code) {
  exit_code_ = exit_code;
  loop_.stop();
}

shm::u32 Daemon::account_of_root(std::size_t root) {
  if (!accounts_[root]) accounts_[root] = model_.account(roots_[root].config_dir);
  return *accounts_[root];
}

// Who sent it says which config directory; else the transcript lies in one; else the first one.
shm::u32 Daemon::account_of(const StatusLineSeen& seen, std::string config_dir) {
  while (config_dir.size() > 1 && config_dir.back() == '/') config_dir.pop_back();
  if (!config_dir.empty()) return model_.account(config_dir);
  std::size_t best = roots_.size();
  for (std::size_t root = 0; root < roots_.size(); ++root) {
    const std::string& dir = roots_[root].config_dir;
    if (is_below(seen.transcript_path, dir) &&
        (best == roots_.size() || dir.size() > roots_[best].config_dir.size()))
      best = root;
  }
  if (best == roots_.size()) best = 0;
  return roots_.empty() ? Model::kNoAccount : account_of_root(best);
}

int run_daemon(const Flags& flags, const Environment& environment) {
  auto config = load_config(environment.config_path(flags), environment.home);
  if (!config) {
    say(config.error().message);
    return kExitConfiguration;
  }
  const shm::RuntimeDirs dirs = environment.runtime_dirs(flags);
  for (const shm::FixedPath& dir : dirs) {
    shm::Failure why;
    auto lock = shm::WriterLock::take(std::string(dir.view()), why);
    if (lock) {
      say("version " SHMETER_VERSION ", region " + lock->dir() + '/' + shm::kRegionName);
      return Daemon(flags, environment, std::move(*config), std::move(*lock)).run();
    }
    say(why.message);
    if (why.code == shm::FailureCode::exists) return kExitOk;
  }
  say("no usable runtime directory; name one with --runtime-dir (0700, yours)");
  return kExitCannotCreate;
}

}  // namespace shmeter::collector
