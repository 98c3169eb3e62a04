// SPDX-License-Identifier: MIT
// The transcripts of all config directories: first everything there is, newest first, then every
// line as it is written. Invariant: a whole line of a known directory is observed within one rescan
// period whatever events were lost, normally at once, and no line is taken for read that was not: a
// file's position is told only after everything that stands before it was.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/source/dir_watcher.hpp"
#include "collector/source/observation.hpp"
#include "collector/source/scan_worker.hpp"
#include "collector/source/transcript_known.hpp"

namespace shmeter::collector {

class Transcripts {
 public:
  struct Sink {
    /// `root` is an index into the roots. The observation's texts live during the call.
    std::function<void(std::size_t root, const Observation&)> observed;
    /// Before and after each group of observations that came in one turn of the loop.
    std::function<void()> turn_begins;
    std::function<void()> turn_ends;
    /// One line for people: what, where, why, what to do. Each trouble is said once.
    std::function<void(const std::string&)> say;
    /// How far a file was read, after all that stands before that was observed. May be empty, as
    /// the next one.
    std::function<void(std::size_t root, const std::string& path, const FileCursor&)> file_read =
        nullptr;
    /// A file whose position is known is no more (or under another path now).
    std::function<void(const std::string& path)> file_gone = nullptr;
  };
  struct Options {
    shm::u64 rescan_every_ms = 60'000;
    /// Directories without a change for longer are left to the rescan.
    shm::i64 watch_within_ms = shm::i64{7} * 24 * 3600 * 1000;
    /// More watches than this are taken for the kernel's own limit.
    std::size_t watch_limit = 100'000;
    /// A client writes its transcript some time after it rang.
    shm::u64 read_again_after_ms = 250;
  };
  /// Config directories that may be added to those of the start.
  static constexpr std::size_t kMostRootsAdded = 8;
  /// How far the first scan is, and what could not be used so far.
  struct Status {
    shm::i64 files_read = 0;
    shm::i64 files_known = 0;
    shm::Completeness completeness = shm::Completeness::nothing_yet;
    LineTroubles lines;
    shm::i64 unreadable = 0;
    std::size_t watches = 0;
  };

  Transcripts(Loop& loop, std::vector<TranscriptRoot> roots, Sink sink, Options options);
  Transcripts(Loop& loop, std::vector<TranscriptRoot> roots, Sink sink)
      : Transcripts(loop, std::move(roots), std::move(sink), Options{}) {}

  /// Starts the first scan. Call once.
  void start();
  /// How far files were read before: those that did not change since are not opened. Before the
  /// loop turns.
  void go_on_from(KnownTranscripts::List known) { known_ = KnownTranscripts(std::move(known)); }
  /// Looks at everything again, as soon as what is being read has been read.
  void rescan();
  /// Somebody says that this transcript was written to: reads it now, and once more a little later.
  /// A path that is no transcript below a root is ignored.
  void read_now(std::string_view path);
  /// A config directory learnt of later: an existing one, by its absolute path. It gets the next
  /// number. False: none such, known already, or too many.
  bool add_root(TranscriptRoot root);

  const Status& status() const { return status_; }
  const std::vector<TranscriptRoot>& roots() const { return roots_; }
  /// How far every file was read, for a successor of this source.
  KnownTranscripts::List known() const;

 private:
  struct File {
    FileCursor cursor;
    shm::u32 generation = 0;
    bool busy = false;   // in the worker's hands
    bool dirty = false;  // to be read, or read again once the worker is done
    bool moved = false;  // its cursor is that of another path: nobody was told yet
    bool unreadable = false;
  };
  using Files = std::map<std::string, File, std::less<>>;
  struct Dir {
    std::size_t root = 0;
    DirKind kind = DirKind::projects;
    int watch = -1;
    shm::u32 generation = 0;
    bool unreadable = false;
    Files files;
  };
  using Dirs = std::map<std::string, Dir, std::less<>>;
  // Map nodes stay where they are, and are erased only while the worker has none of them.
  struct Place {
    Dirs::value_type* dir = nullptr;
    Files::value_type* file = nullptr;
    std::string path() const { return dir->first + '/' + file->first; }
  };
  struct Pending {
    Place place;
    shm::u64 bytes = 0;
    shm::i64 modified_ns = 0;
    shm::u64 device = 0;
    shm::u64 inode = 0;
  };
  struct Again {
    shm::i64 due_ms = 0;  // of the steady clock
    std::string path;
  };
  // A root whose `projects` is not there yet: its nearest ancestor is watched for the next part.
  struct Waiting {
    int watch = -1;
    std::size_t root = 0;
    std::string name;
  };

  void on_event(int watch, unsigned mask, std::string_view name);
  void on_dir_gone(Dirs::value_type& dir);
  void on_drained(std::size_t count);
  void on_delivery(const ScanWorker::Delivery& delivery);
  void on_listed(const std::vector<std::vector<FoundDir>>& listing);

  // What appears between a listing and the watch has no event: who watches looks once more, at once
  // for a directory or two, in the worker for all of them.
  enum class LookAgain { now, later };
  void merge(const std::vector<FoundDir>& found, std::size_t root, LookAgain look);
  void merge_files(Dirs::value_type& dir, const std::vector<FoundFile>& files);
  void forget_unlisted();
  bool below_unreadable(std::string_view path) const;
  void adopt_moved();
  CursorsByInode cursors_by_inode() const;
  void watch(Dirs::value_type& dir, shm::i64 touched_ms, LookAgain look);
  void look_again(Dirs::value_type& dir);
  void unwatch(Dirs::value_type& dir);
  void enter(const std::string& path, DirKind kind, std::size_t root);
  void wait_for(std::size_t root);
  void stop_waiting(std::size_t root);
  void watch_failed(int error, const std::string& path);

  void mark_dirty(Place place);
  void read_dirty();
  void read_pending();
  void read_here(const Place& place);
  void hand_to_worker();
  void settle(const Place& place, const FileCursor& before, const LineTroubles& troubles,
              const Error* error);
  void observe(std::size_t root, const TranscriptLine& line);
  void finish_job();

  std::optional<Place> place_of(const std::string& path);
  bool read_asked(const std::string& path);
  void read_again();

  std::vector<TranscriptRoot> roots_;
  Sink sink_;
  Options options_;
  Status status_;
  KnownTranscripts known_;
  Dirs dirs_;
  std::unordered_map<int, Dirs::value_type*> by_watch_;
  std::vector<Waiting> waiting_;
  std::vector<Place> dirty_;
  std::vector<Pending> pending_;  // to be read, not yet given to anybody
  std::vector<Place> in_work_;    // the worker's tasks, by index
  std::size_t today_tasks_ = 0;   // of the first scan: tasks that may hold something of today
  shm::u32 generation_ = 0;
  bool rescan_wanted_ = false;
  bool first_read_started_ = false;
  bool said_watch_limit_ = false;
  int said_unreadable_ = 0;
  std::size_t roots_added_ = 0;
  std::deque<Again> again_;  // by due_ms
  TranscriptLines lines_;
  Timer rescan_timer_;
  Timer again_timer_;
  DirWatcher watcher_;
  ScanWorker worker_;  // last: its thread ends before anything it looks at
};

}  // namespace shmeter::collector
