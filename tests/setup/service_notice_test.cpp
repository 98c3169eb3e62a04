// SPDX-License-Identifier: MIT
#include "collector/command/service_notice.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include "collector/loop/fd.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

/// A service manager's end; `name` as $NOTIFY_SOCKET has it.
Fd listen_at(std::string name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  if (name[0] == '@') name[0] = '\0';
  name.copy(address.sun_path, name.size());
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  return fd;
}

std::string heard(const Fd& fd) {
  std::array<char, 256> bytes{};
  const ssize_t n = ::recv(fd.get(), bytes.data(), bytes.size(), 0);
  return n < 0 ? "nothing" : std::string(bytes.data(), static_cast<std::size_t>(n));
}

TEST(ServiceNotice, ReachesAPathAndAnAbstractName) {
  test::TempDir dir;
  for (const std::string& name :
       {dir.path("notify"), "@shmeter-test-" + std::to_string(::getpid())}) {
    const Fd manager = listen_at(name);
    EXPECT_TRUE(tell_service_manager(name, kServiceReady)) << name;
    EXPECT_EQ(heard(manager), "READY=1\n");
    EXPECT_TRUE(tell_service_manager(name, kServiceStops)) << name;
    EXPECT_EQ(heard(manager), "STOPPING=1\n");
  }
}

TEST(ServiceNotice, NobodyThereIsNoTrouble) {
  test::TempDir dir;
  for (const std::string& name :
       {std::string(), std::string("relative"), std::string("vsock:2:1"), dir.path("gone"),
        '/' + std::string(200, 'x'), '@' + std::string(107, 'x')})
    EXPECT_FALSE(tell_service_manager(name, kServiceReady)) << name;
  const Fd manager = listen_at(dir.path("full"));
  int told = 0;
  while (tell_service_manager(dir.path("full"), kServiceReady)) ASSERT_LT(++told, 100'000);
  EXPECT_GT(told, 0) << "one that does not listen is not waited for";
}

}  // namespace
}  // namespace shmeter::collector
