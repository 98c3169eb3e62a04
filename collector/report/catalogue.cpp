// SPDX-License-Identifier: MIT
#include "collector/report/catalogue.hpp"

#include <algorithm>

#include "collector/config/near_name.hpp"

namespace shmeter::collector {
namespace {

std::string_view last_part(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const auto slash = path.rfind('/');
  return slash == path.npos || path.size() == 1 ? path : path.substr(slash + 1);
}

/// A record holds a long path only up to its capacity, but the hash of all of it.
bool is_project(const shm::Session& session, std::string_view asked) {
  while (asked.size() > 1 && asked.ends_with('/')) asked.remove_suffix(1);
  const std::string_view cwd = session.cwd.view();
  if (cwd.empty()) return false;
  return session.cwd_hash == shm::hash_text(asked) || cwd == asked || last_part(cwd) == asked;
}

std::optional<u32> number_of(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return {};
  return static_cast<u32>(found - names.begin());
}

}  // namespace

std::string_view account_name(const AccountRow& account) {
  return account.name.empty() ? last_part(account.config_dir) : std::string_view(account.name);
}

Catalogue::Catalogue(StoreReader::Names names, std::vector<AccountRow> accounts,
                     std::vector<SessionRow> sessions)
    : names_(std::move(names)), accounts_(std::move(accounts)), sessions_(std::move(sessions)) {
  std::sort(sessions_.begin(), sessions_.end(),
            [](const SessionRow& a, const SessionRow& b) { return a.number < b.number; });
}

const SessionRow* Catalogue::row(u32 session) const {
  const auto found =
      std::lower_bound(sessions_.begin(), sessions_.end(), session,
                       [](const SessionRow& row, u32 number) { return row.number < number; });
  return found == sessions_.end() || found->number != session ? nullptr : &*found;
}

std::string_view Catalogue::account_of(u32 session) const {
  const SessionRow* known = row(session);
  if (known == nullptr) return kNoAccount;
  for (const AccountRow& account : accounts_)
    if (i64{account.number} == known->marks.account) return account_name(account);
  return kNoAccount;
}

SessionFacts Catalogue::facts(u32 session) const {
  SessionFacts facts;
  facts.id = session_id(session);
  facts.account = account_of(session);
  if (const SessionRow* known = row(session)) {
    facts.name = known->record.name.view();
    facts.cwd = known->record.cwd.view();
    facts.started_at_s = known->record.started_at_s;
    facts.updated_at_s = known->record.updated_at_s;
    facts.messages = known->record.messages;
    facts.tool_calls = known->record.tool_calls;
    facts.compute_ms = known->record.compute_ms;
    facts.api_ms = known->record.api_ms;
  }
  return facts;
}

bool Catalogue::has_account(std::string_view name) const {
  return name == kNoAccount ||
         std::any_of(accounts_.begin(), accounts_.end(),
                     [&](const AccountRow& account) { return account_name(account) == name; });
}

std::optional<u32> Catalogue::session_number(std::string_view id) const {
  return number_of(names_.sessions, id);
}

std::optional<u32> Catalogue::agent_number(std::string_view name) const {
  return name == agent(0) ? 0 : number_of(names_.agents, name);
}

Result<void> Catalogue::check_account(const std::string& name) const {
  if (has_account(name)) return {};
  std::vector<std::string_view> names = {kNoAccount};
  for (const AccountRow& account : accounts_) names.push_back(account_name(account));
  std::string text = "--account " + name + ": no such account; known: ";
  for (std::size_t i = 0; i < names.size(); ++i) text.append(i == 0 ? "" : ", ").append(names[i]);
  const auto near = near_name(name, names);
  if (!near.empty()) text += "; did you mean " + std::string(near) + "?";
  return fail(Errc::invalid, std::move(text));
}

Result<u32> Catalogue::find_session(const std::string& id) const {
  std::vector<u32> begin_so;
  for (u32 number = 0; number < names_.sessions.size(); ++number) {
    if (names_.sessions[number] == id) return number;
    if (names_.sessions[number].starts_with(id)) begin_so.push_back(number);
  }
  if (begin_so.size() == 1) return begin_so.front();
  if (begin_so.empty()) return fail(Errc::invalid, "--id " + id + ": no such session");
  return fail(Errc::invalid, "--id " + id + ": " + std::to_string(begin_so.size()) +
                                 " sessions begin like this; give more of it");
}

Result<std::vector<bool>> Catalogue::choose(const Question& question) const {
  std::vector<bool> chosen(session_count(), question.session.empty());
  if (!question.session.empty()) {
    const auto session = find_session(question.session);
    if (!session) return tl::unexpected(session.error());
    chosen[*session] = true;
  }
  if (!question.account.empty())
    if (auto known = check_account(question.account); !known) return tl::unexpected(known.error());
  for (u32 number = 0; number < chosen.size(); ++number) {
    if (!question.account.empty() && account_of(number) != question.account) chosen[number] = false;
    if (question.project.empty()) continue;
    const SessionRow* known = row(number);
    if (known == nullptr || !is_project(known->record, question.project)) chosen[number] = false;
  }
  return chosen;
}

}  // namespace shmeter::collector
