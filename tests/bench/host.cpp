// SPDX-License-Identifier: MIT
#include "tests/bench/host.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "shm/location.hpp"

namespace shmeter::bench {
namespace {

constexpr std::int64_t kBeatEvery_ns = 2'000'000'000;

[[noreturn]] void drain(int socket, int cpu) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  pin(cpu);
  char buffer[1 << 17];
  while (recv(socket, buffer, sizeof buffer, 0) >= 0) {
  }
  _exit(0);
}

int ingest_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error(path + ": too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error(path + ": " + std::strerror(errno));
  }
  return fd;
}

}  // namespace

RegionHost::RegionHost(const std::string& folder, std::size_t sessions, std::string_view session_id,
                       int drain_cpu, const shm::FormatList& formats)
    : folder_(folder), sample_(sessions, session_id, std::time(nullptr)) {
  sample_.formats() = formats;
  shm::Failure why;
  lock_ = shm::WriterLock::take(folder, why);
  if (!lock_) throw std::runtime_error(why.message);
  publisher_ = shm::Publisher::open(*lock_, shm::kSessions, sample_.picture(), "bench", why);
  if (!publisher_) throw std::runtime_error(why.message);
  const int socket = ingest_socket(folder + "/" + shm::kIngestSocketName);
  drain_ = fork();
  if (drain_ == 0) drain(socket, drain_cpu);
  close(socket);
}

RegionHost::~RegionHost() {
  if (drain_ > 0) {
    kill(drain_, SIGKILL);
    wait_for(drain_);
  }
}

void RegionHost::publish(std::int64_t requests) {
  sample_.summary().today.requests = requests;
  sample_.summary().published_at_ms = static_cast<std::int64_t>(std::time(nullptr)) * 1000;
  publisher_->publish(sample_.picture());
}

void RegionHost::heartbeat() {
  if (now_ns() < beat_ns_ + kBeatEvery_ns) return;
  beat_ns_ = now_ns();
  publisher_->heartbeat();
}

}  // namespace shmeter::bench
