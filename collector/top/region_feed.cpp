// SPDX-License-Identifier: MIT
#include "collector/top/region_feed.hpp"

#include <unistd.h>
#include <uv.h>

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "collector/loop/fd.hpp"
#include "collector/loop/wall_clock.hpp"
#include "shm/os.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kSecond_ns = 1'000'000'000;

bool copy(shm::FileSlot& slot, TopPicture& out) {
  if (!slot.summary(out.summary)) return false;
  out.accounts.resize(static_cast<std::size_t>(out.summary.accounts));
  for (shm::u32 i = 0; i < out.accounts.size(); ++i)
    if (!slot.account(i, out.accounts[i])) return false;
  out.sessions.resize(static_cast<std::size_t>(out.summary.sessions));
  return out.sessions.empty() ||
         slot.sessions(0, static_cast<shm::u32>(out.sessions.size()), out.sessions.data());
}

i64 now_s() { return wall_clock_ms() / 1000; }

void sleep_until(i64 until_ns) {
  const i64 left_ns = until_ns - os::monotonic_ns();
  if (left_ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(left_ns));
}

}  // namespace

bool RegionSource::connect() {
  if (!open_) {
    opened_ = plugin::open_region(reader_, places_, which_);
    open_ = opened_ == shm::Opened::ok;
  }
  return open_;
}

TopPicture RegionSource::read(i64 now_s) {
  TopPicture out;
  out.read_at_s = now_s;
  live_ = false;
  if (connect()) {
    seen_ = reader_.notify();
    opened_ = reader_.snapshot([&](shm::FileSlot& slot) { return copy(slot, out); });
  }
  if (opened_ != shm::Opened::ok) {
    TopPicture none;
    none.read_at_s = now_s;
    none.trouble = plugin::explain(opened_);
    return none;
  }
  formats::Values values;
  values.summary = &out.summary;
  values.now_s = now_s;
  plugin::judge(reader_, values);
  out.freshness = values.freshness;
  out.age_s = values.age_s;
  out.version = reader_.writer_version();
  live_ = out.live();
  return out;
}

bool RegionSource::wait() {
  const i64 until_ns = os::monotonic_ns() + kSecond_ns;
  if (open_ && live_) {
    if (reader_.wait(seen_, until_ns) >= 0) return true;
    const bool ours = reader_.path_still_ours(places_.region_path(which_).c_str());
    if (ours && reader_.liveness() != shm::Liveness::live) return true;
    const i64 left_ns = until_ns - os::monotonic_ns();
    if (ours && left_ns <= 0) return false;
  }
  // What is not live is looked for anew: another place may have a region by now.
  reader_.close();
  open_ = false;
  sleep_until(until_ns);
  return true;
}

struct RegionFeed::Shared {
  Fd readable;
  Fd writable;
  std::atomic<bool> over = false;
  std::mutex mutex;
  std::shared_ptr<const TopPicture> newest;
};

Result<RegionFeed> RegionFeed::start(const plugin::Places& places) {
  std::array<uv_file, 2> ends{};
  if (uv_pipe(ends.data(), UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE) != 0)
    return fail(Errc::unavailable, "no pipe; close other programs");
  auto shared = std::make_shared<Shared>();
  shared->readable = Fd(ends[0]);
  shared->writable = Fd(ends[1]);
  shared->newest = std::make_shared<const TopPicture>();
  std::thread([shared, places] {
    RegionSource source(places);
    while (!shared->over) {
      auto picture = std::make_shared<const TopPicture>(source.read(now_s()));
      {
        const std::lock_guard lock(shared->mutex);
        shared->newest = std::move(picture);
      }
      // A full pipe says the same.
      [[maybe_unused]] const ssize_t n = ::write(shared->writable.get(), "!", 1);
      while (!shared->over && !source.wait()) {
      }
    }
  }).detach();
  return RegionFeed(std::move(shared));
}

RegionFeed::~RegionFeed() {
  if (shared_) shared_->over = true;
}

int RegionFeed::fd() const { return shared_->readable.get(); }

std::shared_ptr<const TopPicture> RegionFeed::take() {
  std::array<char, 256> marks;
  while (::read(shared_->readable.get(), marks.data(), marks.size()) > 0) {
  }
  const std::lock_guard lock(shared_->mutex);
  return shared_->newest;
}

}  // namespace shmeter::collector
