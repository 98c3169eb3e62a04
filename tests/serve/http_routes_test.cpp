// SPDX-License-Identifier: MIT
// Every route through a real socket, over a real model and a store that answers what it is told to.
#include "collector/serve/http_routes.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>
#include <tuple>

#include "collector/serve/dashboard_page.hpp"
#include "collector/serve/http_server.hpp"
#include "tests/serve/http_client.hpp"
#include "tests/serve/test_intake.hpp"
#include "tests/source/gzip.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using test::Client;
using test::get;
using test::HttpGot;
using test::post;

class TestQueries final : public UsageQueries {
 public:
  void ask(Question question, Parameters parameters, HttpAnswer answer) override {
    asked = question;
    given = std::move(parameters);
    HttpReply reply;
    reply.body = "{\"answered\":true}";
    answer(std::move(reply));
  }
  std::optional<Question> asked;
  Parameters given;
};

class HttpRoutesTest : public testing::Test {
 protected:
  HttpRoutesTest() {
    auto opened = HttpServer::open(loop_, dir_.path("http.sock"), routes_,
                                   [](const std::string& trouble) { ADD_FAILURE() << trouble; });
    EXPECT_TRUE(opened) << opened.error().message;
    server_ = std::move(*opened);
    client_.emplace(loop_, dir_.path("http.sock"));
  }

  HttpGot get(const std::string& target) { return test::get(*client_, target); }
  HttpGot post(const std::string& target, const std::string& body) {
    return test::post(*client_, target, body);
  }
  std::string error(const HttpGot& got, const char* member) {
    simdjson::dom::parser parser;
    std::string_view text;
    if (parser.parse(got.body)["error"][member].get(text) != simdjson::SUCCESS) return "(none)";
    return std::string(text);
  }

  shmeter::test::TempDir dir_;
  Loop loop_;
  test::TestIntake intake_;
  TestQueries queries_;
  HttpGate gate_{{"all", "hand"}};
  std::vector<std::string> said_;
  HttpRoutes routes_{intake_, queries_, gate_,
                     [this](const std::string& line) { said_.push_back(line); }};
  std::unique_ptr<HttpServer> server_;
  std::optional<Client> client_;
};

TEST_F(HttpRoutesTest, HealthSaysNothingOfAnybody) {
  const HttpGot got = get("/healthz");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.body, "{\"status\":\"ok\",\"version\":\"" SHMETER_VERSION "\"}");
  intake_.model().set_scan(1, 2, shm::Completeness::today_only);
  EXPECT_NE(get("/healthz").body.find("\"starting\""), std::string::npos);
}

TEST_F(HttpRoutesTest, EmptyIsNoError) {
  EXPECT_EQ(get("/api/sessions").body, "{\"sessions\":[]}");
  const HttpGot quota = get("/api/quota");
  EXPECT_EQ(quota.status, 200);
  EXPECT_NE(quota.body.find("\"five_hour\":null"), std::string::npos);
  EXPECT_EQ(get("/api/usage/allowed").body.find("{\"allowed\":null,"), 0u);
}

TEST_F(HttpRoutesTest, SessionsAndOneOfThem) {
  const std::string event = R"({"session_id":"s\u002d1","event_type":"tokens","value":7})";
  ASSERT_EQ(post("/api/usage/events", event).status, 200);
  const HttpGot all = get("/api/sessions");
  const HttpGot one = get("/api/sessions/s-1");
  ASSERT_EQ(one.status, 200);
  EXPECT_EQ(all.body, "{\"sessions\":[" + one.body + "]}");
  simdjson::dom::parser parser;
  std::int64_t output = 0;
  ASSERT_EQ(parser.parse(one.body)["output_tokens"].get(output), simdjson::SUCCESS);
  EXPECT_EQ(output, 7);
  for (const char* const unknown : {"/api/sessions/s-2", "/api/sessions/%22%3Cscript%3E"})
    EXPECT_EQ(get(unknown).status, 404) << unknown;
}

TEST_F(HttpRoutesTest, QuotaOfOneAccount) {
  const HttpGot one = get("/api/quota?account=my%20work");
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.body.find("/home/dev/.claude\""), std::string::npos);
  EXPECT_NE(get("/api/quota").body.find("/home/dev/.claude\""), std::string::npos);
  const HttpGot none = get("/api/quota?account=nobody");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(error(none, "field"), "account");
}

TEST_F(HttpRoutesTest, ThePictureHasItsNumber) {
  const std::string etag = get("/api/quota").headers.at("etag");
  EXPECT_EQ(etag, "\"7\"");
  EXPECT_EQ(test::get(*client_, "/api/quota", "If-None-Match: " + etag + "\r\n").status, 304);
  intake_.number = 8;
  EXPECT_EQ(test::get(*client_, "/api/quota", "If-None-Match: " + etag + "\r\n").status, 200);
}

TEST_F(HttpRoutesTest, AllowedNamesWhatItDoesNotUnderstand) {
  EXPECT_EQ(error(get("/api/usage/allowed?need=lots"), "field"), "need");
  EXPECT_EQ(get("/api/usage/allowed?account=nobody").status, 404);
  EXPECT_EQ(error(get("/api/usage/allowed?window=never"), "field"), "window");
  EXPECT_EQ(get("/api/usage/allowed?need=5%25&account=my%20work").status, 200);
}

TEST_F(HttpRoutesTest, QuestionsForTheStoreArePassedOn) {
  using Question = UsageQueries::Question;
  const std::pair<const char*, Question> routes[] = {
      {"/api/usage", Question::usage},
      {"/api/usage?account=a", Question::usage},
      {"/api/usage?limit=5", Question::events},
      {"/api/usage?account=a&sessionId=x", Question::events},
      {"/api/usage/stats", Question::stats},
      {"/api/usage/history?granularity=day", Question::history},
      {"/api/usage/summary", Question::summary},
      {"/api/usage/timeline", Question::timeline}};
  for (const auto& [target, question] : routes) {
    queries_.asked.reset();
    EXPECT_EQ(get(target).body, "{\"answered\":true}") << target;
    EXPECT_EQ(queries_.asked, question) << target;
  }
  get("/api/usage?sessionId=a%2Fb&after=1");
  EXPECT_EQ(queries_.given, (UsageQueries::Parameters{{"sessionId", "a/b"}, {"after", "1"}}));
}

TEST_F(HttpRoutesTest, EventsAreAnsweredWhenTheyAreDurable) {
  intake_.holds = true;
  const std::string two = R"([{"session_id":"s","event_type":"message","id":"m1"},)"
                          R"({"session_id":"s","event_type":"tool_call","id":"t1"}])";
  EXPECT_EQ(post("/api/usage/events", two).status, 0);
  intake_.release();
  EXPECT_EQ(test::next_answer(*client_).body, R"({"ids":["m1","t1"]})");
  EXPECT_EQ(intake_.observations, 2);
}

TEST_F(HttpRoutesTest, TelemetryIsAnsweredWhenItIsDurable) {
  const std::string json = "Content-Type: application/json; charset=utf-8\r\n";
  const auto body = [](int number, const char* signal) {
    return shmeter::test::contents(SHMETER_TEST_DATA "/otlp/" + std::to_string(number) + signal);
  };
  intake_.holds = true;
  EXPECT_EQ(test::post(*client_, "/v1/logs", body(3, "-logs.json"), json).status, 0);
  intake_.release();
  const HttpGot taken = test::next_answer(*client_);
  EXPECT_EQ(taken.status, 200);
  EXPECT_EQ(taken.body, "{}");
  EXPECT_EQ(taken.headers.at("content-type"), "application/json");
  intake_.holds = false;
  EXPECT_EQ(test::post(*client_, "/v1/metrics", body(4, "-metrics.json"), json).body, "{}");
  EXPECT_GT(intake_.observations, 2);

  const std::string future =
      R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[)"
      R"({"key":"event.name","value":{"stringValue":"api_request"}},)"
      R"({"key":"session.id","value":{"stringValue":"s"}},{"key":)"
      R"("event.timestamp","value":{"stringValue":"2099-01-01T00:00:00Z"}}]}]}]}]})";
  EXPECT_EQ(test::post(*client_, "/v1/logs", future, json).body,
            R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":)"
            R"("api_request.event.timestamp: in the future"}})");
  intake_.stored = fail(Errc::unavailable, "disk full");
  const HttpGot lost = test::post(*client_, "/v1/logs", body(3, "-logs.json"), json);
  EXPECT_EQ(lost.status, 503);
  EXPECT_EQ(lost.headers.at("retry-after"), "5");
}

TEST_F(HttpRoutesTest, TelemetryInAnotherFormChangesNothing) {
  const std::string json = "Content-Type: application/json\r\n";
  const struct {
    std::string headers, body;
    int status;
  } rows[] = {
      {"", "{}", 415},
      {"Content-Type: application/x-protobuf\r\n", "{}", 415},
      {json + "Content-Encoding: br\r\n", "{}", 415},
      {json + "Content-Encoding: gzip\r\n", "{}", 400},
      {json, "{", 400},
      {json, R"({"resourceSpans":[]})", 400},
      {json + "Content-Encoding: identity\r\n", "{}", 200},
      {"content-type: APPLICATION/JSON ; charset=utf-8\r\n", "{}", 200},
  };
  for (const auto& row : rows) {
    for (const char* const path : {"/v1/logs", "/v1/metrics"})
      EXPECT_EQ(test::post(*client_, path, row.body, row.headers).status, row.status)
          << path << ' ' << row.headers;
  }
  EXPECT_EQ(intake_.observations, 0);
}

TEST_F(HttpRoutesTest, PackedTelemetryIsUnpackedUpToABound) {
  const std::string packed = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";
  const std::string logs = shmeter::test::contents(SHMETER_TEST_DATA "/otlp/3-logs.json");
  EXPECT_EQ(test::post(*client_, "/v1/logs", shmeter::test::gzip(logs), packed).body, "{}");
  EXPECT_GT(intake_.observations, 0);
  const std::string bomb = shmeter::test::gzip(std::string(OtlpIntake::kMostBytes + 1, ' '));
  EXPECT_EQ(test::post(*client_, "/v1/logs", bomb, packed).status, 413);
}

TEST_F(HttpRoutesTest, TelemetryWithoutATokenIsSaidOnce) {
  auto listening = server_->listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(listening);
  for (int i = 0; i < 3; ++i) {
    Client tcp(loop_, server_->tcp_port());
    const HttpGot got = test::post(tcp, "/v1/logs", "{}", "Authorization: Bearer old\r\n");
    EXPECT_EQ(got.status, 401);
    EXPECT_NE(error(got, "message").find("shmeter setup otel"), std::string::npos);
  }
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_NE(said_[0].find("shmeter setup otel"), std::string::npos);
}

TEST_F(HttpRoutesTest, EventsThatCouldNotBeStoredAreNotAcknowledged) {
  intake_.stored = fail(Errc::unavailable, "disk full");
  const HttpGot got =
      post("/api/usage/events", R"({"session_id":"s","event_type":"message","id":"m1"})");
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(error(got, "message"), "not stored: disk full");
  EXPECT_EQ(got.headers.at("retry-after"), "1");
}

TEST_F(HttpRoutesTest, AWrongEventNamesItsMember) {
  const HttpGot got =
      post("/api/usage/events", R"([{"session_id":"s","event_type":"message"},)"
                                R"({"session_id":"s","event_type":"tokens","value":-1}])");
  EXPECT_EQ(got.status, 400);
  EXPECT_EQ(error(got, "field"), "[1].value");
  for (const char* const none : {"", "{", "[[[[", "null", "7"})
    EXPECT_EQ(post("/api/usage/events", none).status, 400) << none;
  EXPECT_EQ(intake_.observations, 0);
}

TEST_F(HttpRoutesTest, WhatIsNotThereAndWhatIsNotDoneThere) {
  const HttpGot nothing = get("/api/nothing");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_EQ(error(nothing, "code"), "not_found");
  const HttpGot wrong = post("/api/usage/stats", "{}");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.at("allow"), "GET, HEAD");
  EXPECT_EQ(get("/api/usage/events").headers.at("allow"), "POST");
}

TEST_F(HttpRoutesTest, TheStreamIsThePictureAndThenWhatChanges) {
  const std::string ask = "GET /api/stream HTTP/1.1\r\nHost: localhost\r\n";
  client_->send(ask + "\r\n");
  EXPECT_NE(client_->receive().find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(client_->receive().find("id: 7\ndata: {\"schema\":1,"), std::string::npos);
  client_->receive().clear();
  Client poster(loop_, dir_.path("http.sock"));
  const std::string event = R"({"session_id":"s-1","event_type":"tokens","value":7})";
  ASSERT_EQ(test::post(poster, "/api/usage/events", event).status, 200);
  intake_.number = 8;
  server_->changed();
  EXPECT_NE(client_->receive().find("id: 8\ndata: {"), std::string::npos);
  EXPECT_NE(client_->receive().find("\"session_id\":\"s-1\""), std::string::npos);

  Client resumed(loop_, dir_.path("http.sock"));
  resumed.send(ask + "Last-Event-ID: 8\r\n\r\n");
  EXPECT_EQ(resumed.receive().find("data: "), std::string::npos) << "it has all of that";
  Client behind(loop_, dir_.path("http.sock"));
  behind.send(ask + "Last-Event-ID: 7\r\n\r\n");
  EXPECT_NE(behind.receive().find("id: 8\ndata: {\"schema\":1,"), std::string::npos);
}

TEST_F(HttpRoutesTest, UnknownAndRepeatedParametersAreNamed) {
  for (const auto& [target, field] : {std::pair{"/api/quota?acount=x", "acount"},
                                      {"/api/quota?account=my%20work&account=x", "account"},
                                      {"/api/usage/allowed?sessionId=s", "sessionId"},
                                      {"/metrics?x", "x"},
                                      {"/api/usage?granularity=day", "granularity"},
                                      {"/healthz?a=1&b=2", "a"}}) {
    const HttpGot got = get(target);
    EXPECT_EQ(got.status, 400) << target;
    EXPECT_EQ(error(got, "field"), field) << target;
  }
}

TEST_F(HttpRoutesTest, TheDescriptionHasTheseRoutesAndNoOthers) {
  simdjson::dom::parser parser;
  const HttpGot got = get("/api/openapi.json");
  simdjson::dom::object paths;
  ASSERT_EQ(parser.parse(got.body)["paths"].get(paths), simdjson::SUCCESS);
  std::set<std::string> described, known;
  for (const auto& [path, methods] : paths) {
    for (const auto& [method, what] : simdjson::dom::object(methods)) {
      std::string one = std::string(method) + ' ' + std::string(path);
      for (const auto parameter : simdjson::dom::array(what["parameters"]))
        if (std::string_view(parameter["in"]) == "query")
          one += ' ' + std::string(std::string_view(parameter["name"]));
      described.insert(one);
    }
  }
  for (const HttpRoutes::Known& route : HttpRoutes::all()) {
    std::string one = route.method == HttpMethod::post ? "post " : "get ";
    one.append(route.path).append(route.path.size() > 1 && route.path.ends_with('/') ? "{id}" : "");
    known.insert(route.parameters.empty() ? one : one.append(" ").append(route.parameters));
  }
  EXPECT_EQ(described, known);
}

TEST_F(HttpRoutesTest, MetricsAreText) {
  const HttpGot got = get("/metrics");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.headers.at("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(got.body.find("\nshmeter_build_info{version=\"" SHMETER_VERSION "\"} 1\n"),
            std::string::npos);
}

TEST_F(HttpRoutesTest, MetricsInTheNewerFormWhenItIsAskedFor) {
  const HttpGot got =
      test::get(*client_, "/metrics", "Accept: application/openmetrics-text;version=1.0.0\r\n");
  EXPECT_EQ(got.headers.at("content-type"),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(got.body.ends_with("\n# EOF\n")) << got.body;
}

TEST_F(HttpRoutesTest, TheDashboardIsThereWithoutACookieOverTheUnixSocket) {
  const HttpGot got = get("/");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(got.headers.at("content-security-policy"),
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src "
            "'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  EXPECT_EQ(got.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(got.headers.at("referrer-policy"), "no-referrer");
  EXPECT_EQ(got.headers.at("cache-control"), "private, no-cache");
  EXPECT_TRUE(got.body.starts_with("<!doctype html>"));
  EXPECT_TRUE(got.body.ends_with("</html>\n"));
  for (const auto& [path, type, begins] :
       {std::tuple{"/dashboard.css", "text/css; charset=utf-8", "/* SPDX"},
        {"/dashboard.js", "text/javascript; charset=utf-8", "// SPDX"},
        {"/dashboard/format.js", "text/javascript; charset=utf-8", "// SPDX"},
        {"/chart.js", "text/javascript; charset=utf-8", "/*!\n * Chart.js v3."}}) {
    const HttpGot file = get(path);
    EXPECT_EQ(file.status, 200) << path;
    EXPECT_EQ(file.headers.at("content-type"), type) << path;
    EXPECT_TRUE(file.body.starts_with(begins)) << path;
    const std::string etag = "If-None-Match: " + file.headers.at("etag") + "\r\n";
    EXPECT_EQ(test::get(*client_, path, etag).status, 304) << path;
  }
  EXPECT_EQ(get("/dashboard/nothing.js").status, 404);
  EXPECT_EQ(get("/dashboard/").status, 404);
  EXPECT_EQ(get("/?page=2").status, 400);
}

/// Everything that the page loads by name is there.
TEST_F(HttpRoutesTest, TheDashboardLoadsWhatIsThereAndNothingFromElsewhere) {
  for (const DashboardFile& file : dashboard_files()) {
    if (file.path == "/chart.js") continue;
    std::string_view rest = file.bytes;
    for (const char quote : {'"', '\''}) {
      rest = file.bytes;
      for (auto at = rest.find(quote); at != rest.npos; at = rest.find(quote)) {
        rest.remove_prefix(at + 1);
        std::string_view name = rest.substr(0, rest.find(quote));
        if (!name.ends_with(".js") && !name.ends_with(".css")) continue;
        std::string path(name.starts_with("./") && file.path != "/dashboard.js"
                             ? "/dashboard" + std::string(name.substr(1))
                             : name.substr(name.starts_with('.') ? 1 : 0));
        EXPECT_TRUE(dashboard_file(path)) << file.path << " loads " << name;
      }
    }
    EXPECT_EQ(file.bytes.find("https://"), file.bytes.npos) << file.path;
    EXPECT_EQ(file.bytes.find("innerHTML"), file.bytes.npos) << file.path;
  }
}

TEST_F(HttpRoutesTest, ALinkOpensOnceSetsACookieAndLeavesNoTrace) {
  ASSERT_TRUE(server_->listen_tcp("127.0.0.1:0"));
  gate_.set_port(server_->tcp_port());
  const std::string port = std::to_string(server_->tcp_port());
  const auto ask = [&](const std::string& target, const std::string& headers = {}) {
    Client client(loop_, server_->tcp_port());
    return test::get(client, target, headers);
  };
  const std::string link = "/?once=" + gate_.pages().make_link(intake_.now_ms());

  Client lured(loop_, server_->tcp_port());
  lured.send("GET " + link + " HTTP/1.1\r\nHost: evil.example:" + port + "\r\n\r\n");
  EXPECT_EQ(test::next_answer(lured).status, 403) << "and the link is not used up";

  const HttpGot opened = ask(link);
  EXPECT_EQ(opened.status, 303);
  EXPECT_EQ(opened.headers.at("location"), "/");
  EXPECT_EQ(opened.headers.at("cache-control"), "no-store");
  EXPECT_EQ(opened.body, "");
  const std::string set = opened.headers.at("set-cookie");
  ASSERT_TRUE(set.starts_with("shmeter-" + port + "=")) << set;
  EXPECT_TRUE(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict")) << set;
  const std::string cookie = "Cookie: a=b; " + set.substr(0, set.find(';')) + "\r\n";

  EXPECT_EQ(ask("/", cookie).status, 200);
  EXPECT_EQ(ask("/api/quota", cookie).status, 200);
  EXPECT_EQ(ask("/api/quota", cookie + "Sec-Fetch-Site: same-site\r\n").status, 403);
  const std::string event = R"({"session_id":"s","event_type":"message","id":"m1"})";
  Client writer(loop_, server_->tcp_port());
  EXPECT_EQ(test::post(writer, "/api/usage/events", event, cookie).status, 403);
  EXPECT_EQ(intake_.observations, 0);

  for (const std::string& target : {link, std::string("/?once=guess"), std::string("/")}) {
    const HttpGot closed = ask(target);
    EXPECT_EQ(closed.status, 401) << target;
    EXPECT_EQ(closed.headers.at("content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(closed.headers.at("cache-control"), "no-store");
    EXPECT_FALSE(closed.headers.contains("set-cookie"));
    EXPECT_NE(closed.body.find("<code>shmeter dashboard</code>"), std::string::npos);
  }
  for (const char* const path : {"/dashboard.js", "/chart.js", "/dashboard/format.js"})
    EXPECT_EQ(ask(path).status, 401) << path;

  gate_.set_tokens({"rotated", "hand"});
  EXPECT_EQ(ask("/", cookie).status, 401);
  EXPECT_EQ(ask("/api/quota", cookie).status, 401);
  EXPECT_EQ(ask("/", "Authorization: Bearer rotated\r\n").status, 200);
}

TEST_F(HttpRoutesTest, OverTcpATokenIsNeeded) {
  ASSERT_TRUE(server_->listen_tcp("127.0.0.1:0"));
  Client tcp(loop_, server_->tcp_port());
  EXPECT_EQ(test::get(tcp, "/healthz").status, 200);
  const HttpGot refused = test::get(tcp, "/api/quota");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.headers.at("www-authenticate"), "Bearer");
  EXPECT_EQ(test::get(tcp, "/api/nothing").status, 401) << "nor what there is";
  EXPECT_EQ(test::get(tcp, "/api/quota", "Authorization: Bearer all\r\n").status, 200);
  EXPECT_EQ(test::get(tcp, "/api/quota", "Authorization: Bearer hand\r\n").status, 403);
  const std::string event = R"({"session_id":"s","event_type":"message","id":"m1"})";
  EXPECT_EQ(test::post(tcp, "/api/usage/events", event, "Authorization: Bearer hand\r\n").status,
            200);
  Client stranger(loop_, server_->tcp_port());
  EXPECT_EQ(test::post(stranger, "/api/usage/events", event).status, 401);
}

}  // namespace
}  // namespace shmeter::collector
