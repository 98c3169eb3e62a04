// SPDX-License-Identifier: MIT
// A directory that is gone when the test is, and the few things tests do to files. In memory where
// the system has a place for that: what is synced there costs nothing.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace shmeter::test {

class TempDir {
 public:
  TempDir() {
    const std::string memory = "/dev/shm";
    std::string pattern = (::access(memory.c_str(), W_OK | X_OK) == 0
                               ? memory
                               : std::filesystem::temp_directory_path().string()) +
                          "/shmeter-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  std::string path(std::string_view below = {}) const {
    return below.empty() ? path_ : path_ + '/' + std::string(below);
  }

 private:
  std::string path_;
};

inline void append(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

inline void replace(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::trunc | std::ios::binary) << text;
}

inline std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace shmeter::test
