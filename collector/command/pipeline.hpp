// SPDX-License-Identifier: MIT
// What stands behind a picture: transcripts, model and, where there is one, the store, on one loop.
// The daemon feeds it more and publishes what comes out; a report without a daemon lets it run once
// to its end. Invariant: whatever was applied is in the model at once and in the store soon.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/command/recorder.hpp"
#include "collector/config/config.hpp"
#include "collector/loop/loop.hpp"
#include "collector/model/model.hpp"
#include "collector/source/transcripts.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector {

class Pipeline {
 public:
  struct Events {
    /// After each group of observations from transcripts.
    std::function<void()> turn_ends;
    /// One line for people.
    std::function<void(const std::string&)> say;
    /// It takes in again what it is given, after start() or after a time of not being ready.
    std::function<void()> ready;
  };

  /// `store` may be null: then everything is kept in memory.
  Pipeline(Loop& loop, Config config, std::vector<TranscriptRoot> roots,
           std::unique_ptr<Store> store, Events events);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// Takes over what is stored and begins to read what is not.
  void start();
  /// False while costs in the store are brought to another price list, and until the model was made
  /// anew from it: then nothing may be applied that counts.
  bool ready() const { return transcripts_ != nullptr; }

  Model& model() { return model_; }
  /// Null when everything is kept in memory.
  Store* store() { return store_.get(); }
  /// Batches that wait for the store; kUnknown without one.
  i64 store_queue() const;
  const std::vector<TranscriptRoot>& roots() const { return roots_; }
  Transcripts::Status status() const;

  void apply(const Observation& seen, u32 account);
  /// A hook's doorbell: this transcript was written to.
  void read_now(std::string_view path);
  /// Brings scan and counters of `dropped` datagrams into the model, and what is new to the store.
  void turn_ends(i64 dropped_datagrams);
  /// Calls `done` when all that was applied so far is durable, or cannot be made so. Where nothing
  /// is to be kept on disk, at once.
  void flush(Store::Done done);
  /// Each heartbeat.
  void tick();

  void reconfigure(Config config, std::vector<TranscriptRoot> roots);

  /// Every known transcript is read, nothing waits, and everything is stored.
  bool settled() const;
  bool complete() const;
  shm::Completeness completeness() const;

  u32 account_of_root(std::size_t root);
  /// Who sent it says which config directory; else the path lies in one; else the first one.
  u32 account_of(std::string_view path, std::string config_dir);

 private:
  bool prices_differ() const;
  bool is_forgotten(const Observation& seen) const;
  void forget_old(i64 now_ms);
  void reprice(std::function<void()> then);
  void restore();
  void reload_model();
  void name_accounts();
  void list_transcripts();
  void read_transcripts(KnownTranscripts::List known);
  void keep_in_memory(const Error& error);

  Loop& loop_;
  Config config_;
  std::vector<TranscriptRoot> roots_;
  Events events_;
  std::unique_ptr<Store> store_;
  Model model_;
  std::unique_ptr<Recorder> recorder_;  // before the transcripts: they speak to it
  std::unique_ptr<Transcripts> transcripts_;
  bool all_counted_ = false;  // since all transcripts were read the last time: nothing waited
  std::vector<std::optional<u32>> accounts_;  // by root, asked for when first needed
  std::function<void()> next_;                // of a few steps that wait for the store
  Timer step_;
  i64 forgotten_before_ms_ = kUnknown;  // events before that are in no store any more
  i64 turn_ms_ = 0;  // when the transcripts' turn began: one look at the clock for all its lines
  std::optional<Error> no_store_;  // why nothing is written, though it should be
};

}  // namespace shmeter::collector
