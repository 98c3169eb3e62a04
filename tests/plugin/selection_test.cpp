// SPDX-License-Identifier: MIT
#include "plugin/selection.hpp"

#include <gtest/gtest.h>

#include <array>

#include "plugin/merge.hpp"
#include "shm/reader.hpp"
#include "tests/plugin/region_owner.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::plugin {
namespace {

constexpr shm::i64 kNow_s = 1'795'295'252;

// Newest first: s0 is live, s1 too, s2 is not.
constexpr std::string_view kPicture = R"(
account.0.id = a0
account.0.name = work
account.0.config_dir = /home/dev/.claude
account.0.last_request_at_s = now-100s
account.1.id = a1
account.1.name = play
account.1.config_dir = /home/dev/.claude/play
account.1.five_hour.observed_at_s = now-50s
account.2.id = a2
account.2.name = old
account.2.config_dir = /home/old
session.0.session_id = s0
session.0.cwd = /home/dev/proj
session.0.account = 0
session.0.updated_at_s = now-5s
session.1.session_id = s1
session.1.cwd = /home/dev/other/deep
session.1.account = 2
session.1.updated_at_s = now-10m
session.1.pane = %3
session.2.session_id = s2
session.2.cwd = /srv/late
session.2.account = 7
session.2.updated_at_s = now-601s
session.2.pane = %7
session.3.session_id = s4
session.3.updated_at_s = now-700s
session.3.pane = %8
session.3.status = 1
format.tmux = T
format.plain = P
)";

class Selection : public testing::Test {
 protected:
  Selection() : text_(kPicture, kNow_s), owner_(dir_.path(), text_) {}

  Parts select(Wanted wanted) {
    Parts parts;
    wanted.now_s = kNow_s;
    wanted.format_room = format_;
    shm::FileReader reader;
    EXPECT_EQ(reader.open(dir_.region().c_str(), false), shm::Opened::ok);
    EXPECT_EQ(reader.snapshot([&](shm::FileSlot& slot) { return copy_parts(slot, wanted, parts); }),
              shm::Opened::ok);
    return parts;
  }

  shm::test::TempDir dir_;
  test::PictureText text_;
  test::RegionOwner owner_;
  std::array<char, 64> format_;
};

TEST_F(Selection, Session) {
  const struct {
    Wanted wanted;
    std::string_view want;
  } rows[] = {
      {{}, "s0"},
      {{.session = "s1"}, "s1"},
      {{.session = "s2"}, "s2"},
      {{.session = "s3"}, "none"},
      {{.cwd = "/home/dev/other"}, "s1"},
      {{.cwd = "/home/dev/other/"}, "s1"},
      {{.cwd = "/home/dev/other/deep"}, "s1"},
      {{.cwd = "/home/dev/oth"}, "s0"},  // no folder of it: the newest
      {{.cwd = "/srv/late"}, "s0"},      // not live any more: the newest
      {{.cwd = "/home/dev"}, "s0"},
      {{.cwd = "/"}, "s0"},
      {{.session = "s1", .cwd = "/home/dev/proj"}, "s1"},
      {{.pane = "%3"}, "s1"},    // the newest there
      {{.pane = "%7"}, "none"},  // not live any more: nobody else's
      {{.pane = "%8"}, "s4"},    // said to be idle
      {{.pane = "%33"}, "none"},
      {{.pane = "%"}, "none"},
      {{.pane = "%9", .cwd = "/home/dev/other"}, "none"},
      {{.session = "s2", .pane = "%3"}, "s2"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.wanted.session) + " " + std::string(row.wanted.pane) + " " +
                 std::string(row.wanted.cwd));
    const Parts parts = select(row.wanted);
    EXPECT_EQ(parts.has_session ? parts.session.session_id.view() : "none", row.want);
  }
}

TEST_F(Selection, Account) {
  const std::string_view kTranscript = "/home/dev/.claude/projects/p/s.jsonl";
  const struct {
    Wanted wanted;
    std::string_view want;
    FoundBy by;
    bool own;
  } rows[] = {
      {{}, "work", FoundBy::session, true},
      {{.session = "s1"}, "old", FoundBy::session, true},
      {{.session = "s2"}, "play", FoundBy::recency, true},  // its account is none of these
      {{.session = "s3"}, "play", FoundBy::recency, true},
      {{.config_dir = "/home/old//"}, "old", FoundBy::config_dir, true},
      {{.config_dir = "/home/nowhere"}, "work", FoundBy::session, true},
      {{.session = "s1", .transcript_path = kTranscript}, "work", FoundBy::transcript, true},
      {{.transcript_path = "/home/dev/.claude/play/projects/x"}, "play", FoundBy::transcript, true},
      {{.transcript_path = "/home/dev/.claude-x/projects/x"}, "work", FoundBy::session, true},
      {{.config_dir = "/home/old", .transcript_path = kTranscript},
       "old",
       FoundBy::config_dir,
       true},
      {{.account = "play"}, "play", FoundBy::session, false},
      {{.account = "a2", .config_dir = "/home/old"}, "old", FoundBy::config_dir, true},
      {{.account = "/home/dev/.claude/"}, "work", FoundBy::session, true},
      {{.account = "nobody"}, "none", FoundBy::session, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(&row - rows);
    const Parts parts = select(row.wanted);
    EXPECT_EQ(parts.has_account ? parts.account.name.view() : "none", row.want);
    EXPECT_EQ(parts.own, row.by);
    EXPECT_EQ(parts.account_is_own, row.own);
  }
}

TEST_F(Selection, OwnFormat) {
  EXPECT_EQ(select({.target = "tmux"}).format.templ, "T");
  EXPECT_EQ(select({.target = "plain"}).format.templ, "P");
  EXPECT_EQ(select({.target = "waybar"}).format.templ, "");
  EXPECT_EQ(select({}).format.templ, "");
}

TEST(WorksIn, CutWorkingDirectories) {
  shm::Session session;
  const std::string whole = "/home/dev/" + std::string(300, 'x') + "/deep";
  session.cwd.assign(whole);
  session.cwd_hash = shm::hash_text(whole);
  EXPECT_TRUE(works_in(session, whole));
  EXPECT_TRUE(works_in(session, "/home/dev"));
  EXPECT_FALSE(works_in(session, "/home/de"));
  EXPECT_FALSE(works_in(session, "/home/dev/" + std::string(300, 'x')));  // nobody can tell
  EXPECT_FALSE(works_in(session, session.cwd.view()));
  EXPECT_FALSE(works_in(shm::Session(), "/"));
}

shm::Window window(shm::i64 ppm, shm::i64 resets_in_s) {
  shm::Window made;
  made.used_ppm = ppm;
  made.resets_at_s = kNow_s + resets_in_s;
  made.observed_at_s = kNow_s - 100;
  return made;
}

TEST(Merge, LimitsOfTwoAccountsNeverMix) {
  StatusLine seen;
  seen.five_hour = window(300'000, 1000);
  const auto merged = [&](FoundBy own, bool is_own, bool asked) {
    Parts parts;
    parts.has_account = true;
    parts.own = own;
    parts.account_is_own = is_own;
    parts.account.seven_day = window(700'000, 5000);
    parts.account.five_hour = window(200'000, 1000);
    merge_limits(seen, kNow_s, asked, parts);
    return parts.account;
  };
  const shm::Account own = merged(FoundBy::transcript, true, false);
  EXPECT_EQ(own.five_hour.used_ppm, 300'000);
  EXPECT_EQ(own.five_hour.observed_at_s, kNow_s);
  EXPECT_EQ(own.seven_day.used_ppm, 700'000);
  const shm::Account guessed = merged(FoundBy::recency, true, false);
  EXPECT_EQ(guessed.five_hour.used_ppm, 300'000);
  EXPECT_EQ(guessed.seven_day.used_ppm, shm::kUnknown);
  const shm::Account another = merged(FoundBy::transcript, false, true);
  EXPECT_EQ(another.five_hour.used_ppm, 200'000);
}

TEST(Merge, TheClientsValuesReplaceOlderOnesAndCountedUsageStays) {
  shm::Session session;
  session.usage = shm::no_usage();
  session.usage.input_tokens = 7;
  session.cost_nanousd = 1;
  session.model.assign("old-model");
  session.model_name.assign("Old");
  session.effort.assign("high");
  session.git_branch.assign("main");
  session.context_used_ppm = 900'000;
  session.messages = 3;
  StatusLine seen;
  seen.session.cost_nanousd = 2;
  seen.session.model.assign("new-model");
  seen.has_context = true;
  lay_over(seen, kNow_s, session);
  EXPECT_EQ(session.usage.input_tokens, 7);
  EXPECT_EQ(session.cost_nanousd, 2);
  EXPECT_EQ(session.model.view(), "new-model");
  EXPECT_TRUE(session.model_name.empty());
  EXPECT_TRUE(session.effort.empty());
  EXPECT_EQ(session.git_branch.view(), "main");
  EXPECT_EQ(session.context_used_ppm, shm::kUnknown);
  EXPECT_EQ(session.messages, 3);
  EXPECT_EQ(session.updated_at_s, kNow_s);
}

}  // namespace
}  // namespace shmeter::plugin
