// SPDX-License-Identifier: MIT
// The thread that does what may take long: listing all directories, reading whole transcripts.
// Invariant: one job at a time; the loop never waits for it, and it waits for the loop once a few
// deliveries lie unread, so that a fast disk cannot fill our memory. Between jobs there is no
// thread at all.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "collector/loop/handles.hpp"
#include "collector/source/observation_batch.hpp"
#include "collector/source/transcript_file.hpp"
#include "collector/source/transcript_tree.hpp"
#include "collector/source/turn_clock.hpp"

namespace shmeter::collector {

/// What could not be counted in one file.
struct LineTroubles {
  shm::i64 damaged = 0;
  shm::i64 skipped = 0;
};

/// Everything that a file gave: lines in, observations of the whole ones out.
class TranscriptLines {
 public:
  /// Reads `path` on from `cursor` and calls `take(const TranscriptLine&)` for each line that says
  /// something about usage, and for what several lines say together.
  template <class Take>
  Result<ReadReport> read(const std::string& path, const std::string& session, FileCursor& cursor,
                          LineTroubles& troubles, Take&& take,
                          const std::atomic<bool>* stop = nullptr) {
    agent_.look_at(path);
    const TakeLine each = [&](std::string_view text, std::string_view together) {
      const TranscriptLine& line = parser_.parse(text, session, &agent_, together);
      if (line.verdict == LineVerdict::damaged) ++troubles.damaged;
      if (line.verdict == LineVerdict::seen) take(line);
      turns_.saw(line, cursor, take);
      if (text.size() > kReadChunk) parser_.shrink(kReadChunk);
    };
    auto report = reader_.read(path, cursor, each, stop);
    turns_.tell(cursor, take);
    if (report) troubles.skipped += static_cast<shm::i64>(report->skipped_lines);
    return report;
  }

 private:
  TranscriptReader reader_;
  TranscriptLineParser parser_;
  AgentOfFile agent_;
  TurnClock turns_;
};

class ScanWorker {
 public:
  struct Task {
    std::string path;
    std::size_t root = 0;
    FileCursor cursor;
  };
  struct Done {
    std::size_t task = 0;  // index into the job's tasks
    FileCursor cursor;
    LineTroubles troubles;
    std::optional<Error> error;
  };
  /// A part of a job's result. The observations are all of one root.
  struct Delivery {
    std::size_t root = 0;
    ObservationBatch seen;
    std::vector<Done> done;
    std::vector<std::vector<FoundDir>> listing;  // by root; of a listing job
    bool last = false;                           // the job is over
  };

  /// `deliver` is called on the loop; after the last delivery a new job may be started, even by it.
  ScanWorker(Loop& loop, std::function<void(const Delivery&)> deliver);
  ~ScanWorker();
  ScanWorker(const ScanWorker&) = delete;
  ScanWorker& operator=(const ScanWorker&) = delete;

  bool busy() const { return thread_.joinable(); }
  void start_listing(std::vector<TranscriptRoot> roots);
  void start_reading(std::vector<Task> tasks);

 private:
  void list(const std::vector<TranscriptRoot>& roots);
  void read(const std::vector<Task>& tasks);
  void hand_over(Delivery&& delivery);
  Delivery next_empty();
  void take_one();

  std::function<void(const Delivery&)> deliver_;
  Doorbell doorbell_;
  std::thread thread_;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;
  std::condition_variable room_;
  std::deque<Delivery> queue_;
  std::vector<ObservationBatch> empty_;  // whose memory the job uses again
};

}  // namespace shmeter::collector
