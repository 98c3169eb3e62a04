// SPDX-License-Identifier: MIT
// The table of keys against the reader of the file, and what is made from both: the README's block
// (UPDATE_GOLDEN=1 writes it anew), the commented configuration, and what `config show` prints.
#include "collector/config/keys.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "collector/config/config.hpp"
#include "collector/config/show.hpp"

namespace shmeter::collector {
namespace {

Config parsed(std::string_view text) {
  auto config = parse_config(text, "config.toml", "/home/dev");
  if (config) return std::move(*config);
  ADD_FAILURE() << config.error().message << '\n' << text;
  return {};
}

TEST(ConfigKeys, TheReadmeHasThem) {
  std::ostringstream whole;
  whole << std::ifstream(SHMETER_CONFIG_README).rdbuf();
  std::string text = whole.str();
  const std::string open = "<!-- keys -->\n";
  const std::size_t begin = text.find(open) + open.size();
  const std::size_t end = text.find("<!-- /keys -->");
  ASSERT_NE(end, text.npos);
  const std::string now = "```toml\n" + documented_config() + "```\n";
  if (std::getenv("UPDATE_GOLDEN") != nullptr)
    std::ofstream(SHMETER_CONFIG_README) << text.replace(begin, end - begin, now);
  else
    EXPECT_EQ(text.substr(begin, end - begin), now) << "UPDATE_GOLDEN=1 writes it anew";
}

TEST(ConfigKeys, AllTogetherAreAConfiguration) {
  const Config config = parsed(documented_config());
  EXPECT_EQ(config.accounts.size(), 1u);
  EXPECT_EQ(config.alerts.size(), 1u);
  EXPECT_EQ(config.prices.size(), 1u);
  EXPECT_EQ(config.formats.size(), 1u);
  EXPECT_FALSE(config.theme.empty());
}

TEST(ConfigKeys, CommentedTheySayNothing) {
  EXPECT_EQ(parsed(commented_config()), parsed(""));
  EXPECT_EQ(what_holds(commented_config()), what_holds(""));
}

/// A preset says what holds without it.
TEST(ConfigKeys, PresetsAreWhatHolds) {
  for (const ConfigSection& section : config_sections()) {
    for (const ConfigKey& key : section.keys) {
      if (key.is != ConfigKey::Value::preset) continue;
      const std::string text = std::string(section.heading) + '\n' + std::string(key.name) + " = " +
                               std::string(key.value) + '\n';
      Config config = parsed(text);
      if (section.heading.starts_with("[theme")) {
        EXPECT_EQ(config.theme, parsed("[theme]").theme) << text;
        config.theme.clear();
      }
      EXPECT_EQ(config, parsed("")) << text;
    }
  }
}

TEST(ConfigKeys, EveryOneIsRead) {
  for (const ConfigSection& section : config_sections()) {
    for (const ConfigKey& key : section.keys) {
      const std::string text =
          std::string(section.heading) + '\n' + std::string(key.name) + " = {}\n";
      const auto config = parse_config(text, "config.toml", "/home/dev");
      ASSERT_FALSE(config.has_value()) << text;
      EXPECT_EQ(config.error().message.find("unknown key"), std::string::npos)
          << config.error().message;
    }
  }
}

TEST(ShowConfig, IsTheSameConfiguration) {
  const std::string texts[] = {
      "",
      documented_config(),
      commented_config(),
      "store.keep = 'memory'\ntheme = { name = \"nord\", thresholds = { default = [1, 2.5] } }\n",
      "account = [{name = \"a\", config_dir = '/x'}, {\"config_dir\" = \"/ü\", name = '''b'''}]\n",
      "[format]\nzsh.groups = [ # ä ] \n \"model\", 'cost' ]\nzsh.priority = ['cost']\n"
      "tmux = {template = \"ä [{session.cost}]\"}\n[lines]\n[quota]\ncommand = [\"a\"]\n",
      "timezone   =   \"UTC\" # x\r\n[format.claude]\r\ntemplate = "
      "\"\"\"a\r\n{session.cost}\"\"\"\r\n"};
  for (const std::string& text : texts) {
    const std::string shown = what_holds(text);
    Config before = parsed(text);
    if (before.theme.empty()) before.theme = parsed("[theme]").theme;  // it says the preset aloud
    EXPECT_EQ(parsed(shown), before) << text << "---\n" << shown;
    EXPECT_EQ(parsed(what_holds(shown)), before) << shown;
  }
}

TEST(ShowConfig, NamesWhatNobodySaid) {
  const std::string shown = what_holds("week_start = \"sunday\"\n");
  EXPECT_NE(shown.find("week_start = \"sunday\"\n"), shown.npos) << shown;
  EXPECT_NE(shown.find("timezone = \"local\"  # default\n"), shown.npos) << shown;
  EXPECT_EQ(shown.find("[[account]]"), shown.npos) << shown;
}

TEST(ShowConfig, KeepsSecretsToItself) {
  for (const std::string text :
       {"[[alert]]\nname = \"a\"\nwhen = \"five_hour >= 80\"\nwebhook = \"https://meter.example\"\n"
        "webhook_secret = \"geheim\"\n",
        "alert = [{name = 'a', when = \"health < 3\", webhook = \"http://a/\", 'webhook_secret' = "
        "\"geheim\"}]\n"}) {
    EXPECT_EQ(parsed(text).alerts.size(), 1u);
    const std::string shown = what_holds(text);
    EXPECT_EQ(shown.find("geheim"), shown.npos) << shown;
    EXPECT_NE(shown.find("(not shown)\n"), shown.npos) << shown;
  }
}

}  // namespace
}  // namespace shmeter::collector
