// SPDX-License-Identifier: MIT
// Telemetry over HTTP: in which form, answered when, and by whom.
#include "tests/serve/routes_fixture.hpp"
#include "tests/source/gzip.hpp"

namespace shmeter::collector {
namespace {

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
  EXPECT_EQ(lost.headers.at("retry-after"), "1");
}

TEST_F(HttpRoutesTest, WhileTooMuchWaitsNothingMoreIsTaken) {
  intake_.full = true;
  const std::string json = "Content-Type: application/json\r\n";
  const std::string event = R"({"session_id":"s","event_type":"message","id":"m1"})";
  for (const HttpGot& got : {post("/api/usage/events", event),
                             test::post(*client_, "/v1/logs", R"({"resourceLogs":[]})", json)}) {
    EXPECT_EQ(got.status, 503);
    EXPECT_EQ(error(got, "message"), "too much waits to be taken in; try again");
    EXPECT_EQ(got.headers.at("retry-after"), "1");
  }
  EXPECT_EQ(intake_.batches, 0);
  intake_.full = false;
  EXPECT_EQ(post("/api/usage/events", event).status, 200);
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

}  // namespace
}  // namespace shmeter::collector
