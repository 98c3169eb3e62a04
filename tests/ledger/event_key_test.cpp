// SPDX-License-Identifier: MIT
// Fixed values: stores and other machines keep these numbers, so they may never change.
#include "collector/ledger/event_key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace shmeter::collector {
namespace {

TEST(EventKey, NeverChanges) {
  const struct {
    NameKind kind;
    std::string_view text;
    std::uint64_t want;
  } rows[] = {
      {NameKind::message, "", 0x48218226ff3cd4bfu},
      {NameKind::message, "msg_fake4", 0x1948b436274ce8b5u},
      {NameKind::request, "msg_fake4", 0x20cded47c289eed7u},
      {NameKind::message, "msg_01ABCDEFGHJKMNPQRSTVWXYZ", 0xe2026bc76e30827au},
      {NameKind::uuid, "004ab00a-d309-4e1c-83f6-388ab561aadc", 0xf5b884f36ed87892u},
      {NameKind::content, "\xff\x80", 0x811f6a5a6aceb6e8u},
      {NameKind::tool_call, "toolu_01ABC", 0xdb06e719ca0f6bd6u},
      {NameKind::prompt, "toolu_01ABC", 0xab3ca9d2559a90f2u},
      {NameKind::turn, "toolu_01ABC", 0x73c229769b993e23u},
      {NameKind::failure, "toolu_01ABC", 0x8d08ff8ca802a65au},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(hash_name(row.kind, row.text), row.want);
  }
}

TEST(EventKey, TheCompilerAndTheMachineAgree) {
  constexpr std::string_view kText = "msg_01ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr std::uint64_t kCompiled = hash_name(NameKind::message, kText);
  EXPECT_EQ(hash_name(NameKind::message, std::string(kText)), kCompiled);
}

TEST(EventKey, NoRequestIdIsNoRequest) {
  EXPECT_EQ(event_key("msg_1", "").request, 0u);
  EXPECT_NE(event_key("msg_1", "req_1").request, 0u);
  EXPECT_EQ(event_key("msg_1", "req_1").message, event_key("msg_1", "").message);
}

TEST(EventKey, LengthIsPartOfTheName) {
  std::set<std::uint64_t> seen;
  for (std::size_t n = 0; n < 40; ++n)
    seen.insert(hash_name(NameKind::message, std::string(n, '\0')));
  EXPECT_EQ(seen.size(), 40u);
}

TEST(EventKey, CountedIdsFallEverywhere) {
  // Ids that differ in their last digits only must not crowd the upper bits, which the log uses.
  std::set<std::uint64_t> buckets;
  for (int i = 0; i < 4096; ++i)
    buckets.insert(hash_name(NameKind::message, "msg_" + std::to_string(i)) >> 52);
  // 4096 balls in 4096 bins leave 1/e of them empty: 2589 hit, give or take 30.
  EXPECT_GT(buckets.size(), 2400u);
  EXPECT_LT(buckets.size(), 2800u);
}

}  // namespace
}  // namespace shmeter::collector
