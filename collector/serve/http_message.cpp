// SPDX-License-Identifier: MIT
#include "collector/serve/http_message.hpp"

#include "collector/serve/picture_line.hpp"
#include "formats/json_writer.hpp"

namespace shmeter::collector {
namespace {

const char* code_of(unsigned status) {
  switch (status) {
    case 400:
      return "bad_request";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 413:
      return "too_large";
    case 415:
      return "unsupported_media_type";
    case 429:
      return "too_many_requests";
    default:
      return "unavailable";
  }
}

}  // namespace

HttpReply http_error(unsigned status, std::string_view message, std::string_view field) {
  HttpReply reply;
  reply.status = status;
  formats::JsonWriter out(append_to, &reply.body);
  out.open('{');
  out.name("error");
  out.open('{');
  out.name("code");
  out.string(code_of(status));
  out.name("message");
  out.string(message);
  if (field.empty()) {
    out.null("field");
  } else {
    out.name("field");
    out.string(field);
  }
  out.close('}');
  out.close('}');
  out.end();
  if (status == 429 || status == 503) reply.retry_after_s = 1;
  return reply;
}

}  // namespace shmeter::collector
