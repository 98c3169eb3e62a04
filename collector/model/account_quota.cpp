// SPDX-License-Identifier: MIT
#include "collector/model/account_quota.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace shmeter::collector {
namespace {

constexpr std::size_t kMaxLabel = 128;
constexpr std::string_view kScopePrefix = "scoped:";

shm::Window window(const WindowSeen& seen, i64 observed_ms, shm::QuotaSource source) {
  return {seen.used_ppm, seen.resets_at_s, observed_ms / 1000, static_cast<i64>(source)};
}

/// Windows that a limit line names and the picture has under a label.
std::string_view scope_of(std::string_view window) {
  if (window == "seven_day_opus") return "Opus";
  return window == "seven_day_sonnet" ? "Sonnet" : "";
}

// ---- The details of a stored row: one JSON object of numbers and plain words ----

void put(std::string& json, std::string_view name, i64 value) {
  if (!shm::known(value)) return;
  json.append(json.empty() ? "{\"" : ",\"").append(name).append("\":");
  json.append(std::to_string(value));
}

std::string close(std::string json) { return json.empty() ? json : json + '}'; }

i64 get(std::string_view json, std::string_view name) {
  const std::string key = '"' + std::string(name) + "\":";
  const std::size_t at = json.find(key);
  i64 value = kUnknown;
  if (at == std::string_view::npos) return value;
  const char* begin = json.data() + at + key.size();
  const auto [end, error] = std::from_chars(begin, json.data() + json.size(), value);
  return error == std::errc{} ? value : kUnknown;
}

std::string details(const shm::Window& first) {
  std::string json;
  put(json, "first_used_ppm", first.used_ppm);
  put(json, "first_resets_at_s", first.resets_at_s);
  put(json, "first_observed_at_s", first.observed_at_s);
  return close(std::move(json));
}

shm::Window first_of(std::string_view json) {
  return {get(json, "first_used_ppm"), get(json, "first_resets_at_s"),
          get(json, "first_observed_at_s"), kUnknown};
}

std::string details(const shm::ExtraUsage& extra) {
  std::string json;
#define SHMETER_PUT(type, name, unit, help) put(json, #name, extra.name);
  SHMETER_EXTRA_USAGE_FIELDS(SHMETER_PUT)
#undef SHMETER_PUT
  return close(std::move(json));
}

/// The few periods there are, by number.
constexpr std::array<std::string_view, 3> kPeriods = {"daily", "weekly", "monthly"};

std::string details(const shm::SpendLimit& spend) {
  std::string json;
  put(json, "used_ppm", spend.used_ppm);
  put(json, "resets_at_s", spend.resets_at_s);
  put(json, "used_nanousd", spend.used_nanousd);
  put(json, "limit_nanousd", spend.limit_nanousd);
  for (std::size_t i = 0; i < kPeriods.size(); ++i) {
    if (spend.period.view() == kPeriods[i]) put(json, "period", static_cast<i64>(i));
  }
  return close(std::move(json));
}

shm::SpendLimit spend_of(std::string_view json) {
  shm::SpendLimit spend;
  spend.used_ppm = get(json, "used_ppm");
  spend.resets_at_s = get(json, "resets_at_s");
  spend.used_nanousd = get(json, "used_nanousd");
  spend.limit_nanousd = get(json, "limit_nanousd");
  const i64 period = get(json, "period");
  if (period >= 0 && period < static_cast<i64>(kPeriods.size()))
    spend.period.assign(kPeriods[static_cast<std::size_t>(period)]);
  return spend;
}

bool same(const QuotaRow& a, const QuotaRow& b) {
  return a.value == b.value && a.details == b.details && a.response_ms == b.response_ms &&
         a.at_ms == b.at_ms;
}

}  // namespace

/// A session that still runs under the login before repeats what it once heard.
bool AccountQuota::of_former_login(i64 response_ms) const {
  return shm::known(login_since_ms_) && response_ms <= login_since_ms_;
}

void AccountQuota::see(const StatusLineSeen& seen, i64 response_ms, i64 now_ms) {
  if (of_former_login(response_ms)) return;
  const i64 at_ms = seen.received_at_ms;
  const auto see_one = [&](QuotaKeeper& keeper, const WindowSeen& said) {
    keeper.see(window(said, at_ms, shm::QuotaSource::statusline), response_ms, now_ms);
  };
  see_one(five_hour_, seen.five_hour);
  see_one(seven_day_, seen.seven_day);
  if (seen.spend_limit == shm::SpendLimit{} || at_ms < spend_limit_ms_) return;
  spend_limit_ = seen.spend_limit;
  spend_limit_ms_ = at_ms;
}

void AccountQuota::see(const QuotaSeen& seen, i64 now_ms) {
  if (!seen.login.empty() && !login_.empty() && seen.login != login_) return;
  const i64 at_ms =
      shm::known(seen.observed_at_ms) ? std::min(seen.observed_at_ms, now_ms) : now_ms;
  if (of_former_login(at_ms)) return;
  five_hour_.see(window(seen.five_hour, at_ms, seen.source), at_ms, now_ms);
  seven_day_.see(window(seen.seven_day, at_ms, seen.source), at_ms, now_ms);
  if (at_ms >= scoped_list_ms_) see_scoped(seen, at_ms, now_ms);
  if (seen.says_extra_usage && at_ms >= extra_usage_ms_) {
    extra_usage_ = seen.extra_usage;
    extra_usage_ms_ = at_ms;
  }
  if (seen.spend_limit != shm::SpendLimit{} && at_ms >= spend_limit_ms_) {
    spend_limit_ = seen.spend_limit;
    spend_limit_ms_ = at_ms;
  }
}

/// What a whole list leaves out is gone; a stream names one window at a time.
void AccountQuota::see_scoped(const QuotaSeen& seen, i64 observed_ms, i64 now_ms) {
  if (seen.says_scoped) {
    scoped_list_ms_ = observed_ms;
    std::erase_if(scoped_, [&](const Scoped& have) {
      const bool listed =
          std::any_of(seen.scoped.begin(), seen.scoped.end(),
                      [&](const ScopedWindowSeen& said) { return said.label == have.label; });
      return !listed && have.window.stands().observed_at_s <= observed_ms / 1000;
    });
  }
  for (const ScopedWindowSeen& said : seen.scoped) {
    const shm::Window value = window(said.window, observed_ms, seen.source);
    if (said.label.empty() || said.label.size() > kMaxLabel || !shm::usable(value)) continue;
    if (QuotaKeeper* keeper = scoped(said.label, value.used_ppm, now_ms))
      keeper->see(value, observed_ms, now_ms);
  }
}

void AccountQuota::see(const LimitHitSeen& seen, i64 now_ms) {
  if (!shm::known(seen.at_ms) || of_former_login(seen.at_ms)) return;
  // Refused is refused at 100 %, and the refusal itself is the response that says so.
  const shm::Window value = {1'000'000, seen.resets_at_s, seen.at_ms / 1000,
                             static_cast<i64>(shm::QuotaSource::limit_line)};
  if (!shm::usable(value)) return;
  QuotaKeeper* keeper = nullptr;
  if (seen.window == "five_hour") keeper = &five_hour_;
  if (seen.window == "seven_day") keeper = &seven_day_;
  if (const std::string_view scope = scope_of(seen.window);
      !scope.empty() && now_ms / 1000 < seen.resets_at_s)
    keeper = scoped(scope, value.used_ppm, now_ms);
  if (keeper != nullptr) keeper->see(value, seen.at_ms, now_ms);
}

/// The window of that label; a new one takes a free place, or that of the smallest share.
QuotaKeeper* AccountQuota::scoped(std::string_view label, i64 used_ppm, i64 now_ms) {
  const auto at = std::lower_bound(scoped_.begin(), scoped_.end(), label,
                                   [](const Scoped& s, std::string_view l) { return s.label < l; });
  if (at != scoped_.end() && at->label == label) return &at->window;
  if (scoped_.size() < kScoped)
    return &scoped_.insert(at, {std::string(label), QuotaKeeper{}})->window;
  const auto share = [&](const Scoped& s) { return s.window.current(now_ms).used_ppm; };
  const auto least =
      std::min_element(scoped_.begin(), scoped_.end(),
                       [&](const Scoped& a, const Scoped& b) { return share(a) < share(b); });
  if (share(*least) >= used_ppm) return nullptr;
  scoped_.erase(least);
  return scoped(label, used_ppm, now_ms);
}

bool AccountQuota::see(const LoginSeen& seen, i64 now_ms) {
  if (seen.login == login_) return false;
  const bool other = !login_.empty();  // who it was before the first look is not known
  login_ = seen.login;
  if (!other) return true;
  drop();
  login_since_ms_ = now_ms;
  return true;
}

void AccountQuota::drop() {
  five_hour_ = seven_day_ = {};
  five_hour_slope_ = seven_day_slope_ = {};
  scoped_.clear();
  extra_usage_ = {};
  spend_limit_ = {};
  scoped_list_ms_ = extra_usage_ms_ = spend_limit_ms_ = kUnknown;
}

bool AccountQuota::settle(i64 now_ms) {
  bool changed = five_hour_.settle(now_ms);
  changed = seven_day_.settle(now_ms) || changed;
  for (Scoped& s : scoped_) changed = s.window.settle(now_ms) || changed;
  return changed;
}

i64 AccountQuota::deadline_ms(i64 now_ms) const {
  i64 next = kUnknown;
  const auto no_later = [&](i64 at_ms) {
    if (shm::known(at_ms) && at_ms > now_ms && (!shm::known(next) || at_ms < next)) next = at_ms;
  };
  no_later(five_hour_.deadline_ms(now_ms));
  no_later(seven_day_.deadline_ms(now_ms));
  for (const Scoped& s : scoped_) no_later(s.window.deadline_ms(now_ms));
  if (shm::known(spend_limit_.resets_at_s)) no_later(spend_limit_.resets_at_s * 1000);
  return next;
}

void AccountQuota::publish(shm::Account& out, i64 now_ms) {
  settle(now_ms);
  out.five_hour = five_hour_.current(now_ms);
  out.seven_day = seven_day_.current(now_ms);
  five_hour_slope_.see(out.five_hour);
  seven_day_slope_.see(out.seven_day);
  if (shm::known(out.five_hour.used_ppm))
    out.five_hour_projected_ppm = five_hour_slope_.projected_ppm(kFiveHour_s);
  if (shm::known(out.seven_day.used_ppm))
    out.seven_day_projected_ppm = seven_day_slope_.projected_ppm(kSevenDay_s);
  shm::ScopedWindow* const places[] = {&out.scoped_1, &out.scoped_2, &out.scoped_3, &out.scoped_4};
  for (std::size_t i = 0; i < scoped_.size(); ++i) {
    places[i]->label.assign(scoped_[i].label);
    places[i]->window = scoped_[i].window.current(now_ms);
  }
  out.extra_usage = extra_usage_;
  const i64 resets_s = spend_limit_.resets_at_s;
  if (!shm::known(resets_s) || now_ms / 1000 < resets_s) out.spend_limit = spend_limit_;
}

// ---- The store ----------------------------------------------------------------------------------

/// Whatever says something.
std::vector<QuotaRow> AccountQuota::rows(u32 account) const {
  std::vector<QuotaRow> rows;
  const auto add = [&](std::string name, const QuotaKeeper& window, std::string details) {
    if (shm::usable(window.stands()))
      rows.push_back({account, std::move(name), window.stands(), std::move(details),
                      window.corrected_ms(), window.taken_ms()});
  };
  add("five_hour", five_hour_, details(five_hour_slope_.first()));
  add("seven_day", seven_day_, details(seven_day_slope_.first()));
  for (const Scoped& s : scoped_) add(std::string(kScopePrefix) + s.label, s.window, "");
  if (shm::known(extra_usage_ms_))
    rows.push_back({account, "extra_usage", {}, details(extra_usage_), kUnknown, extra_usage_ms_});
  if (shm::known(spend_limit_ms_))
    rows.push_back({account, "spend_limit", {}, details(spend_limit_), kUnknown, spend_limit_ms_});
  return rows;
}

std::vector<QuotaRow> AccountQuota::changes(u32 account) {
  std::vector<QuotaRow> now = rows(account);
  std::vector<QuotaRow> out;
  const auto find = [](const std::vector<QuotaRow>& in, const QuotaRow& row) {
    return std::find_if(in.begin(), in.end(),
                        [&](const QuotaRow& other) { return other.window == row.window; });
  };
  for (const QuotaRow& row : now) {
    const auto before = find(stored_, row);
    if (before == stored_.end() || !same(row, *before)) out.push_back(row);
  }
  for (const QuotaRow& row : stored_) {  // what is gone: a row that says nothing, behind the last
    if (find(now, row) != now.end()) continue;
    QuotaRow gone;
    gone.account = account;
    gone.window = row.window;
    gone.at_ms = row.at_ms + 1;
    out.push_back(std::move(gone));
  }
  stored_ = std::move(now);
  return out;
}

void AccountQuota::restore(const QuotaRow& row) {
  if (!shm::usable(row.value) && row.details.empty()) return;  // gone
  stored_.push_back(row);
  const auto restore_window = [&](QuotaKeeper& keeper) {
    keeper.restore(row.value, row.at_ms, row.response_ms);
  };
  if (row.window == "five_hour") {
    restore_window(five_hour_);
    five_hour_slope_.restore(first_of(row.details));
  } else if (row.window == "seven_day") {
    restore_window(seven_day_);
    seven_day_slope_.restore(first_of(row.details));
  } else if (row.window.starts_with(kScopePrefix) && shm::usable(row.value) &&
             scoped_.size() < kScoped) {
    const std::string label = row.window.substr(kScopePrefix.size());
    if (QuotaKeeper* keeper = scoped(label, row.value.used_ppm, row.at_ms)) restore_window(*keeper);
  } else if (row.window == "extra_usage") {
#define SHMETER_GET(type, name, unit, help) extra_usage_.name = get(row.details, #name);
    SHMETER_EXTRA_USAGE_FIELDS(SHMETER_GET)
#undef SHMETER_GET
    extra_usage_ms_ = row.at_ms;
  } else if (row.window == "spend_limit") {
    spend_limit_ = spend_of(row.details);
    spend_limit_ms_ = row.at_ms;
  }
}

}  // namespace shmeter::collector
