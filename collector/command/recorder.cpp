// SPDX-License-Identifier: MIT
#include "collector/command/recorder.hpp"

#include "collector/loop/wall_clock.hpp"

namespace shmeter::collector {
namespace {

constexpr u64 kSoon_ms = 1000;
// A batch this large goes at once: the first scan must not pile up in memory.
constexpr std::size_t kLargeBatch = std::size_t{2} << 20;
constexpr i64 kCoolEvery_ms = i64{3600} * 1000;

}  // namespace

Recorder::Recorder(Loop& loop, Store& store, Model& model, Say say)
    : store_(store), model_(model), say_(std::move(say)), bulk_(store.empty()), soon_(loop, [this] {
        hand_over({});
      }) {
  if (bulk_) store_.begin_bulk();
  model_.set_journal(this);
}

Recorder::~Recorder() { model_.set_journal(nullptr); }

void Recorder::name(NameTable table, u32 number, std::string_view text) {
  batch_.names.push_back({table, number, std::string(text)});
}

void Recorder::keep(const StoredEvent& event) { batch_.keep(event); }

void Recorder::book(const Booking& booking) { batch_.book(booking); }

void Recorder::file_read(std::string_view path, const FileCursor& cursor) {
  const auto at = files_.find(path);
  if (at == files_.end())
    files_.emplace(path, cursor);
  else
    at->second = cursor;
}

void Recorder::file_gone(std::string_view path) {
  if (const auto at = files_.find(path); at != files_.end()) files_.erase(at);
  batch_.forgotten_files.emplace_back(path);
}

void Recorder::turn_ends() {
  ask_for_waiting();
  if (batch_.bytes() >= kLargeBatch) return hand_over({});
  const bool something = !batch_.empty() || !files_.empty();
  if (something && !bulk_ && !soon_.active()) soon_.start_once(kSoon_ms);
}

void Recorder::scan_is_complete() {
  if (!bulk_) return;
  hand_over({});
  bulk_ = false;
  ++on_their_way_;
  store_.end_bulk([this](const Result<void>& result) { committed(result); });
}

void Recorder::flush(Store::Done done) { hand_over(std::move(done)); }

bool Recorder::idle() const {
  return on_their_way_ == 0 && !asking_ && wanted_.empty() && batch_.empty() && files_.empty();
}

void Recorder::tick() {
  if (!bulk_) hand_over({});
  ask_for_waiting();
  cool();
}

void Recorder::cool() {
  if (bulk_ || !idle() || model_.waiting() > 0) return;
  const i64 now_ms = wall_clock_ms();
  if (shm::known(cooled_ms_) && now_ms >= cooled_ms_ && now_ms - cooled_ms_ < kCoolEvery_ms) return;
  cooled_ms_ = now_ms;
  model_.cool(now_ms);
}

void Recorder::hand_over(Store::Done done) {
  soon_.stop();
  model_.put_changes(batch_);
  // Lines that wait are in memory only: their files are not read that far yet.
  if (model_.waiting() == 0) {
    for (auto& [path, cursor] : files_) batch_.files.push_back({path, cursor});
    files_.clear();
  }
  // Also an empty batch goes: its answer comes behind those of all batches before it.
  if (batch_.empty() && !done) return;
  ++on_their_way_;
  store_.write(std::exchange(batch_, {}), [this, done = std::move(done)](Result<void> result) {
    committed(result);
    if (done) done(std::move(result));
  });
}

void Recorder::committed(const Result<void>& result) {
  --on_their_way_;
  const std::string trouble = result ? std::string() : result.error().message;
  if (trouble == said_) return cool();
  said_ = trouble;
  say_(trouble.empty() ? "history is written again"
                       : trouble + "; history is kept in memory until it can be written");
}

void Recorder::ask_for_waiting() {
  if (asking_) return;  // one question at a time: its answer may settle the next one
  for (const u64 message : model_.take_wanted()) wanted_.push_back(message);
  if (wanted_.empty()) return;
  asking_ = true;
  store_.look_up(wanted_, [this](const Result<Store::Found>& found) { answered(found); });
}

void Recorder::answered(const Result<Store::Found>& found) {
  asking_ = false;
  if (!found) {
    // Counting what may be counted already would be wrong: the lines wait until the next heartbeat.
    return say_once(found.error().message +
                    "; copies of old conversations wait until it can be read");
  }
  model_.thaw(std::exchange(wanted_, {}), found->events, wall_clock_ms());
  turn_ends();
}

void Recorder::say_once(const std::string& trouble) {
  if (trouble != said_) say_(trouble);
  said_ = trouble;
}

}  // namespace shmeter::collector
