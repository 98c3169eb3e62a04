// SPDX-License-Identifier: MIT
// Finds stored events for the ledger, in a thread that is there while somebody asks, with a
// connection of its own. Invariant: each question is answered once, on the loop, in the order in
// which they were asked.
#pragma once

#include <memory>

#include "collector/loop/worker.hpp"
#include "collector/store/database.hpp"
#include "collector/store/new_keys.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector {

class LookUpThread {
 public:
  using Done = std::function<void(Result<Store::Found>)>;

  /// `damaged` is called on the thread when the file turns out to be damaged.
  LookUpThread(Loop& loop, Database database, const NewKeys& new_keys,
               std::function<void()> damaged);

  /// What was not answered when this dies is not answered any more.
  void ask(std::vector<u64> messages, Done done);

 private:
  Result<Store::Found> find(const std::vector<u64>& messages);
  Result<void> find(const std::vector<u64>& messages, Store::Found& found, TextBlocks& texts);
  Result<void> find(const std::vector<u64>& messages, const std::vector<NewKeys::Row>& new_rows,
                    Store::Found& found, TextBlocks& texts);

  Database database_;
  const NewKeys& new_keys_;
  std::function<void()> damaged_;
  std::unique_ptr<Connection> db_;  // the thread's
  Worker worker_;                   // dies first
};

}  // namespace shmeter::collector
