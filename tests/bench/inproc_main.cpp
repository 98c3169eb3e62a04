// SPDX-License-Identifier: MIT
// bench_inproc: what a long-lived program pays to look at the region, and what the reader's own
// parts cost. Operations are interleaved in a fresh random order each repetition; medians.
// Arguments: stdin= (a status line's JSON) repeats= cpu=
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
#include <functional>
#include <numeric>
#include <stdexcept>

#include "collector/bench/measure.hpp"
#include "collector/bench/random.hpp"
#include "formats/render.hpp"
#include "plugin/statusline_json.hpp"
#include "shm/reader.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/host.hpp"

namespace shmeter::bench {
namespace {

/// Makes the compiler believe that the object is looked at.
template <class T>
void keep(const T& object) {
  asm volatile("" : : "r"(&object) : "memory");
}

struct Operation {
  std::string name;
  int times;  // per repetition: some 50 µs, so that neither the clock nor a neighbour shows
  std::function<void(int)> run;
  Budget budget = {};
  std::string baseline = {};
  std::vector<double> ns = {};
};

void measure(std::vector<Operation>& operations, int repeats) {
  std::vector<std::size_t> order(operations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(7);
  for (int i = 0; i < repeats; ++i) {
    random.shuffle(order);
    for (const std::size_t at : order) {
      Operation& o = operations[at];
      const std::int64_t before = now_ns();
      o.run(o.times);
      o.ns.push_back(static_cast<double>(now_ns() - before) / o.times);
    }
  }
}

/// The operation `times` over, inlined where it stands.
template <class Body>
std::function<void(int)> loop(Body body) {
  return [body](int times) mutable {
    for (int i = 0; i < times; ++i) body();
  };
}

std::vector<Operation> region_operations(shm::MappedReader& mapped, shm::FileReader& file,
                                         const std::string& region, std::string_view id) {
  static shm::Summary summary;
  static shm::Session session;
  static shm::Summary plain;
  static shm::u32 position;
  return {{"`head`: anything new?",
           20'000,
           loop([&] { keep(mapped.head()); }),
           {"≤ 2 ns", "≤ 1 ns"},
           "one load"},
          {"summary, mapped in place",
           1000,
           loop([&] {
             mapped.snapshot_in_place([](shm::MappedSlot& slot) { return slot.summary(summary); });
             keep(summary);
           }),
           {"≤ 60 ns", "≤ 30 ns"},
           "plain memcpy of it (could be torn)"},
          {"one session by id among 1024, mapped in place",
           1000,
           loop([&, id] {
             mapped.snapshot_in_place(
                 [&](shm::MappedSlot& slot) { return slot.find_session(id, session, position); });
             keep(session);
           }),
           {"≤ 100 ns", "≤ 55 ns"},
           "plain memcpy of it (could be torn)"},
          {"summary, descriptor kept, pread",
           100,
           loop([&] {
             file.snapshot([](shm::FileSlot& slot) { return slot.summary(summary); });
             keep(summary);
           }),
           {},
           "an empty system call"},
          {"summary, opened and closed each time, pread",
           20,
           loop([region] {
             shm::FileReader reader;
             if (reader.open(region.c_str(), false) != shm::Opened::ok) std::abort();
             reader.snapshot([](shm::FileSlot& slot) { return slot.summary(summary); });
             keep(summary);
           }),
           {},
           "an empty system call"},
          {"plain memcpy of a summary", 2000, loop([] {
             std::memcpy(&summary, &plain, sizeof summary);
             keep(summary);
           })},
          {"plain memcpy of a session", 2000, loop([] {
             static shm::Session from;
             std::memcpy(&session, &from, sizeof session);
             keep(session);
           })},
          {"an empty system call", 300, loop([] { syscall(SYS_getppid); })}};
}

std::vector<Operation> line_operations(const Sample& sample, const std::string& json) {
  static shm::Summary summary;
  static shm::Account account;
  static shm::Session session;
  summary = const_cast<Sample&>(sample).summary();
  account = sample.account();
  session = sample.sessions().front();
  const formats::Values values{.summary = &summary,
                               .account = &account,
                               .session = &session,
                               .now_s = std::time(nullptr),
                               .freshness = formats::Freshness::live,
                               .age_s = 0};
  const auto line = [values](formats::Target target, formats::Colour colour) {
    return loop([values, target, colour] {
      char out[4096];
      keep(formats::render(formats::default_template(target), values, {target, colour, 0}, out));
      keep(out);
    });
  };
  return {{"render the default line, tmux",
           50,
           line(formats::Target::tmux, formats::Colour::truecolor),
           {},
           "an empty system call"},
          {"render the default line, claude",
           50,
           line(formats::Target::claude, formats::Colour::truecolor),
           {},
           "an empty system call"},
          {text("scan %zu bytes of status line JSON", json.size()),
           50,
           loop([json] {
             plugin::StatusLineScratch scratch;
             plugin::StatusLine status;
             if (!plugin::read_status_line(json, scratch, status)) std::abort();
             keep(status);
           }),
           {},
           "an empty system call"}};
}

void print(const std::vector<Operation>& operations) {
  const auto ns_of = [&](std::string_view name) {
    for (const Operation& o : operations)
      if (o.name == name) return median(o.ns);
    return 0.0;
  };
  for (const Operation& o : operations) {
    if (o.baseline.empty()) continue;
    std::string baseline = o.baseline;
    if (baseline.starts_with("plain memcpy of it")) {
      const bool one_session = o.name.find("session") != std::string::npos;
      baseline += text(": %.1f ns", ns_of(one_session ? "plain memcpy of a session"
                                                      : "plain memcpy of a summary"));
    } else if (baseline == "an empty system call") {
      baseline += text(": %.0f ns", ns_of(baseline));
    }
    print_row(o.name, text("**%.1f ns**", median(o.ns)), o.budget, baseline);
  }
}

int run_all(const Arguments& arguments) {
  const TemporaryFolder memory(memory_folder());
  const int cpu = static_cast<int>(arguments.number("cpu", cpu_count() - 1));
  const std::string id = "c9bec15a-c582-41d2-a016-dceacfb47ad5";
  RegionHost host(memory / "runtime", shm::kSessions, id, 0);
  pin(cpu);
  const std::string json = content_of(arguments.text("stdin"));
  shm::MappedReader mapped;
  shm::FileReader file;
  if (mapped.open(host.region().c_str(), false) != shm::Opened::ok ||
      file.open(host.region().c_str(), false) != shm::Opened::ok) {
    throw std::runtime_error(host.region() + ": does not open");
  }
  std::vector<Operation> operations = region_operations(mapped, file, host.region(), id);
  for (Operation& o : line_operations(host.sample(), json)) operations.push_back(std::move(o));
  measure(operations, static_cast<int>(arguments.number("repeats", 1001)));
  print(operations);
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  return shmeter::bench::run_program("bench_inproc", argc, argv, shmeter::bench::run_all);
}
