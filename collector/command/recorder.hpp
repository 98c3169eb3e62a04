// SPDX-License-Identifier: MIT
// Brings what the model takes in to the store: collects the ledger's journal, changed records and
// file positions, and hands them over about once a second, or at once when somebody waits for it.
// Invariant: a file's position is handed over only with everything its lines said, so that what is
// not stored when the process dies is read again.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/ledger/journal.hpp"
#include "collector/loop/handles.hpp"
#include "collector/model/model.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector {

class Recorder final : public Journal {
 public:
  struct Events {
    /// Lines that had waited for the store are in the model now.
    std::function<void()> changed;
    /// One line for people.
    std::function<void(const std::string&)> say;
  };

  /// All must outlive this. `model` has been restored from `store` already.
  Recorder(Loop& loop, Store& store, Model& model, Events events);
  ~Recorder() override;

  // ---- Journal ----
  void name(NameTable table, u32 number, std::string_view text) override;
  void keep(const StoredEvent& event) override;
  void book(const Booking& booking) override;
  void join(const Joined& joined) override;

  void file_read(std::string_view path, const FileCursor& cursor);
  void file_gone(std::string_view path);

  /// After each group of observations: sees to it that they are stored soon, and asks the store for
  /// what lines are waiting for.
  void turn_ends();
  /// Everything was read once: a first load is brought to its end.
  void scan_is_complete();
  /// Hands over now; `done` is called on the loop when all that was seen so far is durable, what
  /// waits for an answer of the store included, or could not be made so.
  void flush(Store::Done done);
  /// Nothing is left to hand over, and nothing handed over is on its way.
  bool idle() const;
  /// Batches handed over and not answered yet.
  std::size_t on_their_way() const { return on_their_way_; }
  /// The last commit went wrong.
  bool failing() const { return failing_; }
  /// Each heartbeat: gives back the memory of what is old and stored.
  void tick();

 private:
  void hand_over();
  void answer_waiters(const Result<void>& result);
  void committed(const Result<void>& result);
  void give_up(const Error& error);
  void ask_for_waiting();
  void answered(const Result<Store::Found>& found);
  void say_once(const std::string& trouble);
  void cool();

  Store& store_;
  Model& model_;
  Events events_;
  StoreBatch batch_;
  std::map<std::string, FileCursor, std::less<>> files_;
  std::vector<Store::Done> waiters_;  // want to know when what was seen is durable
  bool bulk_;
  std::optional<Error> gave_up_;  // the first load failed: nothing is written any more
  std::size_t on_their_way_ = 0;  // batches
  std::vector<u64> wanted_;       // messages the store is, or will be, asked about
  bool asking_ = false;
  i64 cooled_ms_ = kUnknown;
  bool failing_ = false;
  std::string said_;  // trouble with look-ups
  Timer soon_;
};

}  // namespace shmeter::collector
