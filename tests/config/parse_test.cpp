// SPDX-License-Identifier: MIT
// Every key once right, and every way to get one wrong with the place and the advice it gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/config/config.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kDay_ms = 86'400'000;

TEST(ParseConfig, EveryKey) {
  const auto config = parse_config(R"(
timezone = "Europe/Berlin"
week_start = "sunday"

[region]
sessions = 256

[blocks]
mode = "utc-grid"

[usage]
period = "block"

[store]
keep = "disk"
retention_days = 365

[http]
listen = "127.0.0.1:7483"
host = "meter.example"

[[account]]
name = "work"
config_dir = "~/.claude-work/"
tier = "max"
weekly_budget_usd = 120.5
block_budget_usd = 7
input_tokens_limit = 1000000
output_tokens_limit = 250000
quota_command = ["~/bin/limits", "--for", "work $HOME"]
quota_every = 600

[[account]]
name = "home"
config_dir = "/srv/claude"

[format.tmux]
template = "{session.cost}"

[[price]]
model = "anthropic/GLM-5.2"
input = 0.1
output = 3
cache_write_5m = 0.1234
cache_write_1h = 10000
cache_read = 0
speed = "fast"
above_prompt_tokens = 200000
from = 2026-10-07
until = 2026-10-08
)",
                                   "c.toml", "/home/ann");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->timezone, "Europe/Berlin");
  EXPECT_EQ(config->week_start, Weekday::sunday);
  EXPECT_EQ(config->sessions, 256u);
  ASSERT_EQ(config->accounts.size(), 2u);
  EXPECT_EQ(config->accounts[0].name, "work");
  EXPECT_EQ(config->accounts[0].config_dir, "/home/ann/.claude-work");
  EXPECT_EQ(config->accounts[0].tier, "max");
  EXPECT_EQ(config->accounts[0].weekly_budget_nanousd, i64{120'500'000'000});
  EXPECT_EQ(config->accounts[0].block_budget_nanousd, i64{7'000'000'000});
  EXPECT_EQ(config->accounts[0].input_tokens_limit, 1'000'000);
  EXPECT_EQ(config->accounts[0].output_tokens_limit, 250'000);
  EXPECT_EQ(config->accounts[0].quota_command,
            (std::vector<std::string>{"/home/ann/bin/limits", "--for", "work $HOME"}));
  EXPECT_EQ(config->accounts[0].quota_every_s, 600);
  EXPECT_EQ(config->accounts[1].tier, "");
  EXPECT_EQ(config->accounts[1].weekly_budget_nanousd, kUnknown);
  EXPECT_EQ(config->accounts[1].quota_every_s, 300);
  EXPECT_EQ(config->block_mode, BlockMode::utc_grid);
  EXPECT_EQ(config->usage_period, UsagePeriod::block);
  EXPECT_EQ(config->store.keep, Keep::disk);
  EXPECT_EQ(config->store.retention_days, 365);
  EXPECT_EQ(config->http.listen, "127.0.0.1:7483");
  EXPECT_EQ(config->http.host, "meter.example");
  ASSERT_EQ(config->formats.size(), 1u);
  EXPECT_EQ(config->formats[0].target, "tmux");
  EXPECT_EQ(config->formats[0].text, "{session.cost}");
  ASSERT_EQ(config->prices.size(), 1u);
  const OwnPriceRow& row = config->prices[0];
  EXPECT_EQ(row.model, "glm-5-2");
  EXPECT_EQ(row.rates, (Rates{1000, 30'000, 1234, kMaxRate, 0}));
  EXPECT_TRUE(row.fast);
  EXPECT_EQ(row.above_prompt_tokens, 200'000);
  EXPECT_EQ(row.until_ms - row.from_ms, kDay_ms);
  EXPECT_EQ(row.from_ms / kDay_ms, 20'733);
}

TEST(ParseConfig, NothingIsTheDefault) {
  const auto config = parse_config("", "c.toml", "/h");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->timezone, "local");
  EXPECT_EQ(config->week_start, Weekday::monday);
  EXPECT_TRUE(config->accounts.empty() && config->formats.empty() && config->prices.empty());
  EXPECT_EQ(config->block_mode, BlockMode::activity);
  EXPECT_EQ(config->usage_period, UsagePeriod::month);
  EXPECT_EQ(config->store.keep, Keep::disk);
  EXPECT_EQ(config->store.retention_days, kUnknown);
  EXPECT_EQ(config->http.listen, "") << "no port is open unless somebody asks for one";
  EXPECT_TRUE(config->quota_command.empty());
}

TEST(ParseConfig, WhomTheQuotaCommandIsFor) {
  const std::string two =
      "[[account]]\nname = \"a\"\nconfig_dir = \"/a\"\n"
      "[[account]]\nname = \"b\"\nconfig_dir = \"/b\"\n";
  const std::vector<std::string> argv = {"limits"};
  auto config = parse_config("[quota]\ncommand = [\"limits\"]\nevery = 900", "c", "/h");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->quota_command, argv) << "no account is configured: the one that is found";
  EXPECT_EQ(config->quota_every_s, 900);
  config = parse_config(two + "[quota]\ncommand = [\"limits\"]", "c", "/h");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->accounts[0].quota_command, argv) << "the first";
  EXPECT_EQ(config->accounts[0].quota_every_s, 300);
  EXPECT_TRUE(config->accounts[1].quota_command.empty() && config->quota_command.empty());
  config = parse_config(two + "[quota]\naccount = \"b\"\ncommand = [\"limits\"]", "c", "/h");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_TRUE(config->accounts[0].quota_command.empty());
  EXPECT_EQ(config->accounts[1].quota_command, argv);
}

TEST(ParseConfig, EveryShortDecimalIsExact) {
  for (i64 units = 0; units < 40'000; units += 7) {
    std::string text = std::to_string(units % 10'000);
    text = std::to_string(units / 10'000) + '.' + std::string(4 - text.size(), '0') + text;
    const auto config = parse_config(
        "[[price]]\nmodel = \"m\"\noutput = 0\ncache_write_5m = 0\n"
        "cache_write_1h = 0\ncache_read = 0\ninput = " +
            text + '\n',
        "c", "/h");
    ASSERT_TRUE(config) << config.error().message;
    ASSERT_EQ(config->prices[0].rates.input, units) << text;
  }
}

std::string price_with(std::string_view line) {
  return "[[price]]\n" + std::string(line) +
         "\nmodel = \"m\"\noutput = 1\ncache_write_5m = 1\ncache_write_1h = 1\ncache_read = 1\n";
}

TEST(ParseConfig, Mistakes) {
  const std::string account = "[[account]]\nname = \"a\"\nconfig_dir = \"/a\"\n";
  std::string nine;
  for (char c = 'a'; c < 'j'; ++c)
    nine += std::string("[[account]]\nname = \"") + c + "\"\nconfig_dir = \"/" + c + "\"\n";
  const struct {
    std::string text;
    const char* place;
    const char* says;
  } rows[] = {
      {"timezne = \"local\"", "c:1:1: ", "unknown key \"timezne\"; did you mean \"timezone\"?"},
      {"\n  colour = 1", "c:2:3: ", "unknown key \"colour\"; use timezone, week_start"},
      {"sessions = i\n", "c:1:", "saw 'i "},
      {"\"a\\u001b\" = 1", "c:1:1: ", "unknown key \"a \""},
      {"[:http]\nlisten = 1", "c:1:2: ", "saw ':'"},
      {{"[\0a]", 4}, "c:1:2: ", "control character"},
      {{"# a\n\0", 5}, "c:2:1: ", "control character"},
      {"timezone = 5", "c:1:12: ", "must be a text; put it into quotes"},
      {"timezone = \"Europe/Berln\"", "c:1:12: ", "unknown time zone \"Europe/Berln\""},
      {"timezone = \"../../etc/passwd\"", "c:1:12: ", "unknown time zone"},
      {"timezone = \"\"", "c:1:12: ", "must not be empty"},
      {"week_start = \"mondy\"", "c:1:14: ", "did you mean \"monday\"?"},
      {"week_start = ", "c:1:14: ", ""},
      {"a = 1\na = 2", "c:2:", ""},
      {"timezone = \"\xff\"", "c:1:", ""},
      {"account = 1", "c:1:11: ", "[[account]] with two brackets"},
      {"[account]\nname = \"a\"", "c:1:1: ", "[[account]] with two brackets"},
      {"[[account]]\nname = \"a\"", "c:1:1: ", "[[account]] needs \"config_dir\"; add it"},
      {"[[account]]\nname = \"a\"\nconfig_dir = \"a\"", "c:3:14: ", "absolute path"},
      {"[[account]]\nname = \"a\\u0007\"\nconfig_dir = \"/a\"", "c:2:8: ", "control characters"},
      {"[[account]]\nname = \"" + std::string(65, 'x') + "\"\nconfig_dir = \"/a\"",
       "c:2:8: ", "64 bytes"},
      {account + "tier = \"mx\"", "c:4:8: ", "did you mean \"max\"?"},
      {account + account, "c:4:1: ", "a second account named \"a\""},
      {account + "[[account]]\nname = \"b\"\nconfig_dir = \"/a/\"",
       "c:4:1: ", "a second account for /a"},
      {nine, "c:25:1: ", "more than 8 accounts"},
      {account + "weekly_budget = 5", "c:4:1: ", "did you mean \"weekly_budget_usd\"?"},
      {account + "weekly_budget_usd = -1", "c:4:21: ", "dollars, from 0 to 1000000"},
      {account + "weekly_budget_usd = 0", "c:4:21: ", "leave it out for the default"},
      {account + "weekly_budget_usd = \"5\"", "c:4:21: ", "dollars, from 0 to 1000000"},
      {account + "block_budget_usd = 1.00001", "c:4:20: ", "more than four decimals"},
      {account + "block_budget_usd = 1000001", "c:4:20: ", "from 0 to 1000000"},
      {account + "input_tokens_limit = 0", "c:4:22: ", "whole number from 1 to"},
      {account + "output_tokens_limit = 1.5", "c:4:23: ", "whole number from 1 to"},
      {account + "quota_command = \"limits --all\"", "c:4:17: ", "list of texts such as"},
      {account + "quota_command = []", "c:4:17: ", "list of texts such as"},
      {account + "quota_command = [\"\"]", "c:4:17: ", "begin with the program"},
      {account + "quota_command = [\"a\", 5]", "c:4:23: ", "must be a text"},
      {account + "quota_command = [\"a\\u0000\"]", "c:4:18: ", "NUL"},
      {account + "quota_every = 600", "c:4:15: ", "add \"quota_command\""},
      {account + "quota_command = [\"a\"]\nquota_every = 299", "c:5:15: ", "from 300 to 604800"},
      {"[quota]\nevery = 300", "c:1:1: ", "[quota] needs \"command\""},
      {"[quota]\ncommand = [\"a\"]\nevery = 60", "c:3:9: ", "from 300"},
      {"[quota]\ncommand = [\"a\"]\naccount = \"x\"", "c:3:11: ", "there is no [[account]]"},
      {account + "[quota]\ncommand = [\"a\"]\naccount = \"x\"",
       "c:6:11: ", "unknown account \"x\""},
      {account + "quota_command = [\"a\"]\n[quota]\ncommand = [\"a\"]",
       "c:5:1: ", "account \"a\" has a \"quota_command\" of its own"},
      {"[blocks]\nmode = \"utc_grid\"", "c:2:8: ", "did you mean \"utc-grid\"?"},
      {"[blocks]\nmod = \"utc-grid\"", "c:2:1: ", "did you mean \"mode\"?"},
      {"blocks = \"activity\"", "c:1:10: ", "[blocks] must be a table"},
      {"[usage]\nperiod = \"year\"", "c:2:10: ", "use month, week, day, block"},
      {"[usage]\nperiod = 30", "c:2:10: ", "must be a text"},
      {"[store]\nkeep = \"disc\"", "c:2:8: ", "did you mean \"disk\"?"},
      {"[store]\nretention_days = 30", "c:2:18: ", "from 31 to 36500"},
      {"[store]\nretention_days = 40\nkeep = \"memory\"", "c:2:18: ", "remove one"},
      {"[store]\nretention = 40", "c:2:1: ", "unknown key \"retention\"; "},
      {"[http]\nlisten = \"localhost:7483\"", "c:2:10: ", "expected as \"127.0.0.1:7483\""},
      {"[http]\nlisten = \"127.0.0.1\"", "c:2:10: ", "no IP address with a port"},
      {"[http]\nlisten = \"127.0.0.1:0\"", "c:2:10: ", "no IP address with a port"},
      {"[http]\nlisten = \"127.0.0.1:70000\"", "c:2:10: ", "no IP address with a port"},
      {"[http]\nlisten = 7483", "c:2:10: ", ""},
      {"[http]\nlisten = \"0.0.0.0:7483\"", "c:2:10: ", "behind_tls_proxy = true"},
      {"[http]\nlisten = \"[::]:7483\"", "c:2:10: ", "behind_tls_proxy = true"},
      {"[http]\nlisten = \"0.0.0.0:7483\"\nbehind_tls_proxy = false", "c:2:10: ", "in front"},
      {"[http]\nbehind_tls_proxy = 1", "c:2:20: ", "true or false"},
      {"[sotre]\nkeep = \"disk\"", "c:1:2: ", "did you mean \"store\"?"},
      {"[region]\nsessions = 4", "c:2:12: ", "from 16 to 65536"},
      {"[region]\nsessions = \"x\"", "c:2:12: ", "whole number"},
      {"region = 3", "c:1:10: ", "[region] must be a table"},
      {"[format.tmx]\ntemplate = \"x\"", "c:1:9: ", "did you mean \"tmux\"?"},
      {"[format.tmux]\ntext = \"x\"", "c:2:1: ", "unknown key \"text\"; "},
      {"[format.tmux]\ntemplate = \"ab{no.such}\"", "c:2:15: ", ""},
      {"[format.tmux]\ntemplate = '''\nab\n {no.such}'''", "c:4:2: ", ""},
      {"[format.json]\ntemplate = \"x\"", "c:1:9: ", "unknown key \"json\""},
      {price_with("input = 0.12345"), "c:2:9: ", "more than four decimals"},
      {price_with("input = 1e-12"), "c:2:9: ", "more than four decimals"},
      {price_with("input = -1"), "c:2:9: ", "from 0 to 10000"},
      {price_with("input = 10001"), "c:2:9: ", "from 0 to 10000"},
      {price_with("input = nan"), "c:2:9: ", "from 0 to 10000"},
      {price_with("input = \"1\""), "c:2:9: ", "from 0 to 10000"},
      {price_with("input = true"), "c:2:9: ", "from 0 to 10000"},
      {price_with(""), "c:1:1: ", "[[price]] needs \"input\""},
      {price_with("input = 1\nspeed = \"fats\""), "c:3:9: ", "did you mean \"fast\"?"},
      {price_with("input = 1\nfrom = \"2026-10-07\""), "c:3:8: ", "without quotes"},
      {price_with("input = 1\nfrom = 2026-10-07\nuntil = 2026-10-07"), "c:4:9: ", "later than"},
      {price_with("inptu = 1"), "c:2:1: ", "did you mean \"input\"?"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto config = parse_config(row.text, "c", "/h");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, Errc::invalid);
    EXPECT_THAT(config.error().message, ::testing::StartsWith(row.place));
    EXPECT_THAT(config.error().message, ::testing::HasSubstr(row.says));
    EXPECT_EQ(config.error().message.find('\n'), std::string::npos) << "one line";
  }
}

std::string alert_with(std::string_view lines) {
  return "[[alert]]\nname = \"n\"\ntmux = true\n" + std::string(lines);
}

TEST(ParseAlert, AWebhookIsEnough) {
  const auto config = parse_config(
      "[[alert]]\nname = \"a\"\nwhen = \"five_hour >= 80\"\n"
      "webhook = \"https://[::1]:8443/x?y=z\"\nwebhook_secret_file = \"~/.secret\"\n"
      "[[alert]]\nname = \"b\"\nwhen = \"five_hour >= 80\"\n"
      "webhook = \"http://a.example:80\"\nwebhook_secret = \"s\"\n",
      "c", "/h");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->alerts[0].webhook.url, "https://[::1]:8443/x?y=z");
  EXPECT_EQ(config->alerts[0].webhook.secret_file, "/h/.secret");
  EXPECT_EQ(config->alerts[1].webhook.url, "http://a.example:80");
  EXPECT_EQ(config->alerts[1].webhook.secret, "s");
}

TEST(ParseConfig, AnAlert) {
  const auto config = parse_config(R"(
[[account]]
name = "work"
config_dir = "~/.claude-work"

[[alert]]
name = "nearly used"
when = "five_hour >= 80.5"
account = "work"
hysteresis = 2.5
quiet = "22:00-07:05"
command = ["~/bin/tell-me", "$HOME"]
notify = true
tmux = true

[[alert]]
name = "bare"
when = "health<30"
notify = true
)",
                                   "c.toml", "/home/ann");
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->alerts.size(), 2u);
  const AlertConfig& all = config->alerts[0];
  EXPECT_EQ(all.name, "nearly used");
  EXPECT_EQ(all.when, "five_hour >= 80.5");
  EXPECT_EQ(all.field, "five_hour.used");
  EXPECT_EQ(all.line, 805'000);
  EXPECT_EQ(all.hysteresis, 25'000);
  EXPECT_EQ(all.account, "work");
  ASSERT_TRUE(all.quiet);
  EXPECT_EQ(all.quiet->begin_min, 22 * 60);
  EXPECT_EQ(all.quiet->end_min, 7 * 60 + 5);
  EXPECT_EQ(all.command, (std::vector<std::string>{"/home/ann/bin/tell-me", "$HOME"}));
  EXPECT_TRUE(all.notify && all.tmux);
  const AlertConfig& bare = config->alerts[1];
  EXPECT_EQ(bare.field, "account.health");
  EXPECT_EQ(bare.is, AlertConfig::Operator::below);
  EXPECT_TRUE(bare.account.empty() && !bare.quiet && bare.command.empty() && !bare.tmux);
  EXPECT_EQ(bare.hysteresis, 0);
}

TEST(ParseConfig, WhenAnAlertTells) {
  using Operator = AlertConfig::Operator;
  const struct {
    const char* when;
    const char* field;
    Operator is;
    i64 line;
  } rows[] = {
      {"five_hour >= 80", "five_hour.used", Operator::at_least, 800'000},
      {"seven_day > 0.0001", "seven_day.used", Operator::above, 1},
      {"tightest.left <= 5", "tightest.left", Operator::at_most, 50'000},
      {"account.health < 30", "account.health", Operator::below, 300'000},
      {"today.cost_usd > 20", "today.cost", Operator::above, 20'000'000'000},
      {"  today.cost>0.000000001  ", "today.cost", Operator::above, 1},
      {"weekly >= 90", "account.weekly", Operator::at_least, 900'000},
      {"block_used >= 90", "account.block_used", Operator::at_least, 900'000},
      {"five_hour.pace > -3.5", "five_hour.pace", Operator::above, -35'000},
      {"session.context >= 90", "session.context", Operator::at_least, 900'000},
      {"session.tokens > 1000000", "session.tokens", Operator::above, 1'000'000},
      {"five_hour.resets_in < 600", "five_hour.resets_in", Operator::below, 600},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.when);
    const auto config =
        parse_config(alert_with("when = \"" + std::string(row.when) + '"'), "c", "/h");
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->alerts[0].field, row.field);
    EXPECT_EQ(config->alerts[0].is, row.is);
    EXPECT_EQ(config->alerts[0].line, row.line);
  }
}

TEST(ParseConfig, MistakesInAnAlert) {
  const std::string fine = "when = \"five_hour >= 80\"\n";
  const std::string account = "[[account]]\nname = \"a\"\nconfig_dir = \"/a\"\n";
  std::string too_many;
  for (int i = 0; i < 65; ++i)
    too_many += "[[alert]]\nname = \"" + std::to_string(i) + "\"\ntmux = true\n" + fine;
  const struct {
    std::string text;
    const char* place;
    const char* says;
  } rows[] = {
      {"alert = 1", "c:1:9: ", "[[alert]] with two brackets"},
      {"[[alert]]\nname = \"n\"", "c:1:1: ", "[[alert]] needs \"when\""},
      {"[[alert]]\n" + fine, "c:1:1: ", "[[alert]] needs \"name\""},
      {"[[alert]]\nname = \"n\"\n" + fine, "c:1:1: ", "tells nobody"},
      {"[[alert]]\nname = \"n\"\nnotify = false\n" + fine, "c:1:1: ", "tells nobody"},
      {alert_with(fine + "webhook = \"ftp://a.example/\""), "c:5:12: ", "must begin with https://"},
      {alert_with(fine + "webhook = \"https:///x\""), "c:5:20: ", "a host is expected"},
      {alert_with(fine + "webhook = \"https://:80/x\""), "c:5:20: ", "a host is expected"},
      {alert_with(fine + "webhook = \"https://[::1/x\""), "c:5:20: ", "a host is expected"},
      {alert_with(fine + "webhook = \"https://a.example:99999/\""), "c:5:29: ", "a port from 1"},
      {alert_with(fine + "webhook = \"https://[::1]80/\""), "c:5:25: ", "a port from 1"},
      {alert_with(fine + "webhook = \"https://me:pw@a.example/\""),
       "c:5:20: ", "no name or password"},
      {alert_with(fine + "webhook = \"https://a.example/a b\""), "c:5:31: ", "escape it"},
      {alert_with(fine + "webhook = \"https://a.example/#x\""), "c:5:30: ", "never sent"},
      {alert_with(fine + "webhook_secret = \"x\""), "c:5:18: ", "nothing to sign"},
      {alert_with(fine + "webhook = \"https://a.example\"\nwebhook_secret = \"x\"\n"
                         "webhook_secret_file = \"/x\""),
       "c:6:18: ", "remove one"},
      {alert_with(fine + "webhook = \"https://a.example\"\nwebhook_secret_file = \"x\""),
       "c:6:23: ", "absolute path"},
      {alert_with("wen = \"five_hour >= 80\""), "c:4:1: ", "did you mean \"when\"?"},
      {alert_with("when = 80"), "c:4:8: ", "must be a text"},
      {alert_with("when = \"\""), "c:4:8: ", "must not be empty"},
      {alert_with("when = \"five_hours.used >= 80\""),
       "c:4:9: ", "did you mean \"five_hour.used\"?"},
      {alert_with("when = \"  nonsense >= 80\""),
       "c:4:11: ", "unknown field \"nonsense\"; use one"},
      {alert_with("when = \">= 80\""), "c:4:9: ", "unknown field"},
      {alert_with("when = \"session.model >= 80\""), "c:4:9: ", "is no number"},
      {alert_with("when = \"five_hour.resets_at >= 80\""), "c:4:9: ", "is no number"},
      {alert_with("when = \"state >= 80\""), "c:4:9: ", "is no number"},
      {alert_with("when = \"five_hour\""), "c:4:18: ", "expected >=, >, <= or <"},
      {alert_with("when = \"five_hour == 80\""), "c:4:19: ", "expected >=, >, <= or <"},
      {alert_with("when = \"five_hour >=\""), "c:4:21: ", "expected a number"},
      {alert_with("when = \"five_hour >= 80%\""), "c:4:22: ", "expected a number"},
      {alert_with("when = \"five_hour >= .5\""), "c:4:22: ", "expected a number"},
      {alert_with("when = \"five_hour >= 5.\""), "c:4:22: ", "expected a number"},
      {alert_with("when = \"five_hour >= 80.00001\""), "c:4:22: ", "round it to 4"},
      {alert_with("when = \"session.tokens >= 80.5\""), "c:4:27: ", "round it to 0"},
      {alert_with("when = \"today.cost >= 99999999999\""), "c:4:23: ", "too large"},
      {alert_with("when = \"five_hour >= 80 and more\""), "c:4:25: ", "nothing may follow"},
      {alert_with(fine + "hysteresis = -1"), "c:5:14: ", "from 0 to"},
      {alert_with(fine + "hysteresis = \"1\""), "c:5:14: ", "from 0 to"},
      {alert_with("when = \"session.tokens > 5\"\nhysteresis = 0.5"),
       "c:5:14: ", "whole number for this field"},
      {alert_with(fine + "quiet = \"22-7\""), "c:5:9: ", "such as \"22:00-07:00\""},
      {alert_with(fine + "quiet = \"24:00-07:00\""), "c:5:9: ", "two times of the day"},
      {alert_with(fine + "quiet = \"22:00-07:60\""), "c:5:9: ", "two times of the day"},
      {alert_with(fine + "quiet = \"22:00-22:00\""), "c:5:9: ", "ends where it begins"},
      {alert_with(fine + "command = \"tell me\""), "c:5:11: ", "list of texts such as"},
      {alert_with(fine + "command = [\"\"]"), "c:5:11: ", "begin with the program"},
      {alert_with(fine + "notify = 1"), "c:5:10: ", "true or false"},
      {alert_with(fine + "account = \"a\""), "c:5:11: ", "there is no [[account]]"},
      {account + alert_with(fine + "account = \"b\""), "c:8:11: ", "unknown account \"b\""},
      {account + alert_with("when = \"today.cost > 1\"\naccount = \"a\""),
       "c:8:11: ", "of no one account"},
      {alert_with(fine) + alert_with(fine), "c:5:1: ", "a second alert named \"n\""},
      {too_many, "c:257:1: ", "more than 64 alerts"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto config = parse_config(row.text, "c", "/h");
    ASSERT_FALSE(config);
    EXPECT_THAT(config.error().message, ::testing::StartsWith(row.place));
    EXPECT_THAT(config.error().message, ::testing::HasSubstr(row.says));
  }
}

TEST(ParseConfig, HttpOnLoopbacksAndElsewhereBehindAProxy) {
  for (const char* const text :
       {"[http]\nlisten = \"127.0.0.1:7483\"", "[http]\nlisten = \"127.1.2.3:1\"",
        "[http]\nlisten = \"[::1]:65535\"",
        "[http]\nlisten = \"0.0.0.0:7483\"\nbehind_tls_proxy = true"}) {
    const auto config = parse_config(text, "c", "/home/u");
    EXPECT_TRUE(config) << text << ": " << config.error().message;
  }
}

}  // namespace
}  // namespace shmeter::collector
