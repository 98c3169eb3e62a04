// SPDX-License-Identifier: MIT
#include "collector/command/webhooks.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "collector/fetch/signature.hpp"
#include "collector/loop/random.hpp"
#include "collector/source/small_file.hpp"

namespace shmeter::collector {
namespace {

using How = ActionEnd::How;

constexpr std::string_view kAction = "webhook";
constexpr std::size_t kAtOnce = 4;
constexpr std::uint64_t kFirst_ms = 1000;
constexpr std::uint64_t kLongest_ms = 300'000;
constexpr i64 kGiveUpAfter_s = 3600;
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMostSecret = 4096;

/// A file of a secret: ours, and nobody else's to read. The newline at its end is not part of it.
Result<std::string> read_secret(const std::string& path) {
  struct stat st {};
  const Fd fd = open_file(path, Links::followed, ::geteuid(), st);
  std::string text;
  if (!fd || !read_whole(fd, kMostSecret, text))
    return fail(Errc::forbidden, path + ": is no small file of yours");
  if ((st.st_mode & 077) != 0)
    return fail(Errc::forbidden, path + ": others can read it; chmod 600");
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  if (text.empty()) return fail(Errc::forbidden, path + ": is empty");
  return text;
}

std::uint32_t random_number() {
  const std::string hex = random_hex(4);
  return hex.empty() ? 0 : static_cast<std::uint32_t>(std::stoul(hex, nullptr, 16));
}

}  // namespace

std::uint64_t webhook_delay_ms(unsigned tries, std::int64_t retry_after_s, std::uint32_t random) {
  std::uint64_t delay_ms = kFirst_ms;
  for (unsigned i = 1; i < tries && delay_ms < kLongest_ms; ++i) delay_ms *= 2;
  delay_ms = std::min(delay_ms, kLongest_ms);
  delay_ms -= delay_ms / 2 * (random % 1024) / 1024;
  const auto wished_s = std::clamp<std::int64_t>(retry_after_s, 0, kGiveUpAfter_s);
  return std::max(delay_ms, static_cast<std::uint64_t>(wished_s) * 1000);
}

struct Webhooks::Queue {
  Queue(Loop& loop, std::function<void()> due) : timer(loop, std::move(due)) {}

  WebhookConfig to;
  std::deque<WebhookDelivery> waiting;
  bool sending = false;  // the first of them
  unsigned tries = 0;    // of the first of them
  Timer timer;           // runs until it is tried again
};

Webhooks::Webhooks(Loop& loop, const Config& config, Hears hears, Tries tries)
    : loop_(loop), hears_(std::move(hears)), tries_(tries) {
  configure(config);
}

Webhooks::~Webhooks() = default;

void Webhooks::configure(const Config& config) {
  std::map<std::string, WebhookConfig> wanted;
  for (const AlertConfig& alert : config.alerts)
    if (!alert.webhook.url.empty()) wanted.emplace(alert.name, alert.webhook);
  std::erase_if(queues_, [&](const auto& one) {
    const bool goes = !wanted.contains(one.first);
    if (goes && one.second->sending) --sending_;
    return goes;
  });
  for (auto& [alert, to] : wanted) {
    auto& queue = queues_[alert];
    if (!queue) queue = std::make_unique<Queue>(loop_, [this] { go(); });
    queue->to = std::move(to);
  }
}

Webhooks::Queue* Webhooks::queue(std::string_view alert) {
  const auto at = queues_.find(alert);
  return at == queues_.end() ? nullptr : at->second.get();
}

void Webhooks::add(const AlertConfig& alert, std::string body) {
  Queue* const to = queue(alert.name);
  if (to == nullptr) return;
  make_room(*to);
  to->waiting.push_back(
      {random_hex(kIdBytes), alert.name, std::move(body), hears_.now_ms() / 1000});
}

/// The oldest goes, but not one that is on its way.
void Webhooks::make_room(Queue& queue) {
  if (queue.waiting.size() < kMaxPendingOfAlert) return;
  const auto oldest = queue.waiting.begin() + (queue.sending ? 1 : 0);
  const std::string alert = oldest->alert;
  queue.waiting.erase(oldest);
  if (!queue.sending) queue.tries = 0;
  hears_.ended({alert, kAction, How::failed, "too many wait to be sent; the oldest is left out"});
}

void Webhooks::go() {
  for (auto& [alert, queue] : queues_) {
    if (sending_ >= kAtOnce) return;  // the end of one of them comes back here
    if (!queue->waiting.empty() && !queue->sending && !queue->timer.active()) send(*queue);
  }
}

void Webhooks::send(Queue& queue) {
  const std::string alert = queue.waiting.front().alert;
  ++queue.tries;
  auto post = make_post(queue);
  if (!post) return conclude(queue, Verdict::again, post.error().message, 0);
  if (!client_) {
    auto client = HttpClient::make(loop_);
    if (!client) return conclude(queue, Verdict::again, client.error().message, 0);
    client_ = std::move(*client);
  }
  queue.sending = true;
  ++sending_;
  const std::string id = queue.waiting.front().id;
  client_->post(std::move(*post), [this, alert, id](const Result<HttpClient::Got>& got) {
    // The alert may be another one, or none, by now.
    Queue* const same = this->queue(alert);
    if (same == nullptr || !same->sending || same->waiting.front().id != id) return;
    answered(alert, got);
  });
}

Result<HttpClient::Post> Webhooks::make_post(const Queue& queue) {
  const WebhookDelivery& delivery = queue.waiting.front();
  const std::string at_s = std::to_string(hears_.now_ms() / 1000);
  HttpClient::Post post{queue.to.url,
                        {"Content-Type: application/json", "X-Shmeter-Delivery: " + delivery.id,
                         "X-Shmeter-Timestamp: " + at_s},
                        delivery.body};
  std::string secret = queue.to.secret;
  if (!queue.to.secret_file.empty()) {
    auto read = read_secret(queue.to.secret_file);
    if (!read) return tl::unexpected(read.error());
    secret = std::move(*read);
  }
  if (secret.empty()) return post;
  const auto signature = hmac_sha256(secret, at_s + '.' + delivery.body);
  if (!signature) return tl::unexpected(signature.error());
  post.headers.push_back("X-Shmeter-Signature: sha256=" + *signature);
  return post;
}

void Webhooks::answered(const std::string& alert, const Result<HttpClient::Got>& got) {
  Queue& queue = *this->queue(alert);
  queue.sending = false;
  --sending_;
  if (!got) {
    const bool never = got.error().code == Errc::invalid;
    conclude(queue, never ? Verdict::refused : Verdict::again, got.error().message, 0);
  } else {
    const long status = got->status;
    const bool later = status == 408 || status == 429 || status >= 500;
    const Verdict verdict = status >= 200 && status < 300 ? Verdict::confirmed
                            : later                       ? Verdict::again
                                                          : Verdict::refused;
    conclude(queue, verdict, "it answered " + std::to_string(status), got->retry_after_s);
  }
  go();
}

void Webhooks::conclude(Queue& queue, Verdict verdict, std::string what,
                        std::int64_t retry_after_s) {
  const WebhookDelivery& first = queue.waiting.front();
  const std::string alert = first.alert;
  const bool last_try =
      tries_ == Tries::one || hears_.now_ms() / 1000 - first.created_s >= kGiveUpAfter_s;
  if (verdict == Verdict::again && !last_try) {
    queue.timer.start_once(webhook_delay_ms(queue.tries, retry_after_s, random_number()));
    return hears_.ended({alert, kAction, How::later, what + "; it is tried again"});
  }
  if (verdict == Verdict::again && tries_ == Tries::many) what += "; given up after an hour";
  queue.waiting.pop_front();
  queue.tries = 0;
  queue.timer.start_once(0);  // the next one, in a turn of its own
  hears_.changed();
  if (verdict == Verdict::confirmed) return hears_.ended({alert, kAction, How::told, {}});
  hears_.ended({alert, kAction, How::failed, std::move(what)});
}

std::vector<WebhookDelivery> Webhooks::pending() const {
  std::vector<WebhookDelivery> all;
  for (const auto& [alert, queue] : queues_)
    all.insert(all.end(), queue->waiting.begin(), queue->waiting.end());
  return all;
}

std::size_t Webhooks::pending(std::string_view alert) const {
  const auto at = queues_.find(alert);
  return at == queues_.end() ? 0 : at->second->waiting.size();
}

void Webhooks::restore(std::span<const WebhookDelivery> deliveries) {
  for (const WebhookDelivery& one : deliveries) {
    Queue* const to = queue(one.alert);
    if (to != nullptr && to->waiting.size() < kMaxPendingOfAlert) to->waiting.push_back(one);
  }
}

}  // namespace shmeter::collector
