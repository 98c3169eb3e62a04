// SPDX-License-Identifier: MIT
// Three ways lead to a read: an event, a listing, and a file that changed while the worker had it.
// All of them only mark; reading happens in one place, on the loop when it is little (a line that
// was just written), in the worker when it is much.
#include "collector/source/transcripts.hpp"

#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "collector/loop/wall_clock.hpp"

namespace shmeter::collector {
namespace {

using shm::i64;
using shm::u64;

// After this many events in one go the queue was perhaps near its end: look at everything.
constexpr std::size_t kBurst = 1000;
// The longest that is read on the loop: about a millisecond.
constexpr u64 kMostReadHere = u64{1} << 20;
constexpr std::size_t kMostFilesReadHere = 16;
// "Today" began less than 25 hours ago in every time zone, even where an hour was put in.
constexpr i64 kTodayWithin_ms = i64{25} * 3600 * 1000;
constexpr int kMostUnreadableSaid = 10;
constexpr i64 kNsPerMs = 1'000'000;

// Where reading of the file ended the last time.
u64 end_seen(const FileCursor& cursor) { return std::max(cursor.offset, cursor.searched); }

bool same_as(const FileCursor& cursor, const FoundFile& found) {
  return cursor.inode != 0 && cursor.inode == found.inode && cursor.device == found.device &&
         end_seen(cursor) == found.size && cursor.modified_ns == found.modified_ns;
}

}  // namespace

Transcripts::Transcripts(Loop& loop, std::vector<TranscriptRoot> roots, Sink sink, Options options)
    : roots_(std::move(roots)),
      sink_(std::move(sink)),
      options_(options),
      rescan_timer_(loop, [this] { rescan(); }),
      again_timer_(loop, [this] { read_again(); }),
      watcher_(loop, {.changed = [this](int watch, unsigned mask,
                                        std::string_view name) { on_event(watch, mask, name); },
                      .overflowed = [this] { rescan_wanted_ = true; },
                      .drained = [this](std::size_t count) { on_drained(count); }}),
      worker_(loop, [this](const ScanWorker::Delivery& part) { on_delivery(part); }) {}

void Transcripts::start() {
  if (watcher_.error() != 0)
    sink_.say(std::string("no file events (inotify: ") + std::strerror(watcher_.error()) +
              "): looking at all transcripts every minute; raise fs.inotify.max_user_instances");
  rescan_timer_.start_every(options_.rescan_every_ms);
  rescan();
}

void Transcripts::rescan() {
  rescan_wanted_ = worker_.busy();
  if (worker_.busy()) return;
  ++generation_;  // what an event brings from here on is not forgotten for not being in the listing
  worker_.start_listing(roots_);
}

// ---- what is there ----

void Transcripts::on_drained(std::size_t count) {
  sink_.turn_begins();
  read_dirty();
  read_pending();
  if (count > kBurst || rescan_wanted_) rescan();
  sink_.turn_ends();
}

void Transcripts::on_listed(const std::vector<std::vector<FoundDir>>& listing) {
  for (std::size_t root = 0; root < listing.size(); ++root) {
    merge(listing[root], root, LookAgain::later);
    wait_for(root);
  }
  adopt_moved();
  forget_unlisted();
}

void Transcripts::merge(const std::vector<FoundDir>& found, std::size_t root, LookAgain look) {
  for (const FoundDir& here : found) {
    auto& dir = *dirs_.try_emplace(here.path).first;
    dir.second.root = root;
    dir.second.kind = here.kind;
    dir.second.generation = generation_;
    const bool unreadable = here.error != 0;
    if (unreadable != dir.second.unreadable) {
      dir.second.unreadable = unreadable;
      status_.unreadable += unreadable ? 1 : -1;
      if (unreadable && said_unreadable_++ < kMostUnreadableSaid)
        sink_.say("cannot read " + here.path + ": " + std::strerror(here.error) +
                  "; what is in it is not counted");
    }
    merge_files(dir, here.files);
  }
  // Only now, as watching looks for directories that are not known yet.
  for (const FoundDir& here : found)
    if (here.error == 0) watch(*dirs_.find(here.path), here.touched_ms, look);
}

void Transcripts::merge_files(Dirs::value_type& dir, const std::vector<FoundFile>& files) {
  for (const FoundFile& found : files) {
    auto& file = *dir.second.files.try_emplace(found.name).first;
    file.second.generation = generation_;
    if (file.second.cursor.inode == 0 && !known_.empty())
      file.second.cursor = known_.take(dir.first + '/' + found.name).value_or(FileCursor{});
    if (same_as(file.second.cursor, found) || file.second.dirty) continue;
    file.second.dirty = true;
    if (file.second.busy) continue;
    const bool grown = file.second.cursor.inode == found.inode;
    const u64 read = grown ? std::min(file.second.cursor.offset, found.size) : 0;
    pending_.push_back(
        {{&dir, &file}, found.size - read, found.modified_ns, found.device, found.inode});
  }
}

CursorsByInode Transcripts::cursors_by_inode() const {
  CursorsByInode all;
  for (const auto& [path, dir] : dirs_)
    for (const auto& [name, file] : dir.files) all.add(file.cursor);
  known_.for_each([&](const std::string&, const FileCursor& cursor) { all.add(cursor); });
  all.sort();
  return all;
}

// A file of a renamed directory goes on where its reading ended. (Whether it still holds the same
// text is looked at when it is opened, as always.)
void Transcripts::adopt_moved() {
  const auto is_new = [](const Pending& pending) {
    return pending.place.file->second.cursor.inode == 0 && pending.inode != 0;
  };
  if (std::none_of(pending_.begin(), pending_.end(), is_new)) return;
  const CursorsByInode cursors = cursors_by_inode();
  if (cursors.empty()) return;
  for (Pending& pending : pending_) {
    if (!is_new(pending)) continue;
    const FileCursor* cursor = cursors.find(pending.device, pending.inode);
    if (cursor == nullptr) continue;
    File& file = pending.place.file->second;
    file.cursor = *cursor;
    file.moved = true;
    pending.bytes -= std::min(pending.bytes, cursor->offset);
  }
}

bool Transcripts::below_unreadable(std::string_view path) const {
  return std::any_of(dirs_.begin(), dirs_.end(), [&](const auto& dir) {
    return dir.second.unreadable && dir.second.generation == generation_ &&
           path.size() > dir.first.size() && path.starts_with(dir.first) &&
           path[dir.first.size()] == '/';
  });
}

// What was there at the last listing and is no more. The worker has no files now: listing and
// reading are jobs of the same thread. What is still to be read stays until that was tried; what
// lies in a directory that cannot be read now may still be there.
void Transcripts::forget_unlisted() {
  for (auto dir = dirs_.begin(); dir != dirs_.end();) {
    const bool listed = dir->second.generation == generation_;
    if (!listed && below_unreadable(dir->first)) {
      ++dir;
      continue;
    }
    std::erase_if(dir->second.files, [&](const Files::value_type& file) {
      const bool here = listed && (file.second.generation == generation_ || dir->second.unreadable);
      if (here || file.second.dirty) return false;
      if (file.second.unreadable) --status_.unreadable;
      if (file.second.cursor.inode != 0 && sink_.file_gone)
        sink_.file_gone(dir->first + '/' + file.first);
      return true;
    });
    if (listed || !dir->second.files.empty()) {
      ++dir;
      continue;
    }
    if (dir->second.unreadable) --status_.unreadable;
    unwatch(*dir);
    dir = dirs_.erase(dir);
  }
  known_.drop_if([&](const std::string& path) {
    if (below_unreadable(path)) return false;
    if (sink_.file_gone) sink_.file_gone(path);
    return true;
  });
}

// ---- reading ----

void Transcripts::mark_dirty(Place place) {
  if (place.file->second.dirty) return;
  place.file->second.dirty = true;
  if (!place.file->second.busy) dirty_.push_back(place);
}

// Files with an event: most have one new line.
void Transcripts::read_dirty() {
  std::optional<CursorsByInode> cursors;  // made when the first file is new
  for (const Place& place : std::exchange(dirty_, {})) {
    struct stat st {};
    const bool there = ::stat(place.path().c_str(), &st) == 0;
    const u64 size = there ? static_cast<u64>(st.st_size) : 0;
    File& file = place.file->second;
    if (file.cursor.inode == 0 && there) {
      if (!cursors) cursors = cursors_by_inode();
      if (const FileCursor* cursor = cursors->find(st.st_dev, st.st_ino)) {
        file.cursor = *cursor;
        file.moved = true;
      }
    }
    const u64 offset = file.cursor.offset;
    const u64 new_bytes = size < offset ? size : size - offset;
    if (new_bytes > kMostReadHere)
      pending_.push_back({place, new_bytes, wall_clock_ms() * kNsPerMs, st.st_dev, st.st_ino});
    else
      read_here(place);
  }
}

void Transcripts::read_pending() {
  if (pending_.empty() || worker_.busy()) return;
  adopt_moved();
  u64 bytes = 0;
  for (const Pending& pending : pending_) bytes += pending.bytes;
  const bool little = pending_.size() <= kMostFilesReadHere && bytes <= kMostReadHere;
  if (!little || !first_read_started_) return hand_to_worker();
  for (const Pending& pending : std::exchange(pending_, {})) read_here(pending.place);
}

void Transcripts::read_here(const Place& place) {
  place.file->second.dirty = false;
  const std::string path = place.path();
  const std::size_t root = place.dir->second.root;
  const FileCursor before = place.file->second.cursor;
  LineTroubles troubles;
  const auto report = lines_.read(path, session_of_file(path), place.file->second.cursor, troubles,
                                  [&](const TranscriptLine& line) { observe(root, line); });
  settle(place, before, troubles, report ? nullptr : &report.error());
}

void Transcripts::hand_to_worker() {
  std::vector<Pending> jobs = std::exchange(pending_, {});
  std::stable_sort(jobs.begin(), jobs.end(), [](const Pending& a, const Pending& b) {
    return a.modified_ns > b.modified_ns;
  });
  std::vector<ScanWorker::Task> tasks;
  tasks.reserve(jobs.size());
  in_work_.clear();
  for (const Pending& job : jobs) {
    File& file = job.place.file->second;
    file.busy = true;
    file.dirty = false;
    in_work_.push_back(job.place);
    tasks.push_back({job.place.path(), job.place.dir->second.root, file.cursor});
  }
  if (status_.completeness != shm::Completeness::complete)
    status_.files_known += static_cast<i64>(jobs.size());
  if (!first_read_started_) {
    const i64 today = (wall_clock_ms() - kTodayWithin_ms) * kNsPerMs;
    today_tasks_ = static_cast<std::size_t>(std::count_if(
        jobs.begin(), jobs.end(), [&](const Pending& job) { return job.modified_ns >= today; }));
    first_read_started_ = true;
  }
  worker_.start_reading(std::move(tasks));
}

void Transcripts::on_delivery(const ScanWorker::Delivery& delivery) {
  sink_.turn_begins();
  delivery.seen.for_each([&](const Observation& seen) { sink_.observed(delivery.root, seen); });
  const bool scanning = status_.completeness != shm::Completeness::complete;
  for (const ScanWorker::Done& done : delivery.done) {
    const Place& place = in_work_[done.task];
    File& file = place.file->second;
    file.busy = false;
    const FileCursor before = std::exchange(file.cursor, done.cursor);
    if (file.dirty) dirty_.push_back(place);
    settle(place, before, done.troubles, done.error ? &*done.error : nullptr);
    if (scanning) ++status_.files_read;
  }
  if (scanning && first_read_started_ &&
      static_cast<std::size_t>(status_.files_read) >= today_tasks_)
    status_.completeness = shm::Completeness::today_only;
  if (!delivery.listing.empty()) on_listed(delivery.listing);
  read_dirty();
  if (!worker_.busy()) finish_job();
  sink_.turn_ends();
}

void Transcripts::finish_job() {
  const bool had_read = !in_work_.empty();
  in_work_.clear();
  read_pending();
  if (worker_.busy()) return;
  status_.completeness = shm::Completeness::complete;
  first_read_started_ = true;  // perhaps there was nothing to read
  in_work_.shrink_to_fit();
  pending_.shrink_to_fit();
  if (had_read) ::malloc_trim(0);  // the batches are gone: give their pages back
  if (rescan_wanted_) rescan();
}

void Transcripts::settle(const Place& place, const FileCursor& before, const LineTroubles& troubles,
                         const Error* error) {
  File& file = place.file->second;
  if ((file.moved || file.cursor != before) && sink_.file_read)
    sink_.file_read(place.dir->second.root, place.path(), file.cursor);
  file.moved = false;
  status_.lines.damaged += troubles.damaged;
  status_.lines.skipped += troubles.skipped;
  if (troubles.skipped > 0)
    sink_.say(place.path() + ": " + std::to_string(troubles.skipped) +
              " line(s) over 64 MiB skipped; what they say is not counted");
  const bool unreadable = error != nullptr && error->code != Errc::not_found;
  if (unreadable == file.unreadable) return;
  file.unreadable = unreadable;
  status_.unreadable += unreadable ? 1 : -1;
  if (unreadable && said_unreadable_++ < kMostUnreadableSaid)
    sink_.say("cannot read " + error->message + "; what is in it is not counted");
}

void Transcripts::observe(std::size_t root, const TranscriptLine& line) {
  line.for_each([&](const Observation& seen) { sink_.observed(root, seen); });
}

}  // namespace shmeter::collector
