// SPDX-License-Identifier: MIT
// The accounts: one per Claude Code configuration directory, with the quota its sessions report.
// Invariant: an account keeps its number for the life of the collector, and no two have one name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/model/quota_keeper.hpp"

namespace shmeter::collector {

struct AccountState {
  std::string config_dir;
  std::string name;
  std::string tier;
  QuotaKeeper five_hour;
  QuotaKeeper seven_day;
  shm::SpendLimit spend_limit;
  i64 spend_limit_at_ms = kUnknown;
  i64 last_request_ms = kUnknown;
  std::string last_session;
};

class Accounts {
 public:
  explicit Accounts(const Config& config) : config_(config.accounts) {}

  /// The account's number, made on first use; empty for the ninth and for no directory at all.
  std::optional<shm::u32> number(std::string_view config_dir);
  /// Names and tiers as another configuration gives them.
  void rename(const Config& config);

  AccountState& operator[](shm::u32 number) { return states_[number]; }
  const AccountState& operator[](shm::u32 number) const { return states_[number]; }
  shm::u32 size() const { return static_cast<shm::u32>(states_.size()); }

  shm::Account publish(shm::u32 number, i64 now_ms) const;

 private:
  const AccountConfig* configured(std::string_view config_dir) const;
  bool taken(std::string_view name) const;
  void name(AccountState& state) const;

  std::vector<AccountConfig> config_;
  std::vector<AccountState> states_;
};

}  // namespace shmeter::collector
