// SPDX-License-Identifier: MIT
// One thing is wrong at a time: what is said of it, how bad it is, and what to do.
#include "collector/doctor/checks.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "collector/command/doctor_tmux.hpp"
#include "collector/doctor/report_text.hpp"
#include "collector/doctor/trial_samples.hpp"
#include "tests/doctor/doctor_facts.hpp"

namespace shmeter::collector {
namespace {

using test::good_facts;
using How = ChildProcess::Ended::How;

/// What is not ok, as `LEVEL text -> remedy`, one a line.
std::string troubles(const Findings& findings) {
  std::string out;
  for (const Finding& one : findings) {
    if (one.level == Level::ok) continue;
    out += one.level == Level::bad ? "BAD " : "note ";
    out += one.text.text(Privacy::mine, "/home/sam");
    if (!one.remedy.empty()) out += " -> " + one.remedy.text(Privacy::mine, "/home/sam");
    out += '\n';
  }
  return out;
}

struct Row {
  std::function<void(Facts&)> spoil;
  std::string_view want;
};

void expect_all(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Facts facts = good_facts();
    row.spoil(facts);
    EXPECT_EQ(troubles(judge(facts)), row.want);
  }
}

TEST(Checks, NothingIsWrongWithWhatIsWell) { EXPECT_EQ(troubles(judge(good_facts())), ""); }

TEST(Checks, Collector) {
  constexpr const char* kRestart = " -> shmeter daemon stop; shmeter daemon start\n";
  expect_all({
      {[](Facts& f) { f.collector.trouble = "no answer"; },
       "BAD it does not answer on its socket: no answer -> shmeter daemon stop; shmeter daemon "
       "start\n"},
      {[](Facts& f) { f.region.version = "0.0.9"; },
       "BAD it is of version 0.0.9, and installed is 0.1.0 -> shmeter daemon stop; shmeter daemon "
       "start\n"},
      {[](Facts& f) { f.collector.autostarts = false; },
       "note nothing starts one by itself -> shmeter setup claude-code, or systemd\n"},
      {[](Facts& f) {
         f.collector.runs = false;
         f.region.liveness = shm::Liveness::stale;
         f.region.heartbeat_age_s = 7200;
       },
       "BAD none runs -> shmeter daemon start\n"
       "BAD what hosts show is old: the last heartbeat was 2 h ago -> shmeter daemon start\n"},
      {[](Facts& f) {
         f.collector.runs = false;
         f.region.opened = shm::Opened::absent;
         f.region.file.there = false;
       },
       "note none runs\n"
       "note /run/user/7/shmeter/region.1: not there, so every host shows its fallback\n"},
  });
  Facts facts = good_facts();
  facts.region.liveness = shm::Liveness::wedged;
  facts.region.heartbeat_age_s = 60;
  EXPECT_EQ(troubles(judge(facts)),
            std::string("BAD the collector hangs: its last heartbeat was 60 s ago") + kRestart);
}

TEST(Checks, Region) {
  expect_all({
      {[](Facts& f) { f.region.file.mode = 0644; },
       "BAD /run/user/7/shmeter/region.1: mode 644: others can look into it, 600 is right -> chmod "
       "600 /run/user/7/shmeter/region.1\n"},
      {[](Facts& f) { f.runtime.state.mode = 0755; },
       "BAD /run/user/7/shmeter: mode 755: others can look into it, 700 is right -> chmod 700 "
       "/run/user/7/shmeter\n"},
      {[](Facts& f) { f.runtime.state.is_ours = false; },
       "BAD /run/user/7/shmeter: belongs to somebody else, so nothing in it is believed -> rm -r "
       "/run/user/7/shmeter  (or ask who owns it)\n"},
      {[](Facts& f) { f.region.opened = shm::Opened::corrupt; },
       "BAD /run/user/7/shmeter/region.1: it is damaged; a collector that runs makes it anew "
       "within "
       "seconds -> shmeter daemon stop; shmeter daemon start\n"},
      {[](Facts& f) { f.region.opened = shm::Opened::not_ready; },
       "note /run/user/7/shmeter/region.1: it has no picture yet\n"},
      {[](Facts& f) {
         f.region.summary.completeness = static_cast<i64>(shm::Completeness::nothing_yet);
         f.region.summary.files_read = 3;
         f.region.summary.files_known = 9;
       },
       "note transcripts are still being read: 3 of 9\n"},
      {[](Facts& f) { f.region.summary.damaged_lines = 2; },
       "note 2 damaged and 0 too long lines of transcripts were not counted\n"},
  });
}

TEST(Checks, Paths) {
  expect_all({
      {[](Facts& f) { f.runtime.dir = ""; },
       "BAD there is no runtime directory whose path is short enough -> name one with "
       "--runtime-dir, "
       "or SHMETER_RUNTIME_DIR (0700, yours)\n"},
      {[](Facts& f) { f.config.trouble = f.config.path + ":3:7: unknown key \"x\""; },
       "BAD /home/sam/.config/shmeter/config.toml:3:7: unknown key \"x\" -> shmeter config "
       "validate  "
       "(shows the place; until it is right, the collector does not start, or keeps what it "
       "had)\n"},
      {[](Facts& f) { f.state_dir.can_write = false; },
       "BAD /home/sam/.local/state/shmeter: history cannot be written there -> chown it to "
       "yourself, "
       "and chmod 700 /home/sam/.local/state/shmeter\n"},
      {[](Facts& f) { f.in_path.file.path = ""; },
       "note /usr/bin/shmeter: not in PATH -> put its folder into PATH, or write its absolute path "
       "where you use it\n"},
      {[](Facts& f) {
         f.in_path.file.path = "/opt/bin/shmeter";
         f.in_path.is_same_file = false;
       },
       "note shmeter in PATH is /opt/bin/shmeter, not /usr/bin/shmeter\n"},
      {[](Facts& f) {
         f.in_path.file.path = "/opt/bin/shmeter";
         f.in_path.is_same_file = false;
         f.in_path.version = "0.0.9";
       },
       "BAD shmeter in PATH is /opt/bin/shmeter, not /usr/bin/shmeter, and of version 0.0.9 -> "
       "remove "
       "/opt/bin/shmeter, or install the same version there\n"},
      {[](Facts& f) { f.reader.file.can_run = false; },
       "BAD /usr/bin/shmeter: there is no reader beside shmeterd -> install shmeter and shmeterd "
       "together, into one folder\n"},
  });
}

TEST(Checks, Sources) {
  expect_all({
      {[](Facts& f) { f.roots[0].projects.there = false; },
       "note transcripts /home/sam/.claude/projects: not there -> use Claude Code once as this "
       "user, "
       "or say where its data is with CLAUDE_CONFIG_DIR\n"},
      {[](Facts& f) { f.roots.clear(); },
       "note no folder of transcripts is known: HOME is not set -> set HOME\n"},
      {[](Facts& f) { f.roots[0].unreadable = 1; },
       "BAD transcripts /home/sam/.claude/projects: cannot be read, or parts of it cannot -> chmod "
       "-R "
       "u+rX /home/sam/.claude/projects\n"},
      {[](Facts& f) { f.quota[0].age_s = 3601; },
       "note quota of account work: five hours 42%, said by the status line 60 min ago\n"},
      {[](Facts& f) { f.quota.clear(); },
       "note no limit is known: nothing has said one since its last reset\n"},
  });
}

TEST(Checks, NewUsersAreToldWhatComesFirst) {
  Facts facts = good_facts();
  facts.collector = {};
  facts.region.opened = shm::Opened::absent;
  facts.region.file.there = false;
  for (HostFact& host : facts.hosts)
    host = HostFact{host.name, {}, {}, false, false, {}, false, false, {}, {}, {}};
  const std::string text = report_text(judge(facts), Privacy::mine, "/home/sam");
  EXPECT_TRUE(text.ends_with("What to do\n  1. shmeter setup claude-code\n")) << text;
}

TEST(Checks, Trials) {
  const auto ended = [](How how, int code, std::string out, std::string said) {
    return [=](Facts& f) { f.hosts[1].trials[0].ended = {how, code, out, said}; };
  };
  expect_all({
      {ended(How::exited, 127, "", "sh: 1: exec: shmeter: not found"),
       "BAD tmux: not found: /usr/bin/shmeter (it said: sh: 1: exec: shmeter: not found) -> write "
       "the "
       "absolute path of shmeter into /home/sam/.tmux.conf  (or take it out there, then: shmeter "
       "setup "
       "tmux)\n"},
      {ended(How::exited, 126, "", ""),
       "BAD tmux: may not be executed: /usr/bin/shmeter -> chmod +x /usr/bin/shmeter\n"},
      {ended(How::exited, 3, "", "boo"),
       "BAD tmux: ended with status 3 (it said: boo) -> run it by hand, with --verbose: exec "
       "shmeter "
       "tmux --watch\n"},
      {ended(How::signalled, 11, "", ""),
       "BAD tmux: was ended by signal 11 -> run it by hand, with --verbose: exec shmeter tmux "
       "--watch\n"},
      {ended(How::too_late, 0, "a line\n", ""),
       "BAD tmux: did not end within 5000 ms -> run it by hand to see what it waits for: exec "
       "shmeter "
       "tmux --watch\n"},
      {ended(How::too_much, 0, "y", ""),
       "BAD tmux: printed more than a line can hold and was ended -> run it by hand to see what it "
       "prints: exec shmeter tmux --watch\n"},
      {ended(How::exited, 0, "", ""),
       "BAD tmux: printed nothing, not even an empty line -> run it by hand, with --verbose: exec "
       "shmeter tmux --watch\n"},
      {[](Facts& f) { f.hosts[1].trials[0].refused = "a style without an end"; },
       "BAD tmux: the host does not take what it printed, a line\\n: a style without an end -> run "
       "it "
       "by hand: exec shmeter tmux --watch\n"},
      {[](Facts& f) { f.hosts[1].trials[0].shown = " "; },
       "note tmux: 2 ms: a blank line: nothing that it shows is known now\n"},
      {[](Facts& f) { f.hosts[1].trials[0].expected = Expected::nothing; },
       "BAD tmux: printed a line\\n, which Claude Code may take for its context -> run it by hand: "
       "exec shmeter tmux --watch\n"},
      {[](Facts& f) {
         f.hosts[1].trials[0].program = {test::file_at("/opt/shmeter", 0755), "0.0.9", false};
       },
       "BAD tmux: it runs /opt/shmeter, not /usr/bin/shmeter, and of version 0.0.9 -> write the "
       "absolute path of shmeter into /home/sam/.tmux.conf  (or take it out there, then: shmeter "
       "setup "
       "tmux)\n"},
  });
}

TEST(Checks, Hosts) {
  expect_all({
      {[](Facts& f) { f.hosts[2].trouble = "longer than a megabyte"; },
       "BAD zsh: /home/sam/.zshrc cannot be read: longer than a megabyte -> put that right, then: "
       "shmeter setup zsh\n"},
      {[](Facts& f) { f.hosts[2].names_us = true; },
       "note zsh: /home/sam/.zshrc names shmeter in a form that is not run here\n"},
      {[](Facts& f) { f.hosts[0].switched_off = "disableAllHooks is true"; },
       "BAD claude-code: disableAllHooks is true -> ask who set that, or take it out\n"},
      {[](Facts& f) { f.hosts[0].lacks_collector = true; },
       "BAD claude-code: --autostart starts nothing: no shmeterd is beside its shmeter -> install "
       "shmeter and shmeterd together, into one folder\n"},
      {[](Facts& f) {
         f.hosts[2].is_ours = true;
         f.hosts[2].line_file = LineFileFact{test::file_at("/run/user/7/shmeter/line/zsh"), true};
       },
       ""},
      {[](Facts& f) {
         f.hosts[2].is_ours = true;
         f.hosts[2].line_file = LineFileFact{test::file_at("/x/line/zsh"), false};
       },
       "BAD zsh: the shell looks at /x/line/zsh, where no collector writes -> set XDG_RUNTIME_DIR "
       "or "
       "SHMETER_RUNTIME_DIR the same for shells and collector, then: shmeter daemon stop; shmeter "
       "daemon start\n"},
      {[](Facts& f) {
         f.hosts[2].is_ours = true;
         f.hosts[2].service = ProgramFact{{}, {}, false};
         f.hosts[2].service->file.path = "/gone/shmeterd";
       },
       "BAD zsh: the unit starts /gone/shmeterd, which cannot be run -> shmeter setup zsh\n"},
  });
}

TEST(Checks, Tmux) {
  expect_all({
      {[](Facts& f) { f.tmux.server = TmuxFact::Server::none; }, ""},
      {[](Facts& f) { f.tmux.server = TmuxFact::Server::silent; },
       "BAD the tmux server does not answer -> tmux kill-server, when you can\n"},
      {[](Facts& f) { f.tmux.has_ours = false; },
       "BAD the server that runs has not read what is in its file -> tmux source-file "
       "/home/sam/.tmux.conf\n"},
      {[](Facts& f) {
         f.tmux.differing = {{"XDG_RUNTIME_DIR", "/run/user/9", "/run/user/7"}};
       },
       "note XDG_RUNTIME_DIR is /run/user/9 there and /run/user/7 here\n"},
      {[](Facts& f) {
         f.tmux.differing = {{"XDG_RUNTIME_DIR", "/run/user/9", "/run/user/7"}, {"HOME", "", "/h"}};
         f.tmux.finds_region = false;
       },
       "BAD XDG_RUNTIME_DIR is /run/user/9 there and /run/user/7 here: jobs look where no region "
       "is "
       "-> tmux set-environment -g XDG_RUNTIME_DIR /run/user/7, then: tmux refresh-client -S\n"
       "note HOME is not set there and /h here\n"},
      {[](Facts& f) {
         f.tmux.differing = {{"SHMETER_RUNTIME_DIR", "/gone", ""}};
         f.tmux.finds_region = false;
       },
       "BAD SHMETER_RUNTIME_DIR is /gone there and not set here: jobs look where no region is -> "
       "tmux "
       "set-environment -gu SHMETER_RUNTIME_DIR, then: tmux refresh-client -S\n"},
  });
}

TEST(Checks, Terminal) {
  expect_all({
      {[](Facts& f) { f.terminal.is_utf8 = false; },
       "note the locale is not UTF-8: bars and dots may look broken -> choose a UTF-8 locale, or "
       "in "
       "config.toml [theme] glyphs = \"ascii\"\n"},
      {[](Facts& f) { f.terminal.no_color = "1"; }, ""},
  });
}

TEST(TmuxVariables, AreTheLinesThatAreThat) {
  const Variables want = {{"A", "1"}, {"B", "x=y z"}, {"EMPTY", ""}};
  EXPECT_EQ(parse_variables("A=1\n-UNSET\nB=x=y z\nEMPTY=\n  more=of a value\n=x\na b=c\nrest"),
            want);
  EXPECT_EQ(parse_variables(""), Variables{});
}

TEST(TrialSamples, StartNothingAndTellNoLimit) {
  EXPECT_EQ(without_autostart("exec shmeter claude --autostart --then 'x --autostart'"),
            "exec shmeter claude  --then 'x '");
  const std::string sample = statusline_sample("s", "/c\"d", "/w");
  EXPECT_EQ(sample.find("rate_limits"), sample.npos);
  EXPECT_NE(sample.find(R"("transcript_path":"/c\"d/projects/-shmeter/s.jsonl")"), sample.npos);
  EXPECT_EQ(sample.find('\n'), sample.size() - 1);
}

}  // namespace
}  // namespace shmeter::collector
