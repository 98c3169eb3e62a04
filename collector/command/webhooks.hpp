// SPDX-License-Identifier: MIT
// Alerts that are told over HTTP. Each delivery is tried until the receiver confirms it with a 2xx,
// refuses it for good, or an hour is over. Invariant: of one alert one delivery is on its way, in
// the order of the crossings; what waits is bounded, and what is dropped is said; a delivery has
// one id for all its tries, so that a receiver can tell a second one from another crossing.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/command/alert_actions.hpp"
#include "collector/command/alert_state.hpp"
#include "collector/fetch/http_client.hpp"

namespace shmeter::collector {

/// After how long a try that failed is followed by the next one: doubling, up to a longest time,
/// and somewhere in the upper half of that, so that receivers are not all asked at the same moment.
/// Never before `retry_after_s` is over, nor later than an hour. `random` is any number.
std::uint64_t webhook_delay_ms(unsigned tries, std::int64_t retry_after_s, std::uint32_t random);

class Webhooks {
 public:
  enum class Tries { one, many };
  struct Hears {
    /// How a try ended: told, failed for good, or later.
    std::function<void(const ActionEnd&)> ended;
    /// pending() is another list.
    std::function<void()> changed;
    std::function<i64()> now_ms;
  };

  Webhooks(Loop& loop, const Config& config, Hears hears, Tries tries = Tries::many);
  ~Webhooks();
  Webhooks(const Webhooks&) = delete;
  Webhooks& operator=(const Webhooks&) = delete;

  /// Where to and signed with what from now on. What waits for an alert that has no webhook any
  /// more is dropped.
  void configure(const Config& config);
  /// Waits from now on to be sent; go() sends. Nothing when the alert has no webhook.
  void add(const AlertConfig& alert, std::string body);
  void go();

  /// Not confirmed yet, oldest first by alert.
  std::vector<WebhookDelivery> pending() const;
  std::size_t pending(std::string_view alert) const;
  /// What another process left.
  void restore(std::span<const WebhookDelivery> deliveries);

 private:
  struct Queue;
  enum class Verdict { confirmed, refused, again };

  Queue* queue(std::string_view alert);
  void make_room(Queue& queue);
  void send(Queue& queue);
  Result<HttpClient::Post> make_post(const Queue& queue);
  void answered(const std::string& alert, const Result<HttpClient::Got>& got);
  void conclude(Queue& queue, Verdict verdict, std::string what, std::int64_t retry_after_s);

  Loop& loop_;
  Hears hears_;
  Tries tries_;
  std::map<std::string, std::unique_ptr<Queue>, std::less<>> queues_;  // by alert
  std::size_t sending_ = 0;
  std::unique_ptr<HttpClient> client_;  // since the first one
};

}  // namespace shmeter::collector
