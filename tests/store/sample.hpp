// SPDX-License-Identifier: MIT
// Batches as a collector would write them, and a store to write them to.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/ledger/ledger.hpp"
#include "collector/store/store.hpp"

namespace shmeter::collector::test {

/// 32 random bits, the same in every run.
class Random {
 public:
  explicit Random(u64 seed) : state_(seed) {}
  u32 operator()() { return static_cast<u32>(mix_bits(++state_) >> 16); }

 private:
  u64 state_;
};

inline constexpr i64 kNow_ms = 1'795'000'000'000;

inline StoredEvent request(u64 number, i64 at_ms, u32 session = 0, u32 model = 0) {
  StoredEvent e;
  e.key = {mix_bits(number + 1), mix_bits(~number)};
  e.session = session;
  e.model = model;
  e.at_ms = at_ms;
  e.tokens = {static_cast<i64>(number % 1000), 40, 300, 20, 50'000, 0};
  e.value = e.tokens.input + e.tokens.output;
  e.cost_nanousd = 1000 + static_cast<i64>(number % 77);
  return e;
}

inline StoredEvent tool_call(u64 number, i64 at_ms, u32 session = 0) {
  StoredEvent e;
  e.kind = EventKind::tool_call;
  e.key = {mix_bits(number + (u64{1} << 40)), 0};
  e.session = session;
  e.at_ms = at_ms;
  e.value = 1;
  e.name = "Bash";
  return e;
}

inline Booking booking(const StoredEvent& e, i64 sign = 1) {
  const bool priced = shm::known(e.cost_nanousd);
  return {e.session,
          e.model,
          e.at_ms,
          {sign, sign * e.tokens.input, sign * e.tokens.output, sign * e.tokens.write_5m,
           sign * e.tokens.write_1h, sign * e.tokens.read, priced ? sign * e.cost_nanousd : 0,
           priced ? 0 : sign * e.tokens.total()}};
}

/// Keeps it and, when it is a counted request, books it.
inline void put(StoreBatch& batch, const StoredEvent& e) {
  batch.keep(e);
  if (e.counted && e.kind == EventKind::tokens) batch.book(booking(e));
}

inline RollupKey rollup_key(const StoredEvent& e) {
  return {e.at_ms / 900'000, e.session, e.model};
}

/// A store on a loop of its own; every call waits for its answer.
class StoreAtWork {
 public:
  explicit StoreAtWork(const std::string& path) { open(path); }

  void open(const std::string& path) {
    auto opened =
        Store::open(loop, path, [this](const std::string& text) { said.push_back(text); });
    if (opened)
      store = std::move(*opened);
    else
      error = opened.error();
  }
  Result<void> wait(std::optional<Result<void>>& answer) {
    while (!answer) uv_run(loop.get(), UV_RUN_ONCE);
    return *answer;
  }
  Result<void> write(StoreBatch batch) {
    std::optional<Result<void>> answer;
    store->write(std::move(batch), [&](const Result<void>& result) { answer = result; });
    return wait(answer);
  }
  Result<void> end_bulk() {
    std::optional<Result<void>> answer;
    store->end_bulk([&](const Result<void>& result) { answer = result; });
    return wait(answer);
  }
  Result<void> reprice(std::string list, Store::CostOf cost) {
    std::optional<Result<void>> answer;
    store->reprice(std::move(list), std::move(cost),
                   [&](const Result<void>& result) { answer = result; });
    return wait(answer);
  }
  Result<Store::Found> look_up(std::vector<u64> messages) {
    std::optional<Result<Store::Found>> answer;
    store->look_up(std::move(messages),
                   [&](Result<Store::Found> found) { answer = std::move(found); });
    while (!answer) uv_run(loop.get(), UV_RUN_ONCE);
    return std::move(*answer);
  }
  StoredState load(const Reach& reach = {}) {
    auto state = store->load(reach);
    EXPECT_TRUE(state) << state.error().message;
    return state ? std::move(*state) : StoredState{};
  }

  Loop loop;
  std::vector<std::string> said;
  std::optional<Error> error;
  std::unique_ptr<Store> store;
};

}  // namespace shmeter::collector::test
