// SPDX-License-Identifier: MIT
// Who and what the numbers in a store mean, and which sessions a question is about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/report/question.hpp"
#include "collector/report/rows.hpp"
#include "collector/store/reader.hpp"

namespace shmeter::collector {

/// What sessions without an account are counted under.
inline constexpr std::string_view kNoAccount = "default";
/// The name it was given, else that of its folder.
std::string_view account_name(const AccountRow& account);

class Catalogue {
 public:
  /// `sessions` in any order; a session may be named without having a row.
  Catalogue(StoreReader::Names names, std::vector<AccountRow> accounts,
            std::vector<SessionRow> sessions);

  std::size_t session_count() const { return names_.sessions.size(); }
  /// Numbers that nobody named give empty texts.
  std::string_view session_id(u32 session) const { return at(names_.sessions, session); }
  std::string_view model(u32 model) const { return at(names_.models, model); }
  /// `main` for 0.
  std::string_view agent(u32 agent) const { return agent == 0 ? "main" : at(names_.agents, agent); }
  /// The name of the session's account; `default` when it has none.
  std::string_view account_of(u32 session) const;
  SessionFacts facts(u32 session) const;

  const std::vector<AccountRow>& accounts() const { return accounts_; }
  /// `default`, too, which sessions of no account have.
  bool has_account(std::string_view name) const;
  /// By their whole names; empty: nobody has it.
  std::optional<u32> session_number(std::string_view id) const;
  std::optional<u32> agent_number(std::string_view name) const;

  /// Which sessions the question's account, project and id choose, by number. Errors: invalid, when
  /// the account or the session is not known.
  Result<std::vector<bool>> choose(const Question& question) const;

 private:
  static std::string_view at(const std::vector<std::string>& names, u32 number) {
    return number < names.size() ? std::string_view(names[number]) : std::string_view{};
  }
  const SessionRow* row(u32 session) const;
  Result<void> check_account(const std::string& name) const;
  Result<u32> find_session(const std::string& id) const;

  StoreReader::Names names_;
  std::vector<AccountRow> accounts_;
  std::vector<SessionRow> sessions_;  // by number
};

}  // namespace shmeter::collector
