// SPDX-License-Identifier: MIT
// What is asked over HTTP and only the store knows: understood on the loop, answered on the query
// thread once everything seen so far is stored. Invariant: an answer has in it whatever its asker
// could have seen before.
#pragma once

#include <functional>
#include <memory>

#include "collector/command/query_thread.hpp"
#include "collector/config/config.hpp"
#include "collector/serve/http_routes.hpp"
#include "collector/serve/intake.hpp"

namespace shmeter::collector {

class StoreQueries final : public UsageQueries {
 public:
  /// `config` says what holds now. `store` may be null: nothing is kept, and so nothing answered.
  StoreQueries(Loop& loop, Intake& intake, Store* store, std::function<const Config&()> config);

  void ask(Question question, Parameters parameters, HttpAnswer answer) override;

 private:
  Intake& intake_;
  std::function<const Config&()> config_;
  std::shared_ptr<QueryThread> thread_;  // null without a store
};

}  // namespace shmeter::collector
