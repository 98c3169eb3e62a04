// SPDX-License-Identifier: MIT
// `set ingest guard quota usage` as programs: against a running server, against a region without
// one, and against nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "collector/serve/unix_socket.hpp"
#include "shm/location.hpp"
#include "shm/publisher.hpp"
#include "shm/writer_lock.hpp"
#include "tests/serve/live_server.hpp"
#include "tests/serve/run.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kLimits =
    "'SET_QUOTA my work {\"five_hour\":{\"used_percentage\":42,\"resets_at\":1795303600},"
    "\"seven_day\":{\"used_percentage\":7.5,\"resets_at\":1795500000}}'";

class VerbsTest : public testing::Test {
 protected:
  VerbsTest() {
    ::setenv("SHMETER_RUNTIME_DIR", dir_.path().c_str(), 1);
    ::setenv("SOCKET", (dir_.path() + "/control.sock").c_str(), 1);
    ::setenv("NO_COLOR", "1", 1);
    ::unsetenv("CLAUDE_CONFIG_DIR");
  }
  void serve() { server_.emplace(dir_.path()); }
  static Ran shmeter(const std::string& words) {
    return run(std::string(SHMETER_VERBS) + ' ' + words);
  }
  static std::string data(const std::string& name) { return SHMETER_TEST_DATA "/" + name; }

  TempDir dir_;
  std::optional<LiveServer> server_;
};

TEST_F(VerbsTest, Set) {
  EXPECT_EQ(shmeter("set s1 '{\"messages\":1}' 2> /dev/null").exit, 69);
  serve();
  EXPECT_EQ(shmeter("set s1 '{\"messages\":1}'").exit, 0);
  EXPECT_EQ(shmeter("set s1 '{\n\"messages\":\r\n 2}'").exit, 0);
  EXPECT_THAT(shmeter("usage s1 --json").out, HasSubstr("\"messages\":2"));
  for (const char* wrong : {"set", "set s1", "set s1 {} more", "set 'a b' {}",
                            "set s1 '{\"messages\":-1}'", "set s1 garbage", "set s1 {} --what"}) {
    const Ran ran = shmeter(std::string(wrong) + " 2>&1");
    EXPECT_EQ(ran.exit, 64) << wrong;
    EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << ran.out;
  }
}

TEST_F(VerbsTest, IngestPassesEveryByteOn) {
  for (const bool served : {false, true}) {
    if (served) serve();
    for (const char* name : {"cli/result.json", "cli/stream.jsonl"}) {
      SCOPED_TRACE(name);
      const std::string file = data(name);
      const Ran ran = run("{ " SHMETER_VERBS " ingest < " + file + " 2> " + dir_.path("trouble") +
                          "; echo $? > " + dir_.path("code") + "; } | cmp - " + file);
      EXPECT_EQ(ran.exit, 0) << ran.out;
      EXPECT_EQ(contents(dir_.path("code")), "0\n");
      const std::string trouble = contents(dir_.path("trouble"));
      EXPECT_EQ(trouble, served ? ""
                                : "shmeterd: ingest: no collector is running; the bytes were "
                                  "passed on\n");
    }
  }
  const Ran result = run("tr -d '\\n' < " + data("cli/result.json") +
                         " | sed 's/.*\"session_id\":\"\\([^\"]*\\)\".*/\\1/'");
  EXPECT_EQ(shmeter("usage " + result.out + " > /dev/null").exit, 0) << "the daemon was told";
}

TEST_F(VerbsTest, IngestOfALongStreamWhoseDaemonNeverAnswers) {
  const auto deaf = collector::listen_unix(dir_.path("control.sock"));  // accepts nobody
  ASSERT_TRUE(deaf);
  const std::string lines = "yes '{\"type\":\"system\",\"session_id\":\"s\"}' | head -n 200000";
  const Ran ran = run("{ " + lines + "; } | " SHMETER_VERBS " ingest 2> /dev/null | md5sum");
  EXPECT_EQ(ran.out, run(lines + " | md5sum").out);
}

TEST_F(VerbsTest, IngestOfALongStream) {
  serve();
  const std::string lines = "yes '{\"type\":\"system\",\"session_id\":\"s\"}' | head -n 200000";
  const Ran ran = run("{ " + lines + "; } | " SHMETER_VERBS " ingest 2>&1 | md5sum");
  EXPECT_EQ(ran.out, run(lines + " | md5sum").out);
}

TEST_F(VerbsTest, IngestIntoNothingSaysWhetherItWorked) {
  const auto sink = [](const std::string& input, const std::string& words) {
    return run("printf '%s' '" + input + "' | " SHMETER_VERBS " ingest " + words +
               " > /dev/null 2>&1")
        .exit;
  };
  EXPECT_EQ(sink("{}", ""), 69);
  serve();
  EXPECT_EQ(sink("garbage", ""), 64);
  EXPECT_EQ(sink("{\"session_id\":\"s\",\"event_type\":\"message\"}", "--format events"), 0);
  EXPECT_EQ(sink("{}", "--format events"), 64);
  EXPECT_EQ(sink("{}", "--format yaml"), 64);
  EXPECT_EQ(sink("", ""), 0);
}

TEST_F(VerbsTest, IngestEndsWithItsReader) {
  serve();
  EXPECT_EQ(run("yes '{}' | " SHMETER_VERBS " ingest 2> /dev/null | head -n 2").out, "{}\n{}\n");
}

TEST_F(VerbsTest, Guard) {
  if (!installed("nc")) GTEST_SKIP() << "nc is not installed";
  EXPECT_EQ(shmeter("guard").exit, 69);
  EXPECT_EQ(shmeter("guard --fail-open").exit, 0);
  EXPECT_THAT(shmeter("guard --json").out, StartsWith("{\"allowed\":null,"));
  serve();
  EXPECT_EQ(shmeter("guard").exit, 69) << "nothing is known";
  EXPECT_EQ(run(std::string("echo ") + kLimits + " | nc -N -U $SOCKET").out, "OK\n");
  const struct {
    const char* words;
    int exit;
  } rows[] = {
      {"", 0},
      {"5%", 0},
      {"58%", 0},
      {"59%", 1},
      {"59% --fail-open", 1},
      {"59% --window seven_day", 0},
      {"--window=seven_day --min-remaining 95%", 1},
      {"--min-remaining 58", 0},
      {"--min-remaining 59%", 1},
      {"--account 'my work'", 0},
      {"--account nobody", 64},
      {"--account nobody --fail-open", 64},
      {"--window never", 64},
      {"much", 64},
      {"5% 6%", 64},
      {"--what", 64},
      {"--window", 64},
  };
  for (const auto& row : rows)
    EXPECT_EQ(shmeter("guard --account 'my work' " + std::string(row.words) + " 2> /dev/null").exit,
              row.exit)
        << row.words;
  EXPECT_THAT(shmeter("guard 59% --json --account 'my work'").out,
              StartsWith("{\"allowed\":false,"));
  const std::string sentence = shmeter("guard 59% --account 'my work'").out;
  EXPECT_EQ(std::count(sentence.begin(), sentence.end(), '\n'), 1) << sentence;
}

TEST_F(VerbsTest, QuotaAndUsageForPeople) {
  if (!installed("nc")) GTEST_SKIP() << "nc is not installed";
  EXPECT_EQ(shmeter("quota 2> /dev/null").exit, 69);
  EXPECT_EQ(shmeter("usage 2> /dev/null").exit, 69);
  serve();
  EXPECT_EQ(run(std::string("echo ") + kLimits + " | nc -N -U $SOCKET").out, "OK\n");
  const std::string quota = shmeter("quota").out;
  for (const char* part : {"Account", "Resets in", "my work", "five_hour", "42.0%", "58.0%", "1h",
                           "seven_day", "7.5%", "92.5%", "manual", "nothing known"})
    EXPECT_THAT(quota, HasSubstr(part));
  EXPECT_THAT(shmeter("quota --json").out, StartsWith("{\"schema\":1,"));
  EXPECT_EQ(shmeter("quota --account nobody 2> /dev/null").exit, 64);
  EXPECT_EQ(shmeter("set s1 '{\"input_tokens\":1200000,\"output_tokens\":34}'").exit, 0);
  for (const char* part : {"s1", "1,200,000", "1,200,034"})
    EXPECT_THAT(shmeter("usage s1").out, HasSubstr(part));
  EXPECT_EQ(shmeter("usage > /dev/null").exit, 0);
  EXPECT_EQ(shmeter("usage nobody 2> /dev/null").exit, 64);
  EXPECT_EQ(shmeter("usage a b 2> /dev/null").exit, 64);
}

TEST_F(VerbsTest, RegionAnswersWhenNobodyElseDoes) {
  TestIntake intake;
  shm::Failure why;
  auto lock = shm::WriterLock::take(dir_.path(), why);
  ASSERT_TRUE(lock) << why.message;
  const shm::Picture& known = intake.picture();
  std::vector<shm::Account> accounts(known.accounts.begin(), known.accounts.end());
  const shm::i64 now_s = ::time(nullptr);
  accounts[1].five_hour = {.used_ppm = 420'000,
                           .resets_at_s = now_s + 3600,
                           .observed_at_s = now_s,
                           .source = static_cast<shm::i64>(shm::QuotaSource::manual)};
  shm::Session session;
  session.session_id.assign("s1");
  session.usage = shm::no_usage();
  session.usage.input_tokens = 77;
  const shm::Session* sessions[] = {&session};
  shm::Picture picture = known;
  picture.accounts = accounts;
  picture.sessions = sessions;
  auto publisher = shm::Publisher::open(*lock, 16, picture, "test", why);
  ASSERT_TRUE(publisher) << why.message;
  EXPECT_THAT(shmeter("quota 2>&1").out, HasSubstr("42.0%"));
  EXPECT_THAT(shmeter("quota --account 'my work' --json").out,
              HasSubstr("\"used_percentage\":42,"));
  EXPECT_EQ(shmeter("quota --account nobody 2> /dev/null").exit, 64);
  EXPECT_THAT(shmeter("usage s1 --json").out, HasSubstr("\"input_tokens\":77,"));
  EXPECT_EQ(shmeter("usage s2 2> /dev/null").exit, 64);
  EXPECT_EQ(shmeter("guard 5% --account 'my work' > /dev/null").exit, 0);
  publisher.reset();
  lock.reset();
  EXPECT_THAT(shmeter("quota 2>&1").out, HasSubstr("no collector is running"));
  EXPECT_EQ(shmeter("guard 5% --account 'my work' > /dev/null").exit, 69) << "old is not known";
}

}  // namespace
}  // namespace shmeter::test
