// SPDX-License-Identifier: MIT
#include "collector/command/daemon.hpp"

#include <csignal>
#include <cstdio>

#include "collector/command/alert_list.hpp"
#include "collector/command/alert_state.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/service_notice.hpp"
#include "collector/loop/wall_clock.hpp"
#include "collector/source/quota_json.hpp"

namespace shmeter::collector {
namespace {

// A body that is read in less time than it takes to wake somebody for it.
constexpr std::size_t kQuicklyRead = std::size_t{8} << 10;
// Bytes of bodies that wait to be read, and observations that wait to be taken in.
constexpr std::size_t kMostAside = std::size_t{128} << 20;
constexpr std::size_t kMostWaiting = 500'000;

}  // namespace

void say(const std::string& message) { std::fprintf(stderr, "shmeterd: %s\n", message.c_str()); }

Daemon::Daemon(Flags flags, Environment environment, Config config, shm::WriterLock lock)
    : flags_(std::move(flags)),
      environment_(std::move(environment)),
      config_(std::move(config)),
      lock_(std::move(lock)),
      pipeline_(std::make_unique<Pipeline>(
          loop_, config_, environment_.roots(flags_, config_), open_store(),
          Pipeline::Events{.turn_ends = [this] { turn_ends(); },
                           .say = say,
                           .ready = [this] { pipeline_is_ready(); }})),
      publisher_(std::make_unique<RegionPublisher>(
          loop_, lock_, pipeline_->model(), config_.sessions,
          RegionPublisher::Events{.beat = [this] { beat(); },
                                  .say = say,
                                  .ended =
                                      [this](const Error& error) {
                                        say(error.message);
                                        end(error.code == Errc::exists ? kExitOk
                                                                       : kExitCannotCreate);
                                      }})),
      intake_(loop_,
              {.ready = [this] { return pipeline_->ready(); },
               .apply = [this](const Observation& seen, u32 account) { apply(seen, account); },
               .turn_ends = [this] { turn_ends(); },
               .flush = [this](Done done) { pipeline_->flush(std::move(done)); }}),
      worker_(loop_) {}

Daemon::~Daemon() = default;

int Daemon::run() {
  if (const auto trouble = model().time_zone_trouble(); !trouble.empty()) say(std::string(trouble));
  if (auto started = publisher_->start(); !started) {
    say(started.error().message);
    return kExitCannotCreate;
  }
  each_turn_.emplace(loop_, [this] {
    ++turns_;
    if (ingest_) ingest_->drain();
  });
  for (const int signum : {SIGTERM, SIGINT})
    signals_.push_back(std::make_unique<SignalHandler>(loop_, signum, [this] { end(kExitOk); }));
  signals_.push_back(std::make_unique<SignalHandler>(loop_, SIGHUP, [this] {
    if (auto loaded = reload(); !loaded) say(loaded.error().message);
  }));
  say_what_is_read();
  pipeline_->start();
  tell_service_manager(environment_.notify_socket, kServiceReady);  // there is a region to read
  loop_.run();
  publisher_->stop();
  if (line_files_) line_files_->stop();
  pipeline_->flush(
      [](const Result<void>&) {});  // the store writes what it was given before it goes
  return exit_code_;
}

void Daemon::say_what_is_read() const {
  std::string dirs;
  for (const TranscriptRoot& root : pipeline_->roots())
    dirs += (dirs.empty() ? "" : ", ") + root.projects;
  say(dirs.empty() ? "no transcripts to read: HOME is not set; name a directory with --config-dir"
                   : "reading " + dirs);
}

/// The first time the sockets are opened; transcripts alone would still make a right picture.
void Daemon::pipeline_is_ready() {
  if (!commands_) {
    commands_ = std::make_unique<Commands>(*this);
    if (auto opened = open_ingest(); !opened)
      say(opened.error().message + "; status lines will not be received");
    if (auto opened = open_control(); !opened)
      say(opened.error().message + "; commands will not be received");
    queries_ = std::make_unique<StoreQueries>(loop_, *this, pipeline_->store(),
                                              [this]() -> const Config& { return config_; });
    routes_ = std::make_unique<HttpRoutes>(*this, *queries_, gate_, say);
    if (auto opened = open_http(); !opened)
      say(opened.error().message + "; nothing is said over HTTP");
    open_feeds();
    open_alerts();
    watch_config();
    keep_lines();
  }
  intake_.go_on();
}

/// Null when everything is kept in memory, by wish or because nothing can be written.
std::unique_ptr<Store> Daemon::open_store() {
  if (config_.store.keep == Keep::memory) return nullptr;
  const std::string path = environment_.store_path();
  if (path.empty()) {
    say("no place for history: HOME is not set; everything is kept in memory");
    return nullptr;
  }
  auto store = Store::open(loop_, path, say);
  if (store) return std::move(*store);
  say(store.error().message + "; everything is kept in memory, and gone when this ends");
  return nullptr;
}

Result<void> Daemon::open_ingest() {
  auto socket = IngestSocket::open(
      loop_, lock_.dir() + '/' + shm::kIngestSocketName,
      {.observed =
           [this](const StatusLineSeen& seen, const std::string& config_dir) {
             if (!pipeline_->ready()) return;
             pipeline_->apply(seen, pipeline_->account_of(seen.transcript_path, config_dir));
           },
       .turn_ends = [this] { turn_ends(); },
       .hook = [this](const HookSeen& seen,
                      const std::string& config_dir) { hook_fired(seen, config_dir); }});
  if (!socket) return tl::unexpected(socket.error());
  ingest_ = std::move(*socket);
  return {};
}

/// A doorbell: what it says of the session is known at once, what it cost is in its transcript.
void Daemon::hook_fired(const HookSeen& seen, const std::string& config_dir) {
  if (!pipeline_->ready()) return;
  pipeline_->apply(seen, pipeline_->account_of(seen.transcript_path, config_dir));
  ring(seen);
}

void Daemon::ring(const HookSeen& seen) {
  for (const std::string_view path : {seen.transcript_path, seen.agent_transcript_path})
    pipeline_->read_now(path);
}

Result<void> Daemon::open_control() {
  auto server = ControlServer::open(loop_, lock_.dir() + '/' + kControlSocketName, *commands_);
  if (!server) return tl::unexpected(server.error());
  control_ = std::move(*server);
  return {};
}

void Daemon::open_feeds() {
  std::vector<std::string> dirs;
  std::vector<UtilizationFiles::File> global;
  for (const TranscriptRoot& root : pipeline_->roots()) {
    const bool is_default = environment_.claude_config_dir.empty() && flags_.config_dirs.empty();
    global.push_back({dirs.size(), global_file(root.config_dir, environment_.home, is_default)});
    dirs.push_back(root.config_dir);
  }
  const auto apply = [this](std::size_t root, const Observation& seen) {
    if (!pipeline_->ready()) return;
    pipeline_->apply(seen, pipeline_->account_of_root(root));
  };
  session_files_ = std::make_unique<SessionFiles>(
      loop_, dirs, SessionFiles::Sink{.observed = apply, .turn_ends = [this] { turn_ends(); }});
  utilization_files_ = std::make_unique<UtilizationFiles>(
      std::move(global), UtilizationFiles::Sink{.observed = apply, .say = say});
  session_files_->look();
  model().live_sessions_listed(now_ms());
  utilization_files_->look();
  quota_feed_ = std::make_unique<QuotaFeed>(
      loop_, config_,
      QuotaFeed::Sink{
          .printed = [this](const AccountConfig& account,
                            const std::string& output) { return take_quota(account, output); },
          .say = say});
}

/// As the configuration says now.
void Daemon::open_alerts() {
  if (alerts_) return alerts_->configure(config_);
  if (config_.alerts.empty()) return;
  std::string path = environment_.state_dir();
  if (config_.store.keep == Keep::memory) path.clear();
  if (!path.empty()) path.append("/").append(kAlertStateName);
  alerts_ = std::make_unique<AlertWatch>(
      loop_, config_, std::move(path),
      AlertWatch::Sources{
          .picture = [this]() -> const shm::Picture& { return publisher_->picture(); },
          .now_ms = [this] { return now_ms(); },
          .take_silence_s = [this] { return publisher_->take_silence_s(); },
          .say = say});
}

/// As the configuration says now.
void Daemon::keep_lines() {
  LineFiles::Wish wish{config_.lines.targets, config_.lines.colour == LinesConfig::Colour::basic
                                                  ? formats::Colour::ansi16
                                              : config_.lines.colour == LinesConfig::Colour::palette
                                                  ? formats::Colour::ansi256
                                                  : formats::Colour::truecolor};
  if (line_files_) return line_files_->configure(std::move(wish));
  line_files_ = std::make_unique<LineFiles>(loop_, lock_.dir(), std::move(wish), say);
}

void Daemon::watch_config() {
  config_watch_ =
      std::make_unique<ConfigWatch>(loop_, environment_.config_path(flags_).path, [this] {
        if (!pipeline_->ready()) return false;
        if (auto loaded = reload(); !loaded) say(loaded.error().message);
        return true;
      });
}

Result<void> Daemon::take_quota(const AccountConfig& account, const std::string& output) {
  if (!pipeline_->ready()) return {};
  const u32 number =
      account.config_dir.empty() ? account_of({}, {}) : model().account(account.config_dir);
  auto taken = parse_quota(output, now_ms(), shm::QuotaSource::command,
                           [&](const Observation& seen) { pipeline_->apply(seen, number); });
  turn_ends();
  return taken;
}

// The region is made again by its publisher when the directory was cleaned; so are the sockets.
void Daemon::look_after_sockets() {
  if (ingest_ && !ingest_->path_still_there()) {
    dropped_before_ += ingest_->dropped();
    ingest_.reset();
    ingest_lost_ = true;
  }
  if (ingest_lost_) ingest_lost_ = !open_ingest();
  if (control_ && !control_->path_still_there()) {
    control_.reset();
    control_lost_ = true;
  }
  if (control_lost_) control_lost_ = !open_control();
  if (http_ && !http_->path_still_there()) {
    http_.reset();
    http_lost_ = true;
  }
  if (http_lost_) http_lost_ = !open_http();
}

void Daemon::beat() {
  look_after_sockets();
  part_from_ended_pages();
  if (config_watch_) config_watch_->look();
  if (line_files_) line_files_->look();
  if (session_files_) session_files_->look();
  if (utilization_files_) utilization_files_->look();
  pipeline_->tick();
  turn_ends();
}

void Daemon::turn_ends() {
  pipeline_->model().set_dashboard(dashboard_address());
  pipeline_->turn_ends(dropped_before_ + (ingest_ ? ingest_->dropped() : 0));
  publisher_->changed(pipeline_->complete());
  if (control_) control_->changed();
  if (http_) http_->changed();
  if (alerts_) alerts_->changed();
  if (line_files_) line_files_->changed();
}

void Daemon::end(int exit_code) {
  exit_code_ = exit_code;
  tell_service_manager(environment_.notify_socket, kServiceStops);
  loop_.stop();
}

// ---- Intake ----

i64 Daemon::now_ms() { return wall_clock_ms(); }

CollectorFigures Daemon::figures() {
  CollectorFigures all;
  all.taken = model().taken_in();
  all.waiting_lines = static_cast<i64>(model().waiting());
  all.store_queue = pipeline_->store_queue();
  if (const Store* store = pipeline_->store())
    all.store_waiting_bytes = static_cast<i64>(store->waiting_bytes());
  all.publications = publisher_->figures().publications;
  all.publication_lag_s = publisher_->figures().lag_s;
  all.loop_turns = turns_;
  if (http_) all.http_answers = http_->answers();
  return all;
}

std::string Daemon::alerts_line() {
  return alerts_ ? alerts_->list() : alert_list_json({}, {}, now_ms() / 1000, true);
}

u32 Daemon::find_account(std::string_view name) {
  const auto accounts = picture().accounts;
  for (u32 number = 0; number < accounts.size(); ++number) {
    const shm::Account& account = accounts[number];
    if (account.name.view() == name || account.id.view() == name ||
        account.config_dir_hash == shm::hash_text(name))
      return number;
  }
  return Model::kNoAccount;
}

u32 Daemon::account_of(std::string_view transcript_path, std::string_view config_dir) {
  return pipeline_->account_of(transcript_path, std::string(config_dir));
}

/// What says little is read at once, unless something waits that came before.
bool Daemon::aside(std::size_t bytes, const std::function<void()>& work,
                   const std::function<void()>& follow) {
  if (bytes <= kQuicklyRead && worker_.waiting() == 0) {
    work();
    follow();
    return true;
  }
  if (aside_bytes_ + bytes > kMostAside || intake_.waiting() > kMostWaiting) return false;
  aside_bytes_ += bytes;
  worker_.post(work, [this, bytes, follow] {
    aside_bytes_ -= bytes;
    follow();
  });
  return true;
}

void Daemon::take(ObservationBatch batch, u32 account, Done done) {
  intake_.take(std::move(batch), account, std::move(done));
}

void Daemon::apply(const Observation& seen, u32 account) {
  pipeline_->apply(seen, account);
  if (const auto* hook = std::get_if<HookSeen>(&seen)) ring(*hook);
}

void Daemon::flush(Done done) { intake_.flush(std::move(done)); }

Result<void> Daemon::reload() {
  if (!pipeline_->ready())
    return fail(Errc::unavailable, "the last change is still being taken over; try again");
  auto config = load_config(environment_.config_path(flags_), environment_.home);
  if (!config)
    return fail(config.error().code,
                config.error().message + "; the configuration stays as it was");
  if (config->sessions != config_.sessions)
    say("[region] sessions: takes effect at the next start");
  if (config->store.keep != config_.store.keep) say("[store] keep: takes effect at the next start");
  config_ = std::move(*config);
  pipeline_->reconfigure(config_, environment_.roots(flags_, config_));
  open_feeds();
  if (!alerts_) publisher_->take_silence_s();  // of a time before there was an alert
  open_alerts();
  keep_lines();
  listen_http();
  part_from_ended_pages();
  say("configuration loaded");
  turn_ends();
  return {};
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
    if (why.code != shm::FailureCode::exists) continue;
    // What was to run does run: a service that ends without a word would be started on and on.
    tell_service_manager(environment.notify_socket, kServiceReady);
    return kExitOk;
  }
  say("no usable runtime directory; name one with --runtime-dir (0700, yours)");
  return kExitCannotCreate;
}

}  // namespace shmeter::collector
