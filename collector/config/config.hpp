// SPDX-License-Identifier: MIT
// The user's configuration as values, and how it is read. Invariant: a Config that was handed out
// is right in every key; a mistake is told with file, line and column and what to do, and nothing
// of that file is used.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/ledger/prices.hpp"
#include "collector/result.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// Nobody writes a megabyte of configuration; somebody may point us at something else.
inline constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

enum class Weekday { monday, tuesday, wednesday, thursday, friday, saturday, sunday };

inline constexpr i64 kDefaultWeeklyBudget_nanousd = i64{456} * 1'000'000'000;

/// What the user says about one Claude Code configuration directory.
struct AccountConfig {
  std::string name;
  std::string config_dir;                // absolute, without a slash at the end
  std::string tier;                      // empty = not said
  i64 weekly_budget_nanousd = kUnknown;  // unknown = the default
  i64 block_budget_nanousd = kUnknown;   // unknown = a twentieth of the weekly one
  i64 input_tokens_limit = kUnknown;     // per [usage] period
  i64 output_tokens_limit = kUnknown;
  std::vector<std::string> quota_command;  // argv that prints the account's limits; empty = none
  i64 quota_every_s = 300;                 // at least 300
  bool operator==(const AccountConfig&) const = default;
};

enum class BlockMode { activity, utc_grid };
enum class UsagePeriod { month, week, day, block };
enum class Keep { disk, memory };

/// Where what must outlive the process is kept.
struct StoreConfig {
  Keep keep = Keep::disk;
  i64 retention_days = kUnknown;  // events older than this are dropped; unknown = all are kept
  bool operator==(const StoreConfig&) const = default;
};

/// HTTP over TCP; over the unix socket it is always spoken.
struct HttpConfig {
  std::string listen;  // IP address and port; empty = not over TCP
  std::string host;    // a name it is asked under beside the loopback's own; empty = none
  bool operator==(const HttpConfig&) const = default;
};

/// A target's own template, already checked.
struct FormatConfig {
  std::string target;  // as formats::target_name
  std::string text;
  bool operator==(const FormatConfig&) const = default;
};

/// Lines that are kept as files.
struct LinesConfig {
  enum class Colour { basic, palette, exact };
  std::vector<std::string> targets;  // beside those that somebody asks for
  Colour colour = Colour::palette;   // what the terminals have
  bool operator==(const LinesConfig&) const = default;
};

inline constexpr std::size_t kMaxAlerts = 64;

/// Where an alert is told over HTTP. Its secrets are for signing only: said nowhere.
struct WebhookConfig {
  std::string url;          // http or https; empty = none
  std::string secret;       // empty = in the file, or none
  std::string secret_file;  // absolute; empty = none
  bool operator==(const WebhookConfig&) const = default;
};

/// What to tell, when a number of the picture crosses a line.
struct AlertConfig {
  enum class Operator { at_least, above, at_most, below };
  /// Minutes of the local day, [begin, end) and around midnight if that is the earlier one.
  struct Quiet {
    i64 begin_min = 0;
    i64 end_min = 0;
    bool operator==(const Quiet&) const = default;
  };

  std::string name;
  std::string when;   // as it was written
  std::string field;  // as formats::find_field knows it
  Operator is = Operator::at_least;
  i64 line = 0;                      // as the field is kept: ppm, nano-dollars, seconds, count
  i64 hysteresis = 0;                // the same; how far back it must go before it tells again
  std::string account;               // empty = each
  std::optional<Quiet> quiet;        // nothing is told then
  std::vector<std::string> command;  // argv; empty = none
  bool notify = false;               // on the desktop
  bool tmux = false;                 // on tmux's message line
  WebhookConfig webhook;
  bool operator==(const AlertConfig&) const = default;
};

struct Config {
  std::string timezone = "local";  // or a name of the time zone database
  Weekday week_start = Weekday::monday;
  std::vector<AccountConfig> accounts;
  std::vector<FormatConfig> formats;
  LinesConfig lines;
  std::string theme;  // as formats::parse_theme reads it; empty = the one that comes with it
  std::vector<OwnPriceRow> prices;
  shm::u32 sessions = shm::kSessions;  // session records in the region
  BlockMode block_mode = BlockMode::activity;
  UsagePeriod usage_period = UsagePeriod::month;
  StoreConfig store;
  HttpConfig http;
  std::vector<AlertConfig> alerts;
  // [quota] where there is no [[account]]: for the first directory found.
  std::vector<std::string> quota_command;
  i64 quota_every_s = 300;
  bool operator==(const Config&) const = default;
};

/// Which file: the flag, else $SHMETER_CONFIG, else $XDG_CONFIG_HOME/shmeter/config.toml, else
/// $HOME/.config/shmeter/config.toml. `asked_for` = flag or $SHMETER_CONFIG named it, so its
/// absence is an error.
struct ConfigPath {
  std::string path;  // empty = no home directory known
  bool asked_for = false;
};
struct ConfigEnvironment {
  std::string_view flag;
  std::string_view shmeter_config;
  std::string_view xdg_config_home;
  std::string_view home;
};
ConfigPath config_path(const ConfigEnvironment& environment);

/// Reads and checks the file. An absent one is the default configuration, unless it was asked for.
/// Errors: "file:line:column: what, what to do" (Errc::invalid), Errc::forbidden, Errc::not_found.
/// `home` stands in for `~` in directories.
[[nodiscard]] Result<Config> load_config(const ConfigPath& path, std::string_view home);

/// What holds with that file, as TOML, with a mark where nobody said so; what signs a webhook is
/// hidden. Errors as load_config's.
[[nodiscard]] Result<std::string> show_config(const ConfigPath& path, std::string_view home);

/// The same over text; `name` is what errors call it.
[[nodiscard]] Result<Config> parse_config(std::string_view text, std::string_view name,
                                          std::string_view home);

}  // namespace shmeter::collector
