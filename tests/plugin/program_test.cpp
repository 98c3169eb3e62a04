// SPDX-License-Identifier: MIT
// What hosts rely on, whatever comes: exit status, one line, no hang, nothing on stderr unasked.
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "formats/utf8.hpp"
#include "tests/plugin/reader_run.hpp"
#include "tests/plugin/region_owner.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::test {
namespace {

constexpr std::string_view kPicture = R"(
summary.today.requests = 3
summary.today.cost_nanousd = 12340000000
account.0.name = work
account.0.five_hour.used_ppm = 425000
account.0.five_hour.resets_at_s = now+2h13m30s
session.0.session_id = c9bec15a-c582-41d2-a016-dceacfb47ad5
session.0.model_name = Opus 5.5
session.0.cost_nanousd = 4116942000
session.0.updated_at_s = now
)";

/// One test for each build of the reader.
class Program : public testing::TestWithParam<Build> {
 protected:
  Ended reader(std::vector<std::string> words, std::string input = {},
               std::vector<std::string> environment = {}) const {
    environment.push_back("SHMETER_RUNTIME_DIR=" + dir_.path());
    return run(
        {GetParam().path, std::move(words), std::move(environment), std::move(input), false});
  }

  shm::test::TempDir dir_;
};

std::string status_line() { return read_file(SHMETER_TEST_DATA "/statusline/2.1.330-3.json"); }

/// Valid UTF-8, one line, no control characters: what any host can show.
::testing::AssertionResult is_one_line(std::string_view out) {
  if (!out.ends_with('\n')) return ::testing::AssertionFailure() << "no newline at its end";
  out.remove_suffix(1);
  while (!out.empty()) {
    const formats::Decoded one = formats::decode(out);
    if (!one.valid) return ::testing::AssertionFailure() << "not UTF-8";
    if (formats::is_control(one.code))
      return ::testing::AssertionFailure() << "control " << static_cast<unsigned>(one.code);
    out.remove_prefix(one.bytes);
  }
  return ::testing::AssertionSuccess();
}

TEST_P(Program, UsageErrorsAreOneLineAnd64) {
  const std::vector<std::string> rows[] = {
      {"tmux", "--frobnicate"}, {"--frobnicate"}, {"tmux", "--width", "wide"}, {"json", "--watch"}};
  for (const auto& words : rows) {
    const Ended ended = reader(words);
    EXPECT_EQ(ended.status, 64);
    EXPECT_EQ(ended.out, "");
    EXPECT_TRUE(ended.err.starts_with("shmeter: ")) << ended.err;
    EXPECT_TRUE(is_one_line(ended.err));
  }
}

TEST_P(Program, HelpAndVersionAreAnswers) {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{}, {"--help"}, {"tmux", "--help"}, {"--version"}}) {
    const Ended ended = reader(words);
    EXPECT_EQ(ended.status, 0);
    EXPECT_TRUE(ended.out.starts_with("shmeter " SHMETER_VERSION));
    EXPECT_EQ(ended.err, "");
  }
}

TEST_P(Program, EveryStateOfTheRegionIsALine) {
  const std::string region = dir_.region();
  const struct {
    const char* what;
    void (*make)(const std::string&);
    std::string_view said;
  } rows[] = {
      {"absent", [](const std::string&) {}, "no region"},
      {"empty", [](const std::string& at) { std::ofstream file(at); }, "damaged"},
      {"zeroes", [](const std::string& at) { std::ofstream(at) << std::string(4096, '\0'); },
       "no picture yet"},
      {"folder", [](const std::string& at) { std::filesystem::create_directory(at); },
       "not a file"},
      {"fifo", [](const std::string& at) { ::mkfifo(at.c_str(), 0600); }, "not a file"},
      {"link", [](const std::string& at) { std::filesystem::create_symlink("/dev/zero", at); },
       "not a file"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.what);
    row.make(region);
    const Ended quiet = reader({"tmux", "--fallback", "none"});
    EXPECT_EQ(quiet.status, 0);
    EXPECT_EQ(quiet.out, "none\n");
    EXPECT_EQ(quiet.err, "");
    const Ended verbose = reader({"tmux", "--verbose"});
    EXPECT_EQ(verbose.out, "\n");
    EXPECT_NE(verbose.err.find(row.said), std::string::npos) << verbose.err;
    const Ended json = reader({"json"});
    EXPECT_EQ(json.status, 0);
    EXPECT_NE(json.out.find(R"("state":"absent")"), std::string::npos);
    std::filesystem::remove(region);
  }
}

TEST_P(Program, ARegionGivenByPathIsRead) {
  PictureText text(kPicture, std::time(nullptr));
  const RegionOwner owner(dir_.path(), text);
  const Ended ended = run({GetParam().path,
                           {"plain", "--region", dir_.region(), "{session.cost}"},
                           {"SHMETER_RUNTIME_DIR=/nonexistent"},
                           {},
                           false});
  EXPECT_EQ(ended.out, "$4.12\n");
}

TEST_P(Program, JsonIsOneObjectWithThePicture) {
  PictureText text(kPicture, std::time(nullptr));
  const RegionOwner owner(dir_.path(), text);
  const Ended ended = reader({"json"});
  EXPECT_TRUE(is_one_line(ended.out));
  simdjson::dom::parser parser;
  const simdjson::padded_string json(ended.out);
  simdjson::dom::element root;
  ASSERT_FALSE(parser.parse(json).get(root));
  EXPECT_EQ(std::string_view(root["state"]), "live");
  EXPECT_EQ(int64_t(root["age_s"]), 0);
  EXPECT_EQ(std::string_view(root["writer"]["version"]), "test");
  EXPECT_EQ(double(root["sessions"].at(0)["cost_usd"]), 4.116942);
  EXPECT_EQ(double(root["accounts"].at(0)["five_hour"]["used_percentage"]), 42.5);
}

TEST_P(Program, AnyRegionBytesGiveOneLine) {
  std::string whole;
  {
    PictureText text(kPicture, std::time(nullptr));
    const RegionOwner owner(dir_.path(), text);
    whole = read_file(dir_.region());
  }
  std::mt19937_64 random(11);
  const auto any = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  for (int i = 0; i < 150; ++i) {
    std::string bytes = whole;
    for (std::size_t edits = any(40); edits > 0; --edits)
      bytes[any(any(2) == 0 ? 1024 : bytes.size())] = static_cast<char>(random());
    if (any(8) == 0) bytes.resize(any(bytes.size()));
    std::ofstream(dir_.region()) << bytes;
    std::filesystem::permissions(dir_.region(), std::filesystem::perms(0600));
    for (const char* verb : {"tmux", "waybar", "claude", "json"}) {
      const Ended ended = reader({verb, "--color=never"}, i % 2 == 0 ? status_line() : "");
      ASSERT_EQ(ended.status, 0) << verb;
      ASSERT_EQ(ended.err, "") << verb;
      ASSERT_TRUE(is_one_line(ended.out)) << verb << ended.out;
    }
  }
}

TEST_P(Program, AnyStdinGivesOneLineWithinTheWidth) {
  PictureText text(kPicture, std::time(nullptr));
  const RegionOwner owner(dir_.path(), text);
  std::mt19937_64 random(12);
  std::string megabyte(1 << 20, '\0');
  for (char& c : megabyte) c = static_cast<char>(random());
  std::vector<std::string> inputs = {"",
                                     "{",
                                     "}",
                                     "{}",
                                     "null",
                                     std::string(1000, '{'),
                                     std::string(200'000, '['),
                                     "{\"session_id\":\"" + std::string(300'000, 'x') + "\"}",
                                     "{}" + megabyte,
                                     megabyte,
                                     std::string(128 * 1024, ' ') + "{}"};
  for (int i = 0; i < 60; ++i) {
    std::string json = status_line();
    json[static_cast<std::size_t>(random()) % json.size()] = static_cast<char>(random());
    inputs.push_back(json.substr(0, 200 + static_cast<std::size_t>(random()) % json.size()));
  }
  for (const std::string& input : inputs) {
    SCOPED_TRACE(input.substr(0, 200));
    const Ended ended = reader({"claude", "--color=never", "--width=30"}, input);
    ASSERT_EQ(ended.status, 0);
    ASSERT_EQ(ended.err, "");
    ASSERT_TRUE(is_one_line(ended.out));
    int columns = 0;
    for (std::string_view rest = std::string_view(ended.out).substr(0, ended.out.size() - 1);
         !rest.empty();) {
      const formats::Decoded one = formats::decode(rest);
      columns += formats::columns(one.code);
      rest.remove_prefix(one.bytes);
    }
    ASSERT_LE(columns, 30);
  }
}

TEST_P(Program, StdinThatNobodyWritesIsNotWaitedForLong) {
  const Ended ended = run({GetParam().path,
                           {"claude", "--fallback", "still here"},
                           {"SHMETER_RUNTIME_DIR=" + dir_.path()},
                           {},
                           true});
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.out, "still here\n");
}

TEST_P(Program, OtherVerbsBecomeShmeterdBesideUs) {
  const std::string here = dir_ / "bin";
  std::filesystem::create_directory(here);
  std::filesystem::copy_file(GetParam().path, here + "/shmeter");
  const Invocation report = {
      here + "/shmeter", {"daily", "--since", "a b"}, {"PATH=" + dir_.path()}, {}, false};
  const Ended without = run(report);
  EXPECT_EQ(without.status, 69);
  EXPECT_NE(without.err.find("'daily' needs shmeterd"), std::string::npos) << without.err;
  const auto install = [](const std::string& at, const std::string& name) {
    std::ofstream(at) << "#!/bin/sh\nprintf '%s|' " << name << " \"$@\"\nexit 3\n";
    std::filesystem::permissions(at, std::filesystem::perms(0700));
  };
  install(dir_ / "shmeterd", "path");
  EXPECT_EQ(run(report).out, "path|daily|--since|a b|");
  install(here + "/shmeterd", "beside");
  const Ended beside = run(report);
  EXPECT_EQ(beside.out, "beside|daily|--since|a b|");
  EXPECT_EQ(beside.status, 3);
}

INSTANTIATE_TEST_SUITE_P(Build, Program, testing::ValuesIn(builds()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace shmeter::test
