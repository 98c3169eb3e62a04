// SPDX-License-Identifier: MIT
// Where a report's numbers come from: the store of the collector that runs, after it was asked to
// write down the last second; else a private copy of the store in memory, brought up to date from
// the transcripts; with `--config-dir`, these directories' transcripts alone. Invariant: whichever
// way, a report sees everything once, and writes nothing.
#pragma once

#include <functional>
#include <memory>

#include "collector/command/environment.hpp"
#include "collector/command/flags.hpp"
#include "collector/config/config.hpp"
#include "collector/result.hpp"
#include "collector/store/reader.hpp"

namespace shmeter::collector {

class History {
 public:
  /// Told now and then while transcripts are read.
  using Progress = std::function<void(i64 files_read, i64 files_known)>;

  /// Errors: those of load_config() (invalid), and what keeps the store from being read.
  static Result<std::unique_ptr<History>> open(const Flags& flags, const Environment& environment,
                                               Progress progress);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  StoreReader& reader() { return *reader_; }
  const Config& config() const { return config_; }

 private:
  class Collected;  // the loop and what ran on it
  History(Config config, std::unique_ptr<Collected> collected, std::unique_ptr<StoreReader> reader);

  Config config_;
  std::unique_ptr<Collected> collected_;
  std::unique_ptr<StoreReader> reader_;
};

}  // namespace shmeter::collector
