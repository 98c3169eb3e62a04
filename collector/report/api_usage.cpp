// SPDX-License-Identifier: MIT
// The running [usage] period by account. What no account has (sessions of none) is `default`.
// Limits of all together are known when every account's are; a tier, when all have the same.
#include <algorithm>
#include <limits>

#include "collector/ledger/ledger.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/report/api_reading.hpp"
#include "collector/report/day.hpp"
#include "collector/report/json_text.hpp"
#include "collector/report/numbers.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

struct AccountUse {
  std::string name;
  std::string tier;
  i64 input_limit = kUnknown;
  i64 output_limit = kUnknown;
  std::string windows = "[]";
  Period period;  // empty: it has no block now
  bool used = false;
  shm::Usage usage = shm::no_usage();
};

std::string_view period_name(UsagePeriod period) {
  switch (period) {
    case UsagePeriod::day:
      return "day";
    case UsagePeriod::week:
      return "week";
    case UsagePeriod::month:
      return "month";
    case UsagePeriod::block:
      break;
  }
  return "block";
}

Period running_period(const ApiContext& context, const ApiLiveAccount* live) {
  const i64 now_s = context.now_ms / 1000;
  switch (context.config.usage_period) {
    case UsagePeriod::day:
      return context.calendar.day(now_s);
    case UsagePeriod::week:
      return context.calendar.week(now_s);
    case UsagePeriod::month:
      return context.calendar.month(now_s);
    case UsagePeriod::block:
      break;
  }
  if (live == nullptr || !shm::known(live->block_began_s)) return {};
  return {live->block_began_s, now_s + 1};
}

AccountUse make_account(std::string_view name, const AccountConfig* config,
                        const ApiContext& context) {
  const auto live =
      std::find_if(context.accounts.begin(), context.accounts.end(),
                   [&](const ApiLiveAccount& account) { return account.name == name; });
  const bool is_live = live != context.accounts.end();
  AccountUse account;
  account.name = name;
  if (config != nullptr) {
    account.tier = config->tier;
    account.input_limit = config->input_tokens_limit;
    account.output_limit = config->output_tokens_limit;
  }
  if (is_live) account.windows = live->windows;
  account.period = running_period(context, is_live ? &*live : nullptr);
  return account;
}

bool has_name(const std::vector<AccountUse>& all, std::string_view name) {
  return std::any_of(all.begin(), all.end(),
                     [&](const AccountUse& account) { return account.name == name; });
}

/// Those of the store, in its order, then those that only the configuration has.
std::vector<AccountUse> make_accounts(const Catalogue& catalogue, const ApiContext& context) {
  const auto& configured = context.config.accounts;
  std::vector<AccountUse> all;
  for (const AccountRow& row : catalogue.accounts()) {
    if (has_name(all, account_name(row))) continue;
    const auto config = std::find_if(
        configured.begin(), configured.end(),
        [&](const AccountConfig& account) { return account.config_dir == row.config_dir; });
    all.push_back(
        make_account(account_name(row), config == configured.end() ? nullptr : &*config, context));
  }
  for (const AccountConfig& account : configured)
    if (!has_name(all, account.name)) all.push_back(make_account(account.name, &account, context));
  if (!has_name(all, kNoAccount)) all.push_back(make_account(kNoAccount, nullptr, context));
  return all;
}

/// From the first of their periods to the end of the last.
Period all_periods(const std::vector<AccountUse>& accounts) {
  Period all{std::numeric_limits<i64>::max(), 0};
  for (const AccountUse& account : accounts) {
    if (account.period == Period{}) continue;
    all.begin_s = std::min(all.begin_s, account.period.begin_s);
    all.end_s = std::max(all.end_s, account.period.end_s);
  }
  return all.end_s == 0 ? Period{} : all;
}

ApiResult<void> add_up(const ApiReading& reading, std::vector<AccountUse>& accounts) {
  const Period all = all_periods(accounts);
  if (all == Period{}) return {};
  // Whole quarter hours: the running one of a block reaches behind now.
  const i64 until_s = formats::floor_div(all.end_s + 899, 900) * 900;
  return reading.amounts({all.begin_s * 1000, until_s * 1000}, [&](i64 at_s, const RollupKey& key,
                                                                   const shm::Usage& amount) {
    const std::string_view name = reading.catalogue().account_of(key.session);
    for (AccountUse& account : accounts) {
      if (account.name != name || !account.period.contains(at_s)) continue;
      add(account.usage, amount);
      account.used = true;
    }
  });
}

AccountUse all_together(const std::vector<AccountUse>& accounts, const ApiContext& context) {
  AccountUse all;
  if (accounts.size() == 1) return accounts.front();
  all.windows = context.windows;
  all.period = all_periods(accounts);
  if (accounts.empty()) {
    all.period = running_period(context, nullptr);
    return all;
  }
  all.tier = accounts.front().tier;
  all.input_limit = all.output_limit = 0;
  for (const AccountUse& account : accounts) {
    if (account.tier != all.tier) all.tier.clear();
    all.input_limit = formats::sum(all.input_limit, account.input_limit);
    all.output_limit = formats::sum(all.output_limit, account.output_limit);
    add(all.usage, account.usage);
  }
  return all;
}

i64 remaining(i64 limit, i64 used) {
  return shm::known(limit) ? std::max<i64>(limit - used, 0) : kUnknown;
}

void write_account(JsonText& out, const AccountUse& account, const ApiContext& context) {
  const shm::Usage& usage = account.usage;
  out.name("current_period");
  if (account.period == Period{})
    out.null();
  else
    out.text(write_day(context.calendar.day_index(account.period.begin_s)));
  out.name("period").text(period_name(context.config.usage_period));
  out.name("tier").text_or_null(account.tier);
  out.name("input_tokens_used").number(usage.input_tokens);
  out.name("output_tokens_used").number(usage.output_tokens);
  out.name("input_tokens_limit").number(account.input_limit);
  out.name("output_tokens_limit").number(account.output_limit);
  out.name("remaining_input").number(remaining(account.input_limit, usage.input_tokens));
  out.name("remaining_output").number(remaining(account.output_limit, usage.output_tokens));
  out.name("cache_creation_tokens").number(shm::cache_write_tokens(usage));
  out.name("cache_read_tokens").number(usage.cache_read_tokens);
  out.name("estimated_cost").number(known_cost(usage), 9);
  out.name("windows").value(account.windows);
}

}  // namespace

ApiResult<std::string> answer_usage(StoreReader& store, const ApiQuery& query,
                                    const ApiContext& context) {
  const auto reading = ApiReading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  if (const auto scope = reading->scope(query, context.config); !scope)
    return tl::unexpected(scope.error());
  std::vector<AccountUse> accounts = make_accounts(reading->catalogue(), context);
  if (const auto done = add_up(*reading, accounts); !done) return tl::unexpected(done.error());
  std::erase_if(accounts, [&](const AccountUse& account) {
    if (!query.account.empty()) return account.name != query.account;
    // Nobody's sessions are an account only where there are such.
    return &account == &accounts.back() && account.name == kNoAccount && !account.used;
  });
  JsonText out;
  out.open('{');
  write_account(out, all_together(accounts, context), context);
  out.name("accounts").open('[');
  for (const AccountUse& account : accounts) {
    out.open('{').name("name").text(account.name);
    write_account(out, account, context);
    out.close('}');
  }
  return out.close(']').close('}').take();
}

}  // namespace shmeter::collector
