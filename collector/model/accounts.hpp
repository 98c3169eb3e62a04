// SPDX-License-Identifier: MIT
// The accounts: one per Claude Code configuration directory, with the quota its sessions report.
// Invariant: an account keeps its number for the life of the collector, and no two have one name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/config/config.hpp"
#include "collector/model/account_quota.hpp"

namespace shmeter::collector {

struct AccountState {
  std::string config_dir;
  std::string name;
  std::string tier;
  AccountQuota quota;
  shm::Usage period = shm::no_usage();  // of its sessions in the running [usage] period
  i64 last_request_ms = kUnknown;
  shm::u32 last_session = 0;  // its number; only with last_request_ms
  bool unsaved = true;        // name or login changed since it was put into a batch
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

  /// What `[[account]]` says about it; nullptr = nothing.
  const AccountConfig* configured(shm::u32 number) const {
    return configured(states_[number].config_dir);
  }
  /// Who it is and its limits; the rest is unknown.
  shm::Account publish(shm::u32 number, i64 now_ms);

 private:
  const AccountConfig* configured(std::string_view config_dir) const;
  bool taken(std::string_view name) const;
  void name(AccountState& state) const;

  std::vector<AccountConfig> config_;
  std::vector<AccountState> states_;
};

}  // namespace shmeter::collector
