// SPDX-License-Identifier: MIT
// The whole writer and the whole slot, not just two words: Image::publish under every function that
// a slot has, deaths and successors included, in random executions.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <vector>

#include "../sample.hpp"
#include "bounds.hpp"
#include "region.hpp"

namespace shmeter::model {
namespace {

using shm::test::Copied;
using shm::test::Sample;

constexpr u32 kCapacity = 2;
constexpr u64 kPictures = 2 * shm::kSlots + 3;
constexpr u32 kExploredTries = 4;
constexpr std::size_t kTextBytes = 50;

/// A region with pictures in place of two words, and which of them has which number.
class Story {
 public:
  explicit Story(const Weakness& weakness = {}) : region_(weakness, kCapacity) {
    for (u64 n = 1; n <= kPictures; ++n) samples_.push_back(std::make_unique<Sample>(n, kCapacity));
    publish();  // nobody needs to have seen the two words
  }
  void start_writer(u32 publications) {
    memory().start_writer();
    while (publications-- > 0) publish();
  }
  void die_after(u32 steps) {
    memory().pause();
    memory().die_after(steps);
    const u64 head = shm::newest(region_.live());
    std::erase_if(published_, [=](const auto& entry) { return entry.first > head; });
  }
  bool is_published(u64 number, const Copied& copy) const {
    const auto at = published_.find(number);
    return at != published_.end() && is_whole(copy, at->second->picture());
  }
  const Region& region() const { return region_; }

 private:
  void publish() {
    const Sample& sample = *samples_[next_++ % kPictures];
    published_[region_.image().publish(sample.picture())] = &sample;
  }

  Region region_;
  std::vector<std::unique_ptr<Sample>> samples_;
  std::map<u64, const Sample*> published_;
  u64 next_ = 0;
};

/// A snapshot of all that there is, by `take(copy)`; what is wrong with it.
template <class Take>
std::string look(const Story& story, Take&& take) {
  Copied got;
  u64 number = 0;
  u32 tries = 0;
  const shm::Opened state = take([&](auto& slot) {
    number = slot.sequence();
    if (++tries > kExploredTries) memory().catch_up();
    return copy_all(slot, got, kTextBytes);
  });
  if (state != shm::Opened::ok) return "refused after " + std::to_string(tries);
  if (story.is_published(number, got)) return {};
  return "number " + std::to_string(number) + " is not what was published";
}

Outcome explore_random(const Story& story, u64 executions, u64 seed) {
  RandomChoice choices(seed, executions);
  bool by_pread = false;
  return explore(choices, [&](Choices& each) {
    memory().start_reader(each);
    by_pread = !by_pread;
    if (!by_pread)
      return look(story, [&](auto&& copy) {
        return shm::snapshot_in_place(region().base(), region().header(), copy);
      });
    region().next_look_is_for(Region::Used::head);
    shm::FileReader reader;
    EXPECT_EQ(reader.open("region", true), shm::Opened::ok);
    return look(story, [&](auto&& copy) { return reader.snapshot(copy); });
  });
}

TEST(WholePicture, EveryCopyIsOnePublication) {
  Story story;
  story.start_writer(kPictures);
  const Outcome outcome = explore_random(story, bounds().rounds, bounds().seed);
  EXPECT_EQ(outcome.wrong, "") << "seed " << bounds().seed;
  std::cout << outcome.executions << " executions, " << outcome.loads << " loads\n";
}

TEST(WholePicture, DeathsAnywhereAndSuccessors) {
  constexpr u32 kDeaths = 50;
  Story story;
  story.start_writer(shm::kSlots + 1);
  const u32 steps = memory().steps();
  ASSERT_GT(steps, kDeaths);
  u64 executions = 0;
  for (u32 death = kDeaths; death-- > 0;) {
    story.die_after(steps * death / kDeaths);
    story.start_writer(shm::kSlots);
    const u64 seed = bounds().seed * kDeaths + death;
    const Outcome outcome = explore_random(story, bounds().rounds / kDeaths + 1, seed);
    EXPECT_EQ(outcome.wrong, "") << "seed " << seed << ", dead after step "
                                 << steps * death / kDeaths;
    executions += outcome.executions;
  }
  std::cout << executions << " executions beside " << kDeaths << " deaths in " << steps
            << " steps\n";
}

void expect_found(const Weakness& weakness) {
  Story story(weakness);
  story.start_writer(kPictures);
  const Outcome outcome = explore_random(story, bounds().rounds, bounds().seed);
  EXPECT_NE(outcome.wrong, "") << "nothing in " << outcome.executions << " executions";
  std::cout << "execution " << outcome.executions << ": "
            << outcome.wrong.substr(0, outcome.wrong.find('\n')) << "\n";
}

TEST(WholePicture, WithoutW2IsFound) { expect_found({.no_release_fence = true}); }
TEST(WholePicture, WithoutR3IsFound) { expect_found({.no_acquire_fence = true}); }

}  // namespace
}  // namespace shmeter::model
