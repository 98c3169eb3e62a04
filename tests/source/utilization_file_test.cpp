// SPDX-License-Identifier: MIT
#include "collector/source/utilization_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/source/observed.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr i64 kNow_ms = 1'795'295'300'500;  // 2026-11-21T21:08:20.5Z

const char* const kBody =
    R"({"five_hour":{"utilization":42,"resets_at":"2026-11-21T23:00:00.123456+00:00"},
        "seven_day":{"utilization":77,"resets_at":"2026-11-24T20:00:00.000000+00:00"},
        "seven_day_opus":null,"seven_day_sonnet":{"utilization":9,"resets_at":"2026-11-24T20:00:00Z"},
        "cinder_cove":{"utilization":99,"resets_at":"2026-11-24T20:00:00Z"},
        "extra_usage":{"is_enabled":true,"monthly_limit":5000,"used_credits":1234,"utilization":24.7,"currency":"USD","decimal_places":2},
        "limits":[{"kind":"weekly_scoped","percent":31,"resets_at":"2026-11-24T20:00:00Z","is_active":false,"scope":{"model":{"id":null,"display_name":"Fable"},"surface":null}}]})";

std::string global(const std::string& body, const char* login = R"("accountUuid":"acct-1",)",
                   const char* cached = R"("fetchedAtMs":1795295240123,"accountUuid":"acct-1",)") {
  return std::string(R"({"numStartups":7,"projects":{"/private":{"history":["\"oauthAccount\":{"]}},
    "oauthAccount":{)") +
         login + R"("emailAddress":"private@example.org"},
    "cachedUsageUtilization":{)" +
         cached + "\"utilization\":" + body + R"(},"tail":[1,2,{"x":"}"}]})";
}

std::vector<std::string> read(const std::string& json) {
  test::Observed observed;
  UtilizationReader reader;
  reader.feed(json);
  const auto done = reader.finish(kNow_ms, observed.take());
  if (!done) {
    EXPECT_THAT(observed.lines, IsEmpty());
    return {"error: " + done.error().message};
  }
  return observed.lines;
}

TEST(UtilizationFile, TakesWhatTheClientLastHeard) {
  EXPECT_THAT(read(global(kBody)),
              ElementsAre("login=acct-1",
                          "quota source=2 login=acct-1 at=1795295240123 5h.used=420000 "
                          "5h.resets=1795302000 7d.used=770000 7d.resets=1795550400 "
                          "says_scoped=yes Fable.used=310000 Fable.resets=1795550400 "
                          "Sonnet.used=90000 Sonnet.resets=1795550400 extra.on=1 "
                          "extra.limit=50000000000 extra.used=12340000000 extra.share=247000"));
}

TEST(UtilizationFile, LimitsOfAnotherLoginOrTimeAreDropped) {
  const char* const kLogin = R"("accountUuid":"acct-1",)";
  const struct {
    const char *login, *cached;
    bool taken;
  } rows[] = {
      {kLogin, R"("fetchedAtMs":1795295300500,"accountUuid":"acct-1",)", true},
      {kLogin, R"("fetchedAtMs":1795295300501,"accountUuid":"acct-1",)", false},
      {kLogin, R"("fetchedAtMs":1795295240123,"accountUuid":"acct-2",)", false},
      {kLogin, R"("fetchedAtMs":1795295240123,)", false},
      {"", R"("fetchedAtMs":1795295240123,)", true},
      {"", R"("fetchedAtMs":1795295240123,"accountUuid":"acct-1",)", false},
      {kLogin, R"("accountUuid":"acct-1",)", false},
      {kLogin, R"("fetchedAtMs":null,"accountUuid":"acct-1",)", false},
      {kLogin, R"("fetchedAtMs":-5,"accountUuid":"acct-1",)", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.login) + row.cached);
    const auto lines = read(global(kBody, row.login, row.cached));
    EXPECT_EQ(!lines.empty() && lines.back().starts_with("quota"), row.taken);
  }
}

TEST(UtilizationFile, SaysTheLoginOnlyWhenItIsKnown) {
  const struct {
    const char* json;
    std::vector<std::string> said;
  } rows[] = {
      {R"({"oauthAccount":{"accountUuid":"acct-2"}})", {"login=acct-2"}},
      {R"({"oauthAccount":null})", {"login="}},
      {R"({})", {"login="}},
      {R"({"oauthAccount":{}})", {}},
      {R"({"oauthAccount":{"accountUuid":7}})", {}},
      {R"({"oauthAccount":[})", {"error: not one JSON object"}},
      {R"({"oauthAccount":{"accountUuid":"acct-2"})", {"error: not one JSON object"}},
      {"", {"error: not one JSON object"}},
  };
  for (const auto& row : rows) EXPECT_EQ(read(row.json), row.said) << row.json;
}

TEST(UtilizationFile, OneOddMemberSpoilsNoOther) {
  const auto lines = read(global(
      R"({"five_hour":{"utilization":"x","resets_at":"2026-11-21T23:00:00Z"},
          "seven_day":{"utilization":104,"resets_at":"2026-11-24T20:00:00Z"},
          "limits":[7,{"kind":"weekly_scoped","percent":-1,"resets_at":"2026-11-24T20:00:00Z"}],
          "extra_usage":[]})"));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1],
            "quota source=2 login=acct-1 at=1795295240123 7d.used=1000000 7d.resets=1795550400 "
            "says_scoped=yes");
  for (const char* nothing : {"null", "7", "[]", "{}", R"({"five_hour":null})",
                              R"({"five_hour":{"utilization":0,"resets_at":null}})"})
    EXPECT_THAT(read(global(nothing)), ElementsAre("login=acct-1")) << nothing;
}

TEST(UtilizationFile, MutationsNeverCrash) {
  test::for_mutations(global(kBody), 4000, [](const std::string& json) {
    UtilizationReader reader;
    reader.feed(json);
    const auto done = reader.finish(kNow_ms, [](const Observation& seen) {
      if (const auto* quota = std::get_if<QuotaSeen>(&seen)) {
        EXPECT_LE(quota->observed_at_ms, kNow_ms);
        EXPECT_LE(quota->five_hour.used_ppm, 1'000'000);
      }
    });
    static_cast<void>(done);
  });
}

class UtilizationFilesTest : public testing::Test {
 protected:
  UtilizationFilesTest() {
    test::replace(path_, global(kBody));
    ::mkfifo(dir_.path(".credentials.json").c_str(), 0600);  // would never be done being read
  }

  UtilizationFiles watch() {
    return UtilizationFiles({{.root = 3, .path = path_}},
                            {.observed =
                                 [this](std::size_t root, const Observation& seen) {
                                   EXPECT_EQ(root, 3u);
                                   observed_.take()(seen);
                                 },
                             .say = [this](const std::string& line) { said_.push_back(line); }},
                            {.now_ms = [this] { return now_ms_; },
                             .open =
                                 [this](const std::string& path, struct stat& st) {
                                   opened_.push_back(path);
                                   return open_file(path, Links::followed, ::geteuid(), st);
                                 }});
  }
  /// A new file takes the old one's place.
  void write(const std::string& json) {
    test::replace(path_ + ".new", json);
    std::filesystem::rename(path_ + ".new", path_);
  }

  test::TempDir dir_;
  std::string path_ = dir_.path(".claude.json");
  i64 now_ms_ = kNow_ms;
  test::Observed observed_;
  std::vector<std::string> opened_;
  std::vector<std::string> said_;
};

TEST_F(UtilizationFilesTest, ReadsWhenWrittenAndNotMoreOftenThanItMay) {
  auto files = watch();
  files.look();
  EXPECT_EQ(observed_.lines.size(), 2u);
  now_ms_ += 60'000;
  files.look();  // nobody wrote
  EXPECT_EQ(opened_.size(), 1u);
  write(global(kBody) + " ");
  files.look();  // nothing of interest changed
  EXPECT_EQ(opened_.size(), 2u);
  EXPECT_EQ(observed_.lines.size(), 2u);
  now_ms_ += 5'000;
  write(R"({"oauthAccount":{"accountUuid":"acct-2"}})");
  files.look();
  EXPECT_EQ(opened_.size(), 2u);  // too soon
  now_ms_ += 5'000;
  files.look();
  EXPECT_THAT(observed_.lines, ElementsAre(testing::_, testing::_, "login=acct-2"));
}

TEST_F(UtilizationFilesTest, OpensNothingButTheGlobalFile) {
  auto files = watch();
  for (int i = 0; i < 5; ++i) {
    write(global(
        kBody, R"("accountUuid":"acct-1",)",
        ("\"fetchedAtMs\":" + std::to_string(1795295240123 + i) + ",\"accountUuid\":\"acct-1\",")
            .c_str()));
    files.look();
    now_ms_ += 60'000;
  }
  EXPECT_THAT(opened_, testing::Each(path_));
  EXPECT_EQ(opened_.size(), 5u);
}

TEST_F(UtilizationFilesTest, WhatIsNoOrdinaryFileOfOursIsLeftAlone) {
  std::filesystem::remove(path_);
  auto files = watch();
  files.look();  // not there
  std::filesystem::create_directory(path_);
  files.look();
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  files.look();  // does not wait for a writer
  std::filesystem::remove(path_);
  test::replace(path_, "{\"half\":");
  files.look();
  EXPECT_THAT(observed_.lines, IsEmpty());
  now_ms_ += 60'000;
  write(global(kBody));
  files.look();
  EXPECT_EQ(observed_.lines.size(), 2u);
}

TEST_F(UtilizationFilesTest, AFileThatIsTooBigIsToldOnce) {
  write("{\"x\":\"" + std::string(kMaxGlobalFile, 'x') + "\"}");
  auto files = watch();
  files.look();
  now_ms_ += 60'000;
  write("{\"x\":\"" + std::string(kMaxGlobalFile + 1, 'x') + "\"}");
  files.look();
  EXPECT_THAT(observed_.lines, IsEmpty());
  EXPECT_THAT(said_, ElementsAre(path_ + ": larger than 16 MiB; limits are not read from it"));
}

TEST(UtilizationFile, LiesInTheConfigDirectoryOrBesideTheDefaultOne) {
  EXPECT_EQ(global_file("/h/.claude", "/h", true), "/h/.claude.json");
  EXPECT_EQ(global_file("/h/.claude", "/h", false), "/h/.claude/.claude.json");
  EXPECT_EQ(global_file("/elsewhere", "/h", false), "/elsewhere/.claude.json");
  EXPECT_EQ(global_file("/elsewhere", "/h", true),
            "/elsewhere/.claude.json");  // never somebody else's
}

}  // namespace
}  // namespace shmeter::collector
