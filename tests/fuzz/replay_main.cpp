// SPDX-License-Identifier: MIT
// Runs a target over files, and over the files of folders: `fuzz_TARGET PATH...`. Each as it is,
// cut off, and damaged in ways that are always the same, so that a run that fails once fails again.
// Without any file it fails, too: a corpus that was not found holds nothing to anything.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "tests/fuzz/fuzz.hpp"

namespace shmeter::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int kDamaged = 24;  // of each file
constexpr std::size_t kLongestDamaged = std::size_t{16} << 10;

std::vector<fs::path> files_of(int count, char** paths) {
  std::vector<fs::path> files;
  for (int i = 0; i < count; ++i) {
    if (fs::is_regular_file(paths[i])) files.emplace_back(paths[i]);
    if (!fs::is_directory(paths[i])) continue;
    for (const auto& entry : fs::recursive_directory_iterator(paths[i]))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// In a block of exactly its size, so that a sanitizer sees who reads beyond it.
void run(const std::string& text) {
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string damaged(std::string text, std::mt19937& random) {
  const std::size_t at = random() % text.size();
  const std::size_t n = random() % 40;
  switch (random() % 4) {
    case 0:
      return text.substr(0, at);
    case 1:
      return text.erase(at, n);
    case 2:
      return text.insert(at, text.substr(random() % text.size(), n));
    default:
      for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
      return text;
  }
}

void replay(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  run(text);
  if (text.empty() || text.size() > kLongestDamaged) return;
  std::mt19937 random(20261122);
  for (int i = 0; i < kDamaged; ++i) run(damaged(text, random));
}

}  // namespace
}  // namespace shmeter::fuzz

int main(int argc, char** argv) {
  const auto files = shmeter::fuzz::files_of(argc - 1, argv + 1);
  for (const auto& file : files) {
    // Said before, so that the last one said is the one that failed.
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    shmeter::fuzz::replay(file);
  }
  std::printf("%zu files\n", files.size());
  return files.empty() ? 1 : 0;
}
