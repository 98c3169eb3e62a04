// SPDX-License-Identifier: MIT
#include "collector/config/keys.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace shmeter::collector {
namespace {

using enum ConfigKey::Value;

constexpr ConfigKey kRoot[] = {
    {"timezone", R"("local")", preset, R"(or "Europe/Berlin": where days and weeks begin)"},
    {"week_start", R"("monday")", preset, "or another day"},
};
constexpr ConfigKey kAccount[] = {
    {"name", R"("work")", example, "what --account and the lines call it"},
    {"config_dir", R"("~/.claude-work")", example, "where Claude Code keeps its data"},
    {"tier", R"("max")", example, "optional: starter, pro, max, team, enterprise"},
    {"weekly_budget_usd", "120", example, "optional; 456 where nobody says, and then marked so"},
    {"block_budget_usd", "6", example, "optional; a twentieth of the weekly one"},
    {"input_tokens_limit", "5000000", example,
     "optional, per [usage] period; unset is unknown, not unlimited"},
    {"output_tokens_limit", "1000000", example, "the same"},
    {"quota_command", R"(["~/bin/limits", "--json"])", instead, "as [quota], for this account"},
    {"quota_every", "300", instead, ""},
};
constexpr ConfigKey kQuota[] = {
    {"command", R"(["~/bin/limits"])", example,
     "program and arguments, no shell; `~/` only in front of the program"},
    {"every", "300", example, "seconds, at least 300, which it is where nobody says"},
    {"account", R"("work")", example,
     "else the first [[account]]; without any, the one that is found"},
};
constexpr ConfigKey kBlocks[] = {
    {"mode", R"("activity")", preset,
     R"(or "utc-grid": 00, 05, 10, 15, 20 h UTC, the last one four hours)"},
};
constexpr ConfigKey kUsage[] = {
    {"period", R"("month")", preset,
     "week, day, block: what token limits and usage are counted over"},
};
constexpr ConfigKey kStore[] = {
    {"keep", R"("disk")", preset,
     R"(or "memory": nothing is written, and a restart reads all again)"},
    {"retention_days", "400", example,
     "optional, at least 31: older events are dropped, sums stay; else all are kept"},
};
constexpr ConfigKey kHttp[] = {
    {"listen", R"("127.0.0.1:7483")", example,
     "another address than the loopback's only with the next but one"},
    {"host", R"("meter.example")", example,
     "optional: a name it is asked under beside the loopback's own"},
    {"behind_tls_proxy", "true", example, "optional: a proxy that speaks TLS stands in front"},
};
constexpr ConfigKey kFormat[] = {
    {"template", R"("[{session.cost}]")", example, "or default, compact, full, rich"},
    {"groups", R"(["model", "cost", "fill", "five_hour"])", instead,
     "in place of a template: what the line shows, in this order"},
    {"priority", R"(["five_hour", "cost"])", instead,
     "optional, with groups: what stays longest where it is too long"},
};
constexpr ConfigKey kTheme[] = {
    {"name", R"("default")", preset, "or mono, nord, gruvbox, catppuccin, dracula"},
    {"glyphs", R"("unicode")", preset, "or ascii, or nerd: a font with icons"},
    {"separator", R"(" · ")", example, "what <sep> shows"},
    {"left", R"("")", example, "caps around each line, in the colour of the background"},
    {"right", R"("")", example, ""},
    {"background", R"("none")", example, "behind the line"},
    {"ok", R"("#a3be8c")", example,
     R"("#rrggbb", a name such as "bright_red", 0 to 255 or "none")"},
    {"warn", R"("bold yellow")", example, R"(with "bold " or "faint " before it)"},
    {"crit", "203", example, ""},
    {"dim", R"("faint none")", example, ""},
    {"accent", R"("bright_blue")", example, ""},
};
constexpr ConfigKey kThresholds[] = {
    {"default", "[75, 90]", preset, "from which percent used on it warns, and is critical"},
    {"five_hour", "[60, 85]", example,
     R"(of one field; "session.context" and others with a dot in quotes)"},
};
constexpr ConfigKey kLines[] = {
    {"targets", R"(["zsh"])", example, "beside those that somebody asks for by making the file"},
    {"colours", R"("256")", preset, R"(or "16", "truecolor": what your terminals have)"},
};
constexpr ConfigKey kPrice[] = {
    {"model", R"("glm-5.2")", example, ""},
    {"input", "0.6", example, "dollars per million tokens, at most four decimals"},
    {"output", "2.2", example, ""},
    {"cache_write_5m", "0", example, ""},
    {"cache_write_1h", "0", example, ""},
    {"cache_read", "0.11", example, ""},
    {"speed", R"("standard")", example, R"(optional, or "fast")"},
    {"above_prompt_tokens", "200000", example, "optional: for longer prompts only"},
    {"from", "2026-10-07", example, "optional, 00:00 UTC"},
    {"until", "2026-12-01", example, "optional, the first day it no longer holds"},
};
constexpr ConfigKey kAlert[] = {
    {"name", R"("five hours nearly used")", example, ""},
    {"when", R"("five_hour >= 80")", example,
     "FIELD, one of >= > <= <, NUMBER in percent, dollars, seconds or a count"},
    {"account", R"("work")", example, "optional: else each; not for sums over all accounts"},
    {"hysteresis", "5", example, "optional: how far it must go back before it tells again"},
    {"quiet", R"("22:00-07:00")", example,
     "optional, local time: nothing is told; what still holds is told after"},
    {"command", R"(["~/bin/tell-me"])", example, "program and arguments, no shell"},
    {"webhook", R"("https://meter.example/alerts")", example,
     "a POST of what a command gets on stdin"},
    {"webhook_secret_file", R"("~/.config/shmeter/webhook.secret")", example,
     "optional, 0600: signs it"},
    {"webhook_secret", R"("...")", instead, "or so; then keep this file to yourself"},
    {"notify", "true", example, "notify-send"},
    {"tmux", "true", example, "tmux display-message"},
};
constexpr ConfigKey kRegion[] = {
    {"sessions", "1024", preset, "session records in the region, 16 to 65536"},
};

constexpr ConfigSection kSections[] = {
    {"", "", "", kRoot},
    {"account", "[[account]]", "at most 8", kAccount},
    {"quota", "[quota]", "a program of your own that prints an account's limits; off without",
     kQuota},
    {"blocks", "[blocks]", "", kBlocks},
    {"usage", "[usage]", "", kUsage},
    {"store", "[store]", "", kStore},
    {"http", "[http]", "over the unix socket always; over TCP only with `listen`", kHttp},
    {"format", "[format.tmux]",
     "also plain, ansi, claude, starship, waybar, polybar, zsh, bash, fish", kFormat},
    {"theme", "[theme]", "", kTheme},
    {"thresholds", "[theme.thresholds]", "", kThresholds},
    {"lines", "[lines]", "line/TARGET in the runtime directory, for prompts that start no process",
     kLines},
    {"price", "[[price]]", "stands in for the built-in row of the same model and tier", kPrice},
    {"alert", "[[alert]]", "at most 64; at least one of command, webhook, notify and tmux", kAlert},
    {"region", "[region]", "", kRegion},
};

constexpr std::size_t kHelpColumn = 30;

std::string with_help(std::string line, std::string_view help) {
  if (help.empty()) return line + '\n';
  line.resize(std::max(line.size() + 1, kHelpColumn), ' ');
  return line + "# " + std::string(help) + '\n';
}

/// `mark` stands before everything that says something.
std::string written(std::string_view mark) {
  std::string out;
  for (const ConfigSection& section : kSections) {
    if (!section.heading.empty())
      out += '\n' + with_help(std::string(mark) + std::string(section.heading), section.help);
    for (const ConfigKey& key : section.keys) {
      const std::string_view before = key.is == instead ? "#" : mark;
      out += with_help(std::string(before) + std::string(key.name) + " = " + std::string(key.value),
                       key.help);
    }
  }
  return out;
}

}  // namespace

std::span<const ConfigSection> config_sections() { return kSections; }

std::span<const std::string_view> config_keys(std::string_view section) {
  static const auto kNames = [] {
    std::map<std::string_view, std::vector<std::string_view>> names;
    for (const ConfigSection& one : kSections) {
      for (const ConfigKey& key : one.keys) names[one.name].push_back(key.name);
      if (one.name == "thresholds")
        names["theme"].push_back(one.name);
      else if (!one.name.empty())
        names[""].push_back(one.name);
    }
    return names;
  }();
  const auto found = kNames.find(section);
  return found == kNames.end() ? std::span<const std::string_view>{} : found->second;
}

std::string documented_config() { return written(""); }

std::string commented_config() {
  return "# shmeter's configuration. Without a word in it everything is as it comes; take the # "
         "off\n"
         "# what you want to say. A saved file holds at once, one with a mistake changes nothing:\n"
         "# `shmeter config validate` shows it, `shmeter config show` what holds.\n\n" +
         written("#");
}

}  // namespace shmeter::collector
