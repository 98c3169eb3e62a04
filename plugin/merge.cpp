// SPDX-License-Identifier: MIT
// See merge.hpp.
#include "plugin/merge.hpp"

#include "shm/quota.hpp"

namespace shmeter::plugin {
namespace {

using shm::i64;

void lay(i64& have, i64 seen) {
  if (shm::known(seen)) have = seen;
}
void lay(shm::u64& have, shm::u64 seen) {
  if (seen != 0) have = seen;
}
void lay(shm::Usage&, const shm::Usage&) {}  // counted, never reported by the client
template <std::size_t N>
void lay(shm::Text<N>& have, const shm::Text<N>& seen) {
  if (!seen.empty()) have = seen;
}

constexpr shm::Account kNoAccount;

shm::Window as_observed(shm::Window window, i64 now_s) {
  window.observed_at_s = now_s;
  window.source = static_cast<i64>(shm::QuotaSource::statusline);
  return window;
}

}  // namespace

void lay_over(const StatusLine& seen, i64 now_s, shm::Session& session) {
  const shm::Session& fresh = seen.session;
#define SHMETER_LAY(type, name, unit, help) lay(session.name, fresh.name);
  SHMETER_SESSION_FIELDS(SHMETER_LAY)
#undef SHMETER_LAY
  if (!fresh.model.empty()) session.model_name = fresh.model_name;
  session.effort = fresh.effort;
  session.agent = fresh.agent;
  session.pr = fresh.pr;
  session.prompt_cache_warm = fresh.prompt_cache_warm;
  session.prompt_cache_expires_at_s = fresh.prompt_cache_expires_at_s;
  session.updated_at_s = now_s;
  if (!seen.has_context) return;
  session.context_used_tokens = fresh.context_used_tokens;
  session.context_size_tokens = fresh.context_size_tokens;
  session.context_used_ppm = fresh.context_used_ppm;
}

void merge_limits(const StatusLine& seen, i64 now_s, bool other_account_asked_for, Parts& parts) {
  if (other_account_asked_for && !parts.account_is_own) return;
  const shm::Window five_hour = as_observed(seen.five_hour, now_s);
  const shm::Window seven_day = as_observed(seen.seven_day, now_s);
  const bool spend = shm::known(seen.spend_limit.used_ppm);
  if (!shm::usable(five_hour) && !shm::usable(seven_day) && !spend) return;
  const bool whose_is_known = parts.own > FoundBy::recency;
  if (!parts.has_account || !whose_is_known) parts.account = kNoAccount;
  parts.has_account = true;
  parts.account.five_hour = shm::merge(parts.account.five_hour, five_hour);
  parts.account.seven_day = shm::merge(parts.account.seven_day, seven_day);
  if (spend) parts.account.spend_limit = seen.spend_limit;
}

}  // namespace shmeter::plugin
