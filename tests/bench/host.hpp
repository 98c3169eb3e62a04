// SPDX-License-Identifier: MIT
// A stand-in for the collector: a runtime folder with a live region over a made-up picture, and a
// process that waits on the ingest socket and throws away what comes. Readers cannot tell it from
// shmeterd; nothing else runs that could disturb what is measured.
#pragma once

#include <optional>
#include <string>

#include "collector/bench/process.hpp"
#include "shm/publisher.hpp"
#include "tests/bench/sample.hpp"

namespace shmeter::bench {

class RegionHost {
 public:
  /// `folder` is made; the ingest process is pinned to `drain_cpu`. `formats` are published with
  /// the picture. Throws std::runtime_error when the region or the socket cannot be made.
  RegionHost(const std::string& folder, std::size_t sessions, std::string_view session_id,
             int drain_cpu, const shm::FormatList& formats = {});
  RegionHost(const RegionHost&) = delete;
  RegionHost& operator=(const RegionHost&) = delete;
  ~RegionHost();

  /// Publishes anew, with `requests` as the day's count.
  void publish(std::int64_t requests);
  /// Keeps the region from looking wedged; call it every few seconds.
  void heartbeat();

  std::string region() const { return folder_ + "/region.1"; }
  const Sample& sample() const { return sample_; }

 private:
  std::string folder_;
  Sample sample_;
  std::optional<shm::WriterLock> lock_;
  std::optional<shm::Publisher> publisher_;
  pid_t drain_ = -1;
  std::int64_t beat_ns_ = 0;
};

}  // namespace shmeter::bench
