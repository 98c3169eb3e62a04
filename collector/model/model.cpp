// SPDX-License-Identifier: MIT
// The model's face: each call goes where model_state.hpp says.
#include "collector/model/model.hpp"

#include "collector/model/model_state.hpp"

namespace shmeter::collector {

Model::State::State(Config configuration)
    : calendar(configuration.timezone, configuration.week_start),
      ledger(Prices(configuration.prices), names, *this),
      accounts(configuration),
      config(std::move(configuration)) {
  set_formats();
}

Model::Model(Config config) : state_(std::make_unique<State>(std::move(config))) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

u32 Model::account(std::string_view config_dir) {
  const u32 before = state_->accounts.size();
  const auto number = state_->accounts.number(config_dir);
  if (state_->accounts.size() != before) state_->dirty = true;
  return number.value_or(kNoAccount);
}

void Model::apply(const Observation& seen, u32 account, i64 now_ms) {
  State& state = *state_;
  if (!state.totals.day().contains(now_ms / 1000)) state.set_periods(now_ms / 1000);
  ++state.taken.observations[seen.index()];
  state.taken.heard_ms[seen.index()] = now_ms;
  std::visit([&](const auto& s) { state.saw(s, account, now_ms); }, seen);
}

void Model::set_scan(i64 files_read, i64 files_known, shm::Completeness completeness) {
  State& s = *state_;
  if (s.files_read == files_read && s.files_known == files_known && s.completeness == completeness)
    return;
  s.files_read = files_read;
  s.files_known = files_known;
  s.completeness = completeness;
  s.dirty = true;
}

void Model::set_troubles(const Troubles& troubles) {
  if (state_->troubles == troubles) return;
  state_->troubles = troubles;
  state_->dirty = true;
}

void Model::set_dashboard(std::string_view address) {
  shm::Text<shm::kAddressBytes> text;
  text.assign(address);
  if (state_->dashboard == text) return;
  state_->dashboard = text;
  state_->dirty = true;
}

void Model::tick(i64 now_ms) {
  State& s = *state_;
  s.calendar.refresh();
  s.set_periods(now_ms / 1000);
  s.forget_old_requests(now_ms);
  for (u32 i = 0; i < s.accounts.size(); ++i)
    s.dirty = s.accounts[i].quota.settle(now_ms) || s.dirty;
  const bool clock_went_back = shm::known(s.pictured_at_ms) && now_ms < s.pictured_at_ms;
  if (clock_went_back || now_ms >= s.deadline_ms ||
      s.calendar.offset_s(now_ms / 1000) != s.utc_offset_s)
    s.dirty = true;
}

void Model::reconfigure(Config config, i64 now_ms) {
  State& s = *state_;
  const bool same_prices = s.config.prices == config.prices;
  s.config = std::move(config);
  s.calendar = Calendar(s.config.timezone, s.config.week_start);
  s.accounts.rename(s.config);
  s.set_formats();
  if (s.journal == nullptr)
    s.rebook_everything(now_ms / 1000);
  else if (!same_prices)
    s.needs_reload = true;
  else
    s.set_periods(now_ms / 1000);
  s.dirty = true;
}

bool Model::dirty() const { return state_->dirty; }

const shm::Session* Model::find_session(std::string_view session_id) {
  State& s = *state_;
  const auto number = s.names.find(session_id);
  if (!number) return nullptr;
  if (s.sessions.any_changed()) s.sessions.publish(s.complete());
  return &s.sessions.at(*number).record;
}

u32 Model::session_count() const { return state_->sessions.size(); }

const TakenIn& Model::taken_in() const { return state_->taken; }

void Model::live_sessions_listed(i64 now_ms) {
  State& s = *state_;
  for (u32 number = 0; number < s.sessions.size(); ++number) {
    if (s.sessions.at(number).unconfirmed) take_end(s.session(number), now_ms);
  }
}

std::string_view Model::time_zone_trouble() const { return state_->calendar.trouble(); }

}  // namespace shmeter::collector
