// SPDX-License-Identifier: MIT
// What is asked over HTTP about usage: understood on the loop; the running period is answered there
// from the picture, everything else on the query thread once all that was seen so far is stored.
// Invariant: an answer has in it whatever its asker could have seen before.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "collector/command/query_thread.hpp"
#include "collector/config/config.hpp"
#include "collector/model/calendar.hpp"
#include "collector/serve/http_routes.hpp"
#include "collector/serve/intake.hpp"

namespace shmeter::collector {

class StoreQueries final : public UsageQueries {
 public:
  /// `config` says what holds now. `store` may be null: nothing is kept, and so nothing answered.
  StoreQueries(Loop& loop, Intake& intake, Store* store, std::function<const Config&()> config);

  void ask(Question question, Parameters parameters, HttpAnswer answer) override;

 private:
  const Calendar& calendar(const Config& config);

  Intake& intake_;
  std::function<const Config&()> config_;
  std::optional<Calendar> calendar_;  // of zone_ and week_start_
  std::string zone_;
  Weekday week_start_ = Weekday::monday;
  std::shared_ptr<QueryThread> thread_;  // null without a store
};

}  // namespace shmeter::collector
