// SPDX-License-Identifier: MIT
#include "collector/model/alerts.hpp"

#include <algorithm>
#include <chrono>

#include "formats/fields.hpp"
#include "formats/units.hpp"
#include "shm/quota.hpp"

namespace shmeter::collector {

using formats::Field;
using formats::find_field;
using formats::floor_div;
using formats::Scope;
using shm::known;

/// Whom one judgement is about.
struct Alerts::Subject {
  formats::Values values;
  std::string_view id;
};

namespace {

using Operator = AlertConfig::Operator;

constexpr i64 kDay_s = 86'400;

enum class Answer { no, yes, unknown };

/// A value that is only a lower bound is above a line for sure, but never below one.
Answer is_over(Operator is, const formats::Value& value, i64 line) {
  const auto answer = [](bool yes) { return yes ? Answer::yes : Answer::no; };
  const bool upwards = is == Operator::at_least || is == Operator::above;
  const bool holds = is == Operator::at_least  ? value.number >= line
                     : is == Operator::above   ? value.number > line
                     : is == Operator::at_most ? value.number <= line
                                               : value.number < line;
  return value.at_least && holds != upwards ? Answer::unknown : answer(holds);
}

/// The line it must be behind before it tells again.
i64 line_back(const AlertConfig& alert) {
  const bool upwards = alert.is == Operator::at_least || alert.is == Operator::above;
  return upwards ? alert.line - alert.hysteresis : alert.line + alert.hysteresis;
}

/// Percents of a budget that nobody set are nothing to be woken for.
bool rests_on_a_preset(std::string_view field, const shm::Account& account) {
  const bool weekly = account.budget_source != static_cast<i64>(shm::BudgetSource::config);
  if (field == "account.weekly" || field == "account.weekly_budget" || field == "account.health")
    return weekly;
  if (field == "account.block_used" || field == "account.block_budget")
    return weekly && account.block_budget_nanousd == account.weekly_budget_nanousd / 20;
  return false;
}

bool is_live(const shm::Session& session, i64 now_s) {
  const auto status = static_cast<shm::SessionStatus>(session.status);
  if (known(session.status) && status != shm::SessionStatus::unknown)
    return status != shm::SessionStatus::ended;
  return known(session.updated_at_s) && session.updated_at_s >= now_s - shm::kActiveWithin_s;
}

const shm::Account* account_of(const shm::Session& session, const shm::Picture& picture) {
  const bool there = known(session.account) && session.account >= 0 &&
                     session.account < static_cast<i64>(picture.accounts.size());
  return there ? &picture.accounts[static_cast<std::size_t>(session.account)] : nullptr;
}

i64 first_of_month_s(i64 local_s) {
  using namespace std::chrono;
  const year_month_day day{sys_days{days{floor_div(local_s, kDay_s)}}};
  return i64{sys_days{day.year() / day.month() / 1}.time_since_epoch().count()} * kDay_s;
}

}  // namespace

Alerts::Alerts(const Config& config) : week_start_(static_cast<i64>(config.week_start)) {
  for (const AlertConfig& alert : config.alerts) rules_.push_back(make_rule(alert));
}

Alerts::Rule Alerts::make_rule(const AlertConfig& config) {
  Rule rule;
  rule.config = config;
  rule.field = find_field(config.field);
  const std::string& name = config.field;
  const std::string part = name.substr(0, name.rfind('.'));
  if (part == "tightest" || part == "scoped") rule.name = find_field(part + ".name");
  if (part == "period") rule.begun = find_field("period.started");
  if (part == "today") rule.span = Span::day;
  if (part == "week") rule.span = Span::week;
  if (part == "month") rule.span = Span::month;
  rule.ends_in = find_field(part + ".resets_in");
  if (rule.ends_in == nullptr) rule.ends_in = find_field(part + ".ends_in");
  if (name == "account.block_used") rule.ends_in = find_field("account.block.ends_in");
  if (name.starts_with("session.rate_limit_"))
    rule.ends_in = find_field("session.rate_limit_resets_in");
  return rule;
}

void Alerts::set_clock(const shm::Picture& picture, i64 now_s) {
  const i64 offset_s = formats::utc_offset_s(picture.summary, now_s);
  now_s_ = now_s;
  local_s_ = now_s + (known(offset_s) ? offset_s : 0);
}

std::vector<Firing> Alerts::judge(const shm::Picture& picture, i64 now_s, i64 silence_s) {
  std::vector<Firing> out;
  set_clock(picture, now_s);
  silence_s_ = silence_s;
  ++judgement_;
  full_ = false;
  for (Rule& rule : rules_)
    each_subject(rule, picture, [&](const Subject& subject) { judge_subject(rule, subject, out); });
  return out;
}

std::vector<AlertStanding> Alerts::look(const shm::Picture& picture, i64 now_s) {
  set_clock(picture, now_s);
  silence_s_ = 0;
  std::vector<AlertStanding> out;
  for (const Rule& rule : rules_) {
    AlertStanding& one = out.emplace_back();
    one.alert = &rule.config;
    one.quiet_now = is_quiet(rule.config);
    one.told_s = rule.told_s;
    one.back_s = rule.back_s;
    each_subject(rule, picture, [&](const Subject& subject) {
      const formats::Value value = formats::value_of(*rule.field, subject.values);
      AlertStanding::Subject& to = one.subjects.emplace_back();
      if (const auto* account = subject.values.account) to.account = account->name.view();
      if (const auto* session = subject.values.session) {
        to.session_id = session->session_id.view();
        to.session_name = session->name.view();
      }
      if (const auto told = rule.told.find(key_of(rule, subject)); told != rule.told.end()) {
        to.told = true;
        to.told_s = told->second.at_s;
      }
      if (value.kind == formats::Kind::unknown) return;
      to.value = value.number;
      to.at_least = value.at_least;
      to.holds = is_over(rule.config.is, value, rule.config.line) == Answer::yes;
    });
  }
  return out;
}

/// Calls visit(subject) for everybody whom the rule is about.
template <class Visit>
void Alerts::each_subject(const Rule& rule, const shm::Picture& picture, Visit&& visit) const {
  if (rule.field == nullptr) return;
  Subject subject;
  subject.values = {.summary = &picture.summary,
                    .now_s = now_s_,
                    .freshness = formats::Freshness::live,
                    .age_s = silence_s_};
  const std::string& wanted = rule.config.account;
  switch (formats::scope_of(*rule.field)) {
    case Scope::account:
      for (const shm::Account& account : picture.accounts) {
        if (!wanted.empty() && account.name.view() != wanted) continue;
        if (rests_on_a_preset(rule.config.field, account)) continue;
        subject.values.account = &account;
        subject.id = account.id.view();
        visit(subject);
      }
      break;
    case Scope::session:
      for (const shm::Session* session : picture.sessions) {
        if (!is_live(*session, now_s_)) continue;
        const shm::Account* account = account_of(*session, picture);
        if (!wanted.empty() && (account == nullptr || account->name.view() != wanted)) continue;
        subject.values.account = account;
        subject.values.session = session;
        subject.id = session->session_id.view();
        visit(subject);
      }
      break;
    default:
      visit(subject);
  }
}

/// Each window has a crossing of its own: the tightest one may be now this, now that.
std::string Alerts::key_of(const Rule& rule, const Subject& subject) {
  std::string key(subject.id);
  if (rule.name != nullptr)
    key.append(" ").append(formats::value_of(*rule.name, subject.values).text);
  return key;
}

void Alerts::judge_subject(Rule& rule, const Subject& subject, std::vector<Firing>& out) {
  std::string key = key_of(rule, subject);
  auto told = rule.told.find(key);
  if (told != rule.told.end()) told->second.seen = judgement_;
  const formats::Value value = formats::value_of(*rule.field, subject.values);
  if (value.kind == formats::Kind::unknown) return;
  const i64 window_s = window_of(rule, subject);
  if (told != rule.told.end()) {
    i64& before_s = told->second.window_s;
    const bool another = known(before_s) && known(window_s) &&
                         std::abs(window_s - before_s) > shm::kResetTolerance_s;
    const bool back = is_over(rule.config.is, value, line_back(rule.config)) == Answer::no;
    if (!another && !back) {
      if (!known(before_s) && known(window_s)) {
        before_s = window_s;
        changed_ = true;
      }
      return;
    }
    rule.told.erase(told);
    rule.back_s = now_s_;
    --told_count_;
    changed_ = true;
  }
  if (is_over(rule.config.is, value, rule.config.line) != Answer::yes) return;
  if (is_quiet(rule.config) || !make_room()) return;
  rule.told.emplace(std::move(key), Told{window_s, now_s_, judgement_});
  rule.told_s = now_s_;
  ++told_count_;
  changed_ = true;
  Firing firing;
  firing.alert = &rule.config;
  firing.value = value.number;
  firing.at_least = value.at_least;
  if (const auto* account = subject.values.account) firing.account = account->name.view();
  if (const auto* session = subject.values.session) {
    firing.session_id = session->session_id.view();
    firing.session_name = session->name.view();
  }
  if (rule.ends_in != nullptr) firing.resets_at_s = window_s;
  out.push_back(std::move(firing));
}

i64 Alerts::window_of(const Rule& rule, const Subject& subject) const {
  if (rule.ends_in != nullptr)
    return formats::sum(now_s_, formats::value_of(*rule.ends_in, subject.values).number);
  if (rule.begun != nullptr)
    return formats::difference(now_s_, formats::value_of(*rule.begun, subject.values).number);
  const i64 day = floor_div(local_s_, kDay_s);
  constexpr i64 kThursday = 3;  // 1970-01-01
  switch (rule.span) {
    case Span::day:
      return day * kDay_s;
    case Span::week:
      return floor_div(day + kThursday - week_start_, 7) * 7 * kDay_s;
    case Span::month:
      return first_of_month_s(local_s_);
    default:
      return kUnknown;
  }
}

bool Alerts::is_quiet(const AlertConfig& alert) const {
  if (!alert.quiet) return false;
  const i64 minute = (local_s_ - floor_div(local_s_, kDay_s) * kDay_s) / 60;
  const auto [begin, end] = *alert.quiet;
  return begin < end ? begin <= minute && minute < end : begin <= minute || minute < end;
}

/// Forgets what was not looked at for longest: its session is gone. What this or the last
/// judgement saw stands.
bool Alerts::make_room() {
  if (told_count_ < kMaxTold) return true;
  Rule* of = nullptr;
  std::map<std::string, Told, std::less<>>::iterator oldest;
  for (Rule& rule : full_ ? std::span<Rule>() : std::span<Rule>(rules_))
    for (auto at = rule.told.begin(); at != rule.told.end(); ++at)
      if (at->second.seen + 1 < judgement_ &&
          (of == nullptr || at->second.seen < oldest->second.seen)) {
        of = &rule;
        oldest = at;
      }
  if (of == nullptr) {
    full_ = left_out_ = true;  // looked for once in a judgement
    return false;
  }
  of->told.erase(oldest);
  --told_count_;
  return true;
}

std::vector<ToldAlert> Alerts::told() {
  changed_ = false;
  std::vector<ToldAlert> all;
  for (const Rule& rule : rules_)
    for (const auto& [subject, told] : rule.told)
      all.push_back({rule.config.name, rule.config.when, subject, told.window_s, told.at_s});
  return all;
}

std::vector<AlertPast> Alerts::past() const {
  std::vector<AlertPast> all;
  for (const Rule& rule : rules_)
    if (known(rule.told_s) || known(rule.back_s))
      all.push_back({rule.config.name, rule.config.when, rule.told_s, rule.back_s});
  return all;
}

Alerts::Rule* Alerts::find_rule(std::string_view alert, std::string_view when) {
  const auto rule = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& each) {
    return each.config.name == alert && each.config.when == when;
  });
  return rule == rules_.end() ? nullptr : &*rule;
}

void Alerts::restore(std::span<const ToldAlert> told, std::span<const AlertPast> past) {
  for (const ToldAlert& one : told) {
    Rule* const rule = find_rule(one.alert, one.when);
    if (rule == nullptr || told_count_ == kMaxTold) continue;
    if (rule->told.emplace(one.subject, Told{one.window_s, one.at_s, 0}).second) ++told_count_;
  }
  for (const AlertPast& one : past) {
    Rule* const rule = find_rule(one.alert, one.when);
    if (rule == nullptr) continue;
    rule->told_s = one.told_s;
    rule->back_s = one.back_s;
  }
}

}  // namespace shmeter::collector
