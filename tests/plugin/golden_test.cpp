// SPDX-License-Identifier: MIT
// Every folder of tests/golden is a picture, a command line and the line that must come out,
// through the real reader in each of its builds. UPDATE_GOLDEN=1 writes what comes out: review the
// diff.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/plugin/reader_run.hpp"
#include "tests/plugin/region_owner.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> folders() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(SHMETER_GOLDEN))
    if (entry.is_directory()) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::string optional_file(const fs::path& path) {
  return fs::exists(path) ? read_file(path) : std::string();
}

/// One word or NAME=value a line; '' is the empty word.
std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) all.push_back(line == "''" ? "" : line);
  return all;
}

/// `@now+2@` in JSON on stdin is two and a half hours from now; the minute shown is in its middle.
std::string with_times(std::string text, shm::i64 now_s) {
  for (std::size_t at = text.find("@now+"); at != std::string::npos; at = text.find("@now+", at)) {
    const std::size_t end = text.find('@', at + 1);
    const shm::i64 hours = std::stol(text.substr(at + 5));
    text.replace(at, end - at + 1, std::to_string(now_s + hours * 3600 + 1830));
  }
  return text;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, Line) {
  const fs::path folder = fs::path(SHMETER_GOLDEN) / GetParam();
  for (const Build& build : builds()) {
    SCOPED_TRACE(build.name);
    const shm::test::TempDir dir;
    const shm::i64 now_s = std::time(nullptr);
    const std::string description = optional_file(folder / "picture.txt");
    PictureText picture(description, now_s);
    std::optional<RegionOwner> owner;
    if (!description.empty()) owner.emplace(dir.path(), picture);

    Invocation invocation;
    invocation.path = build.path;
    invocation.words = lines(read_file(folder / "args"));
    invocation.environment = lines(optional_file(folder / "env"));
    invocation.environment.push_back("SHMETER_RUNTIME_DIR=" + dir.path());
    invocation.input = with_times(optional_file(folder / "stdin"), now_s);
    const Ended ended = run(invocation);
    EXPECT_EQ(ended.status, 0);
    EXPECT_EQ(ended.err, "");
    if (std::getenv("UPDATE_GOLDEN") != nullptr)
      std::ofstream(folder / "expected.txt") << ended.out;
    else
      EXPECT_EQ(ended.out, read_file(folder / "expected.txt"));
  }
}

INSTANTIATE_TEST_SUITE_P(Folder, Golden, testing::ValuesIn(folders()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace shmeter::test
