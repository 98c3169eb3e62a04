// SPDX-License-Identifier: MIT
// store_measure DIR: what the store costs at the size the budgets speak of (1500 sessions over 60
// days, 174k requests and 170k tool calls). Prints milliseconds; asserts nothing.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>

#include "tests/store/sample.hpp"

namespace shmeter::collector {
namespace {

using test::kNow_ms;
using test::StoreAtWork;
constexpr int kSessions = 1500;
constexpr int kRequestsEach = 116;
constexpr i64 kDay_ms = i64{24} * 3600 * 1000;
constexpr i64 kSpan_ms = 60 * kDay_ms;

double cpu_ms() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

void must(const Result<void>& result) {
  if (result) return;
  std::printf("%s\n", result.error().message.c_str());
  std::exit(1);
}

class Stopwatch {
 public:
  void say(const char* what) const {
    const auto wall = std::chrono::steady_clock::now() - start_;
    std::printf("%-44s wall %8.2f ms  cpu %8.2f ms\n", what,
                std::chrono::duration<double, std::milli>(wall).count(), cpu_ms() - cpu_);
    std::fflush(stdout);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_ms();
};

/// Private memory of this process, in kB.
long private_kb() {
  std::FILE* file = std::fopen("/proc/self/smaps_rollup", "r");
  char line[256];
  long sum = 0;
  long kb = 0;
  while (file != nullptr && std::fgets(line, sizeof line, file) != nullptr)
    if (std::sscanf(line, "Private_Clean: %ld", &kb) == 1 ||
        std::sscanf(line, "Private_Dirty: %ld", &kb) == 1)
      sum += kb;
  if (file != nullptr) std::fclose(file);
  return sum;
}

/// One session's file as a batch: sessions overlap in time, the newest comes first.
StoreBatch session_batch(u32 session) {
  StoreBatch batch;
  const i64 start = kNow_ms - kSpan_ms / kSessions * (session + 1);
  batch.names.push_back({NameTable::session, session,
                         "0b6f8a0e-6f0e-4a7c-9a51-" + std::to_string(100000000000 + session)});
  if (session == 0) {
    for (u32 model = 0; model < 3; ++model)
      batch.names.push_back({NameTable::model, model, "claude-model-" + std::to_string(model)});
    batch.names.push_back({NameTable::agent, 0, "main"});
  }
  for (u32 i = 0; i < kRequestsEach; ++i) {
    const u64 number = u64{session} * kRequestsEach + i;
    const i64 at = start + i64{i} * 67'321;
    StoredEvent e = test::request(number, at, session, session % 3);
    e.request_id = "req_011CVLgLDaWZ8dmjYk1nS7pF";
    test::put(batch, e);
    test::put(batch, test::tool_call(number, at + 5, session));
  }
  SessionRow row;
  row.number = session;
  row.record.session_id.assign(batch.names.front().text);
  row.record.cwd.assign("/home/ann/ferry-times");
  row.record.model.assign("claude-model-1");
  row.marks.account = 0;
  batch.sessions.push_back(row);
  batch.files.push_back(
      {"/home/ann/.claude/projects/-home-ann-ferry-times/" + batch.names.front().text + ".jsonl",
       {1, session, 700'000, 0, mix_bits(session), 1'795'000'000'000'000'000}});
  return batch;
}

std::vector<StoreBatch> all_batches() {
  std::vector<StoreBatch> all;
  for (u32 session = 0; session < kSessions; ++session) all.push_back(session_batch(session));
  return all;
}

void write_all(StoreAtWork& at_work) {
  for (StoreBatch& batch : all_batches()) at_work.store->write(std::move(batch), {});
}

/// Small commits like a second of work each, and an end without goodbye.
void leave_a_wal(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    StoreAtWork at_work(path);
    for (u64 i = 0; i < 60; ++i) {
      StoreBatch batch;
      for (u64 j = 0; j < 5; ++j)
        test::put(batch,
                  test::request(1'000'000 + i * 5 + j, kNow_ms + static_cast<i64>(i * 1000 + j)));
      SessionRow row;
      row.number = static_cast<u32>(i % 4);
      batch.sessions.push_back(row);
      must(at_work.write(std::move(batch)));
    }
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
}

void measure_load(const std::string& path) {
  const long before = private_kb();
  const Stopwatch both;
  const Stopwatch open;
  StoreAtWork at_work(path);
  open.say("  open");
  const Stopwatch load;
  const StoredState state =
      at_work.load({(kNow_ms - 31 * kDay_ms) / 1000, kNow_ms - 8 * kDay_ms, kNow_ms - 3 * kDay_ms});
  load.say("  load");
  both.say("open and load");
  std::printf("  %zu sessions, %zu hot, %zu recent, %zu before, %zu roll-ups, %zu files\n",
              state.sessions.size(), state.hot.size(), state.recent.size(),
              state.before_recent.size(), state.rollups.size(), state.files.size());
  std::printf("  private memory: +%ld kB with what was read\n", private_kb() - before);
}

void measure_memory(const std::string& path) {
  const long before = private_kb();
  StoreAtWork at_work(path);
  StoreBatch batch;
  test::put(batch, test::request(5'000'000, kNow_ms));
  must(at_work.write(std::move(batch)));
  at_work.look_up({mix_bits(77)}).value();
  std::printf("open, one write, one look-up: private memory +%ld kB\n", private_kb() - before);
}

int run(const std::string& dir) {
  std::filesystem::remove_all(dir);
  const std::string path = dir + "/store/usage.db";
  measure_memory(dir + "/empty/usage.db");
  {
    const Stopwatch made;
    all_batches();
    made.say("(making the batches)");
  }
  {
    StoreAtWork at_work(path);
    at_work.store->begin_bulk();
    const Stopwatch bulk;
    write_all(at_work);
    must(at_work.end_bulk());
    bulk.say("bulk load, batches made included");
    const Stopwatch end;
    at_work.store.reset();
    end.say("  checkpoint and close");
    std::printf("  file: %.1f MB\n", static_cast<double>(std::filesystem::file_size(path)) / 1e6);
  }
  measure_load(path);
  leave_a_wal(path);
  std::printf("after a kill, wal of %ju kB:\n", std::filesystem::file_size(path + "-wal") / 1024);
  measure_load(path);
  {
    StoreAtWork at_work(path);
    const Stopwatch one;
    for (u64 i = 0; i < 1000; ++i) {
      StoreBatch batch;
      test::put(batch, test::request(2'000'000 + i, kNow_ms + static_cast<i64>(i)));
      must(at_work.write(std::move(batch)));
    }
    one.say("1000 writes of one event, one after another");
    for (u64 round = 0; round < 6; ++round) {
      StoreBatch many;
      for (u64 i = 0; i < 100'000; ++i) {
        StoredEvent e = test::request(10'000'000 + round * 100'000 + i,
                                      kNow_ms + static_cast<i64>(round * 1000 + i / 100), 3);
        if (round % 2 == 1) e.call = {"agent", {}, static_cast<i64>(e.key.request % 20'000), false};
        test::put(many, e);
      }
      const Stopwatch burst;
      must(at_work.write(std::move(many)));
      burst.say(round % 2 == 1 ? "  ... with details of their calls"
                               : "100 000 events in one write");
    }
    const Stopwatch price;
    must(at_work.reprice(
        "other", [](std::string_view, const StoredEvent& e) { return e.cost_nanousd + 1; }));
    price.say("other prices for all");
  }
  {
    const Stopwatch copy;
    Loop loop;
    auto store = Store::open_copy(loop, path, [](const std::string&) {});
    copy.say("copy into memory");
  }
  {
    StoreAtWork at_work(dir + "/natural/usage.db");
    const Stopwatch natural;
    write_all(at_work);
    must(at_work.write({}));
    natural.say("the natural way, batches made included");
  }
  std::filesystem::remove_all(dir);
  return 0;
}

}  // namespace
}  // namespace shmeter::collector

int main(int count, char** arguments) {
  if (count != 2) return 64;
  return shmeter::collector::run(arguments[1]);
}
