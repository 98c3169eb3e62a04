// SPDX-License-Identifier: MIT
// HTTP over a unix socket and, when it is asked for, over TCP, on the collector's loop. It knows no
// route. Invariant: connections, and what is kept for each of them, are bounded; nobody holds one
// by being slow: a head, a body and an answer each have their time, drop by drop or not; and who
// comes over TCP cannot take the places of who comes over the unix socket.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "collector/loop/fd.hpp"
#include "collector/loop/handles.hpp"
#include "collector/serve/http_message.hpp"
#include "collector/serve/listener.hpp"

namespace shmeter::collector {

/// In the runtime directory.
inline constexpr const char* kHttpSocketName = "http.sock";

struct HttpLimits {
  std::size_t local_clients = 64;
  std::size_t tcp_clients = 64;
  /// From accept, or the end of the answer before, to the end of a head.
  std::uint64_t head_ms = 5'000;
  /// From there to the end of the body.
  std::uint64_t body_ms = 30'000;
  /// From the answer's beginning to its end.
  std::uint64_t answer_ms = 60'000;
  /// Bodies that are being read, of all clients together.
  std::size_t body_bytes = std::size_t{64} << 20;
  /// A stream is told at most so often, and at least so often that nothing is new: whoever is gone
  /// is noticed by then.
  std::uint64_t feed_every_ms = 1000;
  std::uint64_t sign_of_life_ms = 15'000;
};

class HttpServer {
 public:
  /// One line for people.
  using Say = std::function<void(const std::string&)>;

  /// Binds `path` (0600) in place of what a dead collector left there: call it under the lock.
  /// `service` must outlive it. libmicrohttpd is loaded when the first client comes, which takes
  /// some 5 ms and 3 MB; where it is missing, that is said, once, and clients are let go. Errors:
  /// invalid (path too long), unavailable.
  static Result<std::unique_ptr<HttpServer>> open(Loop& loop, const std::string& path,
                                                  HttpService& service, Say say,
                                                  HttpLimits limits = {});
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// `address` is an IP address with a port, `127.0.0.1:7483` or `[::1]:7483`; port 0 chooses one.
  /// Errors: invalid, unavailable, exists (somebody listens there).
  Result<void> listen_tcp(const std::string& address);
  void stop_tcp();
  /// Lets everybody go who is connected over TCP; who may come may come again.
  void part_from_tcp();
  /// Where it listens; 0 = nowhere.
  std::uint16_t tcp_port() const { return tcp_port_; }

  /// What streams tell may have changed. Costs nothing when there are none.
  void changed();
  /// False when somebody cleaned the directory: then nobody can reach us any more.
  bool path_still_there() const;
  std::size_t clients() const;
  /// Answers since it was opened by the first digit of their status, at that index.
  using Answers = std::array<std::uint64_t, 6>;
  const Answers& answers() const { return answers_; }

 private:
  class Mhd;  // the library's side
  struct Connection;
  struct Exchange;

  HttpServer(Loop& loop, std::string path, HttpService& service, Say say, HttpLimits limits);
  bool ready_to_speak();
  void take_in(Fd fd, bool local);
  void turn();
  void sweep();
  void feed_streams();
  void say_nothing_is_new();
  void stream_came();
  void tell(Exchange& exchange, std::string piece);
  HttpAnswer answer_later(std::uint64_t id);

  Loop& loop_;
  std::string path_;
  HttpService& service_;
  Say say_;
  HttpLimits limits_;
  std::unique_ptr<Listener> local_;
  std::unique_ptr<Listener> tcp_;
  std::uint16_t tcp_port_ = 0;
  std::unordered_map<int, Connection> connections_;         // by descriptor
  std::unordered_map<std::uint64_t, Exchange*> exchanges_;  // by number
  std::array<std::size_t, 2> count_{};                      // connections: TCP, local
  std::uint64_t next_exchange_ = 1;
  std::size_t body_bytes_ = 0;
  std::size_t streams_ = 0;
  Answers answers_{};
  bool news_ = false;                   // since streams were fed
  std::shared_ptr<HttpServer*> alive_;  // late answers ask it whether we still are
  std::unique_ptr<Mhd> mhd_;            // since the first client came
  bool said_trouble_ = false;
  Timer wake_;   // when the library asks for it
  Timer sweep_;  // runs while there are connections
  Timer pace_;   // until streams may be fed again
  Timer life_;   // runs while there are streams
};

}  // namespace shmeter::collector
