// SPDX-License-Identifier: MIT
// What each host will start: by `setup`'s own output whatever the path, and as people write it.
#include "collector/setup/host_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/setup/hooks_setup.hpp"
#include "collector/setup/polybar_setup.hpp"
#include "collector/setup/shell_setup.hpp"
#include "collector/setup/starship_setup.hpp"
#include "collector/setup/statusline_setup.hpp"
#include "collector/setup/systemd_setup.hpp"
#include "collector/setup/tmux_setup.hpp"
#include "collector/setup/waybar_setup.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kPath = "/it's 9%H (a) #S $HOME \"q\"/shmeter";
constexpr const char* kQuoted = "'/it'\"'\"'s 9%H (a) #S $HOME \"q\"/shmeter'";

std::vector<std::string> texts(const std::vector<HostCommand>& commands) {
  std::vector<std::string> out;
  for (const HostCommand& command : commands) out.push_back(command.text);
  return out;
}

TEST(HostCommands, AreWhatSetupWroteWhateverThePath) {
  const std::string exec = "exec " + std::string(kQuoted);
  const auto line = statusline_commands(statusline_with("", kPath)->text);
  ASSERT_EQ(texts(line), std::vector{exec + " claude --autostart"});
  EXPECT_EQ(line[0].argv, (std::vector<std::string>{"/bin/sh", "-c", line[0].text}));
  EXPECT_EQ(line[0].program, kPath);
  EXPECT_FALSE(line[0].watches);

  EXPECT_EQ(texts(hook_commands(hooks_with("", kPath)->text)), std::vector{exec + " hook"})
      << "once for eight events";

  const std::string conf = tmux_with("set -g status-right x\n", kPath)->text;
  const auto tmux = tmux_commands(conf, TmuxText::configuration);
  ASSERT_EQ(texts(tmux), std::vector{exec + " tmux --watch"});
  EXPECT_TRUE(tmux[0].watches);
  EXPECT_FALSE(tmux[0].is_filled_in);

  const auto waybar =
      waybar_commands(waybar_with(R"([{"modules-right": ["clock"]}])", kPath)->text);
  EXPECT_EQ(texts(waybar), std::vector{exec + " waybar --watch"});
  const auto polybar =
      polybar_commands(polybar_with("[bar/a]\nmodules-right = date\n", kPath)->text);
  EXPECT_EQ(texts(polybar), std::vector{exec + " polybar --watch 2>/dev/null"});

  const auto starship = starship_commands(starship_with("", kPath)->text, "/bin/zsh");
  ASSERT_EQ(starship.size(), 1u);
  EXPECT_EQ(starship[0].argv, (std::vector<std::string>{kPath, "starship", ""}));
  EXPECT_EQ(starship[0].program, kPath);
  EXPECT_EQ(starship[0].input, "");

  EXPECT_TRUE(has_shell_line(shell_with("", kZshLines)->text));
  EXPECT_TRUE(has_shell_line(shell_with("", kBashLines)->text));
  EXPECT_TRUE(has_shell_line(shell_with("", kFishLines)->text));
  EXPECT_EQ(unit_program(systemd_with("", "/a 9%H;/shmeterd")->text), "/a 9%H;/shmeterd");
}

TEST(HostCommands, AreKnownAsPeopleWriteThem) {
  EXPECT_EQ(
      texts(statusline_commands(
          R"({"statusLine":{"command":"A=1 ~/bin/shmeter statusline --then 'x | y' | tee z"}})")),
      std::vector<std::string>{"A=1 ~/bin/shmeter statusline --then 'x | y' | tee z"});
  EXPECT_THAT(texts(tmux_commands("# set -g status-right '#(exec shmeter tmux)'\n"
                                  "set -g status-left \"#(shmeter tmux --format '[{x|f 9%%}]') \"\n"
                                  "set -g status-right '#(date)#(exec shmeter tmux) %H:%M'\n"
                                  "set -g @again '#(exec shmeter tmux)'\n",
                                  TmuxText::configuration)),
              ElementsAre("shmeter tmux --format '[{x|f 9%}]'", "exec shmeter tmux"));
  // As the server has it, outside of the quotes of its configuration.
  const auto options = tmux_commands(
      "#(exec '/it'\"'\"'s/shmeter' tmux) x\n#I#(exec shmeter tmux --pane #{pane_id})\n",
      TmuxText::options);
  ASSERT_THAT(texts(options), ElementsAre("exec '/it'\"'\"'s/shmeter' tmux",
                                          "exec shmeter tmux --pane #{pane_id}"));
  EXPECT_FALSE(options[0].is_filled_in);
  EXPECT_TRUE(options[1].is_filled_in);
  EXPECT_EQ(texts(waybar_commands("// bar\n{\"custom/mine\": {\"exec\": \"shmeter waybar\"}, "
                                  "\"clock\": {}, \"x\": [1]}")),
            std::vector<std::string>{"shmeter waybar"});
}

TEST(HostCommands, StarshipReadsACommandOrIsGivenIt) {
  const auto read = starship_commands("[custom.a]\ncommand = \"shmeter starship\"\n", "/bin/zsh");
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0].argv, std::vector<std::string>{"/bin/zsh"});
  EXPECT_EQ(read[0].input, "shmeter starship");
  const auto given = starship_commands(
      "[custom.a]\nshell = [\"bash\", \"-c\"]\nuse_stdin = false\ncommand = \"shmeter starship\"\n",
      "");
  ASSERT_EQ(given.size(), 1u);
  EXPECT_EQ(given[0].argv, (std::vector<std::string>{"bash", "-c", "shmeter starship"}));
}

TEST(HostCommands, NothingElseIsOne) {
  for (const char* const text :
       {"", "{", "[]", "7", "{\"statusLine\":\"shmeter claude\"}",
        "{\"statusLine\":{\"command\":\"tee x | shmeter claude\"}}",
        "{\"statusLine\":{\"command\":\"rm -r x; shmeter claude\"}}",
        "{\"hooks\":{\"Stop\":[{\"hooks\":[{\"command\":\"say done\"}]},7]}}", "[custom\n",
        "[custom.a]\ncommand = \"date\"\n", "custom = 7", "#(date", "#(rm x; shmeter tmux)",
        "exec = date", "[{\"custom/x\": {\"exec\": \"date\"}}]"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(statusline_commands(text), IsEmpty());
    EXPECT_THAT(hook_commands(text), IsEmpty());
    EXPECT_THAT(tmux_commands(text, TmuxText::configuration), IsEmpty());
    EXPECT_THAT(tmux_commands(text, TmuxText::options), IsEmpty());
    EXPECT_THAT(starship_commands(text, ""), IsEmpty());
    EXPECT_THAT(waybar_commands(text), IsEmpty());
    EXPECT_THAT(polybar_commands(text), IsEmpty());
    EXPECT_FALSE(has_shell_line(text));
    EXPECT_EQ(unit_program(text), "");
  }
}

}  // namespace
}  // namespace shmeter::collector
