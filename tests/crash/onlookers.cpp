// SPDX-License-Identifier: MIT
#include "tests/crash/onlookers.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "collector/bench/measure.hpp"
#include "collector/bench/process.hpp"
#include "tests/bench/json_sum.hpp"

namespace shmeter::crash {
namespace {

// A reader answers in a millisecond; only one that waits for somebody takes so long.
constexpr std::int64_t kBlockedAfter_ns = 30'000'000'000;

std::string words(Counts c) {
  return std::to_string(c.lines) + " lines and " + std::to_string(c.events) + " events";
}

}  // namespace

void Sight::saw(const Sum& total) {
  const Counts most{world_.told.lines_begun, world_.told.events_begun};
  const i64 acked = world_.told.events_acked;
  const auto got = world_.counts(total);
  if (!got) {
    return wrong("totals of " + std::to_string(total.requests) + " requests, " +
                 std::to_string(total.cost_nanousd) + " nano-dollars add up from nothing said");
  }
  if (got->lines > most.lines || got->events > most.events) {
    wrong(words(*got) + " are shown, only " + words(most) + " were begun");
  }
  if (got->lines < least_.lines || got->events < least_.events) {
    wrong(words(*got) + " are shown, and before there were " + words(least_));
  }
  least_.lines = std::max(least_.lines, got->lines);
  // What is shown and not yet acknowledged may be lost: it is sent again.
  least_.events = std::max(least_.events, std::min(got->events, acked));
}

Look look(const std::string& region) {
  Look got;
  shm::FileReader reader;
  got.opened = reader.open(region.c_str(), false);
  if (got.opened != shm::Opened::ok) return got;
  got.opened = reader.snapshot([&](shm::FileSlot& slot) { return slot.summary(got.summary); });
  got.writer_pid = reader.writer_pid();
  return got;
}

RegionOnlooker::RegionOnlooker(World& world)
    : world_(world), at_path_(world, "reader of the path"), in_mapping_(world, "mapped reader") {}

void RegionOnlooker::judge(const shm::Summary& summary, Sight& sight, u64& last) const {
  if (summary.sequence < last) {
    sight.wrong("picture " + std::to_string(summary.sequence) + " after " + std::to_string(last));
  }
  last = summary.sequence;
  if (!is_complete(summary)) return sight.wrong("an incomplete picture over a complete one");
  sight.saw(sum_of(summary.all));
}

void RegionOnlooker::look_once() {
  ++looks_;
  const Look at_path = look(world_.region());
  if (at_path.opened != shm::Opened::ok) {
    return at_path_.wrong("no picture, state " + std::to_string(int(at_path.opened)));
  }
  judge(at_path.summary, at_path_, last_at_path_);
  if (!open_ || !mapped_.path_still_ours(world_.region().c_str())) {
    open_ = mapped_.open(world_.region().c_str(), false) == shm::Opened::ok;
    if (!open_) return in_mapping_.wrong("the region cannot be opened");
  }
  shm::Summary summary;
  const auto copy = [&](auto& slot) { return slot.summary(summary); };
  if (mapped_.snapshot_in_place(copy) != shm::Opened::ok) {
    return in_mapping_.wrong("a torn or broken picture");
  }
  judge(summary, in_mapping_, last_in_mapping_);
}

void JsonOnlooker::look_once() {
  ++looks_;
  const bench::Command command{.path = SHMETER,
                               .arguments = {"json"},
                               .environment = world_.environment(),
                               .errors = world_.folder() + "/json.err"};
  std::string line;
  const std::int64_t began = bench::now_ns();
  const int status = bench::run(command, &line).status;
  if (status != 0) return sight_.wrong("it ended with status " + std::to_string(status));
  if (bench::now_ns() - began > kBlockedAfter_ns) return sight_.wrong("it was held up");
  try {
    simdjson::dom::parser parser;
    const simdjson::dom::element picture = parser.parse(line);
    if (!picture["scan"].is_null()) return sight_.wrong("an incomplete picture: " + line);
    sight_.saw(bench::sum_of(picture["totals"]["all"]));
  } catch (const simdjson::simdjson_error& e) {
    sight_.wrong(std::string(e.what()) + ": " + line);
  }
}

Watcher::Watcher(World& world)
    : world_(world),
      output_(world.folder() + "/watcher.out"),
      process_({SHMETER, "tmux", "--watch", "--format", "at {total.requests|raw}"},
               world.environment(), output_) {}

void Watcher::look_once() {
  const auto wrong = [&](const std::string& what) { world_.findings.wrong("watcher: " + what); };
  if (!process_.running()) return wrong("it has ended");
  std::ifstream in(output_);
  in.seekg(read_);
  for (std::string line; std::getline(in, line) && !in.eof();) {
    read_ = in.tellg();
    // Beside a dead collector the age stands behind it, and around it the colour of what is old.
    i64 requests = -1;
    const std::size_t at = line.find("at ");
    const char* end = line.data() + line.size();
    if (at == std::string::npos ||
        std::from_chars(line.data() + at + 3, end, requests).ec != std::errc{}) {
      return wrong("it wrote: " + line);
    }
    // The one event that was not acknowledged may be lost until it is sent again.
    if (requests < shown_ - 1) {
      return wrong(std::to_string(requests) + " after " + std::to_string(shown_));
    }
    if (requests > world_.requests({world_.told.lines_begun, world_.told.events_begun})) {
      return wrong(std::to_string(requests) + " requests, more than were begun");
    }
    shown_ = requests;
  }
}

}  // namespace shmeter::crash
