// SPDX-License-Identifier: MIT
#include "collector/ledger/interner.hpp"

#include <gtest/gtest.h>

namespace shmeter::collector {
namespace {

TEST(Interner, OneNumberPerText) {
  Interner names;
  EXPECT_FALSE(names.find("a"));
  EXPECT_EQ(names.intern("a"), 0u);
  EXPECT_EQ(names.intern(""), 1u);
  EXPECT_EQ(names.intern("a"), 0u);
  EXPECT_EQ(names.find(""), 1u);
  EXPECT_EQ(names.text(1), "");
  EXPECT_EQ(names.size(), 2u);
}

TEST(Interner, KeepsItsNumbersWhileItGrows) {
  Interner names;
  for (u32 i = 0; i < 20'000; ++i) ASSERT_EQ(names.intern("session-" + std::to_string(i)), i);
  for (u32 i = 0; i < 20'000; ++i) {
    ASSERT_EQ(names.text(i), "session-" + std::to_string(i));
    ASSERT_EQ(names.find("session-" + std::to_string(i)), i);
  }
  EXPECT_FALSE(names.find("session-20000"));
}

TEST(Interner, AppendsWhatIsThereAlready) {
  Interner names;
  for (u32 i = 0; i < 300; ++i) names.append(i % 3 == 0 ? "a" : "text-" + std::to_string(i));
  EXPECT_EQ(names.size(), 300u);
  EXPECT_EQ(names.find("a"), 0u);
  EXPECT_EQ(names.text(297), "a");
  EXPECT_EQ(names.intern("text-298"), 298u);
  EXPECT_EQ(names.intern("b"), 300u);
}

}  // namespace
}  // namespace shmeter::collector
