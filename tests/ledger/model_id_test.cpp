// SPDX-License-Identifier: MIT
// Every form of facts about model ids that a transcript can hold.
#include "collector/ledger/model_id.hpp"

#include <gtest/gtest.h>

#include "collector/ledger/prices.hpp"

namespace shmeter::collector {
namespace {

TEST(ModelId, Table) {
  const struct {
    std::string_view written, want;
  } rows[] = {
      {"claude-opus-5-5", "claude-opus-5-5"},
      {"claude-sonnet-5-5[1m]", "claude-sonnet-5-5"},
      {"Claude-Sonnet-4-6", "claude-sonnet-4-6"},
      {"claude-opus-4-5-20251101", "claude-opus-4-5"},
      {"claude-3-5-sonnet-20241022", "claude-3-5-sonnet"},
      {"claude-3-5-haiku-latest", "claude-3-5-haiku"},
      {"claude-opus-4-20250514", "claude-opus-4-0"},
      {"claude-opus-4-0", "claude-opus-4-0"},
      {"claude-sonnet-4", "claude-sonnet-4-0"},
      {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"},
      {"us.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"},
      {"global.anthropic.claude-opus-5-5", "claude-opus-5-5"},
      {"anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"},
      {"anthropic.claude-haiku-4-5", "claude-haiku-4-5"},
      {"claude-sonnet-4-5@20250929", "claude-sonnet-4-5"},
      {"claude-3-5-sonnet-v2@20241022", "claude-3-5-sonnet"},
      {"claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4-5"},
      {"anthropic/claude-opus-4.8", "claude-opus-4-8"},
      {"openrouter/anthropic/claude-sonnet-5.5", "claude-sonnet-5-5"},
      {"arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2c3", "a1b2c3"},
      {"glm-5.2", "glm-5-2"},
      {"kimi-k2.6", "kimi-k2-6"},
      {"", ""},
      {"[1m]", "[1m]"},
      {"-v1", "-v1"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.written);
    EXPECT_EQ(normalise_model(row.written), row.want);
  }
}

TEST(ModelId, NeverByPrefix) {
  const Prices prices;
  for (const auto* unknown :
       {"claude-opus-5-7", "claude-opus-5-50", "claude-sonnet-5-5-preview", "claude-opus",
        "claude-mythos-preview", "xclaude-opus-5", "a1b2c3", "us.claude-opus-5"}) {
    SCOPED_TRACE(unknown);
    EXPECT_TRUE(prices.of(normalise_model(unknown)).built_in.empty());
  }
}

}  // namespace
}  // namespace shmeter::collector
