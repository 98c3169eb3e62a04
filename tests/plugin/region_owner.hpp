// SPDX-License-Identifier: MIT
// A process that publishes a picture, as tests need it: live as long as the object.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <string>

#include "shm/layout.hpp"
#include "shm/location.hpp"
#include "shm/publisher.hpp"
#include "shm/writer_lock.hpp"
#include "tests/plugin/picture_text.hpp"

namespace shmeter::test {

class RegionOwner {
 public:
  RegionOwner(const std::string& dir, PictureText& text, shm::u32 capacity = 64) {
    shm::Failure why;
    lock_ = shm::WriterLock::take(dir, why);
    if (!lock_) throw std::runtime_error(why.message);
    publisher_ = shm::Publisher::open(*lock_, capacity, text.picture(), "test", why);
    if (!publisher_) throw std::runtime_error(why.message);
    if (text.writer() == Writer::stopped) publisher_->stop();
    if (text.writer() == Writer::live) return;
    if (text.writer() == Writer::gone) leave();
    const int fd = ::open((dir + "/" + shm::kRegionName).c_str(), O_RDWR | O_CLOEXEC);
    const shm::u64 none = 0;
    constexpr off_t kAt = shm::kLiveOffset + offsetof(shm::Live, heartbeat_ns);
    if (::pwrite(fd, &none, sizeof none, kAt) != sizeof none) throw std::runtime_error("heartbeat");
    ::close(fd);
  }

  void publish(PictureText& text) { publisher_->publish(text.picture()); }
  /// As a killed collector does: the file stays, the locks are gone.
  void leave() {
    publisher_.reset();
    lock_.reset();
  }

 private:
  std::optional<shm::WriterLock> lock_;  // outlives the publisher
  std::optional<shm::Publisher> publisher_;
};

}  // namespace shmeter::test
