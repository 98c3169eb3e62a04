// SPDX-License-Identifier: MIT
// Brings what the model takes in to the store: collects the ledger's journal, changed records and
// file positions, and hands them over about once a second, or at once when somebody waits for it.
// Invariant: a file's position is handed over only with everything its lines said, so that what is
// not stored when the process dies is read again.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "collector/ledger/journal.hpp"
#include "collector/loop/handles.hpp"
#include "collector/model/model.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector {

class Recorder final : public Journal {
 public:
  using Say = std::function<void(const std::string&)>;

  /// All must outlive this. `model` has been restored from `store` already.
  Recorder(Loop& loop, Store& store, Model& model, Say say);
  ~Recorder() override;

  // ---- Journal ----
  void name(NameTable table, u32 number, std::string_view text) override;
  void keep(const StoredEvent& event) override;
  void book(const Booking& booking) override;

  void file_read(std::string_view path, const FileCursor& cursor);
  void file_gone(std::string_view path);

  /// After each group of observations: sees to it that they are stored soon, and asks the store for
  /// what lines are waiting for.
  void turn_ends();
  /// Everything was read once: a first load is brought to its end.
  void scan_is_complete();
  /// Hands over now; `done` is called on the loop when all that was seen so far is durable.
  void flush(Store::Done done);
  /// Nothing is left to hand over, and nothing handed over is on its way.
  bool idle() const;
  /// Each heartbeat: gives back the memory of what is old and stored.
  void tick();

 private:
  void hand_over(Store::Done done);
  void committed(const Result<void>& result);
  void ask_for_waiting();
  void answered(const Result<Store::Found>& found);
  void say_once(const std::string& trouble);
  void cool();

  Store& store_;
  Model& model_;
  Say say_;
  StoreBatch batch_;
  std::map<std::string, FileCursor, std::less<>> files_;
  bool bulk_;
  std::size_t on_their_way_ = 0;  // batches
  std::vector<u64> wanted_;       // messages the store is, or will be, asked about
  bool asking_ = false;
  i64 cooled_ms_ = kUnknown;
  std::string said_;
  Timer soon_;
};

}  // namespace shmeter::collector
