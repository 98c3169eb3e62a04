// SPDX-License-Identifier: MIT
#include "tests/crash/traffic.hpp"

#include <ctime>

#include "collector/bench/measure.hpp"
#include "collector/serve/control_client.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::crash {
namespace {

constexpr i64 kTranscripts = 8;
constexpr std::int64_t kPause_ns = 1'000'000;

bool try_to_post(World& world, i64 number) {
  Told& told = world.told;
  const bool reports = number % 4 == 0;  // every fourth says what a session of its own used
  if (!reports) return ingest(world, number).starts_with("OK 1");
  const std::string which = std::to_string(number / 4 % i64{kReported});
  told.reported[static_cast<std::size_t>(number / 4) % kReported] = number;
  return ask(world, "SET_USAGE reported-" + which + " {\"messages\":" + std::to_string(number) +
                        "}") == "OK";
}

}  // namespace

Worker::Worker(std::function<void()> one_thing) : one_thing_(std::move(one_thing)) {
  thread_ = std::thread([this] {
    while (!ending_) {
      standing_still_ = paused_.load();
      if (!standing_still_) one_thing_();
      bench::sleep_ns(kPause_ns);
    }
  });
}

Worker::~Worker() {
  ending_ = true;
  thread_.join();
}

void Worker::go_on() {
  standing_still_ = false;
  paused_ = false;
}

void append_line(World& world) {
  const i64 number = ++world.told.lines_begun;
  const std::string session = "live-" + std::to_string(number % kTranscripts);
  const std::string line =
      bench::live_line(session, number, static_cast<i64>(std::time(nullptr)) * 1000);
  const std::string path = world.config() / ("projects/-home-dev-live/" + session + ".jsonl");
  const std::size_t cut = number % 3 == 0 ? line.size() / 2 : line.size();
  test::append(path, line.substr(0, cut));
  if (cut < line.size()) {
    bench::sleep_ns(kPause_ns);
    test::append(path, line.substr(cut));
  }
  ++world.told.lines_written;
  bench::sleep_ns(5 * kPause_ns);
}

void post_one(World& world, const std::atomic<bool>& ending) {
  const i64 number = ++world.told.posts;
  const bool is_event = number % 4 != 0;
  if (is_event) ++world.told.events_begun;
  while (!try_to_post(world, number)) {
    if (ending) return;
    bench::sleep_ns(kPause_ns);
  }
  if (is_event) ++world.told.events_acked;
}

std::string ask(const World& world, const std::string& line, const std::string& body) {
  auto client = collector::ControlClient::open(world.control_socket());
  if (!client) return {};
  const auto answer = client->ask(line, body, std::chrono::seconds(30));
  return answer ? *answer : std::string();
}

std::string ingest(const World& world, i64 event) {
  const std::string body = event_json(event);
  return ask(world, "INGEST events " + std::to_string(body.size()), body);
}

}  // namespace shmeter::crash
