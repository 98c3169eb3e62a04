// SPDX-License-Identifier: MIT
// Names: the configured one; else `default` for the first directory that is Claude Code's own
// default (~/.claude or ~/.config/claude); else the directory's name; with a number behind it where
// that name is taken.
#include "collector/model/accounts.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_default_dir(std::string_view path) {
  return base_name(path) == ".claude" || path.ends_with("/.config/claude");
}

std::string name_from(std::string_view path) {
  std::string_view name = base_name(path);
  while (name.starts_with('.')) name.remove_prefix(1);
  return name.empty() ? "account" : std::string(name);
}

std::string hex(shm::u64 value) {
  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 4)
    *digit = "0123456789abcdef"[value & 0xf];
  return text;
}

}  // namespace

const AccountConfig* Accounts::configured(std::string_view config_dir) const {
  const auto at = std::find_if(config_.begin(), config_.end(), [&](const AccountConfig& account) {
    return account.config_dir == config_dir;
  });
  return at == config_.end() ? nullptr : &*at;
}

bool Accounts::taken(std::string_view name) const {
  const auto has_it = [&](const auto& account) { return account.name == name; };
  return std::any_of(config_.begin(), config_.end(), has_it) ||
         std::any_of(states_.begin(), states_.end(), has_it);
}

void Accounts::name(AccountState& state) const {
  state.tier.clear();
  if (const AccountConfig* account = configured(state.config_dir)) {
    state.name = account->name;
    state.tier = account->tier;
    return;
  }
  const bool first_default = is_default_dir(state.config_dir) && !taken("default");
  const std::string base = first_default ? "default" : name_from(state.config_dir);
  std::string free = base;
  for (int n = 2; taken(free); ++n) free = base + '-' + std::to_string(n);
  state.name = std::move(free);
}

std::optional<shm::u32> Accounts::number(std::string_view config_dir) {
  while (config_dir.size() > 1 && config_dir.ends_with('/')) config_dir.remove_suffix(1);
  if (config_dir.empty()) return std::nullopt;
  for (shm::u32 i = 0; i < size(); ++i) {
    if (states_[i].config_dir == config_dir) return i;
  }
  if (size() == shm::kAccounts) return std::nullopt;
  AccountState state;
  state.config_dir = config_dir;
  name(state);
  states_.push_back(std::move(state));
  return size() - 1;
}

void Accounts::rename(const Config& config) {
  config_ = config.accounts;
  for (AccountState& state : states_) state.name.clear();
  for (AccountState& state : states_) {
    name(state);
    state.unsaved = true;
  }
}

shm::Account Accounts::publish(shm::u32 number, i64 now_ms) {
  AccountState& state = states_[number];
  shm::Account out;
  out.config_dir_hash = shm::hash_text(state.config_dir);
  out.id.assign(hex(out.config_dir_hash));
  out.name.assign(state.name);
  out.config_dir.assign(state.config_dir);
  out.tier.assign(state.tier);
  state.quota.publish(out, now_ms);
  if (const AccountConfig* account = configured(state.config_dir)) {
    out.input_tokens_limit = account->input_tokens_limit;
    out.output_tokens_limit = account->output_tokens_limit;
  }
  return out;
}

}  // namespace shmeter::collector
