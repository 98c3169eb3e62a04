// SPDX-License-Identifier: MIT
#include "collector/command/pipeline.hpp"

#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>

#include "collector/loop/wall_clock.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kDay_ms = i64{24} * 3600 * 1000;

bool is_below(std::string_view path, std::string_view dir) {
  return path.size() > dir.size() && path.starts_with(dir) && path[dir.size()] == '/';
}

bool same_roots(const std::vector<TranscriptRoot>& a, const std::vector<TranscriptRoot>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [](const TranscriptRoot& x, const TranscriptRoot& y) { return x.projects == y.projects; });
}

}  // namespace

Pipeline::Pipeline(Loop& loop, Config config, std::vector<TranscriptRoot> roots,
                   std::unique_ptr<Store> store, Events events)
    : loop_(loop),
      config_(std::move(config)),
      roots_(std::move(roots)),
      events_(std::move(events)),
      store_(std::move(store)),
      model_(config_),
      step_(loop, [this] { std::exchange(next_, nullptr)(); }) {
  if (!store_ && config_.store.keep == Keep::disk)
    no_store_ = Error{Errc::unavailable, "there is no place to write to"};
}

Pipeline::~Pipeline() = default;

void Pipeline::start() {
  if (!store_) {
    list_transcripts();
    return read_transcripts({});
  }
  // What is taken back later must be taken back at the cost it was stored with.
  if (prices_differ()) return reprice([this] { restore(); });
  restore();
}

/// Stored costs are by the price list of the time they were stored at.
bool Pipeline::prices_differ() const {
  return store_ && store_->price_list() != Prices(config_.prices).list_name();
}

void Pipeline::reprice(std::function<void()> then) {
  Prices prices(config_.prices);
  const std::string list = prices.list_name();
  store_->reprice(
      list,
      [prices = std::move(prices)](std::string_view model, const StoredEvent& event) {
        return cost_of(prices, model, event);
      },
      [this, then = std::move(then)](const Result<void>& result) {
        if (!result) events_.say(result.error().message + "; stored costs stay as they were");
        then();
      });
}

void Pipeline::restore() {
  const i64 now_ms = wall_clock_ms();
  const bool first_load = store_->empty();
  list_transcripts();  // beside the loading
  auto stored = store_->load(model_.reach(now_ms));
  if (!stored) {
    keep_in_memory(stored.error());
    return read_transcripts({});
  }
  KnownTranscripts::List known;
  known.reserve(stored->files.size());
  for (FileRow& file : stored->files) known.emplace_back(std::move(file.path), file.cursor);
  stored->has_usage = !first_load;
  model_.restore(std::move(*stored), now_ms);
  ::malloc_trim(0);
  if (!first_load) forget_old(now_ms);
  recorder_ = std::make_unique<Recorder>(
      loop_, *store_, model_, Recorder::Events{.changed = events_.turn_ends, .say = events_.say});
  read_transcripts(std::move(known));
}

/// Events that are too old are dropped from the store, and lines about such a time count no more:
/// nobody could say whether they were counted before. What is there at the first load counts.
void Pipeline::forget_old(i64 now_ms) {
  const i64 days = config_.store.retention_days;
  if (!store_ || days == kUnknown) return;
  forgotten_before_ms_ = now_ms - days * kDay_ms;
  store_->set_retention(forgotten_before_ms_);
}

bool Pipeline::is_forgotten(const Observation& seen) const {
  if (forgotten_before_ms_ == kUnknown) return false;
  if (const auto* request = std::get_if<RequestSeen>(&seen))
    return request->at_ms < forgotten_before_ms_;
  const auto* event = std::get_if<EventSeen>(&seen);
  return event != nullptr && event->at_ms < forgotten_before_ms_;
}

void Pipeline::keep_in_memory(const Error& error) {
  events_.say(error.message + "; everything is kept in memory until the next start");
  no_store_ = error;
  recorder_.reset();
  store_.reset();
}

/// Makes the model anew from the store: what it was told before is not all in memory. Nothing is
/// read meanwhile, as nothing may be counted at two prices.
void Pipeline::reload_model() {
  if (!ready()) return;
  transcripts_.reset();
  recorder_->flush([this](const Result<void>& stored) {
    // In a turn of its own: this is the recorder's, which goes.
    next_ = [this, stored] {
      if (!stored) {
        // What is not stored would be forgotten; read on, and try with a later heartbeat.
        events_.say(stored.error().message + "; the new configuration waits for it");
        list_transcripts();
        return read_transcripts({});
      }
      recorder_.reset();
      model_ = Model(config_);
      accounts_.clear();
      if (prices_differ()) return reprice([this] { restore(); });
      restore();
    };
    step_.start_once(0);
  });
}

/// Those that are there, and those that the user speaks of, used or not.
void Pipeline::name_accounts() {
  accounts_.assign(roots_.size(), std::nullopt);
  for (std::size_t root = 0; root < roots_.size(); ++root) {
    const std::string& dir = roots_[root].config_dir;
    const bool configured =
        std::any_of(config_.accounts.begin(), config_.accounts.end(),
                    [&](const AccountConfig& account) { return account.config_dir == dir; });
    struct stat st {};
    if (configured || ::stat(dir.c_str(), &st) == 0) account_of_root(root);
  }
}

/// What is found is looked at when the loop turns, thus not before read_transcripts().
void Pipeline::list_transcripts() {
  Transcripts::Sink sink;
  sink.observed = [this](std::size_t root, const Observation& seen) {
    if (!is_forgotten(seen)) model_.apply(seen, account_of_root(root), turn_ms_);
  };
  sink.turn_begins = [this] { turn_ms_ = wall_clock_ms(); };
  sink.turn_ends = [this] { events_.turn_ends(); };
  sink.say = events_.say;
  sink.file_read = [this](std::size_t, const std::string& path, const FileCursor& cursor) {
    if (recorder_) recorder_->file_read(path, cursor);
  };
  sink.file_gone = [this](const std::string& path) {
    if (recorder_) recorder_->file_gone(path);
  };
  all_counted_ = false;
  transcripts_ = std::make_unique<Transcripts>(loop_, roots_, std::move(sink));
  transcripts_->start();
}

void Pipeline::read_transcripts(KnownTranscripts::List known) {
  name_accounts();
  transcripts_->go_on_from(std::move(known));
  events_.ready();
}

Transcripts::Status Pipeline::status() const {
  return transcripts_ ? transcripts_->status() : Transcripts::Status{};
}

i64 Pipeline::store_queue() const {
  return recorder_ ? static_cast<i64>(recorder_->on_their_way()) : kUnknown;
}

void Pipeline::apply(const Observation& seen, u32 account) {
  if (!is_forgotten(seen)) model_.apply(seen, account, wall_clock_ms());
}

void Pipeline::read_now(std::string_view path) {
  if (transcripts_ && !path.empty()) transcripts_->read_now(path);
}

void Pipeline::turn_ends(i64 dropped_datagrams) {
  if (!ready()) return;
  const Transcripts::Status& status = transcripts_->status();
  if (status.completeness == shm::Completeness::complete && model_.waiting() == 0)
    all_counted_ = true;
  model_.set_scan(status.files_read, status.files_known, completeness());
  model_.set_troubles({.damaged_lines = status.lines.damaged,
                       .skipped_lines = status.lines.skipped,
                       .unreadable_files = status.unreadable,
                       .dropped_datagrams = dropped_datagrams});
  if (!recorder_) return;
  if (complete()) recorder_->scan_is_complete();
  recorder_->turn_ends();
}

void Pipeline::flush(Store::Done done) {
  if (recorder_) return recorder_->flush(std::move(done));
  done(no_store_ ? Result<void>(tl::unexpected(*no_store_)) : Result<void>());
}

void Pipeline::tick() {
  if (!recorder_ || !ready()) return;
  if (model_.needs_reload() && !recorder_->failing()) return reload_model();
  if (complete()) forget_old(wall_clock_ms());
  recorder_->tick();
}

void Pipeline::reconfigure(Config config, std::vector<TranscriptRoot> roots) {
  config_ = std::move(config);
  model_.reconfigure(config_, wall_clock_ms());
  std::fill(accounts_.begin(), accounts_.end(), std::nullopt);
  const bool others = !same_roots(roots, roots_);
  if (others) roots_ = std::move(roots);
  if (!ready()) return;
  if (recorder_ && (model_.needs_reload() || prices_differ())) return reload_model();
  // Reading everything again counts nothing twice; until that is done the old picture stays.
  if (!others) return;
  KnownTranscripts::List known;
  if (recorder_) known = transcripts_->known();
  list_transcripts();
  read_transcripts(std::move(known));
}

/// Lines that wait for the store's answer are read, and not counted yet. They are old: what today's
/// total is, they do not change. Once all were counted, such lines are news like others.
shm::Completeness Pipeline::completeness() const {
  const shm::Completeness read = status().completeness;
  const bool waits = read == shm::Completeness::complete && !all_counted_;
  return waits ? shm::Completeness::today_only : read;
}

bool Pipeline::complete() const { return completeness() == shm::Completeness::complete; }

bool Pipeline::settled() const {
  return complete() && model_.waiting() == 0 && (!recorder_ || recorder_->idle());
}

u32 Pipeline::account_of_root(std::size_t root) {
  if (root >= accounts_.size()) accounts_.resize(root + 1);
  if (!accounts_[root]) accounts_[root] = model_.account(roots_[root].config_dir);
  return *accounts_[root];
}

u32 Pipeline::account_of(std::string_view path, std::string config_dir) {
  while (config_dir.size() > 1 && config_dir.back() == '/') config_dir.pop_back();
  if (!config_dir.empty()) {
    // Its transcripts are read from now on, if there are any and it is not known yet.
    if (transcripts_ && transcripts_->add_root({config_dir, config_dir + "/projects"}))
      roots_ = transcripts_->roots();
    return model_.account(config_dir);
  }
  if (roots_.empty()) return Model::kNoAccount;
  std::size_t best = 0;
  std::size_t longest = 0;
  for (std::size_t root = 0; root < roots_.size(); ++root) {
    const std::string& dir = roots_[root].config_dir;
    if (!is_below(path, dir) || dir.size() <= longest) continue;
    best = root;
    longest = dir.size();
  }
  return account_of_root(best);
}

}  // namespace shmeter::collector
