// SPDX-License-Identifier: MIT
#include "region.hpp"

#include <cstddef>
#include <cstring>
#include <new>

#include "shm/os.hpp"

namespace shmeter::model {
namespace {

Region* the_region = nullptr;

}  // namespace

Region& region() { return *the_region; }

void Region::Free::operator()(char* memory) const {
  ::operator delete[](memory, std::align_val_t{shm::kPageBytes});
}

Region::Region(const Weakness& weakness, shm::u32 sessions)
    : header_(shm::plan_header(sessions)),
      memory_(new (std::align_val_t{shm::kPageBytes}) char[header_.file_bytes]()),
      image_(memory_.get(), header_) {
  WeakMemory& mine = new_memory();
  mine.weaken(weakness);
  the_region = this;
  image_.lay_out(0, "model");
  const Words words = next_words();
  shm::store_words(slot(shm::begin_publication(live())), &words, sizeof words);
  shm::end_publication(live(), 1);
  image_.seal();
  published_[1] = {words, 0};
}

Region::~Region() {
  new_memory();
  the_region = nullptr;
}

void Region::publish() {
  publish_by([this](const Words& words) {
    const u64 sequence = shm::begin_publication(live());
    shm::store_words(slot(sequence), &words, sizeof words);
    shm::end_publication(live(), sequence);
    return sequence;
  });
  memory().wake(&live().notify);
}

void Region::publish_by(const std::function<u64(const Words&)>& store) {
  const Words words = next_words();
  const u32 before = memory().steps();
  const u64 sequence = store(words);
  // Whole from the step on that let head say so.
  u32 whole_at = memory().steps();
  for (u32 step = before + 1; step <= memory().steps(); ++step)
    if (memory().stored_to(step) == &live().head) whole_at = step;
  published_[sequence] = {words, whole_at};
}

void Region::start_writer(u32 publications) {
  memory().start_writer();
  while (publications-- > 0) publish();
}

void Region::die_after(u32 steps) {
  memory().die_after(steps);
  std::erase_if(published_, [&](const auto& entry) { return entry.second.whole_at > steps; });
}

const Words* Region::published(u64 sequence) const {
  const auto at = published_.find(sequence);
  return at == published_.end() ? nullptr : &at->second.words;
}

std::string Region::name(const void* word) const {
  if (word == &live().begin) return "begin";
  if (word == &live().head) return "head";
  if (word == &live().notify) return "notify";
  const auto at = static_cast<u64>(static_cast<const char*>(word) - memory_.get());
  if (at < header_.slots_offset) return "byte " + std::to_string(at);
  const u64 in_slots = at - header_.slots_offset;
  return "slot " + std::to_string(in_slots / header_.slot_stride) + " word " +
         std::to_string(in_slots % header_.slot_stride / 8);
}

bool Region::is_used(const void* word) const {
  if (word == &live().begin) return used_ == Used::begin;
  if (word == &live().head) return used_ == Used::head;
  if (word == &live().notify) return used_ == Used::notify;
  return true;
}

Outcome explore(Choices& choices, const std::function<std::string(Choices&)>& reader) {
  Outcome outcome;
  const u64 before = memory().loads();
  do {
    ++outcome.executions;
    outcome.wrong = reader(choices);
    if (!outcome.wrong.empty())
      outcome.wrong += "\n" + memory().trace([](const void* word) { return region().name(word); });
  } while (outcome.wrong.empty() && choices.next());
  outcome.loads = memory().loads() - before;
  memory().pause();
  return outcome;
}

Outcome explore_all(const std::function<std::string(Choices&)>& reader) {
  EveryChoice choices;
  return explore(choices, reader);
}

}  // namespace shmeter::model

// The operating system, as far as the readers of shm/ ask it.
namespace shmeter::os {
namespace {

constexpr int kFd = 3;
constexpr long kTimedOut = -110;  // ETIMEDOUT

void stat(Stat& out) {
  out.regular = true;
  out.mode = 0600;
  out.size = model::region().header().file_bytes;
}

}  // namespace

long open_readonly(const char*) noexcept { return kFd; }
long close(int) noexcept { return 0; }
long stat_fd(int, Stat& out) noexcept {
  stat(out);
  return 0;
}
long stat_path(const char*, Stat& out) noexcept {
  stat(out);
  return 0;
}
long lock_held(int) noexcept { return 1; }
long effective_uid() noexcept { return 0; }
std::int64_t realtime_ns() noexcept { return 0; }
std::int64_t monotonic_ns() noexcept { return 0; }
const void* map_readonly(int, std::size_t) noexcept { return model::region().base(); }
void unmap(const void*, std::size_t) noexcept {}

/// The kernel copies aligned words whole and in any order, and orders nothing else.
long pread(int, void* to, std::size_t bytes, std::uint64_t offset) noexcept {
  model::Region& region = model::region();
  auto* out = static_cast<char*>(to);
  const auto copy = [&](std::uint64_t at, model::u32 size) {
    const char* word = region.base() + offset + at;
    const model::u64 value = region.is_used(word)
                                 ? model::memory().load(word, size, std::memory_order_relaxed)
                                 : model::memory().load_unused(word, size);
    const auto half = static_cast<model::u32>(value);
    size == 8 ? std::memcpy(out + at, &value, 8) : std::memcpy(out + at, &half, 4);
  };
  for (std::uint64_t at = 0; at < bytes; at += 8) {
    const bool halves = offset + at == shm::kLiveOffset + offsetof(shm::Live, notify);
    copy(at, halves ? 4 : 8);
    if (halves && at + 4 < bytes) copy(at + 4, 4);
  }
  if (offset <= shm::kLiveOffset && shm::kLiveOffset < offset + bytes) region.looked();
  return static_cast<long>(bytes);
}

long futex_wait(const void* word, std::uint32_t expected, std::int64_t) noexcept {
  return model::memory().wait(word, expected) ? 0 : kTimedOut;
}

}  // namespace shmeter::os
