// SPDX-License-Identifier: MIT
// A word that is nobody's is planted in everything that comes from outside, in every state that
// makes another sentence of it: redacted, it is in none; without, it is there to be seen.
#include <gtest/gtest.h>

#include <algorithm>

#include "collector/doctor/checks.hpp"
#include "collector/doctor/report_text.hpp"
#include "tests/doctor/doctor_facts.hpp"

namespace shmeter::collector {
namespace {

using How = ChildProcess::Ended::How;

constexpr const char* kWord = "Zyqqwort";
const std::string kHome = "/home/Zyqqwort";
const std::string kPath = kHome + "/Zyqqwort/Zyqqwort.d/x-Zyqqwort";

void plant(FileFact& file) { file.path = kPath; }
void plant(ProgramFact& program) {
  plant(program.file);
  program.version = kWord;
  program.is_same_file = false;
}

TrialFact planted_trial(How how, int code, Expected expected, bool refused) {
  TrialFact trial = test::good_trial(std::string("exec ") + kPath + " --session " + kWord);
  plant(trial.program);
  trial.expected = expected;
  trial.ended = {how, code, std::string("sam@Zyqqwort.example ") + kWord + "\n", kWord};
  trial.shown = kWord;
  if (refused) trial.refused = kWord;
  return trial;
}

/// Everything that is no word of ours.
Facts planted() {
  Facts facts = test::good_facts();
  for (ProgramFact* program : {&facts.reader, &facts.in_path}) plant(*program);
  facts.runtime.dir = kPath;
  for (FileFact* file : {&facts.runtime.state, &facts.region.file, &facts.state_dir,
                         &facts.database, &facts.roots[0].projects})
    plant(*file);
  facts.collector.trouble = kWord;
  facts.region.version = kWord;
  facts.config.path = kPath;
  facts.config.trouble = kPath + ":3:4: unknown key `" + kWord + "`";
  facts.quota[0].account = std::string(kWord) + "@example.com";
  facts.terminal = {true, 80, kWord, kWord, kWord, kWord, formats::Colour::none, false};
  for (HostFact& host : facts.hosts) {
    host.path = kPath;
    host.is_ours = true;
    host.trials.clear();
    for (const How how : {How::exited, How::signalled, How::one_line, How::too_late, How::too_much,
                          How::not_started})
      for (const int code : {0, 1, 126, 127})
        for (const Expected expected : {Expected::line, Expected::nothing})
          for (const bool refused : {false, true})
            host.trials.push_back(planted_trial(how, code, expected, refused));
    host.trials.push_back(test::good_trial(kWord));
    host.trials.back().not_run = "as the host fills it in";
    host.line_file = LineFileFact{};
    plant(host.line_file->file);
    host.service.emplace();
    plant(*host.service);
  }
  facts.hosts[2].trouble = kPath + ": " + kWord;
  for (const char* const name : {"XDG_RUNTIME_DIR", "SHMETER_RUNTIME_DIR", "HOME", "PATH"})
    facts.tmux.differing.push_back({name, kPath, "/bin:" + kPath});
  facts.tmux.features = kWord;
  return facts;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

void expect_redacted(const Facts& facts) {
  const Findings findings = judge(facts);
  const std::string text = lower(report_text(findings, Privacy::redacted, kHome));
  EXPECT_EQ(text.find("zyqq"), text.npos) << text;
  EXPECT_NE(lower(report_text(findings, Privacy::mine, kHome)).find("zyqq"), text.npos);
}

TEST(Redaction, LetsNothingThroughThatIsNotOurs) {
  for (const bool runs : {true, false})
    for (const auto opened :
         {shm::Opened::ok, shm::Opened::absent, shm::Opened::forbidden, shm::Opened::corrupt})
      for (const bool good : {true, false})
        for (const bool there : {true, false}) {
          Facts facts = planted();
          facts.collector.runs = runs;
          facts.region.opened = opened;
          facts.region.file.there = there;
          facts.roots[0].projects.there = there;
          facts.database.there = facts.config.there = there;
          facts.tmux.finds_region = good;
          facts.tmux.has_ours = good;
          facts.reader.file.can_run = good;
          for (FileFact* file : {&facts.runtime.state, &facts.region.file}) {
            file->is_ours = good;
            file->mode = there ? 0755 : 0600;
          }
          facts.state_dir.can_write = good;
          for (HostFact& host : facts.hosts) {
            host.line_file->collector_is_there = good;
            host.line_file->file.there = there;
            host.service->file.can_run = good;
            host.is_ours = there || good;
            host.names_us = good;
          }
          if (good) facts.config.trouble.clear();
          expect_redacted(facts);
        }
}

}  // namespace
}  // namespace shmeter::collector
