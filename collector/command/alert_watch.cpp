// SPDX-License-Identifier: MIT
#include "collector/command/alert_watch.hpp"

#include "collector/command/alert_list.hpp"
#include "collector/command/alert_state.hpp"

namespace shmeter::collector {
namespace {

constexpr std::uint64_t kSpacing_ms = 1000;

}  // namespace

AlertWatch::AlertWatch(Loop& loop, const Config& config, std::string state_path, Sources sources)
    : state_path_(std::move(state_path)),
      sources_(std::move(sources)),
      alerts_(config),
      actions_(loop, [this](const ActionEnd& end) { ended(end); }),
      webhooks_(loop, config,
                {.ended = [this](const ActionEnd& end) { ended(end); },
                 .changed = [this] { save(); },
                 .now_ms = [this] { return sources_.now_ms(); }}),
      timer_(loop, [this] {
        if (std::exchange(again_, false)) changed();
      }) {
  if (alerts_.none() || state_path_.empty()) return;
  const auto state = load_alert_state(state_path_);
  if (!state) {
    say_once("state", state.error().message);
    return;
  }
  alerts_.restore(state->told, state->past);
  webhooks_.restore(state->pending);
  webhooks_.go();
}

void AlertWatch::configure(const Config& config) {
  const std::vector<ToldAlert> told = alerts_.told();
  const std::vector<AlertPast> past = alerts_.past();
  alerts_ = Alerts(config);
  alerts_.restore(told, past);
  webhooks_.configure(config);
  said_.clear();
}

void AlertWatch::changed() {
  if (alerts_.none()) return;
  if (timer_.active()) {
    again_ = true;
    return;
  }
  timer_.start_once(kSpacing_ms);
  judge();
}

void AlertWatch::judge() {
  const i64 now_s = sources_.now_ms() / 1000;
  const std::vector<Firing> firings =
      alerts_.judge(sources_.picture(), now_s, sources_.take_silence_s());
  for (const Firing& firing : firings)
    if (!firing.alert->webhook.url.empty())
      webhooks_.add(*firing.alert, alert_json(firing, now_s, Sample::no));
  if (alerts_.changed()) save();  // with what is to be sent
  for (const Firing& firing : firings) actions_.tell(firing, now_s, Sample::no);
  webhooks_.go();
  if (alerts_.left_out())
    say_once("limit", "alerts: more than " + std::to_string(kMaxTold) +
                          " crossings stand; others are not told");
}

std::string AlertWatch::list() {
  const i64 now_s = sources_.now_ms() / 1000;
  return alert_list_json(alerts_.look(sources_.picture(), now_s), webhooks_.pending(), now_s, true);
}

void AlertWatch::save() {
  const AlertState state{alerts_.told(), alerts_.past(), webhooks_.pending()};
  if (state_path_.empty()) return;
  const auto saved = save_alert_state(state_path_, state);
  say_once("state", saved ? std::string() : saved.error().message);
}

void AlertWatch::ended(const ActionEnd& end) {
  const std::string about = "alert \"" + end.alert + "\": " + std::string(end.action);
  const bool failed = end.how == ActionEnd::How::failed || end.how == ActionEnd::How::later;
  say_once(about, failed ? about + ": " + end.what : std::string());
}

/// Again only after it was over, or became another one.
void AlertWatch::say_once(const std::string& about, const std::string& trouble) {
  std::string& said = said_[about];
  if (!trouble.empty() && trouble != said) sources_.say(trouble);
  said = trouble;
}

}  // namespace shmeter::collector
