// SPDX-License-Identifier: MIT
#include "collector/command/file_facts.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "collector/loop/wall_clock.hpp"

namespace shmeter::collector {

FileFact file_fact(const std::string& path) {
  FileFact fact;
  fact.path = path;
  struct stat status {};
  if (path.empty() || ::stat(path.c_str(), &status) != 0) return fact;
  fact.there = true;
  fact.is_file = S_ISREG(status.st_mode);
  fact.is_dir = S_ISDIR(status.st_mode);
  fact.is_ours = status.st_uid == ::geteuid();
  fact.can_run = fact.is_file && ::access(path.c_str(), X_OK) == 0;
  fact.can_read = ::access(path.c_str(), R_OK) == 0;
  fact.can_write = ::access(path.c_str(), W_OK) == 0;
  fact.mode = status.st_mode & 0777;
  fact.size = static_cast<shm::u64>(status.st_size);
  fact.age_s = std::max<i64>(wall_clock_ms() / 1000 - status.st_mtime, 0);
  return fact;
}

bool is_same_file(const std::string& one, const std::string& other) {
  struct stat a {};
  struct stat b {};
  return ::stat(one.c_str(), &a) == 0 && ::stat(other.c_str(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

std::string find_program(std::string_view name, std::string_view path) {
  if (name.find('/') != name.npos) return std::string(name);
  while (!path.empty()) {
    const auto colon = path.find(':');
    const std::string folder(path.substr(0, colon));
    path.remove_prefix(colon == path.npos ? path.size() : colon + 1);
    std::string candidate = folder + '/' + std::string(name);
    if (!folder.empty() && file_fact(candidate).can_run) return candidate;
  }
  return {};
}

}  // namespace shmeter::collector
