// SPDX-License-Identifier: MIT
// Other users of the machine: what they can reach of a real collector's files and sockets, and what
// they can put in its way. To become one of them takes root; without it these tests are skipped.
#include <grp.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "tests/daemon/http_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::contents;
using test::line;
using test::Process;

constexpr uid_t kStranger = 65534;

class StrangerTest : public test::HttpTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  }
  ~StrangerTest() override { ::umask(umask_); }

  /// What `act` returns, 0 to 255, when somebody else does it in a process of their own.
  template <class Act>
  static int as_stranger(Act&& act) {
    const pid_t child = ::fork();
    if (child == 0) {
      const bool other =
          ::setgroups(0, nullptr) == 0 && ::setgid(kStranger) == 0 && ::setuid(kStranger) == 0;
      ::_exit(other ? act() : 255);
    }
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 255;
  }
  static int open_file(const std::string& path, int flags) {
    return ::open(path.c_str(), flags | O_CLOEXEC) >= 0 ? 0 : errno;
  }
  static collector::Fd connect_to(const std::string& path, int type) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    collector::Fd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    const auto* to = reinterpret_cast<const sockaddr*>(&address);
    return ::connect(fd.get(), to, sizeof address) == 0 ? std::move(fd) : collector::Fd();
  }
  /// All that comes until the other side has enough; "unreached" where nobody is.
  static std::string answer(const std::string& path, const std::string& request) {
    const collector::Fd fd = connect_to(path, SOCK_STREAM);
    if (!fd) return "unreached";
    // Whoever was refused may find the other side gone.
    if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE)
      return "unsent";
    std::string text(4096, '\0');
    std::size_t n = 0;
    ssize_t got = 0;
    while (n < text.size() && (got = ::recv(fd.get(), &text[n], text.size() - n, 0)) > 0)
      n += static_cast<std::size_t>(got);
    text.resize(n);
    return text;
  }
  /// Everything that the collector made, in the runtime and the state directory.
  std::vector<fs::directory_entry> made() const {
    std::vector<fs::directory_entry> all;
    for (const std::string& dir : {dir_.path("rt"), state("")})
      for (const auto& entry : fs::recursive_directory_iterator(dir)) all.push_back(entry);
    return all;
  }
  /// A collector with every file and socket that there can be, under a umask that forbids nothing,
  /// in folders that anybody may walk through.
  void start_open_to_all() {
    ::umask(0);
    for (const std::string& dir : {dir_.path(""), dir_.path("home"), dir_.path("rt")})
      ASSERT_EQ(::chmod(dir.c_str(), 0755), 0);
    configure("[http]\nlisten = \"127.0.0.1:" + std::to_string(test::free_port()) + "\"\n" +
              "[lines]\ntargets = [\"zsh\"]\n");
    append(transcript(), line("a", 100));
    start_and_wait();
    ASSERT_TRUE(said("HTTP on 127.0.0.1"));
  }

 private:
  mode_t umask_ = ::umask(022);
};

TEST_F(StrangerTest, WhateverTheUmaskNothingIsOpenToOthers) {
  start_open_to_all();
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : made()) {
    names.push_back(entry.path().filename());
    struct stat st {};
    ASSERT_EQ(::lstat(entry.path().c_str(), &st), 0);
    EXPECT_EQ(st.st_mode & 077u, 0u) << entry.path();
  }
  for (const char* const name : {"region.1", "lock", "control.sock", "http.sock", "ingest.sock",
                                 "http.token", "otel.token", "usage.db"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
}

TEST_F(StrangerTest, ReadsAndWritesNothingAndReachesNoSocket) {
  start_open_to_all();
  ASSERT_EQ(as_stranger([&] { return open_file(dir_.path("rt"), O_RDONLY | O_DIRECTORY); }), 0)
      << "the folder itself is open in this test, so that the files stand alone";
  for (const fs::directory_entry& entry : made()) {
    const std::string path = entry.path();
    if (entry.is_socket()) {
      for (const int type : {SOCK_STREAM, SOCK_DGRAM})
        EXPECT_EQ(as_stranger([&] { return connect_to(path, type) ? 0 : errno; }), EACCES) << path;
      continue;
    }
    EXPECT_EQ(as_stranger([&] { return open_file(path, O_RDONLY); }), EACCES) << path;
    if (entry.is_regular_file()) {
      EXPECT_EQ(as_stranger([&] { return open_file(path, O_WRONLY); }), EACCES) << path;
    }
  }
  EXPECT_EQ(as_stranger([&] { return open_file(dir_.path("rt/x"), O_WRONLY | O_CREAT); }), EACCES);
}

// Even where somebody has opened the socket to all.
TEST_F(StrangerTest, IsNotServedThroughASocketThatIsOpen) {
  start_open_to_all();
  for (const char* const name : {"control.sock", "http.sock"})
    ASSERT_EQ(::chmod(dir_.path(std::string("rt/") + name).c_str(), 0666), 0);
  const std::string http = dir_.path("rt/http.sock");
  const std::string control = dir_.path("rt/control.sock");
  const std::string refusal = "ERROR this collector serves uid 0 only\n";
  EXPECT_EQ(as_stranger([&] { return answer(http, "GET /api/quota HTTP/1.0\r\n\r\n") != ""; }), 0);
  EXPECT_EQ(as_stranger([&] { return answer(control, "GET_USAGE\n") != refusal; }), 0);
  EXPECT_NE(answer(http, "GET /api/quota HTTP/1.0\r\n\r\n"), "") << "its user is";
}

// Whoever is first at /tmp/shmeter-UID, or puts a link there.
TEST_F(StrangerTest, HasNothingOfASquattedPlace) {
  const std::string squatted = dir_.path("squatted");
  fs::create_directory(squatted);
  fs::create_directory(dir_.path("real"));
  ASSERT_EQ(::chmod(dir_.path("real").c_str(), 0700), 0);
  append(squatted + "/region.1", "any bytes");
  ASSERT_EQ(::chown(squatted.c_str(), kStranger, kStranger), 0);
  ASSERT_EQ(::chown((squatted + "/region.1").c_str(), kStranger, kStranger), 0);
  fs::create_directory_symlink(dir_.path("real"), dir_.path("link"));

  std::string words;
  EXPECT_EQ(run({"daemon", "run", "--runtime-dir", squatted}, words), 73);
  EXPECT_NE(words.find("belongs to user 65534"), std::string::npos) << words;
  EXPECT_EQ(run({"daemon", "run", "--runtime-dir", dir_.path("link")}, words), 73);
  EXPECT_NE(words.find("must be no link"), std::string::npos) << words;
  EXPECT_TRUE(fs::is_empty(dir_.path("real")));
  EXPECT_EQ(std::distance(fs::directory_iterator(squatted), {}), 1) << "nothing was put there";

  const std::string to = output("reader");
  EXPECT_EQ(Process({SHMETER, "plain", "--verbose", "--runtime-dir", squatted}, {}, to).wait(), 0);
  EXPECT_NE(contents(to).find("shmeter: "), std::string::npos) << "says why";
  EXPECT_EQ(contents(to).find("any bytes"), std::string::npos);
}

// A copy with somebody else's rights would read files and run commands that the caller names.
TEST_F(StrangerTest, ASetUserIdProgramDoesNothing) {
#ifdef SHMETER_SANITIZED
  GTEST_SKIP() << "the sanitizer looks at the program as a debugger, which may not with other ids";
#endif
  struct statvfs here {};
  ASSERT_EQ(::statvfs(dir_.path("").c_str(), &here), 0);
  if ((here.f_flag & ST_NOSUID) != 0) GTEST_SKIP() << dir_.path("") << " is mounted nosuid";
  ASSERT_EQ(::chmod(dir_.path("").c_str(), 0755), 0);
  const std::string touched = dir_.path("touched");
  for (const auto& [program, words] :
       {std::pair<std::string, std::vector<std::string>>{
            SHMETER, {"claude", "--then", "touch " + touched, "--region", "/dev/null"}},
        {SHMETERD, {"daemon", "run", "--runtime-dir", touched}},
        {SHMETERD, {"config", "show"}}}) {
    for (const mode_t bit : {04755u, 02755u}) {
      const std::string copy = dir_.path("copy");
      fs::copy_file(program, copy, fs::copy_options::overwrite_existing);
      ASSERT_EQ(::chown(copy.c_str(), kStranger, kStranger), 0);
      ASSERT_EQ(::chmod(copy.c_str(), bit), 0);
      const std::string to = output("borrowed");
      fs::remove(to);
      std::vector<std::string> all = words;
      all.insert(all.begin(), copy);
      EXPECT_EQ(Process(all, environment(), to).wait(), 64) << program << contents(to);
      EXPECT_NE(contents(to).find("does not run set-user-ID"), std::string::npos) << contents(to);
      EXPECT_FALSE(fs::exists(touched));
    }
  }
}

}  // namespace
}  // namespace shmeter
