// SPDX-License-Identifier: MIT
// The writer of the region. Invariant: from the rename on that first made the file visible, its
// path always leads to a whole picture, whatever instruction this process dies at.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "shm/picture.hpp"
#include "shm/writer_lock.hpp"

namespace shmeter::shm {

/// Who holds the lock of a runtime directory may have one Publisher over it. Single-threaded.
class Publisher {
 public:
  /// Takes over a dead writer's region of the same layout and capacity, else makes a new file and
  /// renames it into place; both carry `first`, and the publication number goes on where the old
  /// file's ended. Until then the old picture stays, stale: call it when there is a picture worth
  /// showing. `lock` must outlive it. Empty on failure, with the reason in `why`.
  static std::optional<Publisher> open(WriterLock& lock, u32 session_capacity, const Picture& first,
                                       std::string_view writer_version, Failure& why);
  Publisher(Publisher&&) noexcept;
  Publisher& operator=(Publisher&&) noexcept;
  /// Leaves the file: the last picture stays readable, and stale since the lock is free.
  ~Publisher();

  /// Publishes the whole picture and wakes every watcher. What exceeds a capacity is left out (the
  /// newest sessions stay). If the file was lost, makes it again with this picture.
  void publish(const Picture& picture) noexcept;

  enum class Beat {
    fine,
    republish,  // the file was cut, removed or replaced: publish the picture again now
    superseded  // another collector took our place: end
  };
  /// Every 5 s. Says "I am well" (neither number nor notify changes) and looks after the file.
  Beat heartbeat() noexcept;
  /// Clean end: state = stopped, watchers woken. Call it last.
  void stop() noexcept;

  /// The number of the newest publication.
  u64 sequence() const noexcept;
  /// How often the region was taken over from a dead writer.
  u64 adoptions() const noexcept;
  /// Why a lost region could not be made again (the next publish tries anew); empty message when
  /// all is well.
  const Failure& trouble() const noexcept;

 private:
  struct State;
  explicit Publisher(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace shmeter::shm
