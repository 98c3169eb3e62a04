// SPDX-License-Identifier: MIT
// A directory of the test's own on a tmpfs where there is one, gone with the object.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace shmeter::shm::test {

class TempDir {
 public:
  TempDir() {
    const bool fast = ::access("/dev/shm", W_OK) == 0;
    path_ = fast ? "/dev/shm/shmeter-test-XXXXXX"
                 : (std::filesystem::temp_directory_path() / "shmeter-test-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::string region() const { return *this / "region.1"; }

 private:
  std::string path_;
};

}  // namespace shmeter::shm::test
