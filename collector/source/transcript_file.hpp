// SPDX-License-Identifier: MIT
// One transcript, read from where it was left. Invariant: a line is handed over once it ended in a
// newline, whole and in order; what stands behind the last newline waits in the file, not in our
// memory. Memory is bounded whatever the file holds: one buffer that every file uses in turn.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/mapping.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// Longest line that is read in the reusable buffer. Real ones stay under 1 MB.
inline constexpr std::size_t kMaxBufferedLine = std::size_t{4} << 20;
/// Longest line that is read at all; a longer one is skipped to its newline.
inline constexpr std::size_t kMaxLine = std::size_t{64} << 20;
/// What one read asks for: fits the second-level cache, and is what the buffer keeps afterwards.
inline constexpr std::size_t kReadChunk = std::size_t{256} << 10;

/// What is remembered of a file between two reads.
struct FileCursor {
  shm::u64 device = 0;
  shm::u64 inode = 0;
  shm::u64 offset = 0;       // just behind the last newline that was reached
  shm::u64 searched = 0;     // no newline between offset and here; 0 = not looked
  shm::u64 tail_hash = 0;    // of the last bytes before offset: is it still the same text?
  shm::i64 modified_ns = 0;  // when the file was changed last, as of the last read
  // The turn that the lines before offset left open; TurnClock's.
  shm::u64 turn = 0;  // hash of its prompt's id, 0 = none
  shm::i64 turn_began_ms = shm::kUnknown;
  bool turns_timed = false;  // the client itself writes how long turns took

  bool operator==(const FileCursor&) const = default;
};

struct ReadReport {
  shm::u64 lines = 0;          // handed over
  shm::u64 skipped_lines = 0;  // over kMaxLine
  bool started_over = false;   // the file was replaced or cut since the last read
};

/// Called for each line without its newline (a carriage return before it stays: JSON white space).
/// kLinePadding bytes behind the line may be read. `together` are the lines of one read, newlines
/// and all, of which this is one: the first of them begins where `together` does. Valid during the
/// call, `together` until the last of its lines was taken.
using TakeLine = std::function<void(std::string_view line, std::string_view together)>;

/// Reads files one after another through one buffer. Not for two threads at once.
class TranscriptReader {
 public:
  /// Hands over all whole lines behind the cursor and moves it. Stops early, between lines, when
  /// `stop` becomes true. Errors: not_found, forbidden, unavailable; the cursor then stands behind
  /// the last line handed over.
  Result<ReadReport> read(const std::string& path, FileCursor& cursor, const TakeLine& take,
                          const std::atomic<bool>* stop = nullptr);

  /// Gives back what the longest line made the buffer take.
  void shrink();

 private:
  class Pass;
  Mapping buffer_;
  std::size_t touched_ = 0;
};

}  // namespace shmeter::collector
