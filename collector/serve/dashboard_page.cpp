// SPDX-License-Identifier: MIT
#include "collector/serve/dashboard_page.hpp"

#include <utility>

namespace shmeter::collector {
namespace {

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

void protect(HttpReply& reply) {
  reply.headers.emplace_back("Content-Security-Policy", kPolicy);
  reply.headers.emplace_back("Referrer-Policy", "no-referrer");
  reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

}  // namespace

std::optional<HttpReply> dashboard_file(std::string_view path) {
  for (const DashboardFile& file : dashboard_files()) {
    if (file.path != path) continue;
    HttpReply reply;
    reply.lasting = file.bytes;
    reply.type = file.type;
    reply.etag = file.etag;
    protect(reply);
    return reply;
  }
  return {};
}

HttpReply dashboard_closed(unsigned status) {
  HttpReply reply;
  reply.status = status;
  reply.type = kHtml;
  reply.caching = "no-store";
  reply.body =
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>shmeter: closed</title>\n"
      "<h1>This page is closed</h1>\n"
      "<p>Run <code>shmeter dashboard</code> in a terminal and open the link that it prints. A "
      "link opens once, within a minute; a page stays open for twelve hours.\n"
      "<p>If you came here from another page, <a href=\"/\">try again</a>.\n</html>\n";
  protect(reply);
  return reply;
}

HttpReply dashboard_opened(std::string cookie) {
  HttpReply reply;
  reply.status = 303;
  reply.type = kHtml;
  reply.caching = "no-store";
  reply.headers.emplace_back("Location", "/");
  reply.headers.emplace_back("Set-Cookie", std::move(cookie));
  protect(reply);
  return reply;
}

}  // namespace shmeter::collector
