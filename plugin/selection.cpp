// SPDX-License-Identifier: MIT
// The rules of selection.hpp.
#include "plugin/selection.hpp"

#include <array>

namespace shmeter::plugin {
namespace {

using shm::i64;
using shm::u32;

constexpr std::string_view kCutMark = "…";

bool is_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool is_live(const shm::Session& session, i64 now_s) {
  return shm::known(session.updated_at_s) && session.updated_at_s >= now_s - shm::kActiveWithin_s;
}

/// The newest live session in or below the folder: they stand newest first, so the search ends at
/// the first that is not live.
bool find_in_folder(shm::FileSlot& slot, const Wanted& wanted, u32 count, shm::Session& out) {
  const std::string_view folder = without_slashes(wanted.cwd);
  for (u32 i = 0; i < count; ++i) {
    if (!slot.session(i, out) || !is_live(out, wanted.now_s)) return false;
    if (works_in(out, folder)) return true;
  }
  return false;
}

/// Somebody said how it is, and not that it is over; or it gave a sign of life just now.
bool goes_on(const shm::Session& session, i64 now_s) {
  const auto status = static_cast<shm::SessionStatus>(session.status);
  const bool said = shm::known(session.status) && status != shm::SessionStatus::unknown;
  return said ? status != shm::SessionStatus::ended : is_live(session, now_s);
}

/// The newest that goes on in the pane: tmux gives an id again only once its server was gone.
bool find_in_pane(shm::FileSlot& slot, const Wanted& wanted, u32 count, shm::Session& out) {
  for (u32 i = 0; i < count; ++i) {
    if (!slot.session(i, out)) return false;
    if (out.pane.view() == wanted.pane && goes_on(out, wanted.now_s)) return true;
  }
  return false;
}

bool find_session(shm::FileSlot& slot, const Wanted& wanted, u32 count, shm::Session& out) {
  u32 position = 0;
  if (!wanted.session.empty()) return slot.find_session(wanted.session, out, position);
  if (!wanted.pane.empty()) return find_in_pane(slot, wanted, count, out);
  if (!wanted.cwd.empty() && find_in_folder(slot, wanted, count, out)) return true;
  return count > 0 && slot.session(0, out);
}

i64 last_heard_of_s(const shm::Account& account) {
  i64 newest = account.last_request_at_s;
  for (const i64 at : {account.five_hour.observed_at_s, account.seven_day.observed_at_s})
    if (at > newest) newest = at;
  return newest;
}

bool is_asked_for(const shm::Account& account, std::string_view wanted) {
  return account.name.view() == wanted || account.id.view() == wanted ||
         account.config_dir.view() == without_slashes(wanted);
}

/// How well an account fits the caller; compared member by member.
struct Fit {
  FoundBy by = FoundBy::nothing;
  i64 degree = 0;
  bool better_than(const Fit& other) const {
    return by != other.by ? by > other.by : degree > other.degree;
  }
};

Fit fit(const shm::Account& account, u32 index, const Wanted& wanted, i64 session_account) {
  const std::string_view own_dir = without_slashes(wanted.config_dir);
  const std::string_view dir = account.config_dir.view();
  if (!own_dir.empty() && (dir == own_dir || account.config_dir_hash == shm::hash_text(own_dir)))
    return {FoundBy::config_dir, 0};
  if (!dir.empty() && is_below(wanted.transcript_path, dir))
    return {FoundBy::transcript, static_cast<i64>(dir.size())};
  if (session_account == i64{index}) return {FoundBy::session, 0};
  return {FoundBy::recency, last_heard_of_s(account)};
}

/// Whether no account can fit better than one that was found so well. Of several transcripts'
/// folders the longest counts: all must be looked at.
bool is_best(FoundBy by, const Wanted& wanted) {
  if (by == FoundBy::config_dir) return true;
  return by == FoundBy::session && wanted.config_dir.empty() && wanted.transcript_path.empty();
}

/// Account 0 is already read.
bool choose_account(shm::FileSlot& slot, const Wanted& wanted, Parts& out) {
  const i64 session_account = out.has_session ? out.session.account : shm::kUnknown;
  const auto count = static_cast<u32>(out.summary.accounts);
  u32 own = count;
  u32 chosen = count;
  Fit best;
  shm::Account other;
  for (u32 i = 0; i < count; ++i) {
    if (i > 0 && !slot.account(i, other)) return false;
    const shm::Account& candidate = i == 0 ? out.account : other;
    const Fit here = fit(candidate, i, wanted, session_account);
    if (here.better_than(best)) {
      best = here;
      own = i;
    }
    if (chosen == count && !wanted.account.empty() && is_asked_for(candidate, wanted.account))
      chosen = i;
    if (is_best(best.by, wanted) && (wanted.account.empty() || chosen < count)) break;
  }
  if (wanted.account.empty()) chosen = own;
  out.own = best.by;
  out.account_is_own = chosen == own && chosen < count;
  out.has_account = chosen < count;
  return chosen == 0 || chosen >= count || slot.account(chosen, out.account);
}

/// The text of one, taken off `room`; what cannot be read whole is none.
std::string_view copy_text(shm::FileSlot& slot, const shm::Format& format, std::span<char>& room) {
  if (format.length > room.size() || !slot.format_text(format.offset, format.length, room.data()))
    return {};
  const std::string_view text(room.data(), format.length);
  room = room.subspan(text.size());
  return text;
}

/// Without them the built-in ones show. Not inlined: its room on the stack would be a page more for
/// everybody.
[[gnu::noinline]] void copy_formats(shm::FileSlot& slot, const Wanted& wanted, Parts& out) {
  std::array<shm::Format, shm::kFormats> all;
  const auto count = static_cast<u32>(std::min<i64>(out.summary.formats, shm::kFormats));
  if (!slot.formats(count, all.data())) return;
  std::span<char> room = wanted.format_room;
  for (u32 i = 0; i < count; ++i) {
    const std::string_view target = all[i].target.view();
    if (target == wanted.target) out.format.templ = copy_text(slot, all[i], room);
    if (target == shm::kThemeFormat) out.format.theme = copy_text(slot, all[i], room);
  }
}

void copy_format(shm::FileSlot& slot, const Wanted& wanted, Parts& out) {
  out.format = {};
  if (!wanted.target.empty() && out.summary.formats > 0) copy_formats(slot, wanted, out);
}

}  // namespace

std::string_view without_slashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool works_in(const shm::Session& session, std::string_view folder) {
  std::string_view cwd = session.cwd.view();
  if (cwd.empty()) return false;
  if (session.cwd_hash == shm::hash_text(folder)) return true;
  const bool cut = cwd.ends_with(kCutMark) && session.cwd_hash != shm::hash_text(cwd);
  if (!cut) return is_below(cwd, folder);
  cwd.remove_suffix(kCutMark.size());
  return folder.size() < cwd.size() && is_below(cwd, folder);
}

void point_at(const Parts& parts, formats::Values& values) {
  values.summary = &parts.summary;
  values.account = parts.has_account ? &parts.account : nullptr;
  values.session = parts.has_session ? &parts.session : nullptr;
}

bool copy_parts(shm::FileSlot& slot, const Wanted& wanted, Parts& out) {
  if (!slot.summary_and_first_account(out)) return false;
  out.has_session = find_session(slot, wanted, static_cast<u32>(out.summary.sessions), out.session);
  if (!choose_account(slot, wanted, out)) return false;
  copy_format(slot, wanted, out);
  return true;
}

}  // namespace shmeter::plugin
