// SPDX-License-Identifier: MIT
// The collector at work: sources on one side, the model in the middle, the region on the other, all
// on one loop. Invariant: what went wrong is said once on stderr with path and cause, counted in
// the picture, and stops nothing else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/command/environment.hpp"
#include "collector/command/flags.hpp"
#include "collector/loop/handles.hpp"
#include "collector/loop/loop.hpp"
#include "collector/model/model.hpp"
#include "collector/publish/region_publisher.hpp"
#include "collector/source/ingest_socket.hpp"
#include "collector/source/transcripts.hpp"
#include "shm/writer_lock.hpp"

namespace shmeter::collector {

class Daemon {
 public:
  Daemon(Flags flags, Environment environment, Config config, shm::WriterLock lock);

  /// Runs until it is told to end. Returns the process's exit code.
  int run();

 private:
  Result<void> open_ingest();
  void look_after_ingest();
  void make_transcripts();
  void turn_ends();
  void reload();
  void end(int exit_code);
  shm::u32 account_of_root(std::size_t root);
  shm::u32 account_of(const StatusLineSeen& seen, std::string config_dir);

  Flags flags_;
  Environment environment_;
  Config config_;
  shm::WriterLock lock_;
  Loop loop_;  // before everything that lives on it
  Model model_;
  std::vector<TranscriptRoot> roots_;
  std::vector<std::optional<shm::u32>> accounts_;  // by root, asked for when first needed
  RegionPublisher publisher_;
  std::unique_ptr<IngestSocket> ingest_;
  std::unique_ptr<Transcripts> transcripts_;
  std::optional<EachTurn> each_turn_;
  std::vector<std::unique_ptr<SignalHandler>> signals_;
  i64 turn_ms_ = 0;  // when the transcripts' turn began: one look at the clock for all its lines
  bool ingest_lost_ = false;
  i64 dropped_before_ = 0;  // datagrams, by sockets that were lost
  int exit_code_ = 0;
};

/// `daemon run`: takes the first usable runtime directory and stays there.
int run_daemon(const Flags& flags, const Environment& environment);

/// One line for people on stderr.
void say(const std::string& message);

}  // namespace shmeter::collector
