// SPDX-License-Identifier: MIT
// A process that publishes a picture, as tests need it: live as long as the object.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

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
    if (text.writer() == Writer::gone) leave();
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
