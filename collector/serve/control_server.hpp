// SPDX-License-Identifier: MIT
// The control socket: a unix stream socket that serves lines to the user's own programs. It knows
// no command. Invariant: clients and what is kept for each of them are bounded, and one that is
// silent, slow, gone or hostile holds up nobody else and costs nothing while it does nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "collector/loop/handles.hpp"
#include "collector/serve/control_connection.hpp"
#include "collector/serve/listener.hpp"
#include "collector/serve/unix_socket.hpp"

namespace shmeter::collector {

struct ControlLimits {
  std::size_t clients = 64;
  /// A client that has said nothing for so long makes room when another one comes.
  std::uint64_t idle_ms = 10'000;
  /// Above this no more requests of a client are run until it reads; an answer is always whole.
  std::size_t waiting_bytes = std::size_t{256} << 10;
  /// A client that then takes nothing for so long is dropped. Watchers are not.
  std::uint64_t stalled_ms = 10'000;
  /// Requests of one client whose answers are not known yet.
  std::size_t pending = 256;
  /// Bodies that are being read, of all clients together.
  std::size_t body_bytes = std::size_t{128} << 20;
  /// A watcher is told at most so often.
  std::uint64_t feed_every_ms = 1000;
};

class ControlServer {
 public:
  /// Binds `path` (0600), in place of what a dead collector left there: call it under the lock.
  /// `service` must outlive it. Errors: invalid (path too long for a socket), unavailable.
  static Result<std::unique_ptr<ControlServer>> open(Loop& loop, const std::string& path,
                                                     Service& service, ControlLimits limits = {});
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// What watchers see may have changed. Costs nothing when there are none.
  void changed();
  /// False when somebody cleaned the directory: then nobody can reach us any more.
  bool path_still_there() const;

  std::size_t clients() const { return connections_.size(); }

 private:
  struct Watcher {
    bool behind = false;           // something changed since its last line
    std::uint64_t not_before = 0;  // its next line
  };
  struct Client {
    std::unique_ptr<ControlConnection> connection;
    Watcher watcher;
  };

  ControlServer(Loop& loop, std::string path, Service& service, ControlLimits limits);

  void take_in(Fd fd);
  bool make_room();
  Answer answer_for(std::uint64_t id, std::uint64_t number);
  void turned(ControlConnection& connection);
  void feed_watchers();
  void drop_stalled();
  void sweep();

  Loop& loop_;
  std::string path_;
  ControlLimits limits_;
  ControlConnection::Host host_;
  std::map<std::uint64_t, Client> connections_;  // by id
  std::uint64_t next_id_ = 1;
  int busy_ = 0;                           // connections are being walked: none may be destroyed
  std::shared_ptr<ControlServer*> alive_;  // late answers ask it whether we still are
  std::unique_ptr<Listener> listener_;
  Timer pace_;     // the next line for a watcher
  Timer stalled_;  // runs while somebody does not read
};

}  // namespace shmeter::collector
