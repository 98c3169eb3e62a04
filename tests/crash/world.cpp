// SPDX-License-Identifier: MIT
#include "tests/crash/world.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "collector/bench/process.hpp"
#include "tests/bench/corpus_price.hpp"

namespace shmeter::crash {
namespace {

namespace fs = std::filesystem;

constexpr i64 kHistoryEnd_s = 1'795'176'000;  // 2026-11-20 12:00 UTC

// What bench::live_line and event_json say. Together with the requests the input tells how many
// there were of each; output and cost are then known.
constexpr Sum kLine{.requests = 1, .input = 3, .output = 5};
constexpr Sum kEvent{.requests = 1, .input = 7, .output = 11};

i64 cost_of(const Sum& one) {
  bench::Request request;
  request.model = request.name = "claude-opus-5-5";
  request.at_ms = kHistoryEnd_s * 1000;
  request.input = one.input;
  request.output = one.output;
  return bench::cost_nanousd(request);
}

}  // namespace

void Findings::stage(i64 round, std::string phase) {
  const std::lock_guard lock(mutex_);
  round_ = round;
  phase_ = std::move(phase);
}

void Findings::wrong(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (any_.exchange(true)) return;
  first_ = "round " + std::to_string(round_) + ", " + phase_ + ": " + what;
}

std::string Findings::first() const {
  const std::lock_guard lock(mutex_);
  return first_;
}

World::World(u64 seed) {
  folder_ = bench::memory_folder() + "/shmeter-crash-XXXXXX";
  if (::mkdtemp(folder_.data()) == nullptr) {
    throw std::runtime_error(folder_ + ": cannot be made");
  }
  fs::create_directory(folder_ + "/runtime");
  fs::permissions(folder_ + "/runtime", fs::perms::owner_all);
  bench::CorpusOptions options;
  options.requests = 1500;
  options.sessions = 20;
  options.end_s = kHistoryEnd_s;
  options.seed = seed;
  history_ = bench::write_corpus(config(), options).all;
  configure(256);
}

void World::remove() const { fs::remove_all(folder_); }

void World::forget() const {
  fs::remove_all(folder_ + "/state");
  fs::remove(region());
}

std::vector<std::string> World::environment() const {
  return {"HOME=" + folder_, "SHMETER_RUNTIME_DIR=" + folder_ + "/runtime",
          "XDG_STATE_HOME=" + folder_ + "/state", "SHMETER_CONFIG=" + folder_ + "/config.toml",
          "CLAUDE_CONFIG_DIR=" + config().string()};
}

void World::configure(int sessions) const {
  const std::string file = folder_ + "/config.toml";
  std::ofstream(file + ".new") << "[region]\nsessions = " << sessions << "\n";
  fs::rename(file + ".new", file);  // a collector that starts just now reads one or the other
}

std::optional<Counts> World::counts(const Sum& total) const {
  const i64 requests = total.requests - history_.requests;
  const i64 of_events = total.input - history_.input - kLine.input * requests;
  const Counts got{requests - of_events / (kEvent.input - kLine.input),
                   of_events / (kEvent.input - kLine.input)};
  if (got.lines < 0 || got.events < 0) return {};
  Sum want = history_;
  want.requests += got.lines + got.events;
  want.input += got.lines * kLine.input + got.events * kEvent.input;
  want.output += got.lines * kLine.output + got.events * kEvent.output;
  want.cost_nanousd += got.lines * cost_of(kLine) + got.events * cost_of(kEvent);
  return total == want ? std::optional(got) : std::nullopt;
}

std::string event_json(i64 number) {
  return R"({"id":"event-)" + std::to_string(number) +
         R"(","session_id":"posted","event_type":"tokens","model":"claude-opus-5-5",)" +
         R"("input_tokens":)" + std::to_string(kEvent.input) + R"(,"output_tokens":)" +
         std::to_string(kEvent.output) + "}";
}

Sum sum_of(const shm::Usage& u) {
  return {.requests = u.requests,
          .input = u.input_tokens,
          .output = u.output_tokens,
          .write_5m = u.cache_write_5m_tokens,
          .write_1h = u.cache_write_1h_tokens,
          .read = u.cache_read_tokens,
          .cost_nanousd = u.cost_nanousd,
          .unpriced_tokens = u.unpriced_tokens};
}

}  // namespace shmeter::crash
