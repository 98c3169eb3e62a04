// SPDX-License-Identifier: MIT
// The commands of the control socket: a table of small functions over an Intake. No command knows a
// socket. Invariant: every request gets exactly one answer, and a wrong one changes nothing.
#pragma once

#include <string_view>

#include "collector/serve/answer.hpp"
#include "collector/serve/intake.hpp"

namespace shmeter::collector {

class Commands final : public Service {
 public:
  /// `intake` must outlive it.
  explicit Commands(Intake& intake) : intake_(intake) {}

  Body body_of(std::string_view line) override;
  void run(std::string_view line, std::string_view body, Answer answer) override;

 private:
  Intake& intake_;
};

}  // namespace shmeter::collector
