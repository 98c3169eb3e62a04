// SPDX-License-Identifier: MIT
// The whole report to the letter, for an installation in which nothing is wrong and for a new one.
#include "collector/doctor/report_text.hpp"

#include <gtest/gtest.h>

#include "collector/doctor/checks.hpp"
#include "tests/doctor/doctor_facts.hpp"

namespace shmeter::collector {
namespace {

TEST(Report, OfWhatIsWell) {
  EXPECT_EQ(report_text(judge(test::good_facts()), Privacy::mine, "/home/sam"), R"(shmeter
  ok    version 0.1.0

collector
  ok    runs, pid 4711, version 0.1.0, for 2 h
  ok    Claude Code's status line starts one when none runs

region
  ok    /run/user/7/shmeter/region.1: 4 KiB, layout 1.1, 12 sessions
  ok    heartbeat 3 s ago

paths
  ok    runtime directory /run/user/7/shmeter, by XDG_RUNTIME_DIR
  ok    configuration /home/sam/.config/shmeter/config.toml: fine
  ok    history /home/sam/.local/state/shmeter/usage.db: 4 KiB
  ok    shmeter in PATH is /usr/bin/shmeter

sources
  ok    transcripts /home/sam/.claude/projects: 31 files, the newest written 60 s ago
  ok    the status line: 4 times since the collector began, last 12 s ago
  ok    quota of account work: five hours 42%, said by the status line 12 s ago

terminal
  ok    a terminal, 120 columns, TERM xterm-256color: 256 colours

hosts
  ok    claude-code: 2 ms: a line
  ok    tmux: 2 ms: a line
  ok    zsh: not set up (shmeter setup zsh)

tmux's jobs
  ok    the server's environment is like this one

Nothing to do.
)");
}

TEST(Report, RemediesComeOnceAndThoseOfWhatIsBadFirst) {
  const Findings findings = {{"one", Level::note, "a", "first in the text"},
                             {"one", Level::ok, "b", {}},
                             {"two", Level::bad, "c", Told("see ") << Told::path("/h/acme")},
                             {"two", Level::bad, "d", Told("see ") << Told::path("/h/acme")}};
  EXPECT_EQ(report_text(findings, Privacy::redacted, "/h"),
            "one\n  note  a\n  ok    b\n\ntwo\n  BAD   c\n  BAD   d\n\n"
            "What to do\n  1. see ~/xxxx\n  2. first in the text\n");
  EXPECT_TRUE(has_bad(findings));
  EXPECT_FALSE(has_bad({findings[0], findings[1]}));
}

}  // namespace
}  // namespace shmeter::collector
