// SPDX-License-Identifier: MIT
// Programs from outside against a running server: nc, socat, the clients of contrib/ and the
// examples of the protocol's README.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "tests/serve/live_server.hpp"
#include "tests/serve/run.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ClientsTest : public testing::Test {
 protected:
  ClientsTest() {
    ::setenv("SHMETER_RUNTIME_DIR", dir_.path().c_str(), 1);
    ::setenv("XDG_STATE_HOME", dir_.path("state").c_str(), 1);
    ::setenv("HOME", dir_.path("home").c_str(), 1);
    ::setenv("SOCKET", (dir_.path() + "/control.sock").c_str(), 1);
    std::filesystem::create_directory(dir_.path("bin"));
    std::filesystem::create_symlink(SHMETER_VERBS, dir_.path("bin/shmeter"));
    ::setenv("PATH", (dir_.path("bin") + ":/usr/local/bin:/usr/bin:/bin").c_str(), 1);
  }
  static std::string clients() { return SHMETER_TREE "/contrib/clients/"; }

  TempDir dir_;
  LiveServer server_{dir_.path()};
};

TEST_F(ClientsTest, Netcat) {
  ASSERT_TRUE(installed("nc")) << "it is in contrib/packages.test";
  EXPECT_EQ(run("echo PING | nc -N -U $SOCKET").out, "OK\n");
  EXPECT_EQ(run("printf 'PING\\r\\nNO\\nPING\\n' | nc -N -U $SOCKET | cut -c 1-5").out,
            "OK\nERROR\nOK\n");
  EXPECT_EQ(run("printf 'SET_USAGE s {\"messages\":3}\\nAPI_USAGE s\\n' | nc -N -U $SOCKET | "
                "grep -c '\"messages\":3'")
                .out,
            "1\n");
  EXPECT_THAT(run("echo WATCH | timeout 5 nc -N -U $SOCKET | head -n 1").out,
              StartsWith("{\"schema\":1,"));
}

TEST_F(ClientsTest, Socat) {
  ASSERT_TRUE(installed("socat")) << "it is in contrib/packages.test";
  EXPECT_EQ(run("echo PING | socat - UNIX-CONNECT:$SOCKET").out, "OK\n");
  EXPECT_EQ(run("printf 'GUARD\\nPING\\n' | socat -t 5 - UNIX-CONNECT:$SOCKET | tail -n 1").out,
            "OK\n");
}

TEST_F(ClientsTest, ShellClient) {
  ASSERT_TRUE(installed("nc") || installed("socat")) << "they are in contrib/packages.test";
  const std::string record = clients() + "record.sh ";
  for (const char* words :
       {"message agent-1", "tool agent-1 toolu_1", "tool agent-1 toolu_1 explore",
        "tokens agent-1 claude-sonnet-4-5 1200 80 'req \"1\"'",
        "tokens agent-1 claude-sonnet-4-5 1200 80 'req \"1\"'", "compute agent-1 12.5"}) {
    SCOPED_TRACE(words);
    const Ran ran = run(record + words);
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.out, "OK 1\n");
  }
  const std::string usage = run("shmeter usage agent-1 --json").out;
  for (const char* part : {"\"input_tokens\":1200,\"output_tokens\":80,", "\"messages\":1,",
                           "\"tool_calls\":1,", "\"compute_s\":12.5,"})
    EXPECT_THAT(usage, HasSubstr(part));
  EXPECT_EQ(run(record + "compute agent-1 -3").exit, 1);
  EXPECT_EQ(run(record + "dance agent-1 2> /dev/null").exit, 64);
  EXPECT_EQ(run("SHMETER_RUNTIME_DIR=/nowhere " + record + "message agent-1").exit, 69);
}

TEST_F(ClientsTest, PythonClient) {
  ASSERT_TRUE(installed("python3")) << "it is in contrib/packages.test";
  const std::string record = "python3 " + clients() + "record.py ";
  for (const char* words : {"message agent-2", "tool agent-2 toolu_2",
                            "tokens agent-2 claude-sonnet-4-5 7 3", "compute agent-2 1.5"}) {
    SCOPED_TRACE(words);
    EXPECT_EQ(run(record + words).out, "1\n");
  }
  const std::string usage = run(record + "usage agent-2").out;
  for (const char* part :
       {"\"total_tokens\": 10", "\"messages\": 1", "\"tool_calls\": 1", "\"compute_s\": 1.5"})
    EXPECT_THAT(usage, HasSubstr(part));
  EXPECT_EQ(run(record + "usage nobody 2> /dev/null").exit, 1);
  EXPECT_EQ(run(record + "dance 2> /dev/null").exit, 64);
  EXPECT_EQ(run("SHMETER_RUNTIME_DIR=/nowhere " + record + "message a 2> /dev/null").exit, 69);
  const std::string module =
      "cd " + clients() +
      " && PYTHONDONTWRITEBYTECODE=1 python3 -c '\n"
      "from record import Collector, Refused\n"
      "with Collector() as c:\n"
      "    print(c.post(*[dict(session_id=\"many\", event_type=\"message\", value=1)] * 500))\n"
      "    print(c.set_usage(\"told\", rate_limit_remaining=98), c.allowed(\"5%\"))\n"
      "    try: c.ask(\"NO\")\n"
      "    except Refused as reason: print(\"refused\")\n'";
  EXPECT_EQ(run(module).out, "500\nOK None\nrefused\n");
}

TEST_F(ClientsTest, CountHook) {
  const std::string hook = clients() + "count-hook";
  const std::string data = SHMETER_TEST_DATA "/hooks/";
  for (const char* name : {"2.1.330-01-UserPromptSubmit", "2.1.330-02-PostToolUse",
                           "2.1.330-03-Stop", "2.1.330-05-PostToolUse"}) {
    const Ran ran = run(hook + " < " + data + name + ".json");
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.out, "");
  }
  const std::string session = run("sed 's/.*\"session_id\":\"\\([^\"]*\\)\".*/\\1/' " + data +
                                  "2.1.330-01-UserPromptSubmit.json | tr -d '\\n'")
                                  .out;
  const std::string usage = run("shmeter usage " + session + " --json").out;
  EXPECT_THAT(usage, HasSubstr("\"messages\":1,\"tool_calls\":2,"));
  for (const char* input :
       {"", "garbage", "{\"session_id\":\"../x\",\"hook_event_name\":\"Stop\"}"}) {
    const Ran ran = run(std::string("printf '%s' '") + input + "' | " + hook);
    EXPECT_EQ(ran.exit, 0);
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(
      run("SHMETER_RUNTIME_DIR=/nowhere " + hook + " < " + data + "2.1.330-02-PostToolUse.json")
          .exit,
      0);
}

// ```console blocks: lines that begin with `$ ` are run, what follows is what they print; `…` in it
// stands for anything.
TEST_F(ClientsTest, ReadmeExamples) {
  ASSERT_TRUE(installed("nc")) << "it is in contrib/packages.test";
  const std::string readme = contents(SHMETER_TREE "/collector/serve/README.md");
  int examples = 0;
  for (std::size_t at = 0; (at = readme.find("```console\n", at)) != std::string::npos;) {
    at += 11;
    std::string block = readme.substr(at, readme.find("```", at) - at);
    for (std::size_t begin = block.find("$ "); begin != std::string::npos;) {
      const auto end_of_command = block.find('\n', begin);
      auto next = block.find("\n$ ", end_of_command - 1);
      const auto end = next == std::string::npos ? block.size() : next + 1;
      const std::string command = block.substr(begin + 2, end_of_command - begin - 2);
      std::string want = block.substr(end_of_command + 1, end - end_of_command - 1);
      SCOPED_TRACE(command);
      std::string got = run(command).out;
      for (std::size_t cut; (cut = want.find("…")) != std::string::npos;) {
        EXPECT_THAT(got, StartsWith(want.substr(0, cut)));
        want.erase(0, cut + std::string_view("…").size());
        const auto goes_on =
            want.empty() ? std::string::npos : got.find(want.substr(0, want.find("…")), cut);
        got.erase(0, goes_on == std::string::npos ? got.size() : goes_on);
      }
      EXPECT_EQ(got, want);
      ++examples;
      begin = next == std::string::npos ? next : next + 1;
    }
    at += block.size();
  }
  EXPECT_GE(examples, 6);
}

}  // namespace
}  // namespace shmeter::test
