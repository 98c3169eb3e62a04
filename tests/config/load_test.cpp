// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "collector/config/config.hpp"

namespace shmeter::collector {
namespace {

namespace fs = std::filesystem;

struct LoadConfig : ::testing::Test {
  fs::path dir = fs::path(::testing::TempDir()) / ("shmeter-config-" + std::to_string(::getpid()));
  LoadConfig() { fs::create_directories(dir); }
  ~LoadConfig() override { fs::remove_all(dir); }
  ConfigPath write(std::string_view text) const {
    const fs::path path = dir / "config.toml";
    std::ofstream(path) << text;
    return {path, true};
  }
};

TEST(ConfigPathOf, Table) {
  const struct {
    ConfigEnvironment environment;
    const char* path;
    bool asked_for;
  } rows[] = {
      {{"/f", "/e", "/x", "/h"}, "/f", true},
      {{"", "/e", "/x", "/h"}, "/e", true},
      {{"", "", "/x", "/h"}, "/x/shmeter/config.toml", false},
      {{"", "", "relative", "/h"}, "/h/.config/shmeter/config.toml", false},
      {{"", "", "", "/h"}, "/h/.config/shmeter/config.toml", false},
      {{"", "", "", ""}, "", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.path);
    const ConfigPath got = config_path(row.environment);
    EXPECT_EQ(got.path, row.path);
    EXPECT_EQ(got.asked_for, row.asked_for);
  }
}

TEST_F(LoadConfig, ReadsAFile) {
  const auto config = load_config(write("week_start = \"sunday\"\n"), "/h");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->week_start, Weekday::sunday);
}

TEST_F(LoadConfig, AbsentIsTheDefaultUnlessItWasAskedFor) {
  const std::string path = dir / "absent.toml";
  const auto config = load_config({path, false}, "/h");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->timezone, "local");
  EXPECT_EQ(config->sessions, shm::kSessions);
  const auto asked = load_config({path, true}, "/h");
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, Errc::not_found);
  EXPECT_TRUE(asked.error().message.starts_with(path));
  EXPECT_TRUE(load_config({}, ""));
}

TEST_F(LoadConfig, OnlyPlainFilesOfSensibleSize) {
  EXPECT_EQ(load_config({dir, true}, "/h").error().code, Errc::invalid);
  const fs::path fifo = dir / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(load_config({fifo, true}, "/h").error().code, Errc::invalid) << "and it does not hang";
  const auto huge = load_config(write(std::string(kMaxConfigBytes + 1, '#')), "/h");
  ASSERT_FALSE(huge);
  EXPECT_NE(huge.error().message.find("1 MiB"), std::string::npos);
  EXPECT_TRUE(load_config(write(std::string(kMaxConfigBytes, '#')), "/h"));
}

}  // namespace
}  // namespace shmeter::collector
