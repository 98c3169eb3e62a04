// SPDX-License-Identifier: MIT
// The running [usage] period by account, as the picture has it. Limits of all together are known
// when every account's are; a tier, when all have the same; windows, when there is one account.
#include <algorithm>

#include "collector/append_to.hpp"
#include "collector/ledger/ledger.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/report/day.hpp"
#include "collector/report/json_text.hpp"
#include "collector/report/numbers.hpp"
#include "formats/json.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

struct PeriodUse {
  i64 began_s = kUnknown;
  std::string_view tier;
  i64 input_limit = kUnknown;
  i64 output_limit = kUnknown;
  shm::Usage usage = shm::no_usage();
  std::string windows = "[]";
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

/// Where nobody has used anything. Blocks begin with a request.
i64 running_since_s(const ApiContext& context) {
  const i64 now_s = context.now_ms / 1000;
  switch (context.config.usage_period) {
    case UsagePeriod::day:
      return context.calendar.day(now_s).begin_s;
    case UsagePeriod::week:
      return context.calendar.week(now_s).begin_s;
    case UsagePeriod::month:
      return context.calendar.month(now_s).begin_s;
    case UsagePeriod::block:
      break;
  }
  return kUnknown;
}

PeriodUse use_of(const shm::Account& account, i64 now_s) {
  PeriodUse use{account.period_started_at_s, account.tier.view(), account.input_tokens_limit,
                account.output_tokens_limit, account.period,      {}};
  formats::write_windows(account, now_s, append_to, &use.windows);
  return use;
}

PeriodUse all_together(const std::vector<PeriodUse>& uses, const ApiContext& context) {
  if (uses.size() == 1) return uses.front();
  PeriodUse all;
  if (uses.empty()) {
    all.began_s = running_since_s(context);
    return all;
  }
  all.tier = uses.front().tier;
  all.input_limit = all.output_limit = 0;
  for (const PeriodUse& use : uses) {
    if (use.tier != all.tier) all.tier = {};
    const bool earlier = !shm::known(all.began_s) || use.began_s < all.began_s;
    if (shm::known(use.began_s) && earlier) all.began_s = use.began_s;
    all.input_limit = formats::sum(all.input_limit, use.input_limit);
    all.output_limit = formats::sum(all.output_limit, use.output_limit);
#define SHMETER_SUM(type, name, unit, help) \
  all.usage.name = formats::sum(all.usage.name, use.usage.name);
    SHMETER_USAGE_FIELDS(SHMETER_SUM)
#undef SHMETER_SUM
  }
  return all;
}

i64 remaining(i64 limit, i64 used) {
  return shm::known(limit) && shm::known(used) ? std::max<i64>(limit - used, 0) : kUnknown;
}

void write_use(JsonText& out, const PeriodUse& use, const ApiContext& context) {
  const shm::Usage& usage = use.usage;
  out.name("current_period");
  if (shm::known(use.began_s))
    out.text(write_day(context.calendar.day_index(use.began_s)));
  else
    out.null();
  out.name("period").text(period_name(context.config.usage_period));
  out.name("tier").text_or_null(use.tier);
  out.name("input_tokens_used").number(usage.input_tokens);
  out.name("output_tokens_used").number(usage.output_tokens);
  out.name("input_tokens_limit").number(use.input_limit);
  out.name("output_tokens_limit").number(use.output_limit);
  out.name("remaining_input").number(remaining(use.input_limit, usage.input_tokens));
  out.name("remaining_output").number(remaining(use.output_limit, usage.output_tokens));
  out.name("cache_creation_tokens")
      .number(formats::sum(usage.cache_write_5m_tokens, usage.cache_write_1h_tokens));
  out.name("cache_read_tokens").number(usage.cache_read_tokens);
  const bool known = shm::known(usage.requests);
  out.name("estimated_cost").number(known ? known_cost(usage) : kUnknown, 9);
  out.name("windows").value(use.windows);
}

}  // namespace

ApiResult<std::string> answer_usage(std::span<const shm::Account> accounts, const ApiQuery& query,
                                    const ApiContext& context) {
  std::vector<std::string_view> names;
  std::vector<PeriodUse> uses;
  for (const shm::Account& account : accounts) {
    if (!query.account.empty() && account.name.view() != query.account) continue;
    names.push_back(account.name.view());
    uses.push_back(use_of(account, context.now_ms / 1000));
  }
  if (!query.account.empty() && uses.empty())
    return tl::unexpected<ApiError>(
        ApiError{ApiError::Code::not_found, "no such account", "account"});
  JsonText out;
  out.open('{');
  write_use(out, all_together(uses, context), context);
  out.name("accounts").open('[');
  for (std::size_t i = 0; i < uses.size(); ++i) {
    out.open('{').name("name").text(names[i]);
    write_use(out, uses[i], context);
    out.close('}');
  }
  return out.close(']').close('}').take();
}

}  // namespace shmeter::collector
