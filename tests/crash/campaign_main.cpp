// SPDX-License-Identifier: MIT
// crash_campaign: kills the collector again and again, anywhere in its life, while transcripts
// grow, events are posted and readers look on. After every few deaths the totals are held against
// the truth. What goes wrong is told with seed, round and phase, and the folder stays. Arguments:
// rounds= (60) seed= (1) quiet= (every how many rounds all is compared, 20)
#include <algorithm>
#include <csignal>
#include <memory>

#include "collector/bench/measure.hpp"
#include "collector/bench/random.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/crash/onlookers.hpp"
#include "tests/crash/traffic.hpp"

namespace shmeter::crash {
namespace {

constexpr std::int64_t kPatience_ns = 60'000'000'000;
constexpr int kKilled = 128 + SIGKILL;

class Campaign {
 public:
  Campaign(World& world, u64 seed) : world_(world), random_(seed) {}

  /// Kills collectors that read the history for the first time, then lets one come to its end.
  void begin(i64 first_deaths);
  void round();
  /// What the next collector knows is the truth, and stays it when all is said once more.
  void quiet_check();
  std::string figures() const;
  ~Campaign() { ending_ = true; }

 private:
  void start();
  void end(bool told_to_end = false);
  void sleep_up_to(std::int64_t us) { bench::sleep_ns(random_.below(us) * 1000); }
  /// Until it is so; a finding when it never is, or the collector ended by itself.
  template <class Condition>
  void wait_until(const char* what, Condition&& is_so);
  void wait_for_pictures(u64 count);
  void disturb();
  std::optional<Counts> shown() const;
  void say_again();
  void compare_sessions();

  World& world_;
  bench::Random random_;
  std::atomic<bool> ending_ = false;
  std::unique_ptr<test::Process> collector_;
  u64 first_sequence_ = 0;  // of the newest picture when this collector was started
  std::unique_ptr<RegionOnlooker> region_;
  std::unique_ptr<JsonOnlooker> json_;
  std::unique_ptr<Watcher> watcher_;
  std::unique_ptr<Worker> appending_, posting_, looking_, asking_;
  i64 compared_ = 0;
};

void Campaign::start() {
  first_sequence_ = look(world_.region()).summary.sequence;
  collector_ = std::make_unique<test::Process>(std::vector<std::string>{SHMETERD, "daemon", "run"},
                                               world_.environment(), world_.log());
}

void Campaign::end(bool told_to_end) {
  collector_->signal(SIGKILL);
  const int code = collector_->wait();
  if (code == kKilled || (told_to_end && code == 0)) return;
  world_.findings.wrong("the collector ended by itself with " + std::to_string(code) +
                        "; it said: " + test::contents(world_.log()));
}

template <class Condition>
void Campaign::wait_until(const char* what, Condition&& is_so) {
  const std::int64_t until = bench::now_ns() + kPatience_ns;
  while (!world_.findings.any() && !is_so()) {
    if (collector_ && !collector_->running()) {
      return world_.findings.wrong("the collector ended while waiting for " + std::string(what) +
                                   "; it said: " + test::contents(world_.log()));
    }
    if (bench::now_ns() > until) {
      return world_.findings.wrong("never came: " + std::string(what) + "; last shown " +
                                   std::to_string(look(world_.region()).summary.all.requests) +
                                   " requests");
    }
    bench::sleep_ns(500'000);
  }
}

void Campaign::wait_for_pictures(u64 count) {
  wait_until("a publication", [&] {
    const Look now = look(world_.region());
    return now.opened == shm::Opened::ok && is_complete(now.summary) &&
           now.summary.sequence >= first_sequence_ + count;
  });
}

void Campaign::begin(i64 first_deaths) {
  Sight sight(world_, "after a first scan");
  const auto judge = [&] {
    const Look now = look(world_.region());
    if (now.opened == shm::Opened::absent) return;  // it died before its first picture
    if (now.opened != shm::Opened::ok) return sight.wrong("a broken picture");
    if (is_complete(now.summary)) sight.saw(sum_of(now.summary.all));
  };
  for (i64 i = 0; i < first_deaths && !world_.findings.any(); ++i) {
    if (i % 2 == 0) world_.forget();
    start();
    sleep_up_to(random_.permille(500) ? 10'000 : 40'000);
    end();
    judge();
  }
  start();
  wait_for_pictures(1);
  judge();
  region_ = std::make_unique<RegionOnlooker>(world_);
  json_ = std::make_unique<JsonOnlooker>(world_);
  watcher_ = std::make_unique<Watcher>(world_);
  looking_ = std::make_unique<Worker>([this] { region_->look_once(); });
  asking_ = std::make_unique<Worker>([this] { json_->look_once(); });
  appending_ = std::make_unique<Worker>([this] { append_line(world_); });
  posting_ = std::make_unique<Worker>([this] { post_one(world_, ending_); });
  end();
}

// While it runs and its handlers are in place.
void Campaign::disturb() {
  const std::int64_t how = random_.below(4);
  if (how == 0) world_.configure(random_.permille(500) ? 256 : 300);
  if (how <= 1) collector_->signal(SIGHUP);
  sleep_up_to(how <= 1 ? 30'000 : 3'000);
}

void Campaign::round() {
  if (random_.permille(100)) world_.configure(random_.permille(500) ? 256 : 300);
  start();
  bool told_to_end = false;
  switch (random_.below(6)) {
    case 0:
      sleep_up_to(5'000);
      break;
    case 1:
      sleep_up_to(50'000);
      break;
    case 2:
      sleep_up_to(300'000);
      break;
    case 3:
      wait_for_pictures(1 + static_cast<u64>(random_.below(3)));
      disturb();
      break;
    case 4: {  // just when something was acknowledged
      const i64 acked = world_.told.events_acked;
      wait_until("an acknowledgement", [&] { return world_.told.events_acked > acked; });
      break;
    }
    default:
      wait_for_pictures(1);
      collector_->signal(SIGTERM);
      told_to_end = true;
      sleep_up_to(20'000);
  }
  end(told_to_end);
  watcher_->look_once();
}

std::optional<Counts> Campaign::shown() const {
  return world_.counts(sum_of(look(world_.region()).summary.all));
}

void Campaign::say_again() {
  for (int i = 0; i < 20 && world_.told.events_acked > 3; ++i) {
    const i64 number = 1 + 4 * random_.below(world_.told.events_acked / 3);  // each is an event
    if (!ingest(world_, number).starts_with("OK")) world_.findings.wrong("an event was refused");
  }
  append_line(world_);  // counted after them
}

void Campaign::compare_sessions() {
  const auto expect = [&](const std::string& session, const char* member, i64 value) {
    const std::string answer = ask(world_, "API_USAGE " + session);
    const std::string wanted = "\"" + std::string(member) + "\":" + std::to_string(value) + ",";
    if (answer.find(wanted) == std::string::npos) {
      world_.findings.wrong("session " + session + " without " + wanted + " " + answer);
    }
  };
  if (world_.told.events_acked > 0) expect("posted", "requests", world_.told.events_acked);
  for (std::size_t i = 0; i < kReported; ++i) {
    if (world_.told.reported[i] > 0) {
      expect("reported-" + std::to_string(i), "messages", world_.told.reported[i]);
    }
  }
}

void Campaign::quiet_check() {
  ++compared_;
  Told& told = world_.told;
  const auto is_all = [&] {
    const auto got = shown();
    return got && got->lines == told.lines_written && got->events == told.events_acked;
  };
  collector_.reset();
  appending_->pause();
  wait_until("the last line's end", [&] { return appending_->standing_still(); });
  const i64 acked = told.events_acked;
  start();
  wait_for_pictures(1);
  const auto first = shown();
  if (!first || first->lines != told.lines_written || first->events < acked) {
    world_.findings.wrong("its first picture has " + std::to_string(first ? first->lines : -1) +
                          " lines of " + std::to_string(told.lines_written) + " and " +
                          std::to_string(first ? first->events : -1) + " events of " +
                          std::to_string(acked));
  }
  posting_->pause();
  wait_until("the last acknowledgement", [&] { return posting_->standing_still(); });
  wait_until("a picture of all that was said", is_all);
  say_again();
  wait_until("the same after it was said again", is_all);
  compare_sessions();
  wait_until("the truth in the watcher", [&] {
    watcher_->look_once();
    return watcher_->shown() == world_.requests({told.lines_written, told.events_acked});
  });
  for (const char* trouble : {".damaged-", "kept in memory"}) {
    if (test::contents(world_.log()).find(trouble) != std::string::npos) {
      world_.findings.wrong("the collector said: " + test::contents(world_.log()));
    }
  }
  end();
  // What was shown is shown still, by a new reader and by the one that lived through it.
  collector_.reset();
  if (!is_all()) world_.findings.wrong("the last picture of the dead is not the truth");
  watcher_->look_once();
  appending_->go_on();
  posting_->go_on();
}

std::string Campaign::figures() const {
  return bench::text(
      "%lld comparisons; %lld lines, %lld acknowledged events; %lld looks at the "
      "region, %lld of shmeter json, a watcher at %lld requests",
      static_cast<long long>(compared_), static_cast<long long>(world_.told.lines_written),
      static_cast<long long>(world_.told.events_acked), static_cast<long long>(region_->looks()),
      static_cast<long long>(json_->looks()), static_cast<long long>(watcher_->shown()));
}

int run_campaign(const bench::Arguments& arguments) {
  const i64 rounds = arguments.number("rounds", 60);
  const i64 quiet = std::max<i64>(1, arguments.number("quiet", 20));
  const u64 seed = static_cast<u64>(arguments.number("seed", 1));
  World world(seed);
  const std::int64_t began = bench::now_ns();
  std::string figures;
  {
    Campaign campaign(world, seed);
    world.findings.stage(0, "first scans");
    campaign.begin(std::max<i64>(8, rounds / 20));
    for (i64 i = 1; i <= rounds && !world.findings.any(); ++i) {
      world.findings.stage(i, "killing");
      campaign.round();
      if (i % quiet != 0 && i != rounds) continue;
      world.findings.stage(i, "comparing");
      if (!world.findings.any()) campaign.quiet_check();
    }
    figures = campaign.figures();
  }
  if (world.findings.any()) {
    std::fprintf(stderr, "crash_campaign: seed=%llu, %s\nthe folder stays: %s\n",
                 static_cast<unsigned long long>(seed), world.findings.first().c_str(),
                 world.folder().c_str());
    return 1;
  }
  world.remove();
  std::printf("seed=%llu: %lld rounds in %.1f s, %s\n", static_cast<unsigned long long>(seed),
              static_cast<long long>(rounds), static_cast<double>(bench::now_ns() - began) / 1e9,
              figures.c_str());
  return 0;
}

}  // namespace
}  // namespace shmeter::crash

int main(int argc, char** argv) {
  return shmeter::bench::run_program("crash_campaign", argc, argv, shmeter::crash::run_campaign);
}
