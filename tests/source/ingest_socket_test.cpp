// SPDX-License-Identifier: MIT
#include "collector/source/ingest_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>

#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

TEST(IngestHeader, Table) {
  const struct {
    std::string_view line;
    bool ok;
    const char *kind, *pane, *config_dir;
  } rows[] = {
      {"shmeter 1 claude", true, "claude", "", ""},
      {"shmeter 1 claude pane=%253 config=/h/.claude", true, "claude", "%3", "/h/.claude"},
      {"shmeter 1 claude config=/with%20space%0aand%3D", true, "claude", "", "/with space\nand="},
      {"shmeter 1 claude new=thing  pane=%2512", true, "claude", "%12", ""},
      {"shmeter 1 hook pane=", true, "hook", "", ""},
      {"shmeter 2 claude", false, "", "", ""},
      {"shmeter 1", false, "", "", ""},
      {"shmeter 1 claude pane=%2", false, "", "", ""},
      {"shmeter 1 claude pane=%zz", false, "", "", ""},
      {"shmeter 1 claude word", false, "", "", ""},
      {"claude", false, "", "", ""},
      {"", false, "", "", ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    IngestHeader header;
    ASSERT_EQ(parse_ingest_header(row.line, header), row.ok);
    if (!row.ok) continue;
    EXPECT_EQ(header.kind, row.kind);
    EXPECT_EQ(header.pane, row.pane);
    EXPECT_EQ(header.config_dir, row.config_dir);
  }
}

class IngestSocketTest : public testing::Test {
 protected:
  struct Seen {
    std::string session, pane, config_dir;
    HookEvent event = HookEvent::other;
    std::string tool = {};
  };

  IngestSocketTest() {
    auto opened = IngestSocket::open(
        loop_, path_,
        {.observed =
             [this](const StatusLineSeen& seen, const std::string& config_dir) {
               seen_.push_back({std::string(seen.session.session_id.view()),
                                std::string(seen.session.pane.view()), config_dir});
             },
         .turn_ends = [this] { ++turns_; },
         .hook =
             [this](const HookSeen& seen, const std::string& config_dir) {
               seen_.push_back({std::string(seen.session_id), std::string(seen.pane), config_dir,
                                seen.event, std::string(seen.tool_name)});
             }});
    if (opened) socket_ = std::move(*opened);
  }

  bool send(std::string_view datagram) {
    const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    int big = 1 << 20;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &big, sizeof big);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    return ::sendto(fd.get(), datagram.data(), datagram.size(), MSG_DONTWAIT,
                    reinterpret_cast<sockaddr*>(&address),
                    sizeof address) == static_cast<ssize_t>(datagram.size());
  }

  test::TempDir dir_;
  std::string path_ = dir_.path("ingest.sock");
  Loop loop_;
  std::vector<Seen> seen_;
  int turns_ = 0;
  std::unique_ptr<IngestSocket> socket_;
};

TEST_F(IngestSocketTest, TakesStatusLines) {
  ASSERT_TRUE(socket_);
  struct stat st {};
  ASSERT_EQ(::stat(path_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
  EXPECT_TRUE(send("shmeter 1 claude pane=%253 config=/c\n{\"session_id\":\"one\"}"));
  EXPECT_TRUE(send("shmeter 1 claude\n{\"session_id\":\"two\"}\n"));
  loop_.turn();
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[0].session, "one");
  EXPECT_EQ(seen_[0].pane, "%3");
  EXPECT_EQ(seen_[0].config_dir, "/c");
  EXPECT_EQ(seen_[1].session, "two");
  EXPECT_EQ(turns_, 1);
  EXPECT_EQ(socket_->dropped(), 0);
}

TEST_F(IngestSocketTest, TakesHooks) {
  ASSERT_TRUE(socket_);
  EXPECT_TRUE(
      send("shmeter 1 hook pane=%253 config=/c\n"
           R"({"session_id":"one","hook_event_name":"PostToolUse","tool_name":"Bash"})"));
  EXPECT_TRUE(send("shmeter 1 claude\n{\"session_id\":\"two\"}"));
  loop_.turn();
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[0].session, "one");
  EXPECT_EQ(seen_[0].pane, "%3");
  EXPECT_EQ(seen_[0].config_dir, "/c");
  EXPECT_EQ(seen_[0].event, HookEvent::post_tool_use);
  EXPECT_EQ(seen_[0].tool, "Bash");
  EXPECT_EQ(seen_[1].session, "two");
  EXPECT_EQ(turns_, 1);
  EXPECT_EQ(socket_->dropped(), 0);
}

TEST_F(IngestSocketTest, ThrowsTheDoctorsSamplesAway) {
  ASSERT_TRUE(socket_);
  EXPECT_TRUE(send("shmeter 1 claude\n{\"session_id\":\"shmeter-doctor\"}"));
  EXPECT_TRUE(
      send("shmeter 1 hook\n{\"session_id\":\"shmeter-doctor\",\"hook_event_name\":\"Stop\"}"));
  loop_.turn();
  EXPECT_TRUE(seen_.empty());
  EXPECT_EQ(turns_, 1) << "they came";
  EXPECT_EQ(socket_->dropped(), 0);
}

TEST_F(IngestSocketTest, WithoutAnybodyForHooksTheyAreDropped) {
  auto second = IngestSocket::open(
      loop_, dir_.path("other.sock"),
      {.observed = [](const StatusLineSeen&, const std::string&) {}, .turn_ends = [] {}});
  ASSERT_TRUE(second);
  path_ = dir_.path("other.sock");
  EXPECT_TRUE(send("shmeter 1 hook\n{\"session_id\":\"s\",\"hook_event_name\":\"Stop\"}"));
  loop_.turn();
  EXPECT_EQ((*second)->dropped(), 1);
}

TEST_F(IngestSocketTest, CountsAndDropsWhatIsNotToTheLetter) {
  ASSERT_TRUE(socket_);
  const std::string bad[] = {
      "",
      "\n",
      "shmeter 1 claude",
      "shmeter 1 claude\n",
      "shmeter 1 claude\n{",
      "shmeter 1 claude\n{\"session_id\":\"not valid\"}",
      "shmeter 1 hook\n{\"session_id\":\"s\"}",
      "shmeter 1 hook\n{\"session_id\":\"no good\",\"hook_event_name\":\"Stop\"}",
      "shmeter 1 hook\n[]",
      "shmeter 1 other\n{\"session_id\":\"s\",\"hook_event_name\":\"Stop\"}",
      "shmeter 9 claude\n{\"session_id\":\"s\"}",
      std::string(20'000, 'x'),
      "shmeter 1 claude pane=" + std::string(10'000, 'x') + "\n{\"session_id\":\"s\"}",
  };
  for (const std::string& datagram : bad) {
    ASSERT_TRUE(send(datagram));
    loop_.turn();
  }
  EXPECT_TRUE(seen_.empty());
  EXPECT_EQ(socket_->dropped(), static_cast<i64>(std::size(bad)));
}

TEST_F(IngestSocketTest, TheLongestIsTakenAndAByteMoreIsDropped) {
  ASSERT_TRUE(socket_);
  const auto padded = [](std::size_t size) {
    std::string json = "{\"session_id\":\"long\"}";
    json.append(size - json.size(), ' ');
    return "shmeter 1 claude\n" + json;
  };
  if (!send(padded(kMaxStatusLine))) GTEST_SKIP() << "the kernel takes no datagram of that size";
  loop_.turn();
  EXPECT_EQ(seen_.size(), 1u);
  ASSERT_TRUE(send(padded(kMaxStatusLine + 1)));
  ASSERT_TRUE(send(padded(kMaxStatusLine + 20'000)));
  loop_.turn();
  EXPECT_EQ(seen_.size(), 1u);
  EXPECT_EQ(socket_->dropped(), 2);
}

TEST_F(IngestSocketTest, DrainTakesWhatWaitsWithoutTheLoop) {
  ASSERT_TRUE(socket_);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send("shmeter 1 claude\n{\"session_id\":\"s\"}"));
  socket_->drain();
  EXPECT_EQ(seen_.size(), 5u);
}

TEST_F(IngestSocketTest, TakesThePlaceOfADeadOneAndCleansUp) {
  ASSERT_TRUE(socket_);
  auto second = IngestSocket::open(loop_, path_, {.observed = {}, .turn_ends = {}});
  ASSERT_TRUE(second);
  second->reset();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(IngestSocketTest, RefusesAPathThatASocketCannotHave) {
  const std::string longest = dir_.path() + '/' + std::string(107 - dir_.path().size() - 1, 'a');
  EXPECT_TRUE(IngestSocket::open(loop_, longest, {.observed = {}, .turn_ends = {}}));
  const auto refused = IngestSocket::open(loop_, longest + "a", {.observed = {}, .turn_ends = {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::invalid);
  EXPECT_NE(refused.error().message.find("108 bytes, at most 107"), std::string::npos);
  EXPECT_FALSE(
      IngestSocket::open(loop_, dir_.path("no/such/dir"), {.observed = {}, .turn_ends = {}}));
}

}  // namespace
}  // namespace shmeter::collector
