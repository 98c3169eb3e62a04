// SPDX-License-Identifier: MIT
// Limits count from the newest row (of models: the dearest), whatever the order they are shown in.
#include "collector/report/tally.hpp"

#include <algorithm>
#include <tuple>

#include "collector/ledger/ledger.hpp"

namespace shmeter::collector {
namespace {

constexpr i64 kQuarter_s = 900;
constexpr i64 kDay_ms = 86'400'000;
constexpr i64 kNoLimit = i64{1} << 40;

void sort_models(std::vector<ModelSum>& models) {
  std::sort(models.begin(), models.end(), [](const ModelSum& a, const ModelSum& b) {
    return std::tuple(-a.usage.cost_nanousd, -shm::total_tokens(a.usage),
                      std::string_view(a.model)) < std::tuple(-b.usage.cost_nanousd,
                                                              -shm::total_tokens(b.usage),
                                                              std::string_view(b.model));
  });
}

Sums make_sums(const std::map<u32, shm::Usage>& models, const Catalogue& catalogue) {
  Sums sums;
  for (const auto& [model, usage] : models) {
    add(sums.usage, usage);
    const std::string_view name = catalogue.model(model);
    sums.models.push_back({name.empty() ? "unknown" : std::string(name), usage});
  }
  sort_models(sums.models);
  return sums;
}

bool is_gap(const ReportRow& row) {
  const auto* block = std::get_if<BlockFacts>(&row.about);
  return block != nullptr && block->gap;
}

/// Rows come oldest first. Gaps are not counted, and none is left at an end, where it tells
/// nothing.
void limit_and_order(const Question& question, std::vector<ReportRow>& rows) {
  i64 left = question.limit.value_or(kNoLimit);
  auto first = rows.end();
  while (first != rows.begin() && left > 0) left -= is_gap(*--first) ? 0 : 1;
  rows.erase(rows.begin(), std::find_if_not(first, rows.end(), is_gap));
  while (!rows.empty() && is_gap(rows.back())) rows.pop_back();
  if (question.order == Order::descending) std::reverse(rows.begin(), rows.end());
}

void add_up(Report& report) {
  std::map<std::string, shm::Usage> models;
  for (const ReportRow& row : report.rows) {
    add(report.totals.usage, row.sums.usage);
    for (const ModelSum& model : row.sums.models)
      add(models.try_emplace(model.model, shm::no_usage()).first->second, model.usage);
  }
  for (const auto& [model, usage] : models) report.totals.models.push_back({model, usage});
  sort_models(report.totals.models);
}

/// The report's one list is that of its total.
void limit_and_order_models(const Question& question, Sums& sums) {
  const auto most = static_cast<std::size_t>(question.limit.value_or(kNoLimit));
  if (sums.models.size() > most) sums.models.resize(most);
  sums.usage = shm::no_usage();
  for (const ModelSum& model : sums.models) add(sums.usage, model.usage);
  if (question.order == Order::ascending) std::reverse(sums.models.begin(), sums.models.end());
}

bool is_nothing(const shm::Usage& usage) { return usage == shm::no_usage(); }

BlockFacts facts_of(const BlockSpan& span, i64 now_ms) {
  BlockFacts facts;
  facts.start_ms = span.begin_ms;
  facts.end_ms = span.end_ms;
  facts.gap = span.is_gap;
  if (span.is_gap) return facts;
  facts.first_ms = span.first_ms;
  facts.last_ms = span.last_ms;
  facts.active = is_active(span, now_ms);
  const BurnRate rate = burn_rate(span);
  facts.tokens_per_min = rate.tokens_per_min;
  facts.nanousd_per_hour = rate.nanousd_per_hour;
  if (!facts.active) return facts;
  const BlockProjection going_on = projection(span, now_ms);
  facts.projected_tokens = going_on.tokens;
  facts.projected_nanousd = going_on.cost_nanousd;
  return facts;
}

}  // namespace

Range range_of(const Question& question, const Calendar& calendar) {
  Range range;
  if (question.since) range.from_s = calendar.start_of(*question.since);
  if (question.until) range.until_s = calendar.start_of(*question.until + 1);
  return range;
}

Tally::Tally(const Question& question, const Calendar& calendar, const Catalogue& catalogue,
             const std::vector<bool>& chosen)
    : question_(question),
      calendar_(calendar),
      catalogue_(catalogue),
      chosen_(chosen),
      range_(range_of(question, calendar)) {}

i64 Tally::period_of(i64 at_s) {
  if (period_.contains(at_s)) return first_day_;
  switch (question_.verb) {
    case ReportVerb::weekly:
      period_ = calendar_.week(at_s);
      break;
    case ReportVerb::monthly:
      period_ = calendar_.month(at_s);
      break;
    default:
      period_ = calendar_.day(at_s);
  }
  return first_day_ = calendar_.day_index(period_.begin_s);
}

i64 Tally::row_of(const RollupKey& key) {
  if (question_.verb == ReportVerb::models) return 0;
  if (question_.verb == ReportVerb::session) return key.session;
  return period_of(key.quarter * kQuarter_s);
}

void Tally::add(const RollupKey& key, const shm::Usage& amount) {
  if (key.session >= chosen_.size() || !chosen_[key.session]) return;
  const i64 at_s = key.quarter * kQuarter_s;
  if (!range_.contains(at_s)) return;
  const i64 row = row_of(key);
  collector::add(rows_[row].try_emplace(key.model, shm::no_usage()).first->second, amount);
  i64& last_used_s = last_used_s_.try_emplace(row, at_s).first->second;
  last_used_s = std::max(last_used_s, at_s);
}

Sums Tally::sums(const std::map<u32, shm::Usage>& models) const {
  std::map<u32, shm::Usage> used;
  for (const auto& [model, usage] : models)
    if (!is_nothing(usage)) used.emplace(model, usage);  // bookings that were taken back
  return make_sums(used, catalogue_);
}

Report Tally::report() const {
  Report report;
  report.verb = question_.verb;
  for (const auto& [number, models] : rows_) {
    ReportRow row;
    row.sums = sums(models);
    if (row.sums.models.empty()) continue;
    if (question_.verb == ReportVerb::session) {
      SessionFacts facts = catalogue_.facts(static_cast<u32>(number));
      if (!shm::known(facts.updated_at_s)) facts.updated_at_s = last_used_s_.at(number);
      row.about = std::move(facts);
    } else {
      row.about = PeriodFacts{number};
    }
    report.rows.push_back(std::move(row));
  }
  if (question_.verb == ReportVerb::session) {
    const auto age = [](const ReportRow& row) {
      const auto& facts = std::get<SessionFacts>(row.about);
      return std::tuple(facts.updated_at_s, std::string_view(facts.id));
    };
    std::sort(report.rows.begin(), report.rows.end(),
              [&](const ReportRow& a, const ReportRow& b) { return age(a) < age(b); });
  }
  const bool models = question_.verb == ReportVerb::models;
  if (!models) limit_and_order(question_, report.rows);
  add_up(report);
  if (models) {
    limit_and_order_models(question_, report.totals);
    report.rows.clear();
  }
  return report;
}

BlockTally::BlockTally(const Question& question, BlockMode mode, const Calendar& calendar,
                       const Catalogue& catalogue)
    : question_(question),
      catalogue_(catalogue),
      range_(range_of(question, calendar)),
      walk_(mode) {}

void BlockTally::finish(BlockSpan block) {
  for (const auto& [model, usage] : models_) collector::add(block.usage, usage);
  blocks_.push_back({block, std::exchange(models_, {})});
}

void BlockTally::add(i64 at_ms, u32 model, const shm::Usage& amount) {
  const std::optional<BlockSpan> before =
      walk_.empty() ? std::nullopt : std::optional(walk_.block());
  if (walk_.step(at_ms)) {
    if (before) finish(*before);
    if (walk_.gap()) blocks_.push_back({*walk_.gap(), {}});
  }
  collector::add(models_.try_emplace(model, shm::no_usage()).first->second, amount);
}

bool BlockTally::asked_for(const BlockFacts& block, i64 now_ms) const {
  if (question_.active && !block.active) return false;
  if (question_.recent && !block.active && block.start_ms < now_ms - *question_.recent * kDay_ms)
    return false;
  return range_.contains(block.start_ms / 1000);
}

Report BlockTally::report(i64 now_ms) {
  if (!models_.empty()) finish(walk_.block());
  Report report;
  report.verb = ReportVerb::blocks;
  for (const Kept& kept : blocks_) {
    const BlockFacts facts = facts_of(kept.span, now_ms);
    if (asked_for(facts, now_ms))
      report.rows.push_back({facts, make_sums(kept.models, catalogue_)});
  }
  limit_and_order(question_, report.rows);
  add_up(report);
  return report;
}

}  // namespace shmeter::collector
