// SPDX-License-Identifier: MIT
// A request and its answer over HTTP as values: routes make one of the other, the server brings
// them, and neither knows the other.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/serve/answer.hpp"

namespace shmeter::collector {

enum class HttpMethod { get, post, other };

/// A request without its body. Texts live during the call.
struct HttpHead {
  HttpMethod method = HttpMethod::other;  // HEAD is get: the server leaves the body out
  std::string_view path;                  // unescaped, without the query
  std::vector<std::pair<std::string_view, std::string_view>> query;  // unescaped, in order
  bool local = false;  // over the unix socket: the kernel says that it is the same user
  std::string_view host;
  std::string_view authorization;
  std::string_view content_encoding;
  std::string_view content_type;
  std::string_view if_none_match;
  std::string_view last_event_id;
  std::string_view cookie;          // all of them, as they were sent
  std::string_view sec_fetch_site;  // what a browser says of the page that asks
  std::string_view accept;

  /// The first of that name; empty when there is none.
  std::string_view parameter(std::string_view name) const {
    for (const auto& [key, value] : query)
      if (key == name) return value;
    return {};
  }
};

struct HttpReply {
  unsigned status = 200;
  std::string body;
  std::string_view lasting;  // the body, where it lives as long as the process; else empty
  const char* type = "application/json";
  const char* caching = "private, no-cache";
  std::string etag;                                          // quoted; empty = none
  std::string allow;                                         // with 405
  unsigned retry_after_s = 0;                                // with 429 and 503
  std::vector<std::pair<const char*, std::string>> headers;  // others
  /// Says the body, piece by piece, for as long as the client stays; `body` is then not looked at.
  std::unique_ptr<Feed> feed;
};

/// To be called once, on the loop, at once or when it is known.
using HttpAnswer = std::function<void(HttpReply)>;

/// What a server serves.
class HttpService {
 public:
  virtual ~HttpService() = default;
  /// Before the body is read. A reply refuses the request; else its body may have `most` bytes.
  virtual std::optional<HttpReply> refuse(const HttpHead& head, std::size_t& most) = 0;
  /// `body` is whole, and still as it was sent. `head` lives during the call.
  virtual void run(const HttpHead& head, std::string body, HttpAnswer answer) = 0;
};

/// `{"error":{"code":…,"message":…,"field":…}}` with the status that belongs to the code:
/// bad_request, unauthorized, forbidden, not_found, method_not_allowed, too_large,
/// unsupported_media_type, too_many_requests, unavailable. An empty `field` is null.
HttpReply http_error(unsigned status, std::string_view message, std::string_view field = {});

}  // namespace shmeter::collector
