// SPDX-License-Identifier: MIT
#include "collector/publish/region_publisher.hpp"

#include <algorithm>
#include <utility>

#include "collector/loop/wall_clock.hpp"
#include "shm/location.hpp"
#include "shm/reader.hpp"

namespace shmeter::collector {
namespace {

constexpr shm::u64 kSpacing_ms = 50;
constexpr shm::u64 kHeartbeat_ms = 5000;

/// What a dead collector left.
struct Left {
  // Its picture says more than one which is still being made.
  bool worth_keeping = false;
  // Since its last heartbeat, if it was not told to end; else unknown.
  shm::i64 silence_ns = shm::kUnknown;
};
Left look_at(const std::string& path) {
  Left left;
  shm::FileReader reader;
  if (reader.open(path.c_str(), false) != shm::Opened::ok) return left;
  shm::Summary summary;
  left.worth_keeping = reader.snapshot([&](shm::FileSlot& slot) {
    return slot.summary(summary);
  }) == shm::Opened::ok &&
                       summary.completeness != static_cast<i64>(shm::Completeness::nothing_yet);
  if (reader.live().state == static_cast<shm::u32>(shm::WriterState::running))
    left.silence_ns = reader.heartbeat_age_ns();
  return left;
}

Error to_error(const shm::Failure& failure) {
  const Errc code = failure.code == shm::FailureCode::exists      ? Errc::exists
                    : failure.code == shm::FailureCode::forbidden ? Errc::forbidden
                                                                  : Errc::unavailable;
  return {code, failure.message};
}

}  // namespace

RegionPublisher::RegionPublisher(Loop& loop, shm::WriterLock& lock, Model& model,
                                 shm::u32 session_capacity, Events events)
    : lock_(lock),
      model_(model),
      session_capacity_(session_capacity),
      events_(std::move(events)),
      number_(static_cast<std::uint64_t>(wall_clock_ms())),
      spacing_(loop, [this] { publish_if_due(); }),
      heartbeat_(loop, [this] { beat(); }) {}

Result<void> RegionPublisher::start() {
  heartbeat_.start_every(kHeartbeat_ms);
  const Left left = look_at(lock_.dir() + '/' + shm::kRegionName);
  note_silence(left.silence_ns);
  beat_ns_ = uv_hrtime();
  seen_complete_ = left.worth_keeping;
  if (seen_complete_) return {};
  return open_region();
}

Result<void> RegionPublisher::open_region() {
  shm::Failure why;
  publisher_ = shm::Publisher::open(lock_, session_capacity_, model_.picture(wall_clock_ms()),
                                    SHMETER_VERSION, why);
  if (!publisher_) return tl::unexpected(to_error(why));
  spacing_.start_once(kSpacing_ms);
  return {};
}

void RegionPublisher::changed(bool complete) {
  // What everybody waits for does not wait for its turn behind a picture that says less.
  const bool completed = complete && !complete_;
  complete_ = complete;
  if (waits_since_ns_ == 0 && (model_.dirty() || unpublished_)) waits_since_ns_ = uv_hrtime();
  if (completed || !spacing_.active()) publish_if_due();
}

void RegionPublisher::publish_if_due() {
  if (seen_complete_ && !complete_) return;
  seen_complete_ = seen_complete_ || complete_;
  if (!publisher_) {
    if (auto opened = open_region(); !opened) events_.ended(opened.error());
  } else if (model_.dirty() || unpublished_) {
    publish();
  }
}

std::uint64_t RegionPublisher::number() {
  picture();
  return number_;
}

const shm::Picture& RegionPublisher::picture() {
  if (model_.dirty()) {
    unpublished_ = true;
    ++number_;
  }
  return model_.picture(wall_clock_ms());
}

void RegionPublisher::publish() {
  if (model_.dirty()) ++number_;
  unpublished_ = false;
  publisher_->publish(model_.picture(wall_clock_ms()));
  ++figures_.publications;
  if (const auto since_ns = std::exchange(waits_since_ns_, 0); since_ns != 0)
    figures_.lag_s += static_cast<double>(uv_hrtime() - since_ns) * 1e-9;
  spacing_.start_once(kSpacing_ms);
}

/// A machine that sleeps is not silent: its clock of these stands still.
void RegionPublisher::note_silence(shm::i64 ns) {
  if (shm::known(ns) && ns > shm::kWedgedAfter_ns)
    silence_s_ = std::max(silence_s_, ns / 1'000'000'000);
}

void RegionPublisher::beat() {
  const std::uint64_t now_ns = uv_hrtime();
  note_silence(static_cast<i64>(now_ns - std::exchange(beat_ns_, now_ns)));
  model_.tick(wall_clock_ms());
  if (publisher_) look_after_region();
  events_.beat();
}

void RegionPublisher::look_after_region() {
  const auto beat = publisher_->heartbeat();
  if (beat == shm::Publisher::Beat::superseded)
    return events_.ended({Errc::exists, lock_.dir() + ": another collector took over"});
  if (beat == shm::Publisher::Beat::republish) publish();
  // A region that was lost and cannot be made again: said once, tried again with each beat.
  if (const std::string& trouble = publisher_->trouble().message; trouble != said_trouble_) {
    if (!trouble.empty()) events_.say(trouble);
    said_trouble_ = trouble;
  }
}

void RegionPublisher::stop() {
  heartbeat_.stop();
  spacing_.stop();
  if (!publisher_) return;
  publish_if_due();
  spacing_.stop();
  publisher_->stop();
}

}  // namespace shmeter::collector
