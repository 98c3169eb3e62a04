// SPDX-License-Identifier: MIT
// See fields.hpp.
#include "formats/fields.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <iterator>

#include "formats/field_table.hpp"
#include "formats/units.hpp"

namespace shmeter::formats {

namespace {

using shm::known;
using shm::kUnknown;

// The last two are windows of the account: the one with the least left, of all or of the scoped.
enum class Part : std::uint8_t { picture, summary, account, session, tightest, scoped };

/// How a value is got from its place.
enum class Get : std::uint8_t {
  number,        // the i64 there
  milliseconds,  // the same, in whole seconds
  since,         // from the moment there until now
  until,         // from now until the moment there, unknown once past
  text,          // the Text there
  last_part,     // of the path there
  levels,        // the digits there
  flag,          // the field's own last word when the i64 there is 1
  tokens,        // from here on: of the Usage there
  tokens_all,
  cache_write,
  cost,
  used,  // of the Window there
  left,
  resets_in,
  resets_at,
  observed,
  old,
  five_hour_pace,
  seven_day_pace,
  tightest_name,  // of the account
  scoped_name,
  weekly_used,
  session_cost,  // of the session
  model_name,
  status,
  context,
  warm,
  calls,
  scan,  // of the picture
  freshness,
  age,
};

struct Place {
  Part part = Part::picture;
  std::uint16_t offset = 0;
  std::uint16_t bytes = 0;
};

}  // namespace

struct Field {
  std::string_view name;
  Kind kind;
  Get get;
  Place place;
};

namespace {

#define SHMETER_PLACE(part, Struct, member)                                                       \
  Place {                                                                                         \
    Part::part, offsetof(shm::Struct, member), sizeof(static_cast<shm::Struct*>(nullptr)->member) \
  }
#define SHMETER_SUMMARY(member) SHMETER_PLACE(summary, Summary, member)
#define SHMETER_ACCOUNT(member) SHMETER_PLACE(account, Account, member)
#define SHMETER_SESSION(member) SHMETER_PLACE(session, Session, member)
#define SHMETER_PICTURE \
  Place {}
#define SHMETER_TIGHTEST \
  Place { Part::tightest }
#define SHMETER_SCOPED \
  Place { Part::scoped }
#define SHMETER_ROW(name, kind, get, place, path, help) Field{name, Kind::kind, Get::get, place},

// An array with its type left to deduction would land in writable memory (GCC 12).
constexpr Field kFields[] = {SHMETER_TEMPLATE_FIELDS(SHMETER_ROW)};
constexpr std::size_t kFieldCount = std::size(kFields);

// Open addressing by hash, twice as many places as fields: one probe finds nearly every name.
constexpr std::size_t kPlaces = 512;
constexpr std::uint8_t kFree = 255;
static_assert(kFieldCount * 2 <= kPlaces && kFieldCount < kFree);

constexpr auto kByHash = [] {
  std::array<std::uint8_t, kPlaces> places{};
  for (auto& place : places) place = kFree;
  for (std::size_t i = 0; i < kFieldCount; ++i) {
    std::size_t at = shm::hash_text(kFields[i].name) % kPlaces;
    while (places[at] != kFree) at = (at + 1) % kPlaces;
    places[at] = static_cast<std::uint8_t>(i);
  }
  return places;
}();

// The struct a place lies in was made by its writer as that type: this only names it again.
template <class T>
const T& at(const void* address) {
  return *static_cast<const T*>(address);
}

std::string_view text_at(const void* address, std::size_t bytes) {
  const auto* text = static_cast<const char*>(address);
  const void* end = std::memchr(text, '\0', bytes);
  return {text,
          end == nullptr ? bytes : static_cast<std::size_t>(static_cast<const char*>(end) - text)};
}

/// A digit an hour; anything else is not known.
std::string_view levels_at(const void* address, std::size_t bytes) {
  const std::string_view text = text_at(address, bytes);
  return text.find_first_not_of("01234567") == text.npos ? text : std::string_view{};
}

std::string_view last_part(std::string_view path, char separator) {
  if (path.size() > 1 && path.back() == separator) path.remove_suffix(1);
  const std::size_t slash = path.rfind(separator);
  return slash == path.npos || path.size() == 1
             ? path
             : std::string_view(path.data() + slash + 1, path.size() - slash - 1);
}

i64 all_tokens(const shm::Usage& u) {
  const i64 writes = sum(u.cache_write_5m_tokens, u.cache_write_1h_tokens);
  return sum(sum(u.input_tokens, u.output_tokens), sum(writes, u.cache_read_tokens));
}

/// What has no known price at all costs nobody knows how much; what has it in part, at least this.
void set_cost(Value& value, const shm::Usage& usage) {
  const bool unpriced = known(usage.unpriced_tokens) && usage.unpriced_tokens > 0;
  if (unpriced && usage.unpriced_tokens >= all_tokens(usage)) return;
  value.number = usage.cost_nanousd;
  value.at_least = unpriced;
}

struct Tightest {
  const shm::Window* window = nullptr;
  std::string_view name;
};

enum class Among : std::uint8_t { all, scoped };

// Of equals the one that is better known: it stands later here.

Tightest tightest(const shm::Account& account, Among among, i64 now_s) {
  const std::array<Tightest, 6> all = {{{&account.scoped_4.window, account.scoped_4.label.view()},
                                        {&account.scoped_3.window, account.scoped_3.label.view()},
                                        {&account.scoped_2.window, account.scoped_2.label.view()},
                                        {&account.scoped_1.window, account.scoped_1.label.view()},
                                        {&account.seven_day, "7d"},
                                        {&account.five_hour, "5h"}}};
  Tightest best;
  const std::size_t count = among == Among::scoped ? 4 : all.size();
  for (std::size_t i = 0; i < count; ++i) {
    const Tightest& one = all[i];
    if (one.name.empty() || !is_running(*one.window, now_s)) continue;
    if (best.window == nullptr || one.window->used_ppm >= best.window->used_ppm) best = one;
  }
  return best;
}

const void* address(const Place& place, const Values& values) {
  const void* part = nullptr;
  if (place.part == Part::summary) part = values.summary;
  if (place.part == Part::account) part = values.account;
  if (place.part == Part::session) part = values.session;
  if (values.account != nullptr && place.part == Part::tightest)
    part = tightest(*values.account, Among::all, values.now_s).window;
  if (values.account != nullptr && place.part == Part::scoped)
    part = tightest(*values.account, Among::scoped, values.now_s).window;
  return part == nullptr ? nullptr : static_cast<const std::byte*>(part) + place.offset;
}

void read_window(Value& value, Get get, const shm::Window& window, const Values& values) {
  constexpr i64 kOld_s = 3600;
  if (!is_running(window, values.now_s)) return;
  const i64 age_s = difference(values.now_s, window.observed_at_s);
  if (get == Get::used) value.number = window.used_ppm;
  if (get == Get::left) {
    const i64 left = difference(kShareWhole, window.used_ppm);
    value.number = known(left) && left < 0 ? 0 : left;
  }
  if (get == Get::resets_in) value.number = difference(window.resets_at_s, values.now_s);
  if (get == Get::resets_at) value.number = window.resets_at_s;
  if (get == Get::observed || (get == Get::old && age_s > kOld_s)) value.number = age_s;
  if (get == Get::five_hour_pace) value.number = pace_ppm(window, kFiveHours_s, values.now_s);
  if (get == Get::seven_day_pace) value.number = pace_ppm(window, kSevenDays_s, values.now_s);
  // What was said after the picture was published cannot come from it.
  const i64 published_s = difference(values.now_s, values.age_s);
  value.fresh = values.session_fresh && known(published_s) && window.observed_at_s > published_s;
}

/// A model's id without its maker and its date, for when nobody said its name.
std::string_view short_model(std::string_view id) {
  constexpr std::string_view kMaker = "claude-";
  constexpr std::size_t kDateBytes = 9;  // -20251001
  if (id.starts_with(kMaker)) id.remove_prefix(kMaker.size());
  if (id.size() <= kDateBytes || id[id.size() - kDateBytes] != '-') return id;
  const std::string_view date = id.substr(id.size() - kDateBytes + 1);
  const bool dated = date.find_first_not_of("0123456789") == std::string_view::npos;
  return dated ? id.substr(0, id.size() - kDateBytes) : id;
}

void read_session(Value& value, Get get, const shm::Session& session, const Values& values) {
  switch (get) {
    case Get::session_cost:
      value.number = session.cost_nanousd;
      if (!known(value.number)) set_cost(value, session.usage);
      break;
    case Get::model_name:
      value.text = session.model_name.empty() ? short_model(session.model.view())
                                              : session.model_name.view();
      break;
    case Get::status:
      if (session.status != static_cast<i64>(shm::SessionStatus::unknown))
        value.text = status_name(session.status);
      break;
    case Get::context: {
      const i64 used = session.context_used_tokens;
      const i64 size = session.context_size_tokens;
      value.number = session.context_used_ppm;
      // No session is near 2^40 tokens; beyond, the product would not fit.
      if (!known(value.number) && known(used) && size > 0 && used >= 0 && used < i64{1} << 40)
        value.number = used * kShareWhole / size;
      break;
    }
    case Get::warm:
      if (session.prompt_cache_warm == 1 && (!known(session.prompt_cache_expires_at_s) ||
                                             session.prompt_cache_expires_at_s > values.now_s))
        value.text = "warm";
      break;
    default:
      break;
  }
}

void read_picture(Value& value, Get get, const Values& values) {
  if (get == Get::age) value.number = values.age_s;
  if (get == Get::freshness) value.text = name_of(values.freshness);
}

/// A day or a block that is over is not what its name says any more; nor is what was said of a
/// limit that has been given anew.
bool is_over(const Place& place, const Values& values) {
  const auto in = [&](std::size_t offset, std::size_t bytes) {
    return place.offset >= offset && place.offset < offset + bytes;
  };
  if (place.part == Part::summary) {
    if (in(offsetof(shm::Summary, today), sizeof(shm::Usage)))
      return !today_is_today(*values.summary, values.now_s);
    return in(offsetof(shm::Summary, block), sizeof(shm::Block)) &&
           !is_running(values.summary->block, values.now_s);
  }
  if (place.part != Part::account) return false;
  const shm::Account& account = *values.account;
  return (in(offsetof(shm::Account, block), sizeof(shm::Block)) &&
          !is_running(account.block, values.now_s)) ||
         (in(offsetof(shm::Account, spend_limit), sizeof(shm::SpendLimit)) &&
          !is_running(account.spend_limit, values.now_s)) ||
         (in(offsetof(shm::Account, five_hour_projected_ppm), sizeof(i64)) &&
          !is_running(account.five_hour, values.now_s)) ||
         (in(offsetof(shm::Account, seven_day_projected_ppm), sizeof(i64)) &&
          !is_running(account.seven_day, values.now_s));
}

void read_place(Value& value, const Field& field, const void* place, const Values& values) {
  switch (field.get) {
    case Get::number:
      value.number = at<i64>(place);
      break;
    case Get::milliseconds:
      if (known(at<i64>(place))) value.number = floor_div(at<i64>(place), 1000);
      break;
    case Get::since:
      value.number = difference(values.now_s, at<i64>(place));
      break;
    case Get::until:
      value.number = difference(at<i64>(place), values.now_s);
      if (value.number <= 0) value.number = kUnknown;
      break;
    case Get::text:
      value.text = text_at(place, field.place.bytes);
      break;
    case Get::levels:
      value.text = levels_at(place, field.place.bytes);
      break;
    case Get::last_part:
      value.text = last_part(text_at(place, field.place.bytes), '/');
      break;
    case Get::flag:
      if (at<i64>(place) == 1) value.text = last_part(field.name, '.');
      break;
    case Get::tokens:
      value.number = sum(at<shm::Usage>(place).input_tokens, at<shm::Usage>(place).output_tokens);
      break;
    case Get::tokens_all:
      value.number = all_tokens(at<shm::Usage>(place));
      break;
    case Get::cache_write:
      value.number = sum(at<shm::Usage>(place).cache_write_5m_tokens,
                         at<shm::Usage>(place).cache_write_1h_tokens);
      break;
    case Get::cost:
      set_cost(value, at<shm::Usage>(place));
      break;
    case Get::used:
    case Get::left:
    case Get::resets_in:
    case Get::resets_at:
    case Get::observed:
    case Get::old:
    case Get::five_hour_pace:
    case Get::seven_day_pace:
      read_window(value, field.get, at<shm::Window>(place), values);
      break;
    case Get::tightest_name:
      value.text = tightest(*values.account, Among::all, values.now_s).name;
      break;
    case Get::scoped_name:
      value.text = tightest(*values.account, Among::scoped, values.now_s).name;
      break;
    case Get::weekly_used:
      value.number = at<i64>(place);
      value.at_least = values.account->weekly_unpriced_tokens > 0;
      break;
    case Get::calls:
      if (!known(values.session->rate_limit_reset_s) ||
          values.session->rate_limit_reset_s > values.now_s)
        value.number = at<i64>(place);
      break;
    case Get::scan:
      if (values.summary->completeness != static_cast<i64>(shm::Completeness::complete))
        value.number = at<i64>(place);
      break;
    default:
      read_session(value, field.get, *values.session, values);
  }
}

}  // namespace

const Field* find_field(std::string_view name) noexcept {
  for (std::size_t at = shm::hash_text(name) % kPlaces;; at = (at + 1) % kPlaces) {
    if (kByHash[at] == kFree) return nullptr;
    if (kFields[kByHash[at]].name == name) return &kFields[kByHash[at]];
  }
}

Kind kind_of(const Field& field) noexcept { return field.kind; }

Scope scope_of(const Field& field) noexcept {
  switch (field.place.part) {
    case Part::picture:
      return Scope::picture;
    case Part::summary:
      return Scope::summary;
    case Part::session:
      return Scope::session;
    default:
      return Scope::account;
  }
}

Value value_of(const Field& field, const Values& values) noexcept {
  Value value;
  const void* place = address(field.place, values);
  if (field.place.part == Part::picture) {
    read_picture(value, field.get, values);
  } else if (place != nullptr && !is_over(field.place, values)) {
    if (field.place.part == Part::session) value.fresh = values.session_fresh;
    read_place(value, field, place, values);
  }
  const bool found = !value.text.empty() || known(value.number);
  if (found) value.kind = field.kind;
  return value;
}

std::string_view name_of(Freshness freshness) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"live", "partial", "stale", "wedged",
                                                      "absent"};
  return kNames[static_cast<std::size_t>(freshness)];
}

std::string_view status_name(i64 status) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"unknown", "idle", "busy", "waiting",
                                                      "ended"};
  return status < 0 || status >= static_cast<i64>(kNames.size())
             ? std::string_view{}
             : kNames[static_cast<std::size_t>(status)];
}

bool is_running(const shm::Window& window, i64 now_s) noexcept {
  return known(window.used_ppm) && (!known(window.resets_at_s) || window.resets_at_s > now_s);
}

i64 pace_ppm(const shm::Window& window, i64 length_s, i64 now_s) noexcept {
  if (!is_running(window, now_s)) return kUnknown;
  const i64 left_s = difference(window.resets_at_s, now_s);
  if (!known(left_s)) return kUnknown;
  // A reset told a little late is one that has just begun.
  const i64 gone_s = left_s >= length_s ? 0 : length_s - left_s;
  return difference(window.used_ppm, gone_s * kShareWhole / length_s);
}

bool is_running(const shm::SpendLimit& limit, i64 now_s) noexcept {
  return limit != shm::SpendLimit{} && (!known(limit.resets_at_s) || limit.resets_at_s > now_s);
}

bool is_running(const shm::Block& block, i64 now_s) noexcept {
  return known(block.started_at_s) && known(block.ends_at_s) && block.ends_at_s > now_s;
}

i64 utc_offset_s(const shm::Summary& summary, i64 at_s) noexcept {
  const bool after = known(summary.utc_change_at_s) && at_s >= summary.utc_change_at_s;
  return after ? summary.utc_offset_after_s : summary.utc_offset_s;
}

bool today_is_today(const shm::Summary& summary, i64 now_s) noexcept {
  if (!known(summary.published_at_ms)) return true;
  const i64 published_s = floor_div(summary.published_at_ms, 1000);
  const i64 then = sum(published_s, utc_offset_s(summary, published_s));
  const i64 now = sum(now_s, utc_offset_s(summary, now_s));
  if (!known(then) || !known(now)) return true;
  return floor_div(then, 86400) == floor_div(now, 86400);
}

}  // namespace shmeter::formats
