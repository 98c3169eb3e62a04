// SPDX-License-Identifier: MIT
// A collector of the test's own, and curl to ask it over HTTP.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "collector/loop/fd.hpp"
#include "tests/daemon/daemon_fixture.hpp"

namespace shmeter::test {

struct Got {
  int status = 0;
  std::string body;
};

/// A port that was free a moment ago.
inline std::uint16_t free_port() {
  const collector::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

class HttpTest : public DaemonTest {
 protected:
  std::string transcript() const { return dir_.path("cfg/projects/-p/live.jsonl"); }
  std::string state(const std::string& name) const {
    return dir_.path("home/.local/state/shmeter/" + name);
  }
  void configure(const std::string& toml) const {
    std::filesystem::create_directories(dir_.path("home/.config/shmeter"));
    std::ofstream(dir_.path("home/.config/shmeter/config.toml")) << toml;
  }
  void start_and_wait() {
    start_daemon();
    ASSERT_TRUE(wait_for([&] { return std::filesystem::exists(dir_.path("rt/http.sock")); }))
        << contents(output("daemon"));
    ASSERT_TRUE(wait_for([&] { return complete(); }));
  }
  Got curl(std::vector<std::string> words) const {
    const std::string to = output("curl");
    std::filesystem::remove(to);
    words.insert(words.begin(), {"curl", "-sS", "-m", "20", "-w", "\n%{http_code}"});
    Process(words, environment(), to).wait();
    std::string text = contents(to);
    Got got;
    const auto newline = text.rfind('\n');
    if (newline == std::string::npos) return got;
    got.status = std::atoi(text.c_str() + newline + 1);
    got.body = text.substr(0, newline);
    return got;
  }
  Got local(const std::string& target, std::vector<std::string> more = {}) const {
    more.insert(more.end(),
                {"--unix-socket", dir_.path("rt/http.sock"), "http://localhost" + target});
    return curl(std::move(more));
  }
  Got tcp(std::uint16_t port, const std::string& target, const std::string& token) const {
    std::vector<std::string> words = {"http://127.0.0.1:" + std::to_string(port) + target};
    if (!token.empty()) words.insert(words.end(), {"-H", "Authorization: Bearer " + token});
    return curl(words);
  }
  /// Sockets of the collector that listen on TCP.
  int listening() const {
    std::set<std::string> ours;
    for (const auto& fd :
         std::filesystem::directory_iterator("/proc/" + std::to_string(daemon_->pid()) + "/fd")) {
      std::error_code ignored;
      const std::string to = std::filesystem::read_symlink(fd.path(), ignored).string();
      if (to.starts_with("socket:[")) ours.insert(to.substr(8, to.size() - 9));
    }
    int count = 0;
    for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      std::ifstream in(table);
      std::string row;
      std::getline(in, row);
      while (std::getline(in, row)) {
        std::istringstream words(row);
        const std::vector<std::string> all{std::istream_iterator<std::string>(words), {}};
        if (all.size() > 9 && all[3] == "0A" && ours.contains(all[9])) ++count;
      }
    }
    return count;
  }
};

}  // namespace shmeter::test
