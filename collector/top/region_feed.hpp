// SPDX-License-Identifier: MIT
// Pictures from the region: one, or each as it comes. Invariant: nobody who draws ever waits for
// the region, and nothing here writes to it; it may vanish, be replaced or appear later.
#pragma once

#include <memory>

#include "collector/result.hpp"
#include "collector/top/top_picture.hpp"
#include "plugin/region.hpp"

namespace shmeter::collector {

/// The region, opened when there is one.
class RegionSource {
 public:
  explicit RegionSource(const plugin::Places& places) : places_(places) {}

  /// The picture of this moment. Absent, with the trouble, when there is none.
  TopPicture read(i64 now_s);
  /// Sleeps until there is another picture than the one read last, for a second at most; where
  /// there is none that lives, just that. False when there is nothing to read anew.
  bool wait();

 private:
  bool connect();

  plugin::Places places_;
  shm::MappedReader reader_;
  shm::Opened opened_ = shm::Opened::absent;
  shm::u32 which_ = 0;  // of the places, where the open region is
  shm::u32 seen_ = 0;   // the word to wait on, from before the last read
  bool open_ = false;
  bool live_ = false;
};

/// A thread that reads every new picture. It sleeps in the kernel, where nothing of ours would wake
/// it: the owner goes without it, and it ends within a second by itself, or with the process.
class RegionFeed {
 public:
  /// Errors: unavailable, when the system gives no pipe.
  static Result<RegionFeed> start(const plugin::Places& places);
  RegionFeed(RegionFeed&&) noexcept = default;
  RegionFeed& operator=(RegionFeed&&) = delete;
  ~RegionFeed();

  /// Can be read while there is a picture that nobody took.
  int fd() const;
  /// The newest picture.
  std::shared_ptr<const TopPicture> take();

 private:
  struct Shared;
  explicit RegionFeed(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  std::shared_ptr<Shared> shared_;
};

}  // namespace shmeter::collector
