// SPDX-License-Identifier: MIT
#include "collector/model/accounts.hpp"

#include <gtest/gtest.h>

#include "tests/model/observed.hpp"

namespace shmeter::collector {
namespace {

TEST(Accounts, Names) {
  Config config;
  config.accounts = {account_config("work", "/home/ann/.claude-work", "max"),
                     account_config("claude-x", "/nowhere")};
  Accounts accounts(config);
  const struct {
    const char* dir;
    const char* name;
    const char* tier;
  } rows[] = {
      {"/home/ann/.claude", "default", ""},
      {"/home/ann/.config/claude", "claude", ""},
      {"/home/ann/.claude-work", "work", "max"},
      {"/srv/claude", "claude-2", ""},
      {"/srv/a/claude-x", "claude-x-2", ""},
      {"/srv/b/.claude", "claude-3", ""},
      {"/", "account", ""},
  };
  shm::u32 number = 0;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.dir);
    EXPECT_EQ(accounts.number(row.dir), number);
    EXPECT_EQ(accounts[number].name, row.name);
    EXPECT_EQ(accounts[number].tier, row.tier);
    ++number;
  }
  EXPECT_EQ(accounts.number("/home/ann/.claude/"), 0u) << "a slash makes no other directory";
  EXPECT_EQ(accounts.number(""), std::nullopt);
  EXPECT_EQ(accounts.number("/eighth"), 7u);
  EXPECT_EQ(accounts.number("/ninth"), std::nullopt);
  EXPECT_EQ(accounts.number("/eighth"), 7u);
}

TEST(Accounts, ConfigClaudeIsDefaultWhenItIsTheFirst) {
  Accounts accounts{Config{}};
  accounts.number("/home/ann/.config/claude");
  EXPECT_EQ(accounts[0].name, "default");
}

TEST(Accounts, AnotherConfigurationRenames) {
  Accounts accounts{Config{}};
  accounts.number("/home/ann/.claude");
  accounts.number("/srv/claude");
  Config config;
  config.accounts = {account_config("default", "/srv/claude", "pro")};
  accounts.rename(config);
  EXPECT_EQ(accounts[0].name, "claude");
  EXPECT_EQ(accounts[1].name, "default");
  EXPECT_EQ(accounts[1].tier, "pro");
  accounts.rename(Config{});
  EXPECT_EQ(accounts[0].name, "default");
  EXPECT_EQ(accounts[1].name, "claude");
  EXPECT_EQ(accounts[1].tier, "");
}

TEST(Accounts, PublishesAStableId) {
  Accounts accounts{Config{}};
  accounts.number("/home/ann/.claude");
  const shm::Account account = accounts.publish(0, 0);
  EXPECT_EQ(account.id.view(), "45c3204361d6822e");
  EXPECT_EQ(account.config_dir.view(), "/home/ann/.claude");
  EXPECT_EQ(account.config_dir_hash, shm::hash_text("/home/ann/.claude"));
  EXPECT_FALSE(shm::known(account.five_hour.used_ppm));
  EXPECT_FALSE(shm::known(account.health_ppm));
  EXPECT_FALSE(shm::known(account.last_request_at_s));
}

}  // namespace
}  // namespace shmeter::collector
