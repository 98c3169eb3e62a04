// SPDX-License-Identifier: MIT
#include "collector/command/quota_feed.hpp"

#include <algorithm>

namespace shmeter::collector {
QuotaFeed::QuotaFeed(Loop& loop, const Config& config, Sink sink)
    : loop_(loop), sink_(std::move(sink)), timer_(loop, [this] { next(); }) {
  for (const AccountConfig& account : config.accounts)
    if (!account.quota_command.empty()) feeds_.push_back({account, 0, {}});
  if (!config.quota_command.empty()) {
    AccountConfig found;  // the one account that nobody configured
    found.quota_command = config.quota_command;
    found.quota_every_s = config.quota_every_s;
    feeds_.push_back({std::move(found), 0, {}});
  }
  if (!feeds_.empty()) timer_.start_once(0);
}

/// Runs the command that is due for the longest time; else sleeps until one is.
void QuotaFeed::next() {
  child_.reset();
  Feed& feed = *std::min_element(feeds_.begin(), feeds_.end(),
                                 [](const Feed& a, const Feed& b) { return a.due_ms < b.due_ms; });
  const std::uint64_t now_ms = uv_now(loop_.get());
  if (feed.due_ms > now_ms) return timer_.start_once(feed.due_ms - now_ms);
  feed.due_ms = now_ms + static_cast<std::uint64_t>(feed.account.quota_every_s) * 1000;
  child_ = std::make_unique<ChildProcess>(
      loop_, feed.account.quota_command,
      [this, &feed](const Result<std::string>& output) { ended(feed, output); });
}

void QuotaFeed::ended(Feed& feed, const Result<std::string>& output) {
  const Result<void> taken =
      output ? sink_.printed(feed.account, *output) : Result<void>(tl::unexpected(output.error()));
  const std::string trouble = taken ? std::string() : taken.error().message;
  if (!trouble.empty() && trouble != feed.said)
    sink_.say((feed.account.name.empty()
                   ? "[quota] command"
                   : "quota command of account \"" + feed.account.name + '"') +
              ": " + trouble);
  feed.said = trouble;
  timer_.start_once(0);  // the child must not be destroyed from within its own call
}

}  // namespace shmeter::collector
