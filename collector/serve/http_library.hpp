// SPDX-License-Identifier: MIT
// Between libmicrohttpd and the server, for these two .cpp files only: what the library calls, and
// what is kept for each connection and each request. Invariant: an exchange lives from the end of
// its head until the library says that it is completed, and is suspended or runs, never both.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "collector/config/tcp_address.hpp"
#include "collector/serve/http_server.hpp"
#include "collector/serve/microhttpd.hpp"
#include "collector/serve/poll.hpp"

namespace shmeter::collector {

/// A client, and since when it is doing what it does.
struct HttpServer::Connection {
  enum class Phase { head, body, service, answer, stream };
  bool local = false;
  Phase phase = Phase::head;
  std::uint64_t since_ms = 0;
};

/// A request from the end of its head to the end of its answer.
struct HttpServer::Exchange {
  HttpServer* server = nullptr;
  std::uint64_t number = 0;
  MHD_Connection* connection = nullptr;
  int fd = -1;
  std::size_t most = 0;  // bytes of body
  std::string body;
  bool asked = false;
  bool suspended = false;
  std::optional<HttpReply> reply;  // once there is one, what comes of a body is thrown away
  // Of a stream:
  std::unique_ptr<Feed> feed;
  std::string piece;
  std::size_t sent = 0;  // of it
};

/// The library's handle, and what it calls.
class HttpServer::Mhd final : public Poll::Owner {
 public:
  /// Errors: not_found, unavailable.
  static Result<std::unique_ptr<Mhd>> make(HttpServer& server);
  ~Mhd();
  Mhd(const Mhd&) = delete;
  Mhd& operator=(const Mhd&) = delete;

  void ready() noexcept override { server_.turn(); }
  /// False, and `fd` is closed, when it cannot be taken in.
  bool add(int fd, const TcpAddress& peer);
  void run() { lib_.MHD_run(daemon_); }
  /// After how many milliseconds it wants to run; empty = not before something comes.
  std::optional<std::uint64_t> timeout() const;
  void resume(Exchange& exchange);

 private:
  Mhd(HttpServer& server, const Microhttpd& lib) : server_(server), lib_(lib) {}

  int fd_of(MHD_Connection* connection) const;
  std::string_view header(MHD_Connection* connection, const char* name) const;
  std::size_t announced(MHD_Connection* connection) const;
  HttpHead head_of(MHD_Connection* connection, int fd, const char* path, const char* method) const;
  void begin(int fd, Connection::Phase phase);
  MHD_Result head_came(MHD_Connection* connection, const char* path, const char* method,
                       void** place);
  void piece_came(Exchange& exchange, std::string_view piece);
  void forget_body(Exchange& exchange);
  MHD_Result body_came(Exchange& exchange, const char* path, const char* method);
  MHD_Result queue(Exchange& exchange, HttpReply reply);
  MHD_Response* whole(const HttpReply& reply);
  MHD_Response* stream(Exchange& exchange, std::unique_ptr<Feed> feed);

  // What the library calls.
  static MHD_Result handle(void* self, MHD_Connection* connection, const char* path,
                           const char* method, const char* version, const char* bytes, size_t* size,
                           void** place);
  static ssize_t next_piece(void* place, uint64_t position, char* to, size_t most);
  static void completed(void* self, MHD_Connection* connection, void** place,
                        MHD_RequestTerminationCode code);
  static void connection_changed(void* self, MHD_Connection* connection, void** place,
                                 MHD_ConnectionNotificationCode code);

  HttpServer& server_;
  const Microhttpd& lib_;
  MHD_Daemon* daemon_ = nullptr;
  std::optional<Poll> poll_;
};

}  // namespace shmeter::collector
