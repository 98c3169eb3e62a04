// SPDX-License-Identifier: MIT
// Requests over HTTP, over the real routes and a real model. Input: requests, apart by lines of
// `====`; each is a line `METHOD /path?query tcp` (else `unix`), headers, an empty line, a body.
// `$SESSION` in it is the cookie of a page that is open, `$LINK` a link that opens one. Whatever is
// asked gets one answer, which can be read; nobody is told anything who may not hear it; and a
// request that is refused hands nothing over.
#include <optional>
#include <vector>

#include "collector/serve/http_routes.hpp"
#include "collector/serve/line_text.hpp"
#include "tests/fuzz/api_checks.hpp"
#include "tests/serve/test_intake.hpp"

namespace shmeter::fuzz {
namespace {

using collector::ApiParameter;
using collector::ApiRoute;
using collector::HttpHead;
using collector::HttpMethod;
using collector::HttpReply;

/// Asks what a store would be asked, and answers for it.
class Queries final : public collector::UsageQueries {
 public:
  void ask(Question question, Parameters parameters, collector::HttpAnswer answer) override {
    const std::vector<ApiParameter> views(parameters.begin(), parameters.end());
    const auto error = check_query(static_cast<ApiRoute>(question), views);
    if (error) return answer(collector::http_error(400, error->message, error->field));
    HttpReply reply;
    reply.body = "{}";
    answer(std::move(reply));
  }
};

/// A request as it was sent; the texts of `head` lie in it.
struct Request {
  std::string target;
  std::string body;
  std::vector<std::string> memory;
  HttpHead head;
};

std::string decoded(std::string_view text) {
  return collector::percent_decoded(text).value_or(std::string(text));
}

class Reader {
 public:
  Reader(std::string session, std::string link)
      : session_(std::move(session)), link_(std::move(link)) {}

  void read(std::string_view text, Request& to) const {
    to.memory.reserve(64);
    std::string_view line = take_line(text);
    const std::string_view method = take_until(line, " ");
    to.head.method = method == "GET"    ? HttpMethod::get
                     : method == "POST" ? HttpMethod::post
                                        : HttpMethod::other;
    std::string_view target = take_until(line, " ");
    to.head.local = line != "tcp";
    to.head.path = keep(to, decoded(take_until(target, "?")));
    while (!target.empty() && to.head.query.size() < 20) {
      std::string_view value = take_until(target, "&");
      const std::string_view name = keep(to, decoded(take_until(value, "=")));
      to.head.query.emplace_back(name, keep(to, decoded(value)));
    }
    for (line = take_line(text); !line.empty() && to.memory.size() < 60; line = take_line(text))
      read_header(line, to);
    to.body = text;
  }

 private:
  std::string_view keep(Request& to, std::string text) const {
    for (const auto& [name, value] : {std::pair{"$SESSION", &session_}, std::pair{"$LINK", &link_}})
      if (const auto at = text.find(name); at != text.npos)
        text.replace(at, std::string_view(name).size(), *value);
    return to.memory.emplace_back(std::move(text));
  }
  void read_header(std::string_view line, Request& to) const {
    const std::string_view name = take_until(line, ": ");
    const std::pair<std::string_view, std::string_view HttpHead::*> known[] = {
        {"Host", &HttpHead::host},
        {"Authorization", &HttpHead::authorization},
        {"Content-Encoding", &HttpHead::content_encoding},
        {"Content-Type", &HttpHead::content_type},
        {"If-None-Match", &HttpHead::if_none_match},
        {"Last-Event-ID", &HttpHead::last_event_id},
        {"Cookie", &HttpHead::cookie},
        {"Sec-Fetch-Site", &HttpHead::sec_fetch_site}};
    for (const auto& [header, member] : known)
      if (name == header) to.head.*member = keep(to, std::string(line));
  }

  std::string session_, link_;
};

/// Told once more, by other means than the gate's: who may be answered at all.
bool may_pass(const HttpHead& head, const std::string& session) {
  if (head.local) return true;
  const std::string_view host = head.host.substr(0, head.host.rfind(':'));
  bool ours = false;
  for (const std::string_view name : {"127.0.0.1", "localhost", "[::1]"})
    ours = ours || head.host == name || host == name;
  if (!ours) return false;
  if (head.path == "/healthz") return true;
  if (head.path == "/" && !head.parameter("once").empty()) return true;
  const std::string_view secret = head.authorization.substr(
      std::min<std::size_t>(head.authorization.size(), std::string_view("bearer ").size()));
  if (secret == "all") return true;
  if (secret == "hand") return head.method == HttpMethod::post;
  return head.authorization.empty() && head.method == HttpMethod::get &&
         head.cookie.find("shmeter=" + session) != head.cookie.npos;
}

void check_error(const HttpReply& reply) {
  if (reply.type != std::string_view("application/json")) return;
  simdjson::dom::parser parser;
  std::string_view code, message;
  const auto error = parser.parse(reply.body)["error"];
  holds(error["code"].get(code) == simdjson::SUCCESS && !code.empty() &&
            error["message"].get(message) == simdjson::SUCCESS && !message.empty(),
        "an error has a code and says what it is", reply.body);
}

void check_event(std::string_view event) {
  if (event.empty() || event.starts_with(":")) return;
  holds(event.starts_with("id: ") && event.ends_with("\n\n"), "an event has its form", event);
  take_line(event);
  std::string_view data = take_line(event);
  holds(event == "\n", "an event is one line of data", event);
  holds(take_until(data, ": ") == "data" && is_json(data), "its data is JSON", data);
}

void check_reply(HttpReply& reply) {
  holds(reply.status >= 200 && reply.status < 600, "an answer has a status");
  for (const std::string_view text :
       {std::string_view(reply.etag), std::string_view(reply.allow), std::string_view(reply.type)})
    holds(is_one_line(text), "a header is one line", text);
  for (const auto& [name, value] : reply.headers)
    holds(is_one_line(value), "a header is one line", value);
  holds(reply.etag.empty() ||
            (reply.etag.size() > 2 && reply.etag.front() == '"' && reply.etag.back() == '"'),
        "an ETag is quoted", reply.etag);
  if (reply.status >= 400) return check_error(reply);
  if (reply.feed) {
    for (int i = 0; i < 2; ++i) check_event(reply.feed->next());
  } else if (reply.lasting.empty() && reply.type == std::string_view("application/json")) {
    holds(is_json(reply.body), "an answer is JSON", reply.body);
  }
}

class Server {
 public:
  Server()
      : session_(gate_.pages().open(gate_.pages().make_link(kNow_ms), kNow_ms)),
        reader_(session_, gate_.pages().make_link(kNow_ms)) {}

  void ask(std::string_view text) {
    Request request;
    reader_.read(text, request);
    std::size_t most = 0;
    auto refused = routes_.refuse(request.head, most);
    holds(refused || may_pass(request.head, session_), "who may not hear is not answered", text);
    if (refused) {
      holds(refused->status >= 400, "a refusal is one");
      return check_reply(*refused);
    }
    if (request.body.size() <= most) run(request);
  }

 private:
  static constexpr shm::i64 kNow_ms = test::TestIntake::kNow_ms;

  void run(const Request& request) {
    int answered = 0;
    const int before = intake_.observations;
    routes_.run(request.head, request.body, [&](HttpReply reply) {
      ++answered;
      holds(reply.status < 400 || intake_.observations == before, "what is refused changes nothing",
            reply.body);
      check_reply(reply);
    });
    holds(answered == 1, "a request has one answer", request.head.path);
  }

  test::TestIntake intake_;
  Queries queries_;
  collector::HttpGate gate_{{"all", "hand"}};
  collector::HttpRoutes routes_{intake_, queries_, gate_, [](const std::string&) {}};
  std::string session_;
  Reader reader_;
};

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  std::string_view rest = text_of(data, size);
  Server server;
  while (!rest.empty()) server.ask(take_until(rest, "\n====\n"));
  return 0;
}
