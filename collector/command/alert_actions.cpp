// SPDX-License-Identifier: MIT
#include "collector/command/alert_actions.hpp"

namespace shmeter::collector {
namespace {

using How = ActionEnd::How;

constexpr std::size_t kMaxWaiting = 64;  // steps; a thousand sessions may cross a line at once
constexpr std::size_t kMaxTmuxClients = 16;
constexpr const char* kTmuxShows_ms = "10000";  // what tmux does by itself, 750 ms, nobody reads
constexpr std::string_view kNoServer[] = {"no server running", "error connecting"};

std::vector<std::string> notify_argv(const Firing& firing, i64 now_s) {
  return {"notify-send", "--app-name=shmeter", "--", firing.alert->name,
          for_markup(alert_text(firing, now_s))};
}

}  // namespace

void AlertActions::tell(const Firing& firing, i64 now_s, Sample sample) {
  const AlertConfig& alert = *firing.alert;
  std::vector<Step> steps;
  if (!alert.command.empty())
    steps.push_back({"command",
                     alert.command,
                     {alert_json(firing, now_s, sample), alert_environment(firing, now_s, sample)},
                     {}});
  if (alert.notify) steps.push_back({"notify", notify_argv(firing, now_s), {}, {}});
  if (alert.tmux)
    steps.push_back({"tmux",
                     {"tmux", "list-clients", "-F", "#{client_name}"},
                     {},
                     alert.name + ": " + alert_text(firing, now_s)});
  Queue& to = queue(alert.name);
  for (Step& step : steps) {
    if (to.waiting.size() >= kMaxWaiting)
      return ended_({alert.name, step.action, How::failed, "too much to tell at once; left out"});
    to.waiting.push_back(std::move(step));
  }
  if (!to.child) to.timer.start_once(0);
}

AlertActions::Queue& AlertActions::queue(const std::string& alert) {
  auto& found = queues_[alert];
  if (!found)
    found = std::make_unique<Queue>(loop_, [this, alert] { next(alert, *queues_.at(alert)); });
  return *found;
}

void AlertActions::next(const std::string& alert, Queue& queue) {
  queue.child.reset();
  if (queue.waiting.empty()) return;
  auto step = std::make_shared<Step>(std::move(queue.waiting.front()));
  queue.waiting.pop_front();
  queue.child = std::make_unique<ChildProcess>(
      loop_, step->argv,
      [this, alert, &queue, step](const Result<std::string>& output) {
        step_ended(alert, queue, *step, output);
        queue.timer.start_once(0);  // the child must not be destroyed from within its own call
      },
      ChildProcess::Limits{}, std::move(step->given));
}

void AlertActions::step_ended(const std::string& alert, Queue& queue, const Step& step,
                              const Result<std::string>& output) {
  if (output) {
    if (!step.message.empty()) return to_clients(alert, queue, step, *output);
    return ended_({alert, step.action, How::told, {}});
  }
  const std::string& why = output.error().message;
  for (const std::string_view none : kNoServer)
    if (!step.message.empty() && why.find(none) != std::string::npos)
      return ended_({alert, step.action, How::nobody, "no tmux server runs"});
  ended_({alert, step.action, How::failed, why});
}

void AlertActions::to_clients(const std::string& alert, Queue& queue, const Step& step,
                              const std::string& clients) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < clients.size() && count < kMaxTmuxClients; ++count) {
    const std::size_t end = std::min(clients.find('\n', at), clients.size());
    queue.waiting.push_front({step.action,
                              {"tmux", "display-message", "-d", kTmuxShows_ms, "-c",
                               clients.substr(at, end - at), "--", for_tmux(step.message)},
                              {},
                              {}});
    at = end + 1;
  }
  if (count == 0) ended_({alert, step.action, How::nobody, "no client is attached to tmux"});
}

}  // namespace shmeter::collector
