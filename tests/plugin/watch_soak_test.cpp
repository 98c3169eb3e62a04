// SPDX-License-Identifier: MIT
// --watch over ten thousand changes: the last value is always the last line, a host gets no more
// lines than it can draw, and the reader holds as much after them as after a hundred.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "tests/plugin/reader_run.hpp"
#include "tests/plugin/region_owner.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::test {
namespace {

constexpr int kWarm = 100;
constexpr int kChanges = 10'000;
// A leak of four bytes a change is more. Not nothing, as the stack may reach another page.
constexpr long kSlack_kib = 32;

/// What a process holds.
struct Held {
  std::ptrdiff_t descriptors = 0;
  std::ptrdiff_t mappings = 0;
  long anonymous_kib = 0;  // VmRSS has the program's and the region's pages too, which come and go

  explicit Held(pid_t pid) {
    const std::string proc = "/proc/" + std::to_string(pid);
    descriptors = std::distance(std::filesystem::directory_iterator(proc + "/fd"), {});
    const std::string maps = read_file(proc + "/maps");
    mappings = std::count(maps.begin(), maps.end(), '\n');
    std::istringstream status(read_file(proc + "/status"));
    for (std::string word; status >> word;) {
      if (word == "RssAnon:" && status >> anonymous_kib) return;
    }
    throw std::runtime_error(proc + "/status has no RssAnon");
  }
};

void expect_no_more(const Held& before, const Held& after) {
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_EQ(after.mappings, before.mappings);
  EXPECT_LE(after.anonymous_kib, before.anonymous_kib + kSlack_kib);
}

class WatchSoak : public testing::TestWithParam<Build> {
 protected:
  static PictureText counting(int number) {
    return PictureText(
        "session.0.session_id = s\nsession.0.updated_at_s = now\n"
        "session.0.usage.requests = " +
            std::to_string(number) + "\n",
        std::time(nullptr));
  }
  void publish(int number) {
    PictureText text = counting(number);
    owner_.publish(text);
  }
  Invocation watch(const std::string& verb) const {
    return {GetParam().path,
            {verb, "--watch", "--format", "at {session.requests|raw} now"},
            {"SHMETER_RUNTIME_DIR=" + dir_.path(), "NO_COLOR=1"},
            {},
            false};
  }
  /// The number that a line shows.
  static int number_in(const std::string& line) {
    int number = -1;
    const std::size_t at = line.find("at ");
    if (at == std::string::npos || std::sscanf(line.c_str() + at, "at %d now", &number) != 1)
      throw std::runtime_error("not a line of ours: " + line);
    return number;
  }
  static void expect_end(Running& reader) {
    reader.signal(SIGTERM);
    EXPECT_EQ(reader.wait(), 0);
    EXPECT_THROW(reader.line(), std::runtime_error) << "a line after the last value";
  }

  shm::test::TempDir dir_;
  PictureText first_ = counting(0);
  RegionOwner owner_{dir_.path(), first_};
};

TEST_P(WatchSoak, ABarSeesEachValueOnceAndTheLastOneLast) {
  Running reader(watch("waybar"));
  std::optional<Held> warm;
  int shown = number_in(reader.line());
  EXPECT_EQ(shown, 0);
  for (int number = 0; number < kChanges;) {
    const int burst = 1 + number % 7;
    for (int i = 0; i < burst && number < kChanges; ++i) publish(++number);
    while (shown < number) {  // fewer lines than values: a reader that is late skips some
      const int next = number_in(reader.line());
      ASSERT_GT(next, shown);
      shown = next;
    }
    ASSERT_EQ(shown, number);
    if (!warm && number >= kWarm) warm.emplace(reader.pid());
  }
  expect_no_more(*warm, Held(reader.pid()));
  expect_end(reader);
}

TEST_P(WatchSoak, TmuxGetsAtMostALineASecondAndTheLastOneLast) {
  const std::time_t began_s = std::time(nullptr);
  Running reader(watch("tmux"), Stdout::socket);
  std::optional<Held> warm;
  int shown = number_in(reader.line());
  int lines = 1;
  for (int number = 1; number <= kChanges; ++number) {
    publish(number);
    if (number % 20 == 0) ::usleep(5'000);  // over some seconds
    if (number == kWarm) warm.emplace(reader.pid());
  }
  for (; shown < kChanges; ++lines) {
    const int next = number_in(reader.line());
    ASSERT_GE(next, shown);  // the first one comes twice
    shown = next;
  }
  EXPECT_EQ(shown, kChanges);
  EXPECT_LE(lines, std::time(nullptr) - began_s + 1);
  expect_no_more(*warm, Held(reader.pid()));
  expect_end(reader);
}

INSTANTIATE_TEST_SUITE_P(Build, WatchSoak, testing::ValuesIn(builds()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace shmeter::test
