// SPDX-License-Identifier: MIT
#include "collector/model/session_models.hpp"

#include <gtest/gtest.h>

#include <random>

namespace shmeter::collector {
namespace {

TEST(SessionModels, AggregatesAreAddedUpByNormalisedName) {
  const ModelTokens said[] = {{"claude-opus-5-5", 3},
                              {"Claude-Opus-5-5[1m]", 4},
                              {"glm-1", 0},
                              {"bad", -1},
                              {"huge", i64{1} << 60}};
  const ClientModels models = client_models(said);
  EXPECT_EQ(models.total, 7);
  ASSERT_EQ(models.entries.size(), 1u);
  EXPECT_EQ(models.entries[0].model, shm::hash_text("claude-opus-5-5"));
  EXPECT_EQ(models.entries[0].tokens, 7);
  EXPECT_EQ(client_models({}).total, kUnknown);
}

TEST(SessionModels, ManyModelsAreNotKept) {
  std::vector<std::string> names;
  for (int i = 0; i < 1000; ++i) names.push_back("m-" + std::to_string(i));
  std::vector<ModelTokens> said;
  for (const std::string& name : names) said.push_back({name, 1});
  EXPECT_EQ(client_models(said).entries.size(), kMostClientModels);
}

TEST(SessionModels, WhatIsTakenBackLeavesNothing) {
  ModelTallies tallies;
  tallies.count(7, 100);
  tallies.count(7, -100);
  EXPECT_EQ(tallies, ModelTallies());
  tallies.set_client({{{7, 50}}, 50});
  EXPECT_TRUE(tallies.client_exceeds());
  tallies.count(7, 50);
  EXPECT_FALSE(tallies.client_exceeds());
  tallies.clear_counted();
  EXPECT_TRUE(tallies.client_exceeds());
  tallies.set_client({});
  EXPECT_EQ(tallies, ModelTallies());
}

TEST(SessionModels, TextAndBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    ModelTallies tallies;
    ClientModels client;
    for (u64 n = random() % 6; n > 0; --n) tallies.count(random(), static_cast<i64>(random() >> 2));
    for (u64 n = random() % 6; n > 0; --n)
      client.entries.push_back({random(), static_cast<i64>(random() >> 20)});
    tallies.set_client(client);
    std::string text = tallies.text();
    ASSERT_EQ(ModelTallies::from(text), tallies) << text;
    if (text.empty()) continue;
    for (int change = 0; change < 20; ++change) {  // damaged: no crash, no more than was there
      text[random() % text.size()] = static_cast<char>(random());
      static_cast<void>(ModelTallies::from(text));
    }
    static_cast<void>(ModelTallies::from(text.substr(0, random() % text.size())));
  }
}

}  // namespace
}  // namespace shmeter::collector
