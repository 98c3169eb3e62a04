// SPDX-License-Identifier: MIT
// Every route, and what a wrong question is answered.
#include "collector/serve/http_routes.hpp"

#include <set>

#include "tests/serve/routes_fixture.hpp"

namespace shmeter::collector {
namespace {

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
