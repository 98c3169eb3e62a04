// SPDX-License-Identifier: MIT
// Sums of the seven days are kept per session and moved on with the clock; blocks are walked on
// from where the last evaluation left them, as far as nothing before that has changed.
#include "collector/model/recent.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_set>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kMinute_ms = 60'000;
constexpr u64 kMaxTime_ms = (u64{1} << 61) - 1;
constexpr i64 kMaxTokens = 0xffffffff;
// Fewer at the front than this share of all are not worth moving the rest.
constexpr std::size_t kForgetShare = 16;
// Memory of so many is kept for the next ones.
constexpr std::size_t kMuchScratch = 8192;

auto numbers(const shm::Usage& u) {
  return std::tie(u.requests, u.input_tokens, u.output_tokens, u.cache_write_5m_tokens,
                  u.cache_write_1h_tokens, u.cache_read_tokens, u.cost_nanousd, u.unpriced_tokens);
}

shm::Usage negative(const shm::Usage& amount) {
  const auto minus = [](i64 n) { return static_cast<i64>(0 - static_cast<u64>(n)); };
  return {minus(amount.requests),
          minus(amount.input_tokens),
          minus(amount.output_tokens),
          minus(amount.cache_write_5m_tokens),
          minus(amount.cache_write_1h_tokens),
          minus(amount.cache_read_tokens),
          minus(amount.cost_nanousd),
          minus(amount.unpriced_tokens)};
}

/// Its first number that is not 0 is below 0.
bool is_taken_back(const shm::Usage& amount) { return numbers(amount) < numbers(negative(amount)); }

i64 ring_add(i64 a, i64 b) { return static_cast<i64>(static_cast<u64>(a) + static_cast<u64>(b)); }

}  // namespace

// ---- Bookings -----------------------------------------------------------------------------------

Recent::Entry Recent::entry_of(u32 session, i64 at_ms, const shm::Usage& amount) {
  const bool taken_back = is_taken_back(amount);
  const shm::Usage usage = taken_back ? negative(amount) : amount;
  const std::array<i64, 5> tokens = {usage.input_tokens, usage.output_tokens,
                                     usage.cache_write_5m_tokens, usage.cache_write_1h_tokens,
                                     usage.cache_read_tokens};
  Entry entry{
      static_cast<u64>(at_ms) & kMaxTime_ms, 0, taken_back, 0, usage.cost_nanousd, {}, session};
  bool fits = usage.requests == 1;
  i64 total = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    fits = fits && tokens[i] >= 0 && tokens[i] <= kMaxTokens;
    entry.tokens[i] = static_cast<u32>(tokens[i]);
    if (fits) total += tokens[i];
  }
  if (fits && (usage.unpriced_tokens == 0 || usage.unpriced_tokens == total)) {
    entry.unpriced = usage.unpriced_tokens != 0;
    return entry;
  }
  entry.odd = 1;
  entry.tokens = {static_cast<u32>(odd_.size())};
  odd_.push_back(usage);
  return entry;
}

/// Of the booking, or of the one it takes back: never negative.
shm::Usage Recent::amount_of(const Entry& entry) const {
  const auto& t = entry.tokens;
  if (entry.odd != 0) return odd_[t[0]];
  const i64 total = i64{t[0]} + t[1] + t[2] + t[3] + t[4];
  return {1, t[0], t[1], t[2], t[3], t[4], entry.cost_nanousd, entry.unpriced != 0 ? total : 0};
}

bool Recent::less(const Entry& a, const Entry& b) const {
  const u64 at_a = a.at_ms;
  const u64 at_b = b.at_ms;
  if (at_a != at_b) return at_a < at_b;
  if (a.session != b.session) return a.session < b.session;
  const shm::Usage amount_a = amount_of(a);
  const shm::Usage amount_b = amount_of(b);
  return numbers(amount_a) < numbers(amount_b);
}

void Recent::note_before(i64 at_ms, u32 session, int count) {
  trace_.note(at_ms, session, count);
  sessions_[session];  // its account will be asked for
  changed_from_ms_ = kAlways;
}

void Recent::book(u32 session, i64 at_ms, const shm::Usage& amount) {
  if (at_ms < 0 || static_cast<u64>(at_ms) > kMaxTime_ms || amount == shm::no_usage()) return;
  if (at_ms < floor_ms_) return note_before(at_ms, session, is_taken_back(amount) ? -1 : +1);
  pending_.push_back(entry_of(session, at_ms, amount));
}

/// Of `copies` equal ones, which together count `net` times, as many stay as do not cancel.
void Recent::put(Entries& to, Entry entry, std::size_t copies, std::ptrdiff_t net) {
  entry.taken_back = net < 0;
  const auto left = static_cast<std::size_t>(net < 0 ? -net : net);
  if (entry.odd != 0) odd_unused_ += copies - (left > 0 ? 1 : 0);
  to.insert(to.end(), left, entry);
}

void Recent::collect_odd() {
  if (odd_unused_ < 64 || odd_unused_ * 2 < odd_.size()) return;
  std::vector<shm::Usage> used;
  for (Entry& entry : entries_) {
    if (entry.odd == 0) continue;
    used.push_back(odd_[entry.tokens[0]]);
    entry.tokens[0] = static_cast<u32>(used.size() - 1);
  }
  odd_ = std::move(used);
  odd_unused_ = 0;
}

Recent::Entries::const_iterator Recent::first_at(i64 at_ms) const {
  return std::partition_point(entries_.begin(), entries_.end(),
                              [&](const Entry& entry) { return entry.time() < at_ms; });
}

/// Only what is later than the oldest of them is moved, only what equals one of them is looked at.
void Recent::merge_pending() {
  const auto before = [this](const Entry& a, const Entry& b) { return less(a, b); };
  const auto sum = [](auto from, auto to) {
    return std::accumulate(from, to, std::ptrdiff_t{0}, [](std::ptrdiff_t net, const Entry& entry) {
      return net + (entry.taken_back != 0 ? -1 : 1);
    });
  };
  const auto first = std::lower_bound(entries_.begin(), entries_.end(), pending_.front(), before);
  merged_.reserve(static_cast<std::size_t>(entries_.end() - first) + pending_.size());
  auto at = first;
  for (auto one = pending_.begin(); one != pending_.end();) {
    const auto place = std::lower_bound(at, entries_.end(), *one, before);
    const auto same = [&](const Entry& entry) { return !before(*one, entry); };
    const auto place_end = std::find_if_not(place, entries_.end(), same);
    const auto one_end = std::find_if_not(one, pending_.end(), same);
    const std::ptrdiff_t was = sum(place, place_end);
    const std::ptrdiff_t net = was + sum(one, one_end);
    merged_.insert(merged_.end(), at, place);
    put(merged_, place != place_end ? *place : *one,
        static_cast<std::size_t>((place_end - place) + (one_end - one)), net);
    count(*one, std::max<std::ptrdiff_t>(net, 0) - std::max<std::ptrdiff_t>(was, 0));
    at = place_end;
    one = one_end;
  }
  merged_.insert(merged_.end(), at, entries_.end());
  if (entries_.empty()) {  // all at once, by a first scan or a start
    entries_.swap(merged_);
    return;
  }
  entries_.erase(first, entries_.end());
  const std::size_t size = entries_.size() + merged_.size();
  if (size > entries_.capacity()) entries_.reserve(size + size / 8);
  entries_.insert(entries_.end(), merged_.begin(), merged_.end());
  merged_.clear();
}

/// That many more of a booking count, or fewer. Within a block it moves neither of its ends, and is
/// added to it; everything else is walked over again.
void Recent::count(const Entry& entry, std::ptrdiff_t more) {
  const i64 at_ms = entry.time();
  if (more == 0 || at_ms > until_ms_) return;
  const auto within = [&](const Running& running) {
    if (running.walk.empty()) return false;
    const BlockSpan& block = running.walk.block();
    return at_ms > block.first_ms &&
           (at_ms < block.last_ms || (at_ms == block.last_ms && more > 0));
  };
  const SessionUse& use = sessions_[entry.session];
  const bool of_account = std::size_t{use.account} + 1 < running_.size();
  if (!use.asked || running_.empty() || !within(running_.back()) ||
      (of_account && !within(running_[use.account]))) {
    changed_from_ms_ = std::min(changed_from_ms_, at_ms);
    return;
  }
  const shm::Usage amount = more < 0 ? negative(amount_of(entry)) : amount_of(entry);
  for (; more != 0; more += more < 0 ? 1 : -1) {
    if (of_account) add(running_[use.account].usage, amount);
    add(running_.back().usage, amount);
  }
}

void Recent::take_pending() {
  if (pending_.empty()) return;
  const auto before = [this](const Entry& a, const Entry& b) { return less(a, b); };
  // What a store gave comes in order.
  if (!std::is_sorted(pending_.begin(), pending_.end(), before))
    std::sort(pending_.begin(), pending_.end(), before);
  for (const Entry& entry : pending_) {
    sessions_[entry.session];
    if (entry.time() > after_ms_ && entry.time() <= until_ms_)
      add_to_week(entry, entry.taken_back != 0 ? -1 : +1);
  }
  merge_pending();
  collect_odd();
  pending_.clear();
  for (Entries* scratch : {&pending_, &merged_})
    if (scratch->capacity() > kMuchScratch) scratch->shrink_to_fit();
}

void Recent::set_floor(i64 at_ms) {
  if (at_ms <= floor_ms_) return;
  floor_ms_ = at_ms;
  take_pending();
  // What stands in the sums leaves them first, when the window moves on.
  const i64 below_ms = after_ms_ == kNever ? at_ms : std::min(at_ms, after_ms_ + 1);
  const auto end = entries_.begin() + (first_at(below_ms) - entries_.cbegin());
  const auto count = static_cast<std::size_t>(end - entries_.begin());
  if (count == 0 || count < entries_.size() / kForgetShare) return;
  for (auto entry = entries_.begin(); entry != end; ++entry) {
    trace_.note(entry->time(), entry->session, entry->taken_back != 0 ? -1 : +1);
    if (entry->odd != 0) ++odd_unused_;
  }
  entries_.erase(entries_.begin(), end);
  collect_odd();
  forget_sessions();
}

void Recent::forget_sessions() {
  std::unordered_set<u32> present;
  for (const Entry& entry : entries_) present.insert(entry.session);
  for (const auto& moment : trace_.moments()) present.insert(moment.session);
  std::erase_if(sessions_, [&](const auto& one) { return !present.contains(one.first); });
}

void Recent::clear() {
  const i64 floor_ms = floor_ms_;
  *this = Recent();
  floor_ms_ = floor_ms;
}

std::size_t Recent::bytes() const {
  // A node of the map: next pointer, number, value.
  constexpr std::size_t kNode = sizeof(void*) + 8 + sizeof(SessionUse);
  return by_hour_.size() * sizeof(HourUse) +
         (entries_.capacity() + pending_.capacity() + merged_.capacity()) * sizeof(Entry) +
         odd_.capacity() * sizeof(shm::Usage) + trace_.bytes() + sessions_.size() * kNode +
         sessions_.bucket_count() * sizeof(void*);
}

// ---- The seven days -----------------------------------------------------------------------------

void Recent::add_to_week(const Entry& entry, int sign) {
  const shm::Usage amount = amount_of(entry);
  SessionUse& use = sessions_[entry.session];
  const shm::Usage change = sign < 0 ? negative(amount) : amount;
  use.week_cost_nanousd = ring_add(use.week_cost_nanousd, change.cost_nanousd);
  use.week_unpriced_tokens = ring_add(use.week_unpriced_tokens, change.unpriced_tokens);
  HourUse& hour = hour_of(entry.time());
  hour.cost_nanousd = ring_add(hour.cost_nanousd, change.cost_nanousd);
  hour.unpriced_tokens = ring_add(hour.unpriced_tokens, change.unpriced_tokens);
  hour.tokens = ring_add(hour.tokens, ring_add(change.input_tokens, change.output_tokens));
}

void Recent::add_to_week(i64 after_ms, i64 until_ms, int sign) {
  for (auto entry = first_at(after_ms + 1); entry != entries_.end(); ++entry) {
    if (entry->time() > until_ms) break;
    add_to_week(*entry, entry->taken_back != 0 ? -sign : sign);
  }
}

void Recent::move_window(i64 after_ms, i64 until_ms) {
  if (after_ms_ == kNever || after_ms < after_ms_ || until_ms < until_ms_) {
    // The first time, or the clock was put back.
    for (auto& [number, use] : sessions_) use.week_cost_nanousd = use.week_unpriced_tokens = 0;
    by_hour_.assign(kHourPlaces, {});
    add_to_week(after_ms, until_ms, +1);
    changed_from_ms_ = kAlways;
  } else {
    const auto arrived = first_at(until_ms_ + 1);
    if (arrived != entries_.end() && arrived->time() <= until_ms)
      changed_from_ms_ = std::min(changed_from_ms_, arrived->time());
    add_to_week(until_ms_, until_ms, +1);
    add_to_week(after_ms_, after_ms, -1);
  }
  after_ms_ = after_ms;
  until_ms_ = until_ms;
}

HourUse& Recent::hour_of(i64 at_ms) {
  return by_hour_[static_cast<std::size_t>(at_ms / kHour_ms) % kHourPlaces];
}

Hours Recent::hours(i64 now_ms) const {
  Hours out;
  const i64 first = now_ms / kHour_ms - static_cast<i64>(out.size()) + 1;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = by_hour_[(static_cast<std::size_t>(first) + i) % kHourPlaces];
  return out;
}

// ---- Blocks -------------------------------------------------------------------------------------

void Recent::ask_accounts(u32 accounts, const AccountOf& account_of) {
  if (running_.size() != std::size_t{accounts} + 1) {
    running_.assign(std::size_t{accounts} + 1, {BlockWalk(mode_)});
    changed_from_ms_ = kAlways;
  }
  for (auto& [number, use] : sessions_) {
    const u32 account = std::min(account_of(number), accounts);
    if (use.asked && use.account != account) changed_from_ms_ = kAlways;
    use.account = account;
    use.asked = true;
  }
}

/// Where the walk goes on. Requests of the moment of a block's last one may have come since, so
/// only what is later goes on behind it; what is later than its first leaves where it began alone.
void Recent::resume(Running& running, BlockMode mode) {
  const i64 changed_ms = changed_from_ms_;
  running.from_ms = changed_ms;
  if (changed_ms == kNever || (running.walk.empty() && changed_ms != kAlways)) return;
  if (!running.walk.empty() && changed_ms > running.walk.block().last_ms) return;
  running.usage = shm::no_usage();
  if (!running.walk.empty() && changed_ms > running.walk.block().first_ms) {
    const BlockSpan block = running.walk.block();
    running.walk = BlockWalk(mode, block.begin_ms, block.first_ms);
    running.from_ms = block.first_ms;
  } else {
    running.walk = BlockWalk(mode);
    running.from_ms = kAlways;
  }
}

void Recent::step(Running& running, i64 at_ms, const Entry* entry) {
  if (at_ms < running.from_ms) return;
  if (running.walk.step(at_ms)) running.usage = shm::no_usage();
  if (entry != nullptr) add(running.usage, amount_of(*entry));
}

void Recent::walk_blocks(BlockMode mode, u32 accounts) {
  if (mode != mode_) changed_from_ms_ = kAlways;
  mode_ = mode;
  if (changed_from_ms_ == kNever) return;
  i64 from_ms = kNever;
  for (Running& running : running_) {
    resume(running, mode);
    from_ms = std::min(from_ms, running.from_ms);
  }
  u32 session = 0;
  u32 account = accounts;
  const auto take = [&](i64 at_ms, u32 number, const Entry* entry) {
    if (number != session || account == accounts) {  // they come in runs
      const auto known = sessions_.find(number);
      session = number;
      account = known == sessions_.end() ? accounts : known->second.account;
    }
    if (account < accounts) step(running_[account], at_ms, entry);
    step(running_.back(), at_ms, entry);
  };
  const auto first = first_at(std::max<i64>(from_ms, 0));
  if (from_ms == kAlways) {
    const auto counted = std::find_if(first, entries_.cend(),
                                      [](const Entry& entry) { return entry.taken_back == 0; });
    trace_.cut(counted == entries_.cend() ? until_ms_ : counted->time());
    for (const auto& moment : trace_.moments())
      if (moment.count > 0) take(moment.at_ms, moment.session, nullptr);
    forget_sessions();
  }
  for (auto entry = first; entry != entries_.end() && entry->time() <= until_ms_; ++entry)
    if (entry->taken_back == 0) take(entry->time(), entry->session, &*entry);
  changed_from_ms_ = kNever;
}

// ---- The answer ---------------------------------------------------------------------------------

void Recent::sum_up(i64 now_ms, u32 accounts) {
  uses_.assign(std::size_t{accounts} + 1, RecentUse{});
  const auto add_week = [](RecentUse& to, const SessionUse& use) {
    to.week_cost_nanousd = ring_add(to.week_cost_nanousd, use.week_cost_nanousd);
    to.week_unpriced_tokens = ring_add(to.week_unpriced_tokens, use.week_unpriced_tokens);
  };
  for (const auto& [number, use] : sessions_) {
    if (use.account < accounts) add_week(uses_[use.account], use);
    add_week(uses_.back(), use);
  }
  deadline_ms_ = kUnknown;
  const auto no_later = [&](i64 at_ms) {
    if (!shm::known(deadline_ms_) || at_ms < deadline_ms_) deadline_ms_ = at_ms;
  };
  const auto leaves = first_at(after_ms_ + 1);
  if (leaves != entries_.end() && leaves->time() <= until_ms_)
    no_later(std::max(leaves->time() + kWeek_ms, now_ms + kMinute_ms));
  const auto recently =
      first_at((now_ms / kHour_ms - static_cast<i64>(shm::kHours) + 1) * kHour_ms);
  if (recently != entries_.end()) no_later((now_ms / kHour_ms + 1) * kHour_ms);
  const auto arrives = first_at(until_ms_ + 1);
  if (arrives != entries_.end()) no_later(arrives->time() - kAhead_ms);
  for (std::size_t i = 0; i < running_.size(); ++i) {
    if (running_[i].walk.empty()) continue;
    BlockSpan block = running_[i].walk.block();
    block.usage = running_[i].usage;
    uses_[i].block = published(block, now_ms);
    if (!is_active(block, now_ms)) continue;
    no_later(block.end_ms);
    // The projection counts whole minutes.
    const i64 left_ms = block.end_ms - now_ms;
    if (shm::known(uses_[i].block.projected_cost_nanousd))
      no_later(now_ms + left_ms % kMinute_ms + 1);
  }
}

const std::vector<RecentUse>& Recent::evaluate(i64 now_ms, BlockMode mode, u32 accounts,
                                               const AccountOf& account_of) {
  take_pending();
  move_window(now_ms - kWeek_ms, now_ms + kAhead_ms);
  ask_accounts(accounts, account_of);
  walk_blocks(mode, accounts);
  sum_up(now_ms, accounts);
  return uses_;
}

}  // namespace shmeter::collector
