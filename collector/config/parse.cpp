// SPDX-License-Identifier: MIT
// The keys there are, each with its own small reader. The first mistake ends the reading: it is
// thrown inside this folder only and leaves it as an Error.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>

#include "collector/config/alert.hpp"
#include "collector/config/config.hpp"
#include "collector/config/format.hpp"
#include "collector/config/keys.hpp"
#include "collector/config/node.hpp"
#include "collector/config/tcp_address.hpp"
#include "collector/config/theme.hpp"
#include "collector/ledger/model_id.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kMaxBudget_usd = 1'000'000;
constexpr i64 kMaxTokensLimit = i64{1'000'000'000'000'000};
constexpr i64 kLeastQuotaEvery_s = 300;  // who has limits to tell does not want to be asked oftener
constexpr i64 kMostQuotaEvery_s = i64{7} * 86'400;
// Claude Code keeps transcripts for 30 days; whoever drops an event sooner may count it again.
constexpr i64 kLeastRetention_days = 31;
constexpr i64 kMostRetention_days = 36'500;

std::string time_zone(const toml::node& node) {
  std::string name = text_of(node, 64);
  if (name == "local") return name;
  namespace fs = std::filesystem;
  const fs::path base = "/usr/share/zoneinfo";
  std::error_code ignored;
  const bool known = name.find("..") == std::string::npos && !name.starts_with('/') &&
                     fs::is_regular_file(base / name, ignored);
  // Without a database nothing can be said about the name; the model then says that it uses UTC.
  if (!known && fs::is_directory(base, ignored))
    refuse(place(node), "unknown time zone " + in_quotes(name) +
                            "; use \"local\" or a name such as \"Europe/Berlin\"");
  return name;
}

Weekday weekday(const toml::node& node) {
  static constexpr std::string_view kDays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                               "friday", "saturday", "sunday"};
  return static_cast<Weekday>(choice(node, "weekday", kDays));
}

std::string directory(const toml::node& node, std::string_view home) {
  std::string path = text_of(node, kMaxText);
  if (path == "~" || path.starts_with("~/")) path.replace(0, 1, home);
  if (!path.starts_with('/')) refuse(place(node), "must be an absolute path, or begin with \"~/\"");
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

/// Dollars per million tokens with at most four decimals, as ten-thousandths.
i64 price(const toml::node& node) {
  return four_decimals(node, kMaxRate / 10'000, "dollars per million tokens");
}

i64 budget(const toml::node& node) {
  constexpr i64 kNanoPerUnit = 100'000;
  const i64 units = four_decimals(node, kMaxBudget_usd, "dollars");
  if (units == 0) refuse(place(node), "must be more than nothing; leave it out for the default");
  return units * kNanoPerUnit;
}

i64 day_ms(const toml::node& node) {
  const auto* date = node.as_date();
  if (date == nullptr) refuse(place(node), "must be a day such as 2026-10-07, without quotes");
  const toml::date day = date->get();
  using namespace std::chrono;
  const year_month_day ymd{year{day.year}, month{day.month}, std::chrono::day{day.day}};
  return i64{sys_days{ymd}.time_since_epoch().count()} * 86'400'000;
}

OwnPriceRow price_row(const toml::node& node) {
  const Table table(node, "[[price]]", config_keys("price"));
  OwnPriceRow row;
  row.model = normalise_model(text_of(table.need("model"), 256));
  row.rates = {price(table.need("input")), price(table.need("output")),
               price(table.need("cache_write_5m")), price(table.need("cache_write_1h")),
               price(table.need("cache_read"))};
  if (const auto* speed = table.find("speed")) {
    static constexpr std::string_view kSpeeds[] = {"standard", "fast"};
    row.fast = choice(*speed, "speed", kSpeeds) == 1;
  }
  if (const auto* above = table.find("above_prompt_tokens"))
    row.above_prompt_tokens = whole_number(*above, 0, 0xffffffff);
  if (const auto* from = table.find("from")) row.from_ms = day_ms(*from);
  if (const auto* until = table.find("until")) {
    row.until_ms = day_ms(*until);
    if (row.until_ms <= row.from_ms) refuse(place(*until), "must be later than \"from\"");
  }
  return row;
}

AccountConfig account(const toml::node& node, std::string_view home) {
  const Table table(node, "[[account]]", config_keys("account"));
  AccountConfig out;
  out.name = text_of(table.need("name"), shm::kNameBytes);
  out.config_dir = directory(table.need("config_dir"), home);
  if (const auto* tier = table.find("tier")) {
    static constexpr std::string_view kTiers[] = {"starter", "pro", "max", "team", "enterprise"};
    out.tier = kTiers[choice(*tier, "tier", kTiers)];
  }
  if (const auto* weekly = table.find("weekly_budget_usd"))
    out.weekly_budget_nanousd = budget(*weekly);
  if (const auto* block = table.find("block_budget_usd")) out.block_budget_nanousd = budget(*block);
  if (const auto* input = table.find("input_tokens_limit"))
    out.input_tokens_limit = whole_number(*input, 1, kMaxTokensLimit);
  if (const auto* output = table.find("output_tokens_limit"))
    out.output_tokens_limit = whole_number(*output, 1, kMaxTokensLimit);
  if (const auto* argv = table.find("quota_command")) out.quota_command = command(*argv, home);
  if (const auto* every = table.find("quota_every")) {
    if (out.quota_command.empty())
      refuse(place(*every), "nothing to do every so often; add \"quota_command\"");
    out.quota_every_s = whole_number(*every, kLeastQuotaEvery_s, kMostQuotaEvery_s);
  }
  return out;
}

void read_accounts(const toml::node* node, std::string_view home, Config& config) {
  std::set<std::string> names, directories;
  each(node, "[[account]]", [&](const toml::node& entry) {
    AccountConfig one = account(entry, home);
    if (config.accounts.size() == shm::kAccounts)
      refuse(place(entry), "more than " + std::to_string(shm::kAccounts) + " accounts; remove one");
    if (!names.insert(one.name).second)
      refuse(place(entry), "a second account named " + in_quotes(one.name) + "; rename one");
    if (!directories.insert(one.config_dir).second)
      refuse(place(entry), "a second account for " + one.config_dir + "; remove one");
    config.accounts.push_back(std::move(one));
  });
}

/// For the account it names, else the first one, else the one that is found without configuration.
void read_quota(const toml::node* node, std::string_view home, Config& config) {
  if (node == nullptr) return;
  const Table table(*node, "[quota]", config_keys("quota"));
  const std::vector<std::string> argv = command(table.need("command"), home);
  i64 every_s = kLeastQuotaEvery_s;
  if (const auto* every = table.find("every"))
    every_s = whole_number(*every, kLeastQuotaEvery_s, kMostQuotaEvery_s);
  AccountConfig* account = config.accounts.empty() ? nullptr : &config.accounts.front();
  if (const auto* named = table.find("account")) {
    std::vector<std::string_view> names;
    for (const AccountConfig& one : config.accounts) names.push_back(one.name);
    if (names.empty()) refuse(place(*named), "there is no [[account]]; add one, or remove this");
    account = &config.accounts[choice(*named, "account", names)];
  }
  if (account != nullptr && !account->quota_command.empty())
    refuse(place(*node), "account " + in_quotes(account->name) +
                             " has a \"quota_command\" of its own; remove one");
  (account == nullptr ? config.quota_command : account->quota_command) = argv;
  (account == nullptr ? config.quota_every_s : account->quota_every_s) = every_s;
}

void read_store(const toml::node* node, Config& config) {
  if (node == nullptr) return;
  static constexpr std::string_view kPlaces[] = {"disk", "memory"};
  const Table table(*node, "[store]", config_keys("store"));
  if (const auto* keep = table.find("keep"))
    config.store.keep = static_cast<Keep>(choice(*keep, "place", kPlaces));
  const auto* days = table.find("retention_days");
  if (days == nullptr) return;
  config.store.retention_days = whole_number(*days, kLeastRetention_days, kMostRetention_days);
  if (config.store.keep == Keep::memory)
    refuse(place(*days), "nothing is stored with keep = \"memory\"; remove one of the two");
}

void read_http(const toml::node* node, Config& config) {
  if (node == nullptr) return;
  constexpr std::size_t kMostHost = 253;
  const Table table(*node, "[http]", config_keys("http"));
  const auto* proxy = table.find("behind_tls_proxy");
  const bool behind_proxy = proxy != nullptr && flag(*proxy);
  if (const auto* host = table.find("host")) config.http.host = text_of(*host, kMostHost);
  const auto* listen = table.find("listen");
  if (listen == nullptr) return;
  config.http.listen = text_of(*listen);
  const auto address = parse_tcp_address(config.http.listen);
  if (!address || address->port() == 0)
    refuse(place(*listen), "no IP address with a port; expected as \"127.0.0.1:7483\"");
  if (!address->is_loopback() && !behind_proxy)
    refuse(place(*listen),
           "others could listen in on the token; use 127.0.0.1 or [::1], or put a proxy with TLS "
           "in front and say behind_tls_proxy = true");
}

/// The one key of a small table.
template <class Read>
void read_only_key(const Table& file, std::string_view name, Read&& read) {
  const toml::node* node = file.find(name);
  if (node == nullptr) return;
  const auto keys = config_keys(name);
  const Table table(*node, '[' + std::string(name) + ']', keys);
  if (const auto* value = table.find(keys.front())) read(*value);
}

Config read(const toml::table& root, std::string_view file, std::string_view home) {
  const Table table(root, "the file", config_keys(""));
  Config config;
  if (const auto* node = table.find("timezone")) config.timezone = time_zone(*node);
  if (const auto* node = table.find("week_start")) config.week_start = weekday(*node);
  read_accounts(table.find("account"), home, config);
  read_quota(table.find("quota"), home, config);
  if (const auto* node = table.find("theme")) config.theme = read_theme(*node);
  if (const auto* node = table.find("lines")) config.lines = read_lines(*node);
  read_formats(table.find("format"), file, config);
  each(table.find("price"), "[[price]]",
       [&](const toml::node& entry) { config.prices.push_back(price_row(entry)); });
  read_only_key(table, "region", [&](const toml::node& node) {
    config.sessions = static_cast<shm::u32>(whole_number(node, 16, 65'536));
  });
  read_only_key(table, "blocks", [&](const toml::node& node) {
    static constexpr std::string_view kModes[] = {"activity", "utc-grid"};
    config.block_mode = static_cast<BlockMode>(choice(node, "mode", kModes));
  });
  read_only_key(table, "usage", [&](const toml::node& node) {
    static constexpr std::string_view kPeriods[] = {"month", "week", "day", "block"};
    config.usage_period = static_cast<UsagePeriod>(choice(node, "period", kPeriods));
  });
  read_store(table.find("store"), config);
  read_http(table.find("http"), config);
  read_alerts(table.find("alert"), file, home, config);
  return config;
}

/// As one line: what it quotes may hold anything.
tl::unexpected<Error> error_at(std::string_view name, const Place& where, std::string_view what) {
  std::string line(what);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return fail(Errc::invalid, std::string(name) + ':' + std::to_string(where.line) + ':' +
                                 std::to_string(where.column) + ": " + line);
}

/// TOML has none of these anywhere, not even in comments.
std::size_t first_control_character(std::string_view text) {
  const auto is_one = [](unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
  };
  return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_one) - text.begin());
}

Place place_of(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  return {lines + 1, at - (before.rfind('\n') + 1) + 1};  // npos + 1 = 0
}

}  // namespace

Result<Config> parse_config(std::string_view text, std::string_view name, std::string_view home) {
  if (const std::size_t at = first_control_character(text); at < text.size())
    return error_at(name, place_of(text, at), "a control character, which no TOML has; remove it");
  try {
    return read(toml::parse(text, name), text, home);
  } catch (const toml::parse_error& error) {
    return error_at(name, place(error.source().begin), error.description());
  } catch (const Mistake& mistake) {
    return error_at(name, mistake.where, mistake.what);
  }
}

}  // namespace shmeter::collector
