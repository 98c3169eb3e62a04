// SPDX-License-Identifier: MIT
#include "collector/serve/control_server.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "collector/serve/line_text.hpp"

namespace shmeter::collector {
namespace {

// One line to somebody who is not taken in. What does not fit into the kernel's buffer is lost.
void say_and_close(const Fd& fd, std::string_view reason) {
  const std::string line = error_line(reason) + '\n';
  static_cast<void>(::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::open(Loop& loop, const std::string& path,
                                                           Service& service, ControlLimits limits) {
  auto fd = listen_unix(path);
  if (!fd) return tl::unexpected(fd.error());
  std::unique_ptr<ControlServer> made(new ControlServer(loop, path, service, limits));
  auto listener = Listener::make(loop, std::move(*fd), [server = made.get()](Fd client) {
    server->take_in(std::move(client));
  });
  if (!listener) return tl::unexpected(listener.error());
  made->listener_ = std::move(*listener);
  return made;
}

ControlServer::ControlServer(Loop& loop, std::string path, Service& service, ControlLimits limits)
    : loop_(loop),
      path_(std::move(path)),
      limits_(limits),
      host_{.service = service,
            .answer_for = [this](auto id, auto number) { return answer_for(id, number); },
            .bodies_too_big =
                [this] {
                  std::size_t all = 0;
                  for (const auto& [id, client] : connections_)
                    all += client.connection->body_bytes();
                  return all > limits_.body_bytes;
                },
            .turned = [this](ControlConnection& connection) { turned(connection); },
            .now_ms = [this] { return uv_now(loop_.get()); },
            .most_waiting_bytes = limits.waiting_bytes,
            .most_pending = limits.pending},
      alive_(std::make_shared<ControlServer*>(this)),
      pace_(loop, [this] { feed_watchers(); }),
      stalled_(loop, [this] { drop_stalled(); }) {}

ControlServer::~ControlServer() {
  *alive_ = nullptr;
  ::unlink(path_.c_str());
}

bool ControlServer::path_still_there() const {
  struct stat st {};
  return ::lstat(path_.c_str(), &st) == 0 && S_ISSOCK(st.st_mode);
}

// The directory is 0700 and the socket 0600; who came in nevertheless is told so.
void ControlServer::take_in(Fd fd) {
  const auto peer = peer_uid(fd.get());
  if (!peer || !peer_allowed(*peer, ::geteuid()))
    return say_and_close(fd, "this collector serves uid " + std::to_string(::geteuid()) + " only");
  if (connections_.size() >= limits_.clients && !make_room())
    return say_and_close(fd, "too many clients");
  const std::uint64_t id = next_id_++;
  auto connection = ControlConnection::open(loop_, std::move(fd), id, host_);
  if (connection) connections_[id].connection = std::move(*connection);
}

bool ControlServer::make_room() {
  auto oldest = connections_.end();
  for (auto one = connections_.begin(); one != connections_.end(); ++one) {
    ControlConnection& connection = *one->second.connection;
    if (connection.has_feed()) connection.look();
    if (connection.ended()) {
      oldest = one;
      break;
    }
    const bool idle =
        connection.idle() && uv_now(loop_.get()) - connection.active_ms() >= limits_.idle_ms;
    if (idle && (oldest == connections_.end() ||
                 connection.active_ms() < oldest->second.connection->active_ms()))
      oldest = one;
  }
  if (oldest == connections_.end()) return false;
  connections_.erase(oldest);
  return true;
}

Answer ControlServer::answer_for(std::uint64_t id, std::uint64_t number) {
  return [alive = alive_, id, number](Reply reply) {
    if (*alive == nullptr) return;
    auto& connections = (*alive)->connections_;
    const auto found = connections.find(id);
    if (found != connections.end()) found->second.connection->answered(number, std::move(reply));
  };
}

void ControlServer::turned(ControlConnection& connection) {
  const auto found = connections_.find(connection.id());
  if (found == connections_.end()) return;
  if (connection.has_waiting() && !connection.has_feed() && !stalled_.active())
    stalled_.start_once(limits_.stalled_ms);
  if (connection.ended() && busy_ == 0) connections_.erase(found);
}

void ControlServer::changed() {
  bool behind = false;
  for (auto& [id, client] : connections_) {
    client.watcher.behind = client.watcher.behind || client.connection->has_feed();
    behind = behind || client.watcher.behind;
  }
  if (behind && !pace_.active()) feed_watchers();
}

// A line to each watcher that is behind and due; the others are looked at again when they are due.
void ControlServer::feed_watchers() {
  const std::uint64_t now = uv_now(loop_.get());
  std::uint64_t next = UINT64_MAX;
  ++busy_;
  for (auto& [id, client] : connections_) {
    Watcher& watcher = client.watcher;
    if (!watcher.behind || client.connection->ended()) continue;
    if (now >= watcher.not_before) {
      // One that has not read its last line is asked again; then it gets the newest, not all.
      watcher.behind = !client.connection->feed();
      watcher.not_before = now + limits_.feed_every_ms;
    }
    if (watcher.behind) next = std::min(next, watcher.not_before);
  }
  --busy_;
  sweep();
  // Never 0: libuv would call us again before it looks at anything else.
  if (next != UINT64_MAX) pace_.start_once(std::max<std::uint64_t>(next - now, 1));
}

void ControlServer::drop_stalled() {
  const std::uint64_t now = uv_now(loop_.get());
  bool waiting = false;
  for (auto one = connections_.begin(); one != connections_.end();) {
    const ControlConnection& connection = *one->second.connection;
    const bool reads_slowly = connection.has_waiting() && !connection.has_feed();
    if (reads_slowly && now - connection.active_ms() >= limits_.stalled_ms) {
      one = connections_.erase(one);
      continue;
    }
    waiting = waiting || reads_slowly;
    ++one;
  }
  if (waiting) stalled_.start_once(limits_.stalled_ms);
}

void ControlServer::sweep() {
  std::erase_if(connections_, [](const auto& one) { return one.second.connection->ended(); });
}

}  // namespace shmeter::collector
