// SPDX-License-Identifier: MIT
#include "collector/serve/http_library.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace shmeter::collector {
namespace {

constexpr std::size_t kMemoryOfConnection = std::size_t{32} << 10;  // a head, and pieces of a body
constexpr unsigned kIdle_s = 30;                                    // in which nothing moves
// Of a body that is refused.
constexpr std::size_t kMostThrownAway = std::size_t{64} << 10;

std::string_view view(const char* text) { return text == nullptr ? std::string_view{} : text; }

/// Is `etag` one of those, or is any good?
bool names(std::string_view if_none_match, std::string_view etag) {
  return !etag.empty() && (if_none_match == "*" || if_none_match.find(etag) != if_none_match.npos);
}

}  // namespace

Result<std::unique_ptr<HttpServer::Mhd>> HttpServer::Mhd::make(HttpServer& server) {
  const auto library = load_microhttpd();
  if (!library) return tl::unexpected(library.error());
  std::unique_ptr<Mhd> made(new Mhd(server, **library));
  made->daemon_ = made->lib_.MHD_start_daemon(
      MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr,
      &Mhd::handle, made.get(), MHD_OPTION_NOTIFY_CONNECTION, &Mhd::connection_changed, made.get(),
      MHD_OPTION_NOTIFY_COMPLETED, &Mhd::completed, made.get(), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kMemoryOfConnection, MHD_OPTION_CONNECTION_LIMIT,
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

HttpServer::Mhd::~Mhd() {
  poll_.reset();
  if (daemon_ == nullptr) return;
  for (const auto& [number, exchange] : server_.exchanges_)
    if (std::exchange(exchange->suspended, false)) lib_.MHD_resume_connection(exchange->connection);
  lib_.MHD_stop_daemon(daemon_);
}

bool HttpServer::Mhd::add(int fd, const TcpAddress& peer) {
  return lib_.MHD_add_connection(daemon_, fd, peer.generic(), peer.size) == MHD_YES;
}
std::optional<std::uint64_t> HttpServer::Mhd::timeout() const {
  MHD_UNSIGNED_LONG_LONG ms = 0;
  if (lib_.MHD_get_timeout(daemon_, &ms) != MHD_YES) return {};
  return ms;
}
void HttpServer::Mhd::resume(Exchange& exchange) {
  exchange.suspended = false;
  lib_.MHD_resume_connection(exchange.connection);
}

int HttpServer::Mhd::fd_of(MHD_Connection* connection) const {
  const auto* info = lib_.MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info == nullptr ? -1 : info->connect_fd;
}
std::string_view HttpServer::Mhd::header(MHD_Connection* connection, const char* name) const {
  return view(lib_.MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name));
}

void HttpServer::Mhd::begin(int fd, Connection::Phase phase) {
  const auto at = server_.connections_.find(fd);
  if (at == server_.connections_.end()) return;
  at->second.phase = phase;
  at->second.since_ms = uv_now(server_.loop_.get());
}

HttpHead HttpServer::Mhd::head_of(MHD_Connection* connection, int fd, const char* path,
                                  const char* method) const {
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
  head.cookie = header(connection, "Cookie");
  head.sec_fetch_site = header(connection, "Sec-Fetch-Site");
  head.accept = header(connection, "Accept");
  return head;
}

MHD_Result HttpServer::Mhd::handle(void* self, MHD_Connection* connection, const char* path,
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

MHD_Result HttpServer::Mhd::head_came(MHD_Connection* connection, const char* path,
                                      const char* method, void** place) {
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
  exchange->reply = std::move(refused);
  return MHD_YES;
}

/// 0 when the length is not said.
std::size_t HttpServer::Mhd::announced(MHD_Connection* connection) const {
  const std::string_view text = header(connection, "Content-Length");
  std::size_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

/// Only at its end can a body be answered: what is not taken is read to there, and thrown away.
void HttpServer::Mhd::piece_came(Exchange& exchange, std::string_view piece) {
  if (exchange.reply) return;
  const bool too_long = exchange.body.size() + piece.size() > exchange.most;
  const bool too_many = server_.body_bytes_ + piece.size() > server_.limits_.body_bytes;
  if (too_long || too_many) {
    exchange.reply = too_long ? http_error(413, "the body is too long")
                              : http_error(503, "too many bodies at once; try again");
    return forget_body(exchange);
  }
  exchange.body += piece;
  server_.body_bytes_ += piece.size();
}

void HttpServer::Mhd::forget_body(Exchange& exchange) {
  server_.body_bytes_ -= exchange.body.size();
  exchange.body = {};
}

MHD_Result HttpServer::Mhd::body_came(Exchange& exchange, const char* path, const char* method) {
  if (exchange.reply) return queue(exchange, std::move(*exchange.reply));
  if (exchange.asked) return MHD_YES;
  exchange.asked = true;
  begin(exchange.fd, Connection::Phase::service);
  std::string body = std::move(exchange.body);
  server_.body_bytes_ -= body.size();
  exchange.body = {};
  server_.service_.run(head_of(exchange.connection, exchange.fd, path, method), std::move(body),
                       server_.answer_later(exchange.number));
  if (exchange.reply) return queue(exchange, std::move(*exchange.reply));
  exchange.suspended = true;
  lib_.MHD_suspend_connection(exchange.connection);
  return MHD_YES;
}

MHD_Result HttpServer::Mhd::queue(Exchange& exchange, HttpReply reply) {
  begin(exchange.fd, Connection::Phase::answer);
  if (reply.status == 200 && names(header(exchange.connection, "If-None-Match"), reply.etag)) {
    reply.status = 304;
    reply.body.clear();
    reply.lasting = {};
  }
  MHD_Response* const response =
      reply.feed ? stream(exchange, std::move(reply.feed)) : whole(reply);
  if (response == nullptr) return MHD_NO;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) lib_.MHD_add_response_header(response, name, value.c_str());
  };
  if (reply.status != 304) add("Content-Type", reply.type);
  add("Cache-Control", reply.caching);
  add("X-Content-Type-Options", "nosniff");
  add("ETag", reply.etag);
  add("Allow", reply.allow);
  if (reply.status == 401) add("WWW-Authenticate", "Bearer");
  for (const auto& [name, value] : reply.headers) add(name, value);
  if (reply.retry_after_s != 0) add("Retry-After", std::to_string(reply.retry_after_s));
  ++server_.answers_[std::min<std::size_t>(reply.status / 100, server_.answers_.size() - 1)];
  const MHD_Result queued = lib_.MHD_queue_response(exchange.connection, reply.status, response);
  lib_.MHD_destroy_response(response);
  return queued;
}

MHD_Response* HttpServer::Mhd::whole(const HttpReply& reply) {
  if (reply.lasting.empty())
    return lib_.MHD_create_response_from_buffer(
        reply.body.size(), const_cast<char*>(reply.body.data()), MHD_RESPMEM_MUST_COPY);
  // It is only read from.
  return lib_.MHD_create_response_from_buffer(
      reply.lasting.size(), const_cast<char*>(reply.lasting.data()), MHD_RESPMEM_PERSISTENT);
}

MHD_Response* HttpServer::Mhd::stream(Exchange& exchange, std::unique_ptr<Feed> feed) {
  constexpr std::size_t kPiece = 16'384;
  begin(exchange.fd, Connection::Phase::stream);
  exchange.feed = std::move(feed);
  exchange.piece = exchange.feed->next();
  server_.stream_came();
  return lib_.MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, kPiece, &Mhd::next_piece,
                                                &exchange, nullptr);
}

/// Of what stands in `piece`; when all of it is taken the connection sleeps until there is more.
ssize_t HttpServer::Mhd::next_piece(void* place, uint64_t, char* to, size_t most) {
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

void HttpServer::Mhd::completed(void* self, MHD_Connection*, void** place,
                                MHD_RequestTerminationCode) {
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

void HttpServer::Mhd::connection_changed(void* self, MHD_Connection* connection, void**,
                                         MHD_ConnectionNotificationCode code) {
  if (code != MHD_CONNECTION_NOTIFY_CLOSED) return;
  HttpServer& server = static_cast<Mhd*>(self)->server_;
  const auto at = server.connections_.find(static_cast<Mhd*>(self)->fd_of(connection));
  if (at == server.connections_.end()) return;
  --server.count_[at->second.local ? 1 : 0];
  server.connections_.erase(at);
}

}  // namespace shmeter::collector
