// SPDX-License-Identifier: MIT
#include "collector/command/pipeline.hpp"

#include <algorithm>

#include "collector/loop/wall_clock.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kDay_ms = i64{24} * 3600 * 1000;
// Sums by quarter-hours reach back over the month before this one, so that a clock that is put back
// a little finds what it needs.
constexpr i64 kRollups_ms = 63 * kDay_ms;
constexpr i64 kHot_ms = 8 * kDay_ms;

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
      accounts_(roots_.size()) {}

Pipeline::~Pipeline() = default;

void Pipeline::start() {
  if (store_) restore();
  read_transcripts();
}

void Pipeline::restore() {
  const i64 now_ms = wall_clock_ms();
  auto stored = store_->load((now_ms - kRollups_ms) / 1000, now_ms - kHot_ms);
  if (!stored) {
    events_.say(stored.error().message + "; everything is kept in memory until the next start");
    store_.reset();
    return;
  }
  for (FileRow& file : stored->files) known_files_.emplace_back(std::move(file.path), file.cursor);
  stored->files.clear();
  model_.restore(std::move(*stored), now_ms);
  if (config_.store.retention_days != kUnknown)
    store_->set_retention(now_ms - config_.store.retention_days * kDay_ms);
  recorder_ = std::make_unique<Recorder>(loop_, *store_, model_, events_.say);
  reprice();
}

/// Stored costs are by the price list of the time they were stored at.
void Pipeline::reprice() {
  if (!store_) return;
  Prices prices(config_.prices);
  const std::string list = prices.list_name();
  if (store_->price_list() == list) return;
  const bool first = store_->price_list().empty() && store_->empty();
  store_->reprice(
      list,
      [prices = std::move(prices)](std::string_view model, const StoredEvent& event) {
        return cost_of(prices, model, event);
      },
      [this, first](const Result<void>& result) {
        if (!result)
          return events_.say(result.error().message + "; costs stay as they were stored");
        if (!first) reload_model();
      });
}

/// Makes the model anew from the store: what it was told before is not all in memory.
void Pipeline::reload_model() {
  if (reloading_) return;
  reloading_ = true;
  flush([this](const Result<void>& result) {
    reloading_ = false;
    if (!result) return;  // said already; tried again with the next heartbeat
    if (!recorder_->idle() || model_.waiting() > 0) return reload_model();
    const i64 now_ms = wall_clock_ms();
    auto stored = store_->load((now_ms - kRollups_ms) / 1000, now_ms - kHot_ms);
    if (!stored) return events_.say(stored.error().message);
    recorder_.reset();
    model_ = Model(config_);
    model_.restore(std::move(*stored), now_ms);
    recorder_ = std::make_unique<Recorder>(loop_, *store_, model_, events_.say);
    std::fill(accounts_.begin(), accounts_.end(), std::nullopt);
    events_.turn_ends();
  });
}

void Pipeline::read_transcripts() {
  std::string dirs;
  for (const TranscriptRoot& root : roots_) dirs += (dirs.empty() ? "" : ", ") + root.projects;
  events_.say(dirs.empty()
                  ? "no transcripts to read: HOME is not set; name a directory with --config-dir"
                  : "reading " + dirs);
  accounts_.assign(roots_.size(), std::nullopt);
  Transcripts::Sink sink;
  sink.observed = [this](std::size_t root, const Observation& seen) {
    model_.apply(seen, account_of_root(root), turn_ms_);
  };
  sink.turn_begins = [this] { turn_ms_ = wall_clock_ms(); };
  sink.turn_ends = [this] { events_.turn_ends(); };
  sink.say = events_.say;
  if (recorder_) {
    sink.file_read = [this](std::size_t, const std::string& path, const FileCursor& cursor) {
      recorder_->file_read(path, cursor);
    };
    sink.file_gone = [this](const std::string& path) { recorder_->file_gone(path); };
  }
  transcripts_ = std::make_unique<Transcripts>(loop_, roots_, std::move(sink),
                                               Transcripts::Options{}, std::move(known_files_));
  transcripts_->start();
}

void Pipeline::apply(const Observation& seen, u32 account) {
  model_.apply(seen, account, wall_clock_ms());
}

void Pipeline::turn_ends(i64 dropped_datagrams) {
  if (!transcripts_) return;
  const Transcripts::Status& status = transcripts_->status();
  model_.set_scan(status.files_read, status.files_known, status.completeness);
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
  if (done) done({});
}

void Pipeline::tick() {
  if (!recorder_) return;
  if (model_.needs_reload()) return reload_model();
  recorder_->tick();
}

void Pipeline::reconfigure(Config config, std::vector<TranscriptRoot> roots) {
  config_ = std::move(config);
  model_.reconfigure(config_, wall_clock_ms());
  std::fill(accounts_.begin(), accounts_.end(), std::nullopt);
  reprice();
  if (same_roots(roots, roots_)) return;
  // Reading everything again counts nothing twice; until that is done the old picture stays.
  roots_ = std::move(roots);
  read_transcripts();
}

bool Pipeline::complete() const {
  return transcripts_ && transcripts_->status().completeness == shm::Completeness::complete;
}

bool Pipeline::settled() const {
  return complete() && model_.waiting() == 0 && (!recorder_ || recorder_->idle());
}

u32 Pipeline::account_of_root(std::size_t root) {
  if (root >= accounts_.size()) accounts_.resize(root + 1);
  if (!accounts_[root]) accounts_[root] = model_.account(transcripts_->roots()[root].config_dir);
  return *accounts_[root];
}

u32 Pipeline::account_of(std::string_view path, std::string config_dir) {
  while (config_dir.size() > 1 && config_dir.back() == '/') config_dir.pop_back();
  if (!config_dir.empty()) {
    // Its transcripts are read from now on, if there are any and it is not known yet.
    transcripts_->add_root({config_dir, config_dir + "/projects"});
    return model_.account(config_dir);
  }
  const std::vector<TranscriptRoot>& roots = transcripts_->roots();
  if (roots.empty()) return Model::kNoAccount;
  std::size_t best = 0;
  std::size_t longest = 0;
  for (std::size_t root = 0; root < roots.size(); ++root) {
    const std::string& dir = roots[root].config_dir;
    if (!is_below(path, dir) || dir.size() <= longest) continue;
    best = root;
    longest = dir.size();
  }
  return account_of_root(best);
}

}  // namespace shmeter::collector
