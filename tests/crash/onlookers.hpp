// SPDX-License-Identifier: MIT
// Readers that look on while collectors come and die: the region itself, `shmeter json`, and one
// `shmeter tmux --watch` that lives through all of it. From the first complete picture on each must
// find one, whole, made of what was said, and never less than it found before.
#pragma once

#include <atomic>

#include "shm/reader.hpp"
#include "tests/crash/world.hpp"
#include "tests/daemon/daemon_process.hpp"

namespace shmeter::crash {

/// What one reader may see next.
class Sight {
 public:
  Sight(World& world, std::string who) : world_(world), who_(std::move(who)) {}
  /// A complete picture's totals.
  void saw(const Sum& total);
  void wrong(const std::string& what) const { world_.findings.wrong(who_ + ": " + what); }

 private:
  World& world_;
  std::string who_;
  Counts least_;
};

/// The newest picture at the path and who wrote last; nothing when there is none, or a broken one.
struct Look {
  shm::Opened opened = shm::Opened::absent;
  shm::Summary summary;
  u64 writer_pid = 0;
};
Look look(const std::string& region);
inline bool is_complete(const shm::Summary& summary) {
  return summary.completeness == static_cast<i64>(shm::Completeness::complete);
}

/// Looks once by opening the path, and once through a mapping that it keeps.
class RegionOnlooker {
 public:
  explicit RegionOnlooker(World& world);
  void look_once();
  i64 looks() const { return looks_; }

 private:
  void judge(const shm::Summary& summary, Sight& sight, u64& last) const;

  World& world_;
  Sight at_path_, in_mapping_;
  shm::MappedReader mapped_;
  u64 last_at_path_ = 0, last_in_mapping_ = 0;
  bool open_ = false;
  std::atomic<i64> looks_ = 0;
};

class JsonOnlooker {
 public:
  explicit JsonOnlooker(World& world) : world_(world), sight_(world, "shmeter json") {}
  void look_once();
  i64 looks() const { return looks_; }

 private:
  World& world_;
  Sight sight_;
  std::atomic<i64> looks_ = 0;
};

class Watcher {
 public:
  explicit Watcher(World& world);
  /// Reads what it wrote since the last time, and that it still runs.
  void look_once();
  i64 shown() const { return shown_; }  // requests; -1 before the first line

 private:
  World& world_;
  std::string output_;
  test::Process process_;
  std::streamoff read_ = 0;
  i64 shown_ = -1;
};

}  // namespace shmeter::crash
