// SPDX-License-Identifier: MIT
// The collector's memory on disk: SQLite in WAL mode behind the few calls the collector needs. The
// loop never waits for it: writes go to one writer thread, look-ups to a reader thread with a
// connection of its own, answers come back on the loop. Invariant: a batch is there whole or not at
// all, and what was answered with success survives the death of the process at any instruction. (A
// power cut may take the last commits with it: WAL with synchronous=NORMAL is synced at checkpoints
// only; what transcripts say is then read again.)
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/loop/loop.hpp"
#include "collector/result.hpp"
#include "collector/store/reader.hpp"
#include "collector/store/rows.hpp"

namespace shmeter::collector {

class Store {
 public:
  using Say = std::function<void(const std::string&)>;
  using Done = std::function<void(Result<void>)>;

  /// Opens `path` or makes it (0600, its folder 0700), brings an older schema forward, and sets a
  /// damaged file aside as PATH.damaged-TIME, saying so. Errors: exists (another collector writes
  /// it), forbidden (read-only, not ours), unavailable (full disk), invalid (made by a newer
  /// version). ":memory:" keeps everything in memory. `say` is called on the loop.
  static Result<std::unique_ptr<Store>> open(Loop& loop, const std::string& path, Say say);
  /// A private copy of `path` in memory, which reaches no disk; an empty store when the path is
  /// empty, not there, or (saying so) damaged. Errors: forbidden, unavailable, invalid.
  static Result<std::unique_ptr<Store>> open_copy(Loop& loop, const std::string& path, Say say);
  /// A reader of this store; sees what is committed.
  Result<std::unique_ptr<StoreReader>> reader();
  ~Store();  // writes what was handed over, unless that takes over 5 s; nothing is answered then
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// True: nothing was ever stored in it. The first load is then written without indexes and sums,
  /// which are made at end_bulk().
  bool empty() const;

  /// Reads what the model starts with; on the calling thread. A file found damaged here, before
  /// anything was written, is set aside, too, and what comes is empty. Waits while something is
  /// written.
  Result<StoredState> load(const Reach& reach);

  /// Hands a batch to the writer; commits are in the order of the calls. `done` is called on the
  /// loop when it is committed, or could not be: then nothing of it was, and it is tried again with
  /// the next one, so that nothing is lost while the process lives.
  void write(StoreBatch batch, Done done);
  /// One to fill next; during a first load with the memory of one that was written.
  StoreBatch empty_batch();
  /// Between these two, batches are a first load: all of it is one commit at end_bulk(), and only
  /// then `done` of its batches is called. When it fails, all of them fail, and so does every later
  /// one: file positions would say more than there is. On a store that is not empty these do
  /// nothing.
  void begin_bulk();
  void end_bulk(Done done);
  /// Tries again what could not be written, without anything new.
  void retry();
  /// Memory taken by what was handed over and is not written yet. It has no bound of its own: who
  /// hands over looks here, and waits, or keeps what he has.
  std::size_t waiting_bytes() const;

  /// All events kept of these messages (EventKey::message), on the loop, when they were found.
  struct Found {
    std::vector<StoredEvent> events;
    std::vector<std::unique_ptr<char[]>> texts;
  };
  void look_up(std::vector<std::uint64_t> messages, std::function<void(Result<Found>)> done);

  /// Name of the price list that the stored costs are by; empty = never said.
  std::string price_list() const;
  /// Computes the cost of every stored request anew (kUnknown = no price), except where it was said
  /// by its sender, in one commit after everything handed over so far. `cost` is called on the
  /// writer thread.
  using CostOf = std::function<i64(std::string_view model, const StoredEvent&)>;
  void reprice(std::string price_list, CostOf cost, Done done);

  /// Events older than this are deleted with the next write, roll-ups stay; kUnknown keeps all.
  void set_retention(i64 older_than_ms);

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace shmeter::collector
