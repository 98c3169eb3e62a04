// SPDX-License-Identifier: MIT
#include "collector/command/history.hpp"

#include "collector/command/daemon.hpp"
#include "collector/command/pipeline.hpp"
#include "collector/loop/fd.hpp"
#include "collector/serve/control_client.hpp"
#include "shm/os.hpp"

namespace shmeter::collector {
namespace {

/// The store of the collector that runs, with everything it has seen so far; null = none runs, or
/// it keeps everything in memory.
std::unique_ptr<StoreReader> running_store(const Flags& flags, const Environment& environment) {
  auto client = ControlClient::open(environment.runtime_dirs(flags));
  if (!client || !without_error(client->ask("FLUSH"))) return nullptr;
  // It may keep everything in memory, or write elsewhere: then an old file here is not its history.
  const Fd lock(static_cast<int>(os::open_readonly((environment.store_path() + ".lock").c_str())));
  if (!lock || os::lock_held(lock.get()) != 1) return nullptr;
  auto reader = StoreReader::open(environment.store_path());
  return reader ? std::move(*reader) : nullptr;
}

}  // namespace

class History::Collected {
 public:
  /// Reads what `path` does not have.
  static Result<std::unique_ptr<Collected>> run(const std::string& path, const Config& config,
                                                std::vector<TranscriptRoot> roots,
                                                Progress progress) {
    std::unique_ptr<Collected> self(new Collected);
    auto store = Store::open_copy(self->loop_, path, say);
    if (!store) return tl::unexpected(store.error());
    self->progress_ = std::move(progress);
    self->pipeline_ = std::make_unique<Pipeline>(
        self->loop_, config, std::move(roots), std::move(*store),
        Pipeline::Events{.turn_ends = [raw = self.get()] { raw->turn_ends(); },
                         .say = [](const std::string&) {},
                         .ready = [] {}});
    self->pipeline_->start();
    self->loop_.run();
    if (self->error_) return tl::unexpected(*self->error_);
    return self;
  }

  Result<std::unique_ptr<StoreReader>> reader() { return pipeline_->store()->reader(); }

 private:
  void turn_ends() {
    pipeline_->turn_ends(0);
    const Transcripts::Status status = pipeline_->status();
    if (progress_) progress_(status.files_read, status.files_known);
    if (status.completeness == shm::Completeness::complete) finish();
  }

  /// Again until nothing is left: what was asked of the store may bring more to write.
  void finish() {
    if (finishing_) return;
    finishing_ = true;
    pipeline_->flush([this](const Result<void>& stored) {
      finishing_ = false;
      if (!pipeline_->settled() && stored) return finish();
      // Something waits for an answer that the store cannot give: no report without it.
      if (!pipeline_->settled()) error_ = stored.error();
      loop_.stop();
    });
  }

  Loop loop_;
  Progress progress_;
  std::unique_ptr<Pipeline> pipeline_;
  bool finishing_ = false;
  std::optional<Error> error_;
};

History::History(Config config, std::unique_ptr<Collected> collected,
                 std::unique_ptr<StoreReader> reader)
    : config_(std::move(config)), collected_(std::move(collected)), reader_(std::move(reader)) {}

History::~History() = default;

Result<std::unique_ptr<History>> History::open(const Flags& flags, const Environment& environment,
                                               Progress progress) {
  auto config = load_config(environment.config_path(flags), environment.home);
  if (!config) return tl::unexpected(config.error());
  const bool these_only = !flags.config_dirs.empty();
  if (!these_only) {
    if (auto reader = running_store(flags, environment))
      return std::unique_ptr<History>(new History(std::move(*config), nullptr, std::move(reader)));
  }
  const bool has_store = !these_only && config->store.keep == Keep::disk;
  auto collected = Collected::run(has_store ? environment.store_path() : std::string(), *config,
                                  environment.roots(flags, *config), std::move(progress));
  if (!collected) return tl::unexpected(collected.error());
  auto reader = (*collected)->reader();
  if (!reader) return tl::unexpected(reader.error());
  return std::unique_ptr<History>(
      new History(std::move(*config), std::move(*collected), std::move(*reader)));
}

}  // namespace shmeter::collector
