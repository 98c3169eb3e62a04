// SPDX-License-Identifier: MIT
#include "collector/serve/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <vector>

#include "collector/serve/microhttpd.hpp"
#include "collector/serve/unix_socket.hpp"

namespace shmeter::collector {
namespace {

constexpr int kAcceptedPerTurn = 16;
constexpr std::uint64_t kNoDescriptors_ms = 1000;  // somebody waits, and cannot be taken in
constexpr std::uint64_t kSweepEvery_ms = 1000;
constexpr std::size_t kMemoryOfConnection = std::size_t{32} << 10;  // a head, and pieces of a body
constexpr unsigned kIdle_s = 30;                                    // in which nothing moves
constexpr int kBacklog = 64;
// Of a body that is refused.
constexpr std::size_t kMostThrownAway = std::size_t{64} << 10;
// Turns of the library in one of ours: what was answered late needs two.
constexpr int kTurns = 4;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
};

Result<Address> parse_address(const std::string& text) {
  const auto wrong = [&] {
    return fail(Errc::invalid, text + ": no IP address with a port, as 127.0.0.1:7483");
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return wrong();
  std::string host = text.substr(0, colon);
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  if (read.ec != std::errc{} || read.ptr != end) return wrong();
  Address made;
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    host = host.substr(1, host.size() - 2);
    if (::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return wrong();
    std::memcpy(&made.storage, &six, made.size = sizeof six);
  } else {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    if (::inet_pton(AF_INET, host.c_str(), &four.sin_addr) != 1) return wrong();
    std::memcpy(&made.storage, &four, made.size = sizeof four);
  }
  return made;
}

Result<Fd> listen_at(const std::string& text, std::uint16_t& port) {
  auto address = parse_address(text);
  if (!address) return tl::unexpected(address.error());
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
  const bool six = address->storage.ss_family == AF_INET6;
  port = ntohs(six ? reinterpret_cast<const sockaddr_in6*>(&address->storage)->sin6_port
                   : reinterpret_cast<const sockaddr_in*>(&address->storage)->sin_port);
  return fd;
}

std::string_view view(const char* text) { return text == nullptr ? std::string_view{} : text; }

/// Is `etag` one of those, or is any good?
bool names(std::string_view if_none_match, std::string_view etag) {
  return !etag.empty() && (if_none_match == "*" || if_none_match.find(etag) != if_none_match.npos);
}

}  // namespace

/// Takes in who comes, a few in each turn.
class HttpServer::Listener final : public Poll::Owner {
 public:
  static Result<std::unique_ptr<Listener>> make(HttpServer& server, Fd fd, bool local) {
    std::unique_ptr<Listener> made(new Listener(server, std::move(fd), local));
    auto poll = Poll::make(server.loop_, made->fd_.get(), made.get());
    if (!poll) return tl::unexpected(poll.error());
    made->poll_.emplace(std::move(*poll));
    made->poll_->wait_for(UV_READABLE);
    return made;
  }

  void ready() noexcept override {
    for (int i = 0; i < kAcceptedPerTurn; ++i) {
      Fd fd(::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd) {
        server_.take_in(std::move(fd), local_);
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        poll_->wait_for(0);
        again_.start_once(kNoDescriptors_ms);
        break;
      } else if (errno != EINTR && errno != ECONNABORTED) {
        break;
      }
    }
    server_.turn();
  }

 private:
  Listener(HttpServer& server, Fd fd, bool local)
      : server_(server),
        fd_(std::move(fd)),
        local_(local),
        again_(server.loop_, [this] { poll_->wait_for(UV_READABLE); }) {}

  HttpServer& server_;
  Fd fd_;
  bool local_;
  std::optional<Poll> poll_;
  Timer again_;
};

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
  bool too_long = false;  // what comes of it is thrown away
  bool asked = false;
  bool suspended = false;
  std::optional<HttpReply> reply;
  // Of a stream:
  std::unique_ptr<Feed> feed;
  std::string piece;
  std::size_t sent = 0;  // of it
};

/// The library's handle, and what it calls.
class HttpServer::Mhd final : public Poll::Owner {
 public:
  static Result<std::unique_ptr<Mhd>> make(HttpServer& server) {
    const auto library = load_microhttpd();
    if (!library) return tl::unexpected(library.error());
    std::unique_ptr<Mhd> made(new Mhd(server, **library));
    made->daemon_ = made->lib_.MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
        &Mhd::handle, made.get(), MHD_OPTION_NOTIFY_CONNECTION, &Mhd::connection_changed,
        made.get(), MHD_OPTION_NOTIFY_COMPLETED, &Mhd::completed, made.get(),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, kMemoryOfConnection, MHD_OPTION_CONNECTION_LIMIT,
        static_cast<unsigned>(server.limits_.local_clients + server.limits_.tcp_clients),
        MHD_OPTION_CONNECTION_TIMEOUT, kIdle_s, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (made->daemon_ == nullptr) return fail(Errc::unavailable, "libmicrohttpd does not start");
    const auto* info = made->lib_.MHD_get_daemon_info(made->daemon_, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == nullptr) return fail(Errc::unavailable, "libmicrohttpd has no epoll descriptor");
    auto poll = Poll::make(server.loop_, info->epoll_fd, made.get());
    if (!poll) return tl::unexpected(poll.error());
    made->poll_.emplace(std::move(*poll));
    made->poll_->wait_for(UV_READABLE);
    return made;
  }

  ~Mhd() {
    poll_.reset();
    if (daemon_ == nullptr) return;
    for (const auto& [number, exchange] : server_.exchanges_)
      if (std::exchange(exchange->suspended, false))
        lib_.MHD_resume_connection(exchange->connection);
    lib_.MHD_stop_daemon(daemon_);
  }

  void ready() noexcept override { server_.turn(); }

  /// False, and `fd` is closed, when it cannot be taken in.
  bool add(int fd, const Address& peer) {
    return lib_.MHD_add_connection(daemon_, fd, peer.generic(), peer.size) == MHD_YES;
  }
  void run() { lib_.MHD_run(daemon_); }
  std::optional<std::uint64_t> timeout() const {
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (lib_.MHD_get_timeout(daemon_, &ms) != MHD_YES) return {};
    return ms;
  }
  void resume(Exchange& exchange) {
    exchange.suspended = false;
    lib_.MHD_resume_connection(exchange.connection);
  }

 private:
  Mhd(HttpServer& server, const Microhttpd& lib) : server_(server), lib_(lib) {}

  int fd_of(MHD_Connection* connection) const {
    const auto* info = lib_.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == nullptr ? -1 : info->connect_fd;
  }
  std::string_view header(MHD_Connection* connection, const char* name) const {
    return view(lib_.MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
  }

  void begin(int fd, Connection::Phase phase) {
    const auto at = server_.connections_.find(fd);
    if (at == server_.connections_.end()) return;
    at->second.phase = phase;
    at->second.since_ms = uv_now(server_.loop_.get());
  }

  HttpHead head_of(MHD_Connection* connection, int fd, const char* path, const char* method) const {
    HttpHead head;
    const std::string_view name = method;
    if (name == "GET" || name == "HEAD") head.method = HttpMethod::get;
    if (name == "POST") head.method = HttpMethod::post;
    head.path = path;
    lib_.MHD_get_connection_values(
        connection, MHD_GET_ARGUMENT_KIND,
        [](void* all, MHD_ValueKind, const char* key, const char* value) {
          static_cast<HttpHead*>(all)->query.emplace_back(view(key), view(value));
          return MHD_YES;
        },
        &head);
    const auto known = server_.connections_.find(fd);
    head.local = known != server_.connections_.end() && known->second.local;
    head.host = header(connection, "Host");
    head.authorization = header(connection, "Authorization");
    head.content_encoding = header(connection, "Content-Encoding");
    head.content_type = header(connection, "Content-Type");
    head.if_none_match = header(connection, "If-None-Match");
    head.last_event_id = header(connection, "Last-Event-ID");
    return head;
  }

  static MHD_Result handle(void* self, MHD_Connection* connection, const char* path,
                           const char* method, const char*, const char* bytes, size_t* size,
                           void** place) {
    Mhd& mhd = *static_cast<Mhd*>(self);
    auto* exchange = static_cast<Exchange*>(*place);
    if (exchange == nullptr) return mhd.head_came(connection, path, method, place);
    if (*size == 0) return mhd.body_came(*exchange, path, method);
    mhd.piece_came(*exchange, {bytes, *size});
    *size = 0;
    return MHD_YES;
  }

  MHD_Result head_came(MHD_Connection* connection, const char* path, const char* method,
                       void** place) {
    auto* const exchange = new Exchange;
    *place = exchange;  // completed() deletes it
    exchange->server = &server_;
    exchange->number = server_.next_exchange_++;
    exchange->connection = connection;
    exchange->fd = fd_of(connection);
    server_.exchanges_[exchange->number] = exchange;
    begin(exchange->fd, Connection::Phase::body);
    const HttpHead head = head_of(connection, exchange->fd, path, method);
    auto refused = server_.service_.refuse(head, exchange->most);
    if (!refused && announced(connection) > exchange->most)
      refused = http_error(
          413, "the body is too long: " + std::to_string(exchange->most) + " bytes are taken here");
    if (!refused) return MHD_YES;
    // To answer now ends the connection, and perhaps before the answer is read.
    const bool much =
        announced(connection) > kMostThrownAway || !header(connection, "Transfer-Encoding").empty();
    if (much) return queue(*exchange, std::move(*refused));
    exchange->too_long = true;
    exchange->reply = std::move(refused);
    return MHD_YES;
  }

  /// 0 when the length is not said.
  std::size_t announced(MHD_Connection* connection) const {
    const std::string_view text = header(connection, "Content-Length");
    std::size_t length = 0;
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length;
  }

  /// Only at its end can a body be answered: what is too long is read to there, and thrown away.
  void piece_came(Exchange& exchange, std::string_view piece) {
    exchange.too_long = exchange.too_long || exchange.body.size() + piece.size() > exchange.most ||
                        server_.body_bytes_ + piece.size() > server_.limits_.body_bytes;
    if (exchange.too_long) return forget_body(exchange);
    exchange.body += piece;
    server_.body_bytes_ += piece.size();
  }
  void forget_body(Exchange& exchange) {
    server_.body_bytes_ -= exchange.body.size();
    exchange.body = {};
  }

  MHD_Result body_came(Exchange& exchange, const char* path, const char* method) {
    if (exchange.reply) return queue(exchange, std::move(*exchange.reply));
    if (exchange.asked) return MHD_YES;
    exchange.asked = true;
    if (exchange.too_long) return queue(exchange, http_error(413, "the body is too long"));
    begin(exchange.fd, Connection::Phase::service);
    server_.service_.run(head_of(exchange.connection, exchange.fd, path, method), exchange.body,
                         server_.answer_later(exchange.number));
    forget_body(exchange);
    if (exchange.reply) return queue(exchange, std::move(*exchange.reply));
    exchange.suspended = true;
    lib_.MHD_suspend_connection(exchange.connection);
    return MHD_YES;
  }

  MHD_Result queue(Exchange& exchange, HttpReply reply) {
    begin(exchange.fd, Connection::Phase::answer);
    if (reply.status == 200 && names(header(exchange.connection, "If-None-Match"), reply.etag)) {
      reply.status = 304;
      reply.body.clear();
    }
    MHD_Response* const response =
        reply.feed ? stream(exchange, std::move(reply.feed))
                   : lib_.MHD_create_response_from_buffer(reply.body.size(), reply.body.data(),
                                                          MHD_RESPMEM_MUST_COPY);
    if (response == nullptr) return MHD_NO;
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) lib_.MHD_add_response_header(response, name, value.c_str());
    };
    if (reply.status != 304) add("Content-Type", reply.type);
    add("Cache-Control", "private, no-cache");
    add("X-Content-Type-Options", "nosniff");
    add("ETag", reply.etag);
    add("Allow", reply.allow);
    if (reply.status == 401) add("WWW-Authenticate", "Bearer");
    if (reply.retry_after_s != 0) add("Retry-After", std::to_string(reply.retry_after_s));
    const MHD_Result queued = lib_.MHD_queue_response(exchange.connection, reply.status, response);
    lib_.MHD_destroy_response(response);
    return queued;
  }

  MHD_Response* stream(Exchange& exchange, std::unique_ptr<Feed> feed) {
    constexpr std::size_t kPiece = 16'384;
    begin(exchange.fd, Connection::Phase::stream);
    exchange.feed = std::move(feed);
    exchange.piece = exchange.feed->next();
    server_.stream_came();
    return lib_.MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kPiece, &Mhd::next_piece,
                                                  &exchange, nullptr);
  }

  /// Of what stands in `piece`; when all of it is taken the connection sleeps until there is more.
  static ssize_t next_piece(void* place, uint64_t, char* to, size_t most) {
    Exchange& exchange = *static_cast<Exchange*>(place);
    const std::size_t bytes = std::min(most, exchange.piece.size() - exchange.sent);
    if (bytes == 0) {
      exchange.suspended = true;
      exchange.server->mhd_->lib_.MHD_suspend_connection(exchange.connection);
      return 0;
    }
    std::memcpy(to, exchange.piece.data() + exchange.sent, bytes);
    exchange.sent += bytes;
    return static_cast<ssize_t>(bytes);
  }

  static void completed(void* self, MHD_Connection*, void** place, MHD_RequestTerminationCode) {
    Mhd& mhd = *static_cast<Mhd*>(self);
    auto* const exchange = static_cast<Exchange*>(*place);
    if (exchange == nullptr) return;
    mhd.forget_body(*exchange);
    if (exchange->feed) --mhd.server_.streams_;
    mhd.begin(exchange->fd, Connection::Phase::head);
    mhd.server_.exchanges_.erase(exchange->number);
    delete exchange;
    *place = nullptr;
  }

  static void connection_changed(void* self, MHD_Connection* connection, void**,
                                 MHD_ConnectionNotificationCode code) {
    if (code != MHD_CONNECTION_NOTIFY_CLOSED) return;
    HttpServer& server = static_cast<Mhd*>(self)->server_;
    const auto at = server.connections_.find(static_cast<Mhd*>(self)->fd_of(connection));
    if (at == server.connections_.end()) return;
    --server.count_[at->second.local ? 1 : 0];
    server.connections_.erase(at);
  }

  HttpServer& server_;
  const Microhttpd& lib_;
  MHD_Daemon* daemon_ = nullptr;
  std::optional<Poll> poll_;
};

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
  auto listener = Listener::make(*made, std::move(*fd), true);
  if (!listener) return tl::unexpected(listener.error());
  made->local_ = std::move(*listener);
  return made;
}

Result<void> HttpServer::listen_tcp(const std::string& address) {
  stop_tcp();
  std::uint16_t port = 0;
  auto fd = listen_at(address, port);
  if (!fd) return tl::unexpected(fd.error());
  auto listener = Listener::make(*this, std::move(*fd), false);
  if (!listener) return tl::unexpected(listener.error());
  tcp_ = std::move(*listener);
  tcp_port_ = port;
  return {};
}

/// Who is connected already is let go.
void HttpServer::stop_tcp() {
  tcp_.reset();
  tcp_port_ = 0;
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
  Address peer;
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
