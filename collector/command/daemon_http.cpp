// SPDX-License-Identifier: MIT
// What of the daemon speaks HTTP: where it listens, with which tokens, and the way to the
// dashboard.
#include "collector/command/daemon.hpp"
#include "collector/command/http_tokens.hpp"

namespace shmeter::collector {
namespace {

// Where the dashboard is when the configuration does not say.
constexpr const char* kDashboardAddress = "127.0.0.1:7483";
constexpr const char* kAnyPort = "127.0.0.1:0";

}  // namespace

Result<void> Daemon::open_http() {
  auto server = HttpServer::open(loop_, lock_.dir() + '/' + kHttpSocketName, *routes_, say);
  if (!server) return tl::unexpected(server.error());
  http_ = std::move(*server);
  http_listens_.clear();
  listens_for_dashboard_ = false;  // who looks at it asks for another link
  listen_http();
  return {};
}

/// They are read again each time: they may have been rotated, and then pages are closed.
bool Daemon::take_tokens() {
  auto tokens = load_tokens(environment_.state_dir(), lock_.dir());
  if (!tokens) say(tokens.error().message + "; HTTP is not spoken over TCP");
  gate_.set_tokens(tokens ? std::move(*tokens) : HttpTokens{});
  return tokens.has_value();
}

/// As the configuration says now; where it says nothing, the dashboard may have asked for it.
void Daemon::listen_http() {
  if (!http_) return;
  const HttpConfig& wanted = config_.http;
  gate_.set_host(wanted.host);
  const bool any = !wanted.listen.empty() || listens_for_dashboard_;
  if (!any || !take_tokens()) {
    if (http_->tcp_port() != 0) http_->stop_tcp();
    http_listens_.clear();
    listens_for_dashboard_ = false;
    return;
  }
  if (wanted.listen.empty() || http_listens_ == wanted.listen) return;
  http_listens_.clear();
  listens_for_dashboard_ = false;
  if (auto listening = http_->listen_tcp(wanted.listen); !listening)
    return say("[http] listen: " + listening.error().message + "; HTTP is not spoken over TCP");
  http_listens_ = wanted.listen;
  gate_.set_port(http_->tcp_port());
  say("HTTP on " + wanted.listen);
}

/// A page that is closed must hear nothing more; who may still listen comes again by itself.
void Daemon::part_from_ended_pages() {
  if (gate_.pages().have_ended(now_ms()) && http_) http_->part_from_tcp();
}

/// On its usual port, or on any other where somebody has that one.
Result<void> Daemon::listen_for_dashboard() {
  if (!take_tokens()) return fail(Errc::unavailable, "there are no tokens; see what it logged");
  auto listening = http_->listen_tcp(kDashboardAddress);
  if (!listening && listening.error().code == Errc::exists) listening = http_->listen_tcp(kAnyPort);
  if (!listening) return listening;
  listens_for_dashboard_ = true;
  gate_.set_port(http_->tcp_port());
  say("HTTP on 127.0.0.1:" + std::to_string(http_->tcp_port()) + " for the dashboard");
  return {};
}

/// As a browser on this machine reaches it, or, behind a proxy, everybody. Empty = not at all.
std::string Daemon::dashboard_address() const {
  if (!http_ || http_->tcp_port() == 0) return {};
  if (!config_.http.host.empty() && !http_listens_.empty()) return "https://" + config_.http.host;
  const char* const host = http_listens_.starts_with("[::1]") ? "[::1]" : "127.0.0.1";
  return std::string("http://") + host + ':' + std::to_string(http_->tcp_port());
}

Result<std::string> Daemon::dashboard_link() {
  if (!http_) return fail(Errc::unavailable, "nothing is said over HTTP; see what it logged");
  if (http_->tcp_port() == 0)
    if (auto listening = listen_for_dashboard(); !listening)
      return tl::unexpected(listening.error());
  const std::string secret = gate_.pages().make_link(now_ms());
  if (secret.empty()) return fail(Errc::unavailable, "the system gives no random bytes");
  return dashboard_address() + "/?once=" + secret;
}

}  // namespace shmeter::collector
