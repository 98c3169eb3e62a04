// SPDX-License-Identifier: MIT
#include "collector/serve/http_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "collector/serve/http_library.hpp"
#include "collector/serve/unix_socket.hpp"

namespace shmeter::collector {
namespace {

constexpr std::uint64_t kSweepEvery_ms = 1000;
constexpr int kBacklog = 64;
// Turns of the library in one of ours: what was answered late needs two.
constexpr int kTurns = 4;

Result<Fd> listen_at(const std::string& text, std::uint16_t& port) {
  auto address = parse_tcp_address(text);
  if (!address) return fail(Errc::invalid, text + ": no IP address with a port, as 127.0.0.1:7483");
  const auto failed = [&] {
    return fail(errno == EADDRINUSE ? Errc::exists : Errc::unavailable,
                text + ": " + std::strerror(errno));
  };
  Fd fd(::socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failed();
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(fd.get(), address->generic(), address->size) != 0 ||
      ::listen(fd.get(), kBacklog) != 0 ||
      ::getsockname(fd.get(), address->generic(), &address->size) != 0)
    return failed();
  port = address->port();
  return fd;
}

}  // namespace

HttpServer::HttpServer(Loop& loop, std::string path, HttpService& service, Say say,
                       HttpLimits limits)
    : loop_(loop),
      path_(std::move(path)),
      service_(service),
      say_(std::move(say)),
      limits_(limits),
      alive_(std::make_shared<HttpServer*>(this)),
      wake_(loop, [this] { turn(); }),
      sweep_(loop, [this] { sweep(); }),
      pace_(loop, [this] { feed_streams(); }),
      life_(loop, [this] { say_nothing_is_new(); }) {}

HttpServer::~HttpServer() {
  *alive_ = nullptr;
  if (local_) ::unlink(path_.c_str());
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(Loop& loop, const std::string& path,
                                                     HttpService& service, Say say,
                                                     HttpLimits limits) {
  std::unique_ptr<HttpServer> made(new HttpServer(loop, path, service, std::move(say), limits));
  auto fd = listen_unix(path);
  if (!fd) return tl::unexpected(fd.error());
  auto listener = Listener::make(loop, std::move(*fd), [server = made.get()](Fd client) {
    server->take_in(std::move(client), true);
  });
  if (!listener) return tl::unexpected(listener.error());
  made->local_ = std::move(*listener);
  return made;
}

Result<void> HttpServer::listen_tcp(const std::string& address) {
  stop_tcp();
  std::uint16_t port = 0;
  auto fd = listen_at(address, port);
  if (!fd) return tl::unexpected(fd.error());
  auto listener = Listener::make(loop_, std::move(*fd),
                                 [this](Fd client) { take_in(std::move(client), false); });
  if (!listener) return tl::unexpected(listener.error());
  tcp_ = std::move(*listener);
  tcp_port_ = port;
  return {};
}

/// Who is connected already is let go.
void HttpServer::stop_tcp() {
  tcp_.reset();
  tcp_port_ = 0;
  part_from_tcp();
}

void HttpServer::part_from_tcp() {
  for (const auto& [fd, connection] : connections_)
    if (!connection.local) ::shutdown(fd, SHUT_RDWR);
}

bool HttpServer::path_still_there() const {
  struct stat st {};
  return ::lstat(path_.c_str(), &st) == 0 && S_ISSOCK(st.st_mode);
}

std::size_t HttpServer::clients() const { return connections_.size(); }

bool HttpServer::ready_to_speak() {
  if (mhd_) return true;
  auto mhd = Mhd::make(*this);
  if (mhd)
    mhd_ = std::move(*mhd);
  else if (!std::exchange(said_trouble_, true))
    say_(mhd.error().message + "; nothing is said over HTTP");
  return mhd.has_value();
}

void HttpServer::take_in(Fd fd, bool local) {
  if (local) {
    const auto peer = peer_uid(fd.get());
    if (!peer || !peer_allowed(*peer, ::geteuid())) return;
  } else {
    const int yes = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  if (count_[local ? 1 : 0] >= (local ? limits_.local_clients : limits_.tcp_clients)) return;
  TcpAddress peer;  // or a unix one: of any kind
  peer.size = sizeof peer.storage;
  if (::getpeername(fd.get(), peer.generic(), &peer.size) != 0) return;
  if (!ready_to_speak()) return;
  const int number = fd.get();
  connections_[number] = {local, Connection::Phase::head, uv_now(loop_.get())};
  ++count_[local ? 1 : 0];
  static_cast<void>(fd.release());
  if (!mhd_->add(number, peer)) {
    --count_[local ? 1 : 0];
    connections_.erase(number);
    return;
  }
  if (!sweep_.active()) sweep_.start_every(kSweepEvery_ms);
  wake_.start_once(0);
}

void HttpServer::turn() {
  if (!mhd_) return;
  std::optional<std::uint64_t> wait_ms;
  for (int i = 0; i < kTurns; ++i) {
    mhd_->run();
    wait_ms = mhd_->timeout();
    if (wait_ms != 0u) break;
  }
  if (wait_ms)
    wake_.start_once(*wait_ms);
  else
    wake_.stop();
}

/// The library's own timeout is one of silence, which a drop now and then keeps off.
void HttpServer::sweep() {
  const std::uint64_t now_ms = uv_now(loop_.get());
  for (const auto& [fd, connection] : connections_) {
    std::uint64_t most_ms = 0;
    switch (connection.phase) {
      case Connection::Phase::head:
        most_ms = limits_.head_ms;
        break;
      case Connection::Phase::body:
        most_ms = limits_.body_ms;
        break;
      case Connection::Phase::answer:
        most_ms = limits_.answer_ms;
        break;
      case Connection::Phase::service:
      case Connection::Phase::stream:
        continue;  // it waits for us
    }
    if (now_ms - connection.since_ms >= most_ms) ::shutdown(fd, SHUT_RDWR);
  }
  if (connections_.empty()) sweep_.stop();
}

void HttpServer::stream_came() {
  ++streams_;
  if (!life_.active()) life_.start_every(limits_.sign_of_life_ms);
}

void HttpServer::changed() {
  if (streams_ == 0) return;
  news_ = true;
  if (!pace_.active()) feed_streams();
}

/// Who has not taken what it was told before is told with the next ones.
void HttpServer::feed_streams() {
  if (!std::exchange(news_, false)) return;
  for (const auto& [number, exchange] : exchanges_) {
    if (!exchange->feed) continue;
    if (!exchange->suspended) {
      news_ = true;
      continue;
    }
    tell(*exchange, exchange->feed->next());
  }
  if (streams_ > 0) pace_.start_once(limits_.feed_every_ms);
}

/// A comment, which no client sees. Of one that is gone the next one cannot be sent.
void HttpServer::say_nothing_is_new() {
  for (const auto& [number, exchange] : exchanges_)
    if (exchange->feed && exchange->suspended) tell(*exchange, ":\n\n");
  if (streams_ == 0) life_.stop();
}

void HttpServer::tell(Exchange& exchange, std::string piece) {
  if (piece.empty()) return;
  exchange.piece = std::move(piece);
  exchange.sent = 0;
  mhd_->resume(exchange);
  wake_.start_once(0);
}

HttpAnswer HttpServer::answer_later(std::uint64_t number) {
  return [alive = alive_, number](HttpReply reply) {
    if (*alive == nullptr) return;
    HttpServer& server = **alive;
    const auto at = server.exchanges_.find(number);
    if (at == server.exchanges_.end() || at->second->reply) return;
    at->second->reply = std::move(reply);
    if (!at->second->suspended) return;
    server.mhd_->resume(*at->second);
    server.wake_.start_once(0);
  };
}

}  // namespace shmeter::collector
