// SPDX-License-Identifier: MIT
// Every known limit of the account is written down with what is left of it; a refusal of one is the
// answer. A limit that is known only from below (a week with requests of unknown price) can refuse,
// but says nothing else.
#include "collector/model/guard.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "collector/append_to.hpp"
#include "formats/json_writer.hpp"
#include "formats/units.hpp"
#include "shm/quota.hpp"

namespace shmeter::collector {
namespace {

using Unit = Need::Unit;

constexpr i64 kWhole_ppm = 1'000'000;
constexpr i64 kMostTokens = i64{1'000'000'000'000'000};
constexpr i64 kMostDollars = i64{1'000'000'000};

// ---- The need -----------------------------------------------------------------------------------

/// Digits with at most `decimals` behind a point, as a multiple of 10^-decimals.
std::optional<i64> decimal(std::string_view text, int decimals, i64 most) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  std::string_view rest = text.substr(point);
  if (!rest.empty()) rest.remove_prefix(1);
  if (digits.empty() || (point < text.size() && rest.empty())) return std::nullopt;
  if (rest.size() > static_cast<std::size_t>(decimals)) return std::nullopt;
  digits.append(rest).append(static_cast<std::size_t>(decimals) - rest.size(), '0');
  i64 number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool right = error == std::errc() && end == digits.data() + digits.size() &&
                     digits.front() != '-' && number <= most;
  return right ? std::optional(number) : std::nullopt;
}

// ---- Limits -------------------------------------------------------------------------------------

struct Limit {
  std::string_view name;
  i64 remaining_ppm = kUnknown;
  i64 resets_at_s = kUnknown;
  Unit unit = Unit::nothing;  // of a need that can be compared with it
  i64 remaining = 0;          // in that unit
  bool at_most = false;       // less may be left
};

/// Rounded down, but something is never nothing.
i64 share_ppm(i64 part, i64 whole) {
  if (part <= 0 || whole <= 0) return 0;
  __extension__ using Wide = __int128;
  const Wide ppm = Wide{part} * kWhole_ppm / whole;
  return static_cast<i64>(std::clamp<Wide>(ppm, 1, kWhole_ppm));
}

void add_window(std::vector<Limit>& out, std::string_view name, const shm::Window& window,
                i64 now_s) {
  const shm::Window now = shm::current(window, now_s);
  if (name.empty() || !shm::known(now.used_ppm)) return;
  const i64 left_ppm = std::max<i64>(kWhole_ppm - now.used_ppm, 0);
  out.push_back({name, left_ppm, now.resets_at_s, Unit::ppm, left_ppm});
}

void add_amount(std::vector<Limit>& out, std::string_view name, Unit unit, i64 limit, i64 used,
                i64 resets_at_s = kUnknown) {
  if (!shm::known(limit) || !shm::known(used)) return;
  i64 left = 0;
  if (__builtin_sub_overflow(limit, used, &left)) left = used < 0 ? limit : 0;
  left = std::max<i64>(left, 0);
  out.push_back({name, share_ppm(left, limit), resets_at_s, unit, left});
}

void add_spend_limit(std::vector<Limit>& out, const shm::SpendLimit& spend, i64 now_s) {
  if (shm::known(spend.resets_at_s) && spend.resets_at_s <= now_s) return;
  add_amount(out, "spend_limit", Unit::nanousd, spend.limit_nanousd, spend.used_nanousd,
             spend.resets_at_s);
  const bool has_amounts = !out.empty() && out.back().name == "spend_limit";
  if (!shm::known(spend.used_ppm)) return;
  if (!has_amounts) out.push_back({"spend_limit", 0, spend.resets_at_s});
  out.back().remaining_ppm = std::clamp<i64>(kWhole_ppm - spend.used_ppm, 0, kWhole_ppm);
}

std::vector<Limit> limits_of(const shm::Account& account, i64 now_s) {
  std::vector<Limit> out;
  add_window(out, "five_hour", account.five_hour, now_s);
  add_window(out, "seven_day", account.seven_day, now_s);
  const bool has_plan = !out.empty();
  for (const auto* one :
       {&account.scoped_1, &account.scoped_2, &account.scoped_3, &account.scoped_4})
    add_window(out, one->label.view(), one->window, now_s);
  add_amount(out, "input_tokens", Unit::tokens, account.input_tokens_limit,
             account.period.input_tokens);
  add_amount(out, "output_tokens", Unit::tokens, account.output_tokens_limit,
             account.period.output_tokens);
  if (account.budget_source == static_cast<i64>(shm::BudgetSource::config)) {
    const std::size_t before = out.size();
    add_amount(out, "weekly_budget", Unit::nanousd, account.weekly_budget_nanousd,
               account.weekly_used_nanousd);
    if (out.size() > before) out.back().at_most = account.weekly_unpriced_tokens != 0;
  }
  add_spend_limit(out, account.spend_limit, now_s);
  // Extra usage begins where the plan's windows end, so beside one of these it limits nothing.
  if (!has_plan && account.extra_usage.is_enabled == 1)
    add_amount(out, "extra_usage", Unit::nanousd, account.extra_usage.monthly_limit_nanousd,
               account.extra_usage.used_nanousd);
  return out;
}

enum class Verdict { fits, used_up, too_little_left, need_does_not_fit };

Verdict verdict(const Limit& limit, const GuardQuestion& question) {
  if (limit.remaining_ppm <= 0) return Verdict::used_up;
  if (limit.remaining_ppm < question.min_remaining_ppm) return Verdict::too_little_left;
  const bool comparable = question.need.unit != Unit::nothing && question.need.unit == limit.unit;
  return comparable && question.need.amount > limit.remaining ? Verdict::need_does_not_fit
                                                              : Verdict::fits;
}

// ---- Which account, which window ----------------------------------------------------------------

i64 last_observed_s(const shm::Account& account) {
  return std::max({account.last_request_at_s, account.five_hour.observed_at_s,
                   account.seven_day.observed_at_s});
}

bool is_called(const shm::Account& account, std::string_view name) {
  while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  return account.name.view() == name || account.id.view() == name ||
         account.config_dir.view() == name ||
         (name.starts_with('/') && account.config_dir_hash == shm::hash_text(name));
}

const shm::Account* find(std::span<const shm::Account> accounts, std::string_view name) {
  const shm::Account* newest = nullptr;
  for (const shm::Account& account : accounts) {
    if (!name.empty() && is_called(account, name)) return &account;
    if (newest == nullptr || last_observed_s(account) > last_observed_s(*newest)) newest = &account;
  }
  return name.empty() ? newest : nullptr;
}

constexpr std::string_view kLimitNames[] = {"five_hour",     "seven_day",   "input_tokens",
                                            "output_tokens", "spend_limit", "weekly_budget",
                                            "extra_usage"};

Result<void> check_window(const shm::Account& account, std::string_view window) {
  if (window.empty()) return {};
  std::string known;
  for (const std::string_view name :
       {account.scoped_1.label.view(), account.scoped_2.label.view(), account.scoped_3.label.view(),
        account.scoped_4.label.view()}) {
    if (!name.empty() && name == window) return {};
    if (!name.empty()) known.append(", ").append(name);
  }
  if (std::find(std::begin(kLimitNames), std::end(kLimitNames), window) != std::end(kLimitNames))
    return {};
  return fail(Errc::invalid,
              "unknown window \"" + std::string(window) + "\"; use five_hour, seven_day" + known);
}

// ---- The answer ---------------------------------------------------------------------------------

std::string percent(i64 ppm) {
  formats::Word word;
  formats::write_decimal(word, ppm, 4);
  return std::string(word.view()) + '%';
}

std::string reason_of(Verdict verdict, const Limit& limit, const GuardQuestion& question) {
  const std::string name(limit.name);
  switch (verdict) {
    case Verdict::used_up:
      return name + " is used up";
    case Verdict::too_little_left:
      return name + " has " + percent(limit.remaining_ppm) + " left, less than the " +
             percent(question.min_remaining_ppm) + " asked for";
    case Verdict::need_does_not_fit:
      return "the need does not fit what remains of " + name;
    case Verdict::fits:
      break;
  }
  return name + " has " + percent(limit.remaining_ppm) + " left";
}

bool compares(const std::vector<Limit>& limits, Unit unit) {
  return std::any_of(limits.begin(), limits.end(),
                     [&](const Limit& limit) { return limit.unit == unit && !limit.at_most; });
}

void answer_for(GuardAnswer& answer, std::string_view account, const std::vector<Limit>& limits,
                const GuardQuestion& question) {
  const Limit* tightest = nullptr;
  Verdict worst = Verdict::fits;
  for (const Limit& limit : limits) {
    const Verdict here = verdict(limit, question);
    const bool refuses = here != Verdict::fits;
    if (!refuses && limit.at_most) continue;
    const bool refused = worst != Verdict::fits;
    if (tightest != nullptr && refuses == refused && limit.remaining_ppm >= tightest->remaining_ppm)
      continue;
    if (refused && !refuses) continue;
    tightest = &limit;
    worst = here;
  }
  if (tightest == nullptr) return;
  answer.allowed = worst == Verdict::fits;
  answer.reason = reason_of(worst, *tightest, question);
  answer.limiting = {std::string(account), std::string(tightest->name), tightest->remaining_ppm,
                     tightest->resets_at_s};
  if (*answer.allowed && question.need.unit != Unit::nothing &&
      !compares(limits, question.need.unit))
    answer.reason += "; no known limit can be compared with the need";
}

}  // namespace

Result<Need> parse_need(std::string_view text) {
  std::optional<i64> amount;
  Need need;
  if (text.starts_with('$')) {
    need.unit = Unit::nanousd;
    amount = decimal(text.substr(1), 9, kMostDollars * 1'000'000'000);
  } else if (text.ends_with('%')) {
    need.unit = Unit::ppm;
    amount = decimal(text.substr(0, text.size() - 1), 4, kWhole_ppm);
  } else {
    need.unit = Unit::tokens;
    amount = decimal(text, 0, kMostTokens);
  }
  if (!amount)
    return fail(Errc::invalid,
                "bad need; use tokens (50000), dollars ($1.50) or a share of a window (5%)");
  need.amount = *amount;
  return need;
}

Result<GuardAnswer> guard(std::span<const shm::Account> accounts, const GuardQuestion& question,
                          i64 now_s) {
  const shm::Account* account = find(accounts, question.account);
  if (account == nullptr && !question.account.empty())
    return fail(Errc::not_found, "unknown account \"" + std::string(question.account) + "\"");
  GuardAnswer answer;
  answer.reason = "no limit is known";
  if (account == nullptr) return answer;
  if (const auto right = check_window(*account, question.window); !right)
    return tl::unexpected<Error>(right.error());
  std::vector<Limit> limits = limits_of(*account, now_s);
  if (!question.window.empty()) {
    std::erase_if(limits, [&](const Limit& limit) { return limit.name != question.window; });
    answer.reason = std::string(question.window) + " is not known";
  }
  answer_for(answer, account->name.view(), limits, question);
  return answer;
}

std::string to_json(const GuardAnswer& answer) {
  std::string line;
  formats::JsonWriter out(append_to, &line);
  out.open('{');
  out.flag("allowed", answer.allowed ? i64{*answer.allowed} : kUnknown);
  out.text("reason", answer.reason);
  if (answer.limiting) {
    out.name("limiting");
    out.open('{');
    out.text("account", answer.limiting->account);
    out.text("window", answer.limiting->window);
    out.percentage("remaining_percentage", answer.limiting->remaining_ppm);
    out.number("resets_at", answer.limiting->resets_at_s);
    out.close('}');
  } else {
    out.null("limiting");
  }
  out.close('}');
  out.end();
  return line;
}

}  // namespace shmeter::collector
