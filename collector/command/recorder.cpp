// SPDX-License-Identifier: MIT
#include "collector/command/recorder.hpp"

#include "collector/loop/wall_clock.hpp"

namespace shmeter::collector {
namespace {

constexpr u64 kSoon_ms = 1000;
// A batch this large goes at once: the first scan must not pile up in memory, and what is handed
// over is still in the processor's cache.
constexpr std::size_t kLargeBatch = std::size_t{512} << 10;
constexpr i64 kCoolEvery_ms = i64{3600} * 1000;

}  // namespace

Recorder::Recorder(Loop& loop, Store& store, Model& model, Events events)
    : store_(store),
      model_(model),
      events_(std::move(events)),
      bulk_(store.empty()),
      soon_(loop, [this] { hand_over(); }) {
  if (bulk_) store_.begin_bulk();
  model_.set_journal(this);
}

Recorder::~Recorder() { model_.set_journal(nullptr); }

void Recorder::name(NameTable table, u32 number, std::string_view text) {
  batch_.names.push_back({table, number, std::string(text)});
}

void Recorder::keep(const StoredEvent& event) { batch_.keep(event); }

void Recorder::book(const Booking& booking) { batch_.book(booking); }

void Recorder::join(const Joined& joined) { batch_.joined.push_back(joined); }

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
  if (gave_up_) return;
  ask_for_waiting();
  if (batch_.bytes() >= kLargeBatch || !waiters_.empty()) return hand_over();
  const bool something = !batch_.empty() || !files_.empty();
  if (something && !bulk_ && !soon_.active()) soon_.start_once(kSoon_ms);
}

void Recorder::scan_is_complete() {
  if (!bulk_ || gave_up_) return;
  hand_over();
  ++on_their_way_;
  store_.end_bulk([this](const Result<void>& result) {
    bulk_ = false;
    committed(result);
  });
}

void Recorder::flush(Store::Done done) {
  if (gave_up_) return done(tl::unexpected(*gave_up_));
  waiters_.push_back(std::move(done));
  ask_for_waiting();
  hand_over();
}

bool Recorder::idle() const {
  return on_their_way_ == 0 && store_.waiting_bytes() == 0 && waiters_.empty() && !asking_ &&
         wanted_.empty() && batch_.empty() && files_.empty();
}

void Recorder::tick() {
  if (gave_up_) return;
  if (!bulk_) hand_over();
  if (failing_) store_.retry();
  ask_for_waiting();
  cool();
}

void Recorder::cool() {
  if (bulk_ || gave_up_ || !idle() || model_.waiting() > 0) return;
  const i64 now_ms = wall_clock_ms();
  if (shm::known(cooled_ms_) && now_ms >= cooled_ms_ && now_ms - cooled_ms_ < kCoolEvery_ms) return;
  cooled_ms_ = now_ms;
  model_.cool(now_ms);
}

void Recorder::hand_over() {
  soon_.stop();
  model_.put_changes(batch_);
  const bool all_in = model_.waiting() == 0;
  // Lines that wait are in memory only: their files are not read that far yet.
  if (all_in) {
    for (auto& [path, cursor] : files_) batch_.files.push_back({path, cursor});
    files_.clear();
  }
  std::vector<Store::Done> waiters;
  if (all_in) waiters.swap(waiters_);
  // Also an empty batch goes when somebody waits: its answer comes behind those of all before it.
  if (batch_.empty() && waiters.empty()) return;
  ++on_their_way_;
  store_.write(std::exchange(batch_, store_.empty_batch()),
               [this, waiters = std::move(waiters)](const Result<void>& result) {
                 committed(result);
                 for (const Store::Done& done : waiters) done(result);
               });
}

/// The store itself says what goes wrong with it, and keeps what it could not write.
void Recorder::committed(const Result<void>& result) {
  --on_their_way_;
  failing_ = !result;
  if (!result && bulk_) give_up(result.error());
  cool();
}

/// The file's positions are not stored either, so the next start reads everything again.
void Recorder::give_up(const Error& error) {
  if (gave_up_) return;
  gave_up_ = error;
  model_.set_journal(nullptr);
  batch_ = {};
  files_.clear();
  answer_waiters(tl::unexpected(error));
}

void Recorder::answer_waiters(const Result<void>& result) {
  for (const Store::Done& done : std::exchange(waiters_, {})) done(result);
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
    say_once(found.error().message + "; copies of old conversations wait until it can be read");
    return answer_waiters(tl::unexpected(found.error()));
  }
  model_.thaw(std::exchange(wanted_, {}), found->events, wall_clock_ms());
  events_.changed();
}

void Recorder::say_once(const std::string& trouble) {
  if (trouble != said_) events_.say(trouble);
  said_ = trouble;
}

}  // namespace shmeter::collector
