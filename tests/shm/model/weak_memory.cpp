// SPDX-License-Identifier: MIT
#include "weak_memory.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace shmeter::model {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

void must(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "weak_memory: %s\n", what);
  std::abort();
}

std::unique_ptr<WeakMemory>& the_memory() {
  static auto memory = std::make_unique<WeakMemory>();
  return memory;
}

}  // namespace

WeakMemory& memory() { return *the_memory(); }
WeakMemory& new_memory() { return *(the_memory() = std::make_unique<WeakMemory>()); }

u64 WeakMemory::plain(const void* word, u32 bytes) {
  u64 value = 0;
  u32 half = 0;
  if (bytes == 8) std::memcpy(&value, word, 8);
  if (bytes == 4) std::memcpy(&half, word, 4), value = half;
  return value;
}

void WeakMemory::put(void* word, u32 bytes, u64 value) {
  const auto half = static_cast<u32>(value);
  if (bytes == 8) std::memcpy(word, &value, 8);
  if (bytes == 4) std::memcpy(word, &half, 4);
}

u32 WeakMemory::location_of(const void* word) {
  const auto [at, fresh] = index_.try_emplace(word, static_cast<u32>(locations_.size()));
  if (fresh) locations_.emplace_back();
  return at->second;
}

WeakMemory::Location* WeakMemory::find(const void* word) {
  const auto at = index_.find(word);
  return at == index_.end() ? nullptr : &locations_[at->second];
}

u32 WeakMemory::count(const Location& location, u32 step) {
  const auto& stores = location.stores;
  return static_cast<u32>(std::upper_bound(stores.begin(), stores.end(), step) - stores.begin());
}

void WeakMemory::start_writer() {
  role_ = Role::writer;
  released_ = 0;
}

void WeakMemory::append(void* word, u32 bytes, u64 value, u32 carries) {
  const u32 location = location_of(word);
  steps_.push_back({word, bytes, plain(word, bytes), value, carries, location});
  locations_[location].stores.push_back(steps());
  put(word, bytes, value);
}

void WeakMemory::store(void* word, u32 bytes, u64 value, std::memory_order order) {
  must(role_ != Role::reader, "a reader stores");
  must(order == kRelaxed || order == kRelease, "an order this model does not have");
  if (role_ == Role::nobody) return put(word, bytes, value);
  const bool releases = order == kRelease && word != weakness_.relaxed_store_to;
  append(word, bytes, value, releases ? steps() + 1 : released_);
}

u64 WeakMemory::add(void* word, u32 bytes, u64 value, std::memory_order order) {
  const u64 before = plain(word, bytes);
  const Location* location = find(word);
  const u32 carried = location == nullptr || location->stores.empty()
                          ? 0
                          : steps_[location->stores.back() - 1].carries;
  store(word, bytes, before + value, order);
  if (role_ == Role::writer) steps_.back().carries = std::max(steps_.back().carries, carried);
  return before;
}

void WeakMemory::wake(const void* word) {
  must(role_ == Role::writer, "a wake-up, but not by the writer");
  steps_.push_back({nullptr, 0, 0, 0, steps(), location_of(word)});
}

void WeakMemory::die_after(u32 steps) {
  for (; steps_.size() > steps; steps_.pop_back()) {
    const Step& last = steps_.back();
    if (last.word == nullptr) continue;
    put(last.word, last.bytes, last.before);
    locations_[last.location].stores.pop_back();
  }
}

void WeakMemory::start_reader(Choices& choices, Knows knows) {
  role_ = Role::reader;
  choices_ = &choices;
  caught_up_ = false;
  known_ = pending_ = reached_ = knows == Knows::all ? steps() : 0;
  for (Location& location : locations_) location.seen = 0;
  looks_.clear();
}

u64 WeakMemory::read(Location& location, u32 which, const void* word, u32 bytes) {
  // Store number 0 is the initial value: what the first store overwrote.
  if (location.stores.empty()) return plain(word, bytes);
  return which == 0 ? steps_[location.stores[0] - 1].before
                    : steps_[location.stores[which - 1] - 1].value;
}

u64 WeakMemory::load(const void* word, u32 bytes, std::memory_order order) {
  must(order == kRelaxed || order == kAcquire, "an order this model does not have");
  if (role_ != Role::reader) return plain(word, bytes);
  Location* location = find(word);
  if (location == nullptr) return plain(word, bytes);
  ++loads_;
  const auto newest = static_cast<u32>(location->stores.size());
  const u32 oldest = std::max(location->seen, count(*location, known_));
  const u32 which = caught_up_ ? newest : oldest + choices_->choose(newest - oldest + 1);
  location->seen = which;
  const u32 step = which == 0 ? 0 : location->stores[which - 1];
  if (step > 0) {
    pending_ = std::max(pending_, steps_[step - 1].carries);
    if (order == kAcquire && word != weakness_.relaxed_load_of)
      known_ = std::max(known_, steps_[step - 1].carries);
    reached_ = std::max(reached_, step);
  }
  const u64 value = read(*location, which, word, bytes);
  looks_.push_back({Look::Kind::load, word, value, step});
  return value;
}

u64 WeakMemory::load_unused(const void* word, u32 bytes) {
  Location* location = role_ == Role::reader ? find(word) : nullptr;
  if (location == nullptr) return plain(word, bytes);
  return read(*location, std::max(location->seen, count(*location, known_)), word, bytes);
}

bool WeakMemory::wait(const void* word, u32 expected) {
  must(role_ == Role::reader, "a wait, but not by a reader");
  const u32 id = location_of(word);
  Location& location = locations_[id];
  // When it comes to be the waiter's turn at the kernel's lock: now, or after any later step that
  // it could notice.
  std::vector<u32> turns{reached_};
  for (u32 step = reached_ + 1; step <= steps(); ++step)
    if (steps_[step - 1].location == id) turns.push_back(step);
  const u32 turn =
      caught_up_ ? turns.back() : turns[choices_->choose(static_cast<u32>(turns.size()))];
  // Who has the lock knows all that was before the wake-ups that had it.
  u32 next_wake = 0;
  for (u32 step = steps(); step > 0; --step) {
    if (steps_[step - 1].word != nullptr || steps_[step - 1].location != id) continue;
    if (step <= turn) {
      known_ = std::max(known_, steps_[step - 1].carries);
      break;
    }
    next_wake = step;
  }
  reached_ = std::max(reached_, turn);
  const u32 oldest = std::max(location.seen, count(location, known_));
  const u32 newest = std::max(oldest, count(location, turn));
  location.seen = oldest + choices_->choose(newest - oldest + 1);
  const u64 value = read(location, location.seen, word, 4);
  if (value != expected) {
    looks_.push_back({Look::Kind::changed, word, value, turn});
    return true;
  }
  looks_.push_back({Look::Kind::sleep, word, value, turn});
  reached_ = std::max(reached_, next_wake);
  return next_wake != 0;
}

void WeakMemory::fence(std::memory_order order) {
  must(order == kAcquire || order == kRelease, "an order this model does not have");
  if (role_ == Role::writer && order == kRelease && !weakness_.no_release_fence)
    released_ = steps();
  if (role_ != Role::reader || order != kAcquire) return;
  if (!weakness_.no_acquire_fence) known_ = std::max(known_, pending_);
  looks_.push_back({Look::Kind::fence, nullptr, 0, known_});
}

std::string WeakMemory::trace(const std::function<std::string(const void*)>& name) const {
  constexpr std::size_t kLongest = 40;
  std::string text;
  for (u32 number = 1; number <= steps() && number <= kLongest; ++number) {
    const Step& step = steps_[number - 1];
    text += "  step " + std::to_string(number) + ": " +
            (step.word == nullptr ? "wake" : name(step.word) + " = " + std::to_string(step.value)) +
            "\n";
  }
  for (std::size_t at = 0; at < looks_.size() && at < kLongest; ++at) {
    const Look& look = looks_[at];
    const std::string step = std::to_string(look.step);
    if (look.kind == Look::Kind::fence) {
      text += "  reader: fence, knows all up to step " + step + "\n";
      continue;
    }
    text += "  reader: " + name(look.word) + " = " + std::to_string(look.value);
    if (look.kind == Look::Kind::load) text += look.step == 0 ? " as at first" : " of step " + step;
    if (look.kind == Look::Kind::changed) text += " after step " + step + ", does not sleep";
    if (look.kind == Look::Kind::sleep) text += " after step " + step + ", sleeps";
    text += "\n";
  }
  if (looks_.size() > kLongest) text += "  reader: and so on\n";
  return text;
}

}  // namespace shmeter::model
