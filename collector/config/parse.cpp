// SPDX-License-Identifier: MIT
// The keys there are, each with its own small reader. The first mistake ends the reading: it is
// thrown inside this file only and leaves it as an Error.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <span>

#include "collector/config/config.hpp"
#include "collector/config/literal.hpp"
#include "collector/config/near_name.hpp"
#include "collector/config/toml.hpp"
#include "collector/ledger/model_id.hpp"
#include "formats/render.hpp"

namespace shmeter::collector {
namespace {

using Names = std::span<const std::string_view>;

struct Mistake {
  Place where;
  std::string what;
};

Place place(const toml::source_position& at) { return {at.line, at.column}; }
Place place(const toml::node& node) { return place(node.source().begin); }

[[noreturn]] void refuse(const Place& where, std::string what) {
  throw Mistake{where, std::move(what)};
}

std::string in_quotes(std::string_view text) { return '"' + std::string(text) + '"'; }

/// `unknown key "x", did you mean "y"?`, or all there are.
std::string unknown(std::string_view kind, std::string_view wrong, Names right) {
  std::string text = "unknown " + std::string(kind) + ' ' + in_quotes(wrong);
  if (const auto near = near_name(wrong, right); !near.empty())
    return text + "; did you mean " + in_quotes(near) + "?";
  text += "; use ";
  for (const auto name : right) text += (name == right.front() ? "" : ", ") + std::string(name);
  return text;
}

/// One table whose keys are known; what was said about a key is told with the key's place.
class Table {
 public:
  Table(const toml::node& node, std::string_view name, Names keys) : name_(name) {
    table_ = node.as_table();
    if (table_ == nullptr) refuse(place(node), std::string(name) + " must be a table");
    for (const auto& [key, value] : *table_) {
      if (std::find(keys.begin(), keys.end(), key.str()) == keys.end())
        refuse(place(key.source().begin), unknown("key", key.str(), keys));
    }
  }

  const toml::node* find(std::string_view key) const { return table_->get(key); }
  const toml::node& need(std::string_view key) const {
    if (const toml::node* node = find(key)) return *node;
    refuse(place(*table_), name_ + " needs " + in_quotes(key) + "; add it");
  }
  const toml::table& all() const { return *table_; }

 private:
  std::string name_;
  const toml::table* table_;
};

std::string text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  refuse(place(node), "must be a text; put it into quotes");
}

std::string text_of(const toml::node& node, std::size_t max_bytes) {
  std::string text = text_of(node);
  if (text.empty()) refuse(place(node), "must not be empty");
  if (text.size() > max_bytes)
    refuse(place(node), "longer than " + std::to_string(max_bytes) + " bytes; shorten it");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      refuse(place(node), "must not hold control characters");
  }
  return text;
}

i64 whole_number(const toml::node& node, i64 least, i64 most) {
  const auto* number = node.as_integer();
  if (number != nullptr && number->get() >= least && number->get() <= most) return number->get();
  refuse(place(node),
         "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

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
  const std::string name = text_of(node);
  const auto* at = std::find(std::begin(kDays), std::end(kDays), name);
  if (at == std::end(kDays)) refuse(place(node), unknown("weekday", name, kDays));
  return static_cast<Weekday>(at - kDays);
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
  const auto dollars = node.value<double>();
  if (!dollars || !node.is_number() || !(*dollars >= 0) || *dollars > double{kMaxRate} / 10'000)
    refuse(place(node), "must be dollars per million tokens, from 0 to 10000");
  const double exact = *dollars * 10'000;
  const double rounded = std::round(exact);
  if (std::abs(exact - rounded) > 1e-9 * std::max(1.0, exact) || (rounded == 0 && exact > 0))
    refuse(place(node), "more than four decimals; round the price to 0.0001");
  return static_cast<i64>(rounded);
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
  static constexpr std::string_view kKeys[] = {
      "model",          "input",      "output", "cache_write_5m",
      "cache_write_1h", "cache_read", "speed",  "above_prompt_tokens",
      "from",           "until"};
  const Table table(node, "[[price]]", kKeys);
  OwnPriceRow row;
  row.model = normalise_model(text_of(table.need("model"), 256));
  row.rates = {price(table.need("input")), price(table.need("output")),
               price(table.need("cache_write_5m")), price(table.need("cache_write_1h")),
               price(table.need("cache_read"))};
  if (const auto* speed = table.find("speed")) {
    static constexpr std::string_view kSpeeds[] = {"standard", "fast"};
    const std::string name = text_of(*speed);
    if (name != "fast" && name != "standard")
      refuse(place(*speed), unknown("speed", name, kSpeeds));
    row.fast = name == "fast";
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
  static constexpr std::string_view kKeys[] = {"name", "config_dir", "tier"};
  const Table table(node, "[[account]]", kKeys);
  AccountConfig out;
  out.name = text_of(table.need("name"), shm::kNameBytes);
  out.config_dir = directory(table.need("config_dir"), home);
  if (const auto* tier = table.find("tier")) {
    static constexpr std::string_view kTiers[] = {"starter", "pro", "max", "team", "enterprise"};
    out.tier = text_of(*tier);
    if (std::find(std::begin(kTiers), std::end(kTiers), out.tier) == std::end(kTiers))
      refuse(place(*tier), unknown("tier", out.tier, kTiers));
  }
  return out;
}

template <class Read>
void each(const toml::node* node, std::string_view name, Read&& read) {
  if (node == nullptr) return;
  const auto* list = node->as_array();
  if (list == nullptr)
    refuse(place(*node), "write " + std::string(name) + " with two brackets: there may be several");
  for (const toml::node& entry : *list) read(entry);
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

void check(const std::string& templ, const toml::node& node, std::string_view file) {
  formats::TemplateError error;
  if (formats::check_template(templ, error)) return;
  refuse(place_in_file(file, place(node), {error.line, error.column}), error.message);
}

void read_formats(const toml::node* node, std::string_view file, Config& config) {
  if (node == nullptr) return;
  static constexpr std::string_view kTargets[] = {"plain",    "ansi",   "claude", "tmux",
                                                  "starship", "waybar", "polybar"};
  const Table table(*node, "[format]", kTargets);
  static constexpr std::string_view kTemplate[] = {"template"};
  std::size_t bytes = 0;
  for (const auto& [key, value] : table.all()) {
    const Table target(value, "[format." + std::string(key.str()) + "]", kTemplate);
    const toml::node& templ = target.need("template");
    FormatConfig format{std::string(key.str()), text_of(templ)};
    check(format.text, templ, file);
    bytes += format.text.size();
    if (bytes > shm::kFormatTextBytes)
      refuse(place(templ), "all templates together are longer than 16 KiB; shorten them");
    config.formats.push_back(std::move(format));
  }
}

Config read(const toml::table& root, std::string_view file, std::string_view home) {
  static constexpr std::string_view kKeys[] = {"timezone", "week_start", "account",
                                               "format",   "price",      "region"};
  const Table table(root, "the file", kKeys);
  Config config;
  if (const auto* node = table.find("timezone")) config.timezone = time_zone(*node);
  if (const auto* node = table.find("week_start")) config.week_start = weekday(*node);
  read_accounts(table.find("account"), home, config);
  read_formats(table.find("format"), file, config);
  each(table.find("price"), "[[price]]",
       [&](const toml::node& entry) { config.prices.push_back(price_row(entry)); });
  if (const auto* node = table.find("region")) {
    static constexpr std::string_view kSessions[] = {"sessions"};
    const Table region(*node, "[region]", kSessions);
    if (const auto* sessions = region.find("sessions"))
      config.sessions = static_cast<shm::u32>(whole_number(*sessions, 16, 65'536));
  }
  return config;
}

tl::unexpected<Error> error_at(std::string_view name, const Place& where, std::string_view what) {
  return fail(Errc::invalid, std::string(name) + ':' + std::to_string(where.line) + ':' +
                                 std::to_string(where.column) + ": " + std::string(what));
}

}  // namespace

Result<Config> parse_config(std::string_view text, std::string_view name, std::string_view home) {
  try {
    return read(toml::parse(text, name), text, home);
  } catch (const toml::parse_error& error) {
    return error_at(name, place(error.source().begin), error.description());
  } catch (const Mistake& mistake) {
    return error_at(name, mistake.where, mistake.what);
  }
}

}  // namespace shmeter::collector
