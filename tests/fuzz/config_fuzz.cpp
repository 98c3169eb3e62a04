// SPDX-License-Identifier: MIT
// A configuration file. Either a mistake with its line and column, or a configuration that is right
// in every key, which a calendar can be made of and all of whose alerts have something to watch.
#include <set>

#include "collector/config/config.hpp"
#include "collector/model/calendar.hpp"
#include "formats/fields.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace shmeter::fuzz {
namespace {

using collector::Config;
using shm::i64;
using shm::known;

constexpr std::string_view kName = "config.toml";

/// `config.toml:3:7: what`.
void check_mistake(std::string_view message) {
  holds(is_one_line(message), "a mistake is one line", message);
  std::string_view rest = message;
  holds(take_until(rest, ":") == kName, "a mistake names its file", message);
  for (const std::string_view number : {take_until(rest, ":"), take_until(rest, ":")})
    holds(!number.empty() && number.size() < 10 &&
              number.find_first_not_of("0123456789") == number.npos && number != "0",
          "a mistake has its line and column", message);
  holds(rest.size() > 1, "a mistake says what it is", message);
}

void check_accounts(const Config& config) {
  std::set<std::string> names;
  holds(config.accounts.size() <= shm::kAccounts, "there are not too many accounts");
  for (const auto& account : config.accounts) {
    holds(!account.name.empty() && names.insert(account.name).second, "each has its own name");
    holds(account.config_dir.starts_with('/'), "a directory is absolute", account.config_dir);
    for (const i64 number : {account.weekly_budget_nanousd, account.block_budget_nanousd,
                             account.input_tokens_limit, account.output_tokens_limit})
      holds(!known(number) || number > 0, "a limit is more than nothing");
    holds(account.quota_every_s >= 300, "nobody is asked too often");
  }
}

void check_alerts(const Config& config) {
  holds(config.alerts.size() <= collector::kMaxAlerts, "there are not too many alerts");
  for (const auto& alert : config.alerts) {
    const auto* const field = formats::find_field(alert.field);
    holds(field != nullptr, "an alert watches a field", alert.field);
    const formats::Kind kind = formats::kind_of(*field);
    holds(kind != formats::Kind::text && kind != formats::Kind::series &&
              kind != formats::Kind::moment,
          "the field has a number");
    i64 sum = 0;
    holds(known(alert.line) && alert.hysteresis >= 0 &&
              !__builtin_add_overflow(alert.line, alert.hysteresis, &sum) &&
              !__builtin_sub_overflow(alert.line, alert.hysteresis, &sum),
          "the line and what is around it are numbers");
    holds(!alert.command.empty() || alert.notify || alert.tmux, "an alert tells somebody");
    if (!alert.quiet) continue;
    for (const i64 minute : {alert.quiet->begin_min, alert.quiet->end_min})
      holds(minute >= 0 && minute < 24 * 60, "a quiet time is one of the day");
  }
}

void check_rest(const Config& config) {
  holds(config.sessions >= 16 && config.sessions <= 65'536, "the region is of a sensible size");
  holds(!known(config.store.retention_days) || config.store.retention_days >= 31,
        "events are kept long enough");
  for (const auto& price : config.prices)
    holds(!price.model.empty() && price.from_ms < price.until_ms, "a price holds for some time");
  std::size_t bytes = 0;
  for (const auto& format : config.formats) bytes += format.text.size();
  holds(bytes <= shm::kFormatTextBytes, "templates fit into the region");
  const collector::Calendar calendar(config.timezone, config.week_start);
  holds(calendar.day(1'795'300'000).contains(1'795'300'000), "the day has its moments");
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  const std::string_view text = text_of(data, size);
  const auto config = shmeter::collector::parse_config(text, kName, "/home/dev");
  if (!config) {
    check_mistake(config.error().message);
    return 0;
  }
  check_accounts(*config);
  check_alerts(*config);
  check_rest(*config);
  return 0;
}
