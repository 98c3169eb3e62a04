// SPDX-License-Identifier: MIT
// Every host over files in the style of real ones: in, in again, out, and out after the user's own
// changes. The bytes that are not ours are the same ones each time.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "collector/command/setup_hosts.hpp"
#include "collector/setup/marked_block.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;

const std::string kShmeter = "/home/ann/it's 100% $HOME #1/b \"q\"/shmeter";

struct Case {
  const SetupHost* host;
  std::string file;
  std::string text;
};

std::vector<Case> cases_of(std::string_view host, const char* folder) {
  std::vector<Case> cases;
  for (const auto& entry :
       fs::directory_iterator(SHMETER_TEST_DATA "/setup/" + std::string(folder)))
    cases.push_back({find_setup_host(host), entry.path().string(), test::contents(entry.path())});
  EXPECT_FALSE(cases.empty()) << folder;
  return cases;
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto& [host, folder] : {std::pair{"tmux", "tmux"},
                                     {"starship", "starship"},
                                     {"waybar", "waybar"},
                                     {"polybar", "polybar"},
                                     {"zsh", "zsh"},
                                     {"bash", "bash"},
                                     {"fish", "fish"},
                                     {"systemd", "systemd"},
                                     {"claude-code", "claude"},
                                     {"hooks", "claude"}})
    for (Case& one : cases_of(host, folder)) all.push_back(std::move(one));
  return all;
}

std::string with(const SetupHost& host, std::string_view text) {
  // systemd takes no quotes.
  const auto edited = host.with(text, host.name == "systemd" ? "/a $b/100%/shmeter" : kShmeter);
  return edited ? edited->text : "error " + edited.error().message;
}
std::string without(const SetupHost& host, std::string_view text, std::string_view before = {}) {
  const auto changed = host.without(text, before);
  return changed ? *changed : "error " + changed.error().message;
}

TEST(Hosts, InAndOutAgainLeavesNoTrace) {
  for (const auto& [host, file, text] : all_cases()) {
    SCOPED_TRACE(std::string(host->name) + ' ' + file);
    const std::string once = with(*host, text);
    ASSERT_NE(once.substr(0, 6), "error ");
    EXPECT_NE(once, text);
    EXPECT_EQ(with(*host, once), once) << "a second time changes nothing";
    EXPECT_EQ(without(*host, text), text) << "nothing of ours, nothing to take out";
    const bool json = file.ends_with("json");
    const std::string out = without(*host, once, text);
    if (json && text.empty())
      EXPECT_EQ(out, "{}\n");
    else if (host->name == "hooks" && file.ends_with("crlf.json"))
      EXPECT_EQ(out.find("SessionStart"), out.npos) << "a list that held nothing";
    else
      EXPECT_EQ(out, text);
  }
}

// The invariant of json_list.hpp and json_edit.hpp: what was empty is all that is not as before.
TEST(Hosts, OutWithoutKnowingWhatWasBefore) {
  for (const auto& [host, file, text] : all_cases()) {
    SCOPED_TRACE(std::string(host->name) + ' ' + file);
    if (text.empty() || file.ends_with("umlaut.json") ||
        (host->name == "hooks" && file.ends_with("crlf.json")))
      continue;
    EXPECT_EQ(without(*host, with(*host, text)), text);
  }
  const auto umlaut = cases_of("claude-code", "claude");
  const auto one = std::find_if(umlaut.begin(), umlaut.end(), [](const Case& each) {
    return each.file.ends_with("umlaut.json");
  });
  ASSERT_NE(one, umlaut.end());
  EXPECT_EQ(without(*one->host, with(*one->host, one->text)),
            "{ \"statusLine\" : { \"type\": \"command\", \"command\": \"printf 'ä/'\" } }\n");
}

// Whatever is written above and below a block stays, wherever it is.
TEST(Hosts, TheUsersLinesAroundABlockStay) {
  std::mt19937 random(20261122);
  const std::string lines[] = {"\n", "# mine\n", "\t \n", "x = 1\n", "# >>> conda >>>\n", "é\r\n"};
  for (const auto& [host, file, text] : all_cases()) {
    const std::string_view name = host->name;
    if (name == "waybar" || name == "claude-code" || name == "hooks") continue;
    for (int round = 0; round < 50; ++round) {
      std::string changed = with(*host, text);
      if (!changed.ends_with('\n')) break;
      std::string wanted = text;
      for (int i = 0; i < 4; ++i) {
        const std::string& line = lines[random() % std::size(lines)];
        if (random() % 2 == 0) {
          changed += line;
          wanted += line;
        } else {
          changed = line + changed;
          wanted = line + wanted;
        }
      }
      ASSERT_EQ(without(*host, changed), wanted) << name << ' ' << file;
    }
  }
}

TEST(Hosts, TheUsersChangesToJsonStay) {
  for (const char* const name : {"claude-code", "hooks"}) {
    for (const auto& [host, file, text] : cases_of(name, "claude")) {
      if (text.empty()) continue;
      SCOPED_TRACE(name + (' ' + file));
      const auto brace = text.rfind('}');
      const std::string more = ", \"mine\": [1, 2]";
      const bool last_comma = text.substr(0, brace).find_last_not_of(" \r\n\t") == text.rfind(',');
      if (last_comma) continue;
      std::string changed = with(*host, text);
      changed.insert(changed.rfind('}'), more);
      std::string wanted = text;
      wanted.insert(brace, more);
      if (name == std::string("hooks") && file.ends_with("crlf.json")) continue;
      EXPECT_EQ(without(*host, changed, text), wanted);
    }
  }
}

// Half a file, and one with a wrong byte: refused, or changed and changed back.
TEST(Hosts, ABrokenFileIsNeverMadeWorse) {
  std::mt19937 random(20261122);
  int changed_back = 0;
  const auto hold = [&](const SetupHost& host, const std::string& text) {
    const auto once = host.with(text, kShmeter);
    const auto bare = host.without(text, {});
    if (!once || !bare || *bare != text || once->text == text) return;
    ASSERT_EQ(with(host, once->text), once->text) << text;
    const std::string out = without(host, once->text, text);
    const bool json = !host.ruled_by.empty() || host.name == "waybar";
    // A list or an object that was empty, a name whose module is not there.
    if (json || text.find(" shmeter") != text.npos) return;
    ASSERT_EQ(out, text);
    ++changed_back;
  };
  for (const auto& [host, file, text] : all_cases()) {
    SCOPED_TRACE(std::string(host->name) + ' ' + file);
    for (std::size_t cut = 0; cut < text.size(); cut += 1 + text.size() / 100)
      hold(*host, text.substr(0, cut));
    for (int round = 0; round < 100 && !text.empty(); ++round) {
      std::string other = text;
      constexpr std::string_view kBytes = "{}[]\",:/#\n\r\\ =\0\xff";
      other[random() % other.size()] = kBytes[random() % kBytes.size()];
      hold(*host, other);
    }
  }
  EXPECT_GT(changed_back, 1000);
}

TEST(Hosts, AllKnowTheirPlace) {
  Environment environment;
  for (const SetupHost& host : setup_hosts())
    for (const std::string& place : host.places({}, environment)) EXPECT_EQ(place, "") << host.name;
  environment.home = "/home/ann";
  const auto first = [&](std::string_view name) {
    return find_setup_host(name)->places({}, environment).front();
  };
  EXPECT_EQ(first("claude-code"), "/home/ann/.claude/settings.json");
  EXPECT_EQ(first("tmux"), "/home/ann/.tmux.conf");
  EXPECT_EQ(find_setup_host("tmux")->places({}, environment)[1],
            "/home/ann/.config/tmux/tmux.conf");
  EXPECT_EQ(first("zsh"), "/home/ann/.zshrc");
  environment.zdotdir = "/z";
  environment.xdg_config_home = "/c";
  environment.starship_config = "/s.toml";
  environment.claude_config_dir = "/k";
  EXPECT_EQ(first("zsh"), "/z/.zshrc");
  EXPECT_EQ(first("fish"), "/c/fish/conf.d/shmeter.fish");
  EXPECT_EQ(first("systemd"), "/c/systemd/user/shmeterd.service");
  EXPECT_EQ(first("starship"), "/s.toml");
  EXPECT_EQ(first("hooks"), "/k/settings.json");
  EXPECT_EQ(find_setup_host("emacs"), nullptr);
}

}  // namespace
}  // namespace shmeter::collector
