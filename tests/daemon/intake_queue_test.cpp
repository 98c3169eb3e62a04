// SPDX-License-Identifier: MIT
#include "collector/command/intake_queue.hpp"

#include <gtest/gtest.h>

#include <random>

#include "collector/loop/loop.hpp"

namespace shmeter::collector {
namespace {

class IntakeQueueTest : public testing::Test {
 protected:
  static ObservationBatch batch(const std::string& name, int count) {
    ObservationBatch out;
    for (int i = 0; i < count; ++i) {
      const std::string id = name + std::to_string(i);
      EventSeen seen;
      seen.id = id;
      out.add(Observation(seen));
    }
    return out;
  }
  IntakeQueue::Done done(const std::string& name) {
    return [this, name](const Result<void>& stored) {
      EXPECT_TRUE(stored);
      happened_.push_back("done " + name);
    };
  }
  /// Everything once more, in one turn of the loop.
  std::size_t turn() {
    const std::size_t before = happened_.size();
    loop_.turn();
    return happened_.size() - before;
  }

  Loop loop_;
  bool ready_ = true;
  std::vector<std::string> happened_;
  std::function<void()> when_turn_ends_;
  IntakeQueue queue_{loop_,
                     {.ready = [this] { return ready_; },
                      .apply =
                          [this](const Observation& seen, u32 account) {
                            happened_.push_back(std::string(std::get<EventSeen>(seen).id) + '@' +
                                                std::to_string(account));
                          },
                      .turn_ends =
                          [this] {
                            if (when_turn_ends_) when_turn_ends_();
                          },
                      .flush = [](const IntakeQueue::Done& done) { done({}); }}};
};

TEST_F(IntakeQueueTest, AFewAreTakenAtOnce) {
  queue_.take(batch("a", 3), 7, done("a"));
  EXPECT_EQ(happened_, (std::vector<std::string>{"a0@7", "a1@7", "a2@7", "done a"}));
  EXPECT_EQ(queue_.waiting(), 0u);
}

TEST_F(IntakeQueueTest, ManyAreTakenAPartInEachTurn) {
  constexpr int kMany = 1000;
  queue_.take(batch("a", kMany), 0, done("a"));
  EXPECT_EQ(happened_.size(), IntakeQueue::kPart);
  EXPECT_EQ(queue_.waiting(), kMany - IntakeQueue::kPart);
  queue_.take(batch("b", 1), 0, done("b"));
  queue_.flush(done("all"));
  EXPECT_EQ(happened_.size(), IntakeQueue::kPart) << "in their order";
  int turns = 0;
  while (happened_.back() != "done all" && ++turns < 1000)
    EXPECT_LE(turn(), IntakeQueue::kPart + 3);
  EXPECT_GE(turns, static_cast<int>(kMany / IntakeQueue::kPart) - 1);
  ASSERT_EQ(happened_.size(), kMany + 4u);
  for (int i = 0; i < kMany; ++i)
    EXPECT_EQ(happened_[static_cast<std::size_t>(i)], "a" + std::to_string(i) + "@0");
  EXPECT_EQ((std::vector<std::string>(happened_.end() - 4, happened_.end())),
            (std::vector<std::string>{"done a", "b0@0", "done b", "done all"}));
}

TEST_F(IntakeQueueTest, WaitsUntilThePipelineIsReady) {
  ready_ = false;
  queue_.flush(done("first"));
  queue_.take(batch("a", 100), 0, done("a"));
  loop_.turn();
  EXPECT_TRUE(happened_.empty());
  EXPECT_EQ(queue_.waiting(), 100u);
  ready_ = true;
  queue_.go_on();
  EXPECT_EQ(happened_.front(), "done first");
  ready_ = false;  // in the middle
  for (int i = 0; i < 10; ++i) loop_.turn();
  EXPECT_EQ(happened_.size(), 1 + IntakeQueue::kPart);
  ready_ = true;
  queue_.go_on();
  for (int i = 0; i < 20; ++i) loop_.turn();
  EXPECT_EQ(happened_.size(), 102u);
  EXPECT_EQ(happened_.back(), "done a");
}

TEST_F(IntakeQueueTest, WhoIsCalledMeanwhileMayTakeMore) {
  when_turn_ends_ = [this] {
    when_turn_ends_ = {};
    queue_.take(batch("b", 2), 1, done("b"));
  };
  queue_.take(batch("a", 2), 0, done("a"));
  EXPECT_EQ(happened_,
            (std::vector<std::string>{"a0@0", "a1@0", "done a", "b0@1", "b1@1", "done b"}));
}

TEST_F(IntakeQueueTest, NothingIsLeftOutOrTakenTwice) {
  std::mt19937 random(5);
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    const std::string name = "b" + std::to_string(i) + '.';
    const int count = static_cast<int>(random() % 5 == 0 ? random() % 200 : random() % 4);
    queue_.take(batch(name, count), 0, done(name));
    for (int k = 0; k < count; ++k) expected.push_back(name + std::to_string(k) + "@0");
    expected.push_back("done " + name);
    if (random() % 3 == 0) loop_.turn();
  }
  for (int i = 0; i < 2000 && happened_.size() < expected.size(); ++i) loop_.turn();
  EXPECT_EQ(happened_, expected);
  EXPECT_EQ(queue_.waiting(), 0u);
}

}  // namespace
}  // namespace shmeter::collector
