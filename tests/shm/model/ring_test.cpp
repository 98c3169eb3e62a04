// SPDX-License-Identifier: MIT
// The publication protocol, proved within bounds: production writers and readers over a memory that
// is as weak as C++ lets it be, in every execution that there is.
#include <gtest/gtest.h>

#include <iostream>

#include "bounds.hpp"
#include "readers.hpp"

namespace shmeter::model {
namespace {

class Ring : public testing::Test {
 protected:
  void hold(const Outcome& outcome) {
    EXPECT_EQ(outcome.wrong, "") << "in execution " << outcome.executions;
    executions_ += outcome.executions;
    loads_ += outcome.loads;
  }
  void TearDown() override {
    std::cout << executions_ << " executions, " << loads_ << " loads\n";
    RecordProperty("executions", std::to_string(executions_));
  }

 private:
  u64 executions_ = 0, loads_ = 0;
};

TEST_F(Ring, EveryCopyInPlaceIsOnePublicationAndNoneGoesBack) {
  Region region;
  region.start_writer(bounds().publications);
  hold(explore_all(look_twice_in_place));
}

TEST_F(Ring, EveryCopyByPreadIsOnePublication) {
  Region region;
  region.start_writer(bounds().publications);
  hold(explore_all(look_by_pread));
}

// What four slots are for: three publications may begin during a copy.
TEST_F(Ring, ThreePublicationsLaterTheFirstTryIsStillAccepted) {
  Region region;
  region.start_writer(shm::kSlots - 1);
  hold(explore_all([](Choices& choices) {
    memory().start_reader(choices);
    const Copy copy = copy_in_place();
    return copy.tries == 1 ? judge(copy, 1) : std::string("thrown away");
  }));
}

TEST_F(Ring, WhoComesAfterADeathHasTheNewestAtOnce) {
  Region region;
  region.start_writer(bounds().publications);
  for (u32 steps = memory().steps() + 1; steps-- > 0;) {
    region.die_after(steps);
    const auto look = [&](Choices& choices, auto&& copy_one) {
      memory().start_reader(choices, WeakMemory::Knows::all);
      const Copy copy = copy_one();
      if (copy.tries != 1) return "tries: " + std::to_string(copy.tries);
      return judge(copy, region.newest_published());
    };
    hold(explore_all([&](Choices& choices) { return look(choices, copy_in_place); }));
    hold(explore_all([&](Choices& choices) {
      return look(choices, [&] {
        region.next_look_is_for(Region::Used::head);
        shm::FileReader reader;
        EXPECT_EQ(reader.open("region", true), shm::Opened::ok);
        return copy_by_pread(reader);
      });
    }));
  }
}

// The reader is beside both writers: what it copies began before the death and ends after the
// successor has come round to the same slot.
TEST_F(Ring, ASuccessorTakesOverAfterADeathAtAnyStep) {
  Region region;
  region.start_writer(shm::kSlots + 1);
  for (u32 steps = memory().steps() + 1; steps-- > 0;) {
    region.die_after(steps);
    region.start_writer(shm::kSlots);
    hold(explore_all(look_in_place));
    hold(explore_all(look_by_pread));
  }
}

TEST_F(Ring, SoDoesTheSuccessorOfASuccessor) {
  Region region;
  region.start_writer(1);
  for (u32 first = memory().steps() + 1; first-- > 0;) {
    region.die_after(first);
    region.start_writer(shm::kSlots);
    for (u32 second = memory().steps() + 1; second-- > first;) {
      region.die_after(second);
      region.start_writer(shm::kSlots);
      hold(explore_all(look_in_place));
    }
  }
}

TEST_F(Ring, AWatcherSleepsThroughNothing) {
  for (u32 publications = 1; publications <= 3; ++publications) {
    Region region;
    region.start_writer(publications);
    hold(explore_all(watch));
  }
}

TEST_F(Ring, AWatcherIsWokenByTheSuccessor) {
  Region region;
  region.start_writer(1);
  for (u32 steps = memory().steps() + 1; steps-- > 0;) {
    region.die_after(steps);
    region.start_writer(1);
    hold(explore_all(watch));
  }
}

}  // namespace
}  // namespace shmeter::model
