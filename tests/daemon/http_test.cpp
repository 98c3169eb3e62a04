// SPDX-License-Identifier: MIT
// The real collector as curl sees it: over its unix socket always, over TCP once the configuration
// says so, and with whose token.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <random>

#include "collector/command/http_tokens.hpp"
#include "collector/loop/fd.hpp"
#include "tests/daemon/daemon_fixture.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using collector::load_tokens;
using collector::rotate_tokens;
using test::append;
using test::contents;
using test::DaemonTest;
using test::line;
using test::Process;

struct Got {
  int status = 0;
  std::string body;
};

/// A port that was free a moment ago.
std::uint16_t free_port() {
  const collector::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

class HttpTest : public DaemonTest {
 protected:
  std::string transcript() const { return dir_.path("cfg/projects/-p/live.jsonl"); }
  std::string state(const std::string& name) const {
    return dir_.path("home/.local/state/shmeter/" + name);
  }
  void configure(const std::string& toml) const {
    fs::create_directories(dir_.path("home/.config/shmeter"));
    std::ofstream(dir_.path("home/.config/shmeter/config.toml")) << toml;
  }
  void start_and_wait() {
    start_daemon();
    ASSERT_TRUE(wait_for([&] { return fs::exists(dir_.path("rt/http.sock")); }))
        << contents(output("daemon"));
    ASSERT_TRUE(wait_for([&] { return complete(); }));
  }
  Got curl(std::vector<std::string> words) const {
    const std::string to = output("curl");
    fs::remove(to);
    words.insert(words.begin(), {"curl", "-sS", "-m", "20", "-w", "\n%{http_code}"});
    Process(words, environment(), to).wait();
    std::string text = contents(to);
    Got got;
    const auto newline = text.rfind('\n');
    if (newline == std::string::npos) return got;
    got.status = std::atoi(text.c_str() + newline + 1);
    got.body = text.substr(0, newline);
    return got;
  }
  Got local(const std::string& target, std::vector<std::string> more = {}) const {
    more.insert(more.end(),
                {"--unix-socket", dir_.path("rt/http.sock"), "http://localhost" + target});
    return curl(std::move(more));
  }
  Got tcp(std::uint16_t port, const std::string& target, const std::string& token) const {
    std::vector<std::string> words = {"http://127.0.0.1:" + std::to_string(port) + target};
    if (!token.empty()) words.insert(words.end(), {"-H", "Authorization: Bearer " + token});
    return curl(words);
  }
  /// Sockets of the collector that listen on TCP.
  int listening() const {
    std::set<std::string> ours;
    for (const auto& fd :
         fs::directory_iterator("/proc/" + std::to_string(daemon_->pid()) + "/fd")) {
      std::error_code ignored;
      const std::string to = fs::read_symlink(fd.path(), ignored).string();
      if (to.starts_with("socket:[")) ours.insert(to.substr(8, to.size() - 9));
    }
    int count = 0;
    for (const char* const table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      std::ifstream in(table);
      std::string row;
      std::getline(in, row);
      while (std::getline(in, row)) {
        std::istringstream words(row);
        const std::vector<std::string> all{std::istream_iterator<std::string>(words), {}};
        if (all.size() > 9 && all[3] == "0A" && ours.contains(all[9])) ++count;
      }
    }
    return count;
  }
};

TEST_F(HttpTest, OverTheUnixSocketAlwaysAndNoPortIsOpen) {
  append(transcript(), line("a", 100));
  start_and_wait();
  EXPECT_EQ(local("/healthz").body, "{\"status\":\"ok\",\"version\":\"" SHMETER_VERSION "\"}");
  EXPECT_EQ(listening(), 0);
  EXPECT_FALSE(fs::exists(state("http.token"))) << "no secret where none is needed";
  const Got session = local("/api/sessions/live");
  EXPECT_EQ(session.status, 200);
  EXPECT_NE(session.body.find("\"input_tokens\":100,"), std::string::npos) << session.body;
  EXPECT_EQ(local("/api/sessions/nobody").status, 404);
}

/// What `shmeter dashboard` prints, cut at the port and at the secret.
struct Link {
  std::uint16_t port = 0;
  std::string target;
};
Link parse_link(const std::string& said) {
  const std::string begin = "http://127.0.0.1:";
  if (!said.starts_with(begin)) return {};
  const auto slash = said.find('/', begin.size());
  return {static_cast<std::uint16_t>(std::stoi(said.substr(begin.size()))),
          said.substr(slash, said.find('\n') - slash)};
}

class DashboardTest : public HttpTest {
 protected:
  Link ask_for_link() {
    std::string said;
    EXPECT_EQ(run({"dashboard", "--print"}, said), 0) << said;
    return parse_link(said);
  }
  /// Follows the link and keeps its cookie for visit().
  int open(const Link& link) {
    return curl({"-c", output("cookies"),
                 "http://127.0.0.1:" + std::to_string(link.port) + link.target})
        .status;
  }
  int visit(std::uint16_t port, const std::string& target, std::vector<std::string> more = {}) {
    more.insert(more.end(),
                {"-b", output("cookies"), "http://127.0.0.1:" + std::to_string(port) + target});
    return curl(more).status;
  }
};

TEST_F(DashboardTest, ListensOnceSomebodyAsksAndKeepsThePort) {
  start_and_wait();
  EXPECT_EQ(listening(), 0);
  const Link link = ask_for_link();
  ASSERT_NE(link.port, 0);
  EXPECT_EQ(listening(), 1);
  EXPECT_EQ(visit(link.port, "/"), 401) << "it has no cookie yet";
  EXPECT_EQ(open(link), 303);
  EXPECT_EQ(visit(link.port, "/"), 200);
  EXPECT_EQ(visit(link.port, "/api/usage/summary"), 200);
  EXPECT_EQ(visit(link.port, "/api/usage/events",
                  {"-d", R"({"session_id":"s1","event_type":"message","id":"m1"})"}),
            403);
  EXPECT_EQ(visit(link.port, link.target), 401) << "a link opens once";
  EXPECT_EQ(ask_for_link().port, link.port);
  EXPECT_EQ(listening(), 1);
  std::string said;
  EXPECT_EQ(run({"daemon", "reload"}, said), 0) << said;
  EXPECT_EQ(visit(link.port, "/"), 200) << "a reload closes nothing";
}

TEST_F(DashboardTest, WhatTheConfigurationSaysWins) {
  const std::uint16_t port = free_port();
  const std::string listen = "[http]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\n";
  configure(listen);
  start_and_wait();
  const Link link = ask_for_link();
  EXPECT_EQ(link.port, port);
  EXPECT_EQ(open(link), 303);
  EXPECT_EQ(visit(port, "/"), 200);
  // No longer asked for: nobody listens, until somebody wants the page.
  configure("");
  std::string said;
  EXPECT_EQ(run({"daemon", "reload"}, said), 0) << said;
  EXPECT_EQ(listening(), 0);
  const Link other = ask_for_link();
  EXPECT_EQ(open(other), 303);
  // And asked for again, it moves there.
  configure(listen);
  EXPECT_EQ(run({"daemon", "reload"}, said), 0) << said;
  EXPECT_EQ(listening(), 1);
  EXPECT_EQ(ask_for_link().port, port);
}

TEST_F(DashboardTest, NewTokensClosePagesAndWhatTheyListenTo) {
  start_and_wait();
  const Link link = ask_for_link();
  ASSERT_EQ(open(link), 303);
  Process stream({"curl", "-sN", "-b", output("cookies"),
                  "http://127.0.0.1:" + std::to_string(link.port) + "/api/stream"},
                 environment(), output("stream"));
  ASSERT_TRUE(wait_for([&] { return contents(output("stream")).starts_with("id: "); }));
  std::string said;
  EXPECT_EQ(run({"token", "rotate"}, said), 0) << said;
  EXPECT_EQ(visit(link.port, "/"), 401);
  EXPECT_NE(stream.wait(), 0) << "it was let go in the middle of it";
  EXPECT_EQ(open(ask_for_link()), 303);
}

TEST_F(HttpTest, WithoutACollectorThereIsNoDashboard) {
  std::string said;
  EXPECT_EQ(run({"dashboard"}, said), 69);
  EXPECT_NE(said.find("no collector is running"), std::string::npos) << said;
}

TEST_F(HttpTest, WhatWasPostedIsInEveryAnswerAfterIt) {
  start_and_wait();
  EXPECT_NE(local("/api/usage").body.find("\"input_tokens_used\":0,"), std::string::npos);
  const std::string event = R"({"session_id":"s1","event_type":"tokens","input_tokens":40,)"
                            R"("output_tokens":2,"id":"e1","model":"claude-sonnet-5-5"})";
  for (int i = 0; i < 2; ++i) {
    const Got posted = local("/api/usage/events", {"-d", event});
    EXPECT_EQ(posted.status, 200);
    EXPECT_EQ(posted.body, R"({"ids":["e1"]})");
  }
  EXPECT_NE(local("/api/usage").body.find("\"input_tokens_used\":40,"), std::string::npos);
  const Got events = local("/api/usage?sessionId=s1");
  EXPECT_EQ(events.status, 200);
  EXPECT_NE(events.body.find("\"value\":42,"), std::string::npos) << events.body;
  EXPECT_NE(local("/api/usage/stats").body.find("\"requests\":1,"), std::string::npos);
  for (const char* const route :
       {"/api/usage/history?granularity=day", "/api/usage/summary", "/api/usage/timeline",
        "/api/usage/allowed", "/api/quota", "/api/sessions"})
    EXPECT_EQ(local(route).status, 200) << route;
  const Got wrong = local("/api/usage?limit=0");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.body.find("\"field\":\"limit\""), std::string::npos) << wrong.body;
}

using Element = simdjson::dom::element;

/// What of `value` is not as `schema` says; empty = nothing.
std::string misfit(Element value, Element schema, Element schemas) {
  std::string_view name;
  if (schema["$ref"].get(name) == simdjson::SUCCESS)
    return misfit(value, schemas[name.substr(name.rfind('/') + 1)], schemas);
  simdjson::dom::array choices;
  if (schema["oneOf"].get(choices) == simdjson::SUCCESS) {
    std::string all;
    for (const Element choice : choices) {
      const std::string one = misfit(value, choice, schemas);
      if (one.empty()) return {};
      all += one + " / ";
    }
    return all;
  }
  std::string types = simdjson::minify(schema["type"].value());
  const auto is = [&](const char* type) { return types.find(type) != std::string::npos; };
  if (value.is_null()) return is("null") ? "" : "is null";
  if (value.is_array()) {
    if (!is("array")) return "is an array";
    Element items;
    if (schema["items"].get(items) != simdjson::SUCCESS) return {};
    for (const Element one : simdjson::dom::array(value))
      if (const auto what = misfit(one, items, schemas); !what.empty()) return "[]: " + what;
    return {};
  }
  if (!value.is_object()) {
    const bool fits = value.is_string()                       ? is("string")
                      : value.is_bool()                       ? is("boolean")
                      : value.is_int64() || value.is_uint64() ? is("integer") || is("number")
                                                              : is("number");
    return fits ? "" : "is " + simdjson::minify(value) + " and not " + types;
  }
  if (!is("object")) return "is an object";
  simdjson::dom::object properties;
  if (schema["properties"].get(properties) != simdjson::SUCCESS) return {};
  std::size_t known = 0;
  for (const auto& [member, its] : properties) {
    Element there;
    if (value[member].get(there) != simdjson::SUCCESS) continue;
    ++known;
    if (const auto what = misfit(there, its, schemas); !what.empty())
      return std::string(member) + ": " + what;
  }
  simdjson::dom::array required;
  if (schema["required"].get(required) == simdjson::SUCCESS)
    for (const std::string_view member : required)
      if (value[member].error() != simdjson::SUCCESS) return std::string(member) + ": is missing";
  const bool whole = schema["description"].error() != simdjson::SUCCESS;  // else it says where
  if (whole && known != simdjson::dom::object(value).size()) return "has more than is described";
  return {};
}

TEST_F(HttpTest, AnswersAreAsTheyAreDescribed) {
  fs::copy(SHMETER_TEST_DATA "/claude-config", dir_.path("cfg"),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  start_and_wait();
  simdjson::dom::parser description;
  const std::string text = local("/api/openapi.json").body;
  const Element api = description.parse(text);
  const Element schemas = api["components"]["schemas"];
  const auto fits = [&](const std::string& target) {
    const std::string path = target.starts_with("/api/sessions/")
                                 ? "/api/sessions/{id}"
                                 : target.substr(0, target.find('?'));
    simdjson::dom::parser parser;
    const Got got = local(target);
    EXPECT_EQ(got.status, 200) << target;
    const std::string body = got.body;
    EXPECT_EQ(misfit(parser.parse(body),
                     api["paths"].at_key(
                         path)["get"]["responses"]["200"]["content"]["application/json"]["schema"],
                     schemas),
              "")
        << target << '\n'
        << body;
  };
  const std::string event =
      R"({"session_id":"s1","event_type":"tokens","input_tokens":40,"output_tokens":2,)"
      R"("key":"ci","endpoint":"batch","latency_ms":12,"is_error":true})";
  ASSERT_EQ(local("/api/usage/events", {"-d", event}).status, 200);
  for (const char* const target : {"/healthz",
                                   "/api/quota",
                                   "/api/sessions",
                                   "/api/sessions/s1",
                                   "/api/usage",
                                   "/api/usage?limit=1000",
                                   "/api/usage?eventType=compute",
                                   "/api/usage?before=1",
                                   "/api/usage/allowed",
                                   "/api/usage/allowed?need=5%25",
                                   "/api/usage/history",
                                   "/api/usage/history?granularity=month",
                                   "/api/usage/history?before=1",
                                   "/api/usage/stats",
                                   "/api/usage/stats?before=1",
                                   "/api/usage/summary",
                                   "/api/usage/summary?before=1",
                                   "/api/usage/summary?period=day",
                                   "/api/usage/timeline",
                                   "/api/usage/timeline?period=day&groupBy=hour"})
    fits(target);
  simdjson::dom::parser parser;
  const std::string error = local("/api/usage?limit=0").body;
  EXPECT_EQ(misfit(parser.parse(error), schemas["Error"], schemas), "") << error;
}

/// The description of the API, and whether an answer is as it says.
class Description {
 public:
  explicit Description(const std::string& text) : root_(parser_.parse(text)) {}

  /// Calls `visit(path, parameters)` for each route that is asked with GET.
  template <class Visit>
  void each_get(Visit&& visit) const {
    for (const auto& [path, methods] : simdjson::dom::object(root_["paths"])) {
      Element get;
      if (methods["get"].get(get) != simdjson::SUCCESS) continue;
      std::vector<std::string> names;
      simdjson::dom::array parameters;
      if (get["parameters"].get(parameters) == simdjson::SUCCESS)
        for (const Element parameter : parameters)
          if (std::string_view(parameter["in"]) == "query")
            names.emplace_back(std::string_view(parameter["name"]));
      visit(std::string(path), names);
    }
  }

  /// What of the answer is not as it is described; empty = nothing.
  std::string misfit_of(const std::string& path, const char* method, const Got& got) const {
    Element responses = root_["paths"].at_key(path)[method]["responses"];
    Element response;
    if (responses[std::to_string(got.status)].get(response) != simdjson::SUCCESS)
      return "status " + std::to_string(got.status) + " is not described";
    if (response["$ref"].error() == simdjson::SUCCESS)
      response = root_["components"]["responses"]["Error"];
    Element json;
    if (response["content"]["application/json"].get(json) != simdjson::SUCCESS) return {};
    simdjson::dom::parser parser;
    Element body;
    if (parser.parse(got.body).get(body) != simdjson::SUCCESS) return "no JSON";
    return misfit(body, json["schema"], root_["components"]["schemas"]);
  }

 private:
  simdjson::dom::parser parser_;
  Element root_;
};

/// A body of telemetry, of now; `more` are attributes.
std::string otlp_logs(const std::vector<std::pair<std::string, std::string>>& events) {
  std::string records;
  for (const auto& [name, more] : events) {
    std::string attributes;
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"event.name", name},
                                     {"session.id", "s1"},
                                     {"event.timestamp", test::now_text()}})
      attributes += R"({"key":")" + key + R"(","value":{"stringValue":")" + value + R"("}},)";
    records += (records.empty() ? "" : ",") + (R"({"attributes":[)" + attributes) + more + "]}";
  }
  return R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[)" + records + "]}]}]}";
}
std::string attribute(const std::string& key, const std::string& value) {
  return R"({"key":")" + key + R"(","value":{"stringValue":")" + value + R"("}})";
}

/// Right and wrong for one parameter or another.
constexpr const char* kValues[] = {
    "",      "s1",        "nobody", "main", "tokens",     "compute", "day",        "week",
    "month", "hour",      "1",      "1000", "2026-11-01", "0",       "4000000000", "5%25",
    "$1.50", "five_hour", "%00%ff", "x%22", "%E4%BD%A0",  "-1"};

class DescribedTest : public HttpTest {
 protected:
  void post(const Description& api, const char* path, const std::string& body, int status,
            const char* type = "Content-Type: application/json") {
    const Got got = local(path, {"-H", type, "--data-binary", body});
    EXPECT_EQ(got.status, status) << got.body;
    EXPECT_EQ(api.misfit_of(path, "post", got), "") << path << '\n' << got.body;
  }
  /// Of one client after another, which is far quicker than a client each.
  std::vector<Got> all_of(const std::vector<std::string>& targets) const {
    const std::string to = output("curl");
    fs::remove(to);
    std::vector<std::string> words = {"curl",
                                      "-sS",
                                      "-g",
                                      "-m",
                                      "20",
                                      "-w",
                                      "\n%{http_code}\x1e",
                                      "--unix-socket",
                                      dir_.path("rt/http.sock")};
    for (const std::string& target : targets) words.push_back("http://localhost" + target);
    Process(words, environment(), to).wait();
    std::istringstream in(contents(to));
    std::vector<Got> all;
    for (std::string one; std::getline(in, one, '\x1e');) {
      const auto newline = one.rfind('\n');
      all.push_back({std::atoi(one.c_str() + newline + 1), one.substr(0, newline)});
    }
    return all;
  }
  void post_everything(const Description& api) {
    const std::string request =
        attribute("request_id", "req_1") + ',' + attribute("input_tokens", "40") + ',' +
        attribute("duration_ms", "12") + ',' + attribute("query_source", "generate_session_title");
    post(api, "/v1/logs",
         otlp_logs({{"api_request", request},
                    {"api_error", attribute("status_code", "529")},
                    {"tool_result", attribute("tool_use_id", "toolu_1")},
                    {"user_prompt", attribute("prompt.id", "p1")}}),
         200);
    const std::string refused =
        otlp_logs({{"api_request", request + ',' + attribute("output_tokens", "-1")}});
    post(api, "/v1/logs", refused, 200);
    for (const char* const path : {"/v1/logs", "/v1/metrics"}) {
      post(api, path, "{", 400);
      post(api, path, "{}", 415, "Content-Type: application/x-protobuf");
    }
    const std::string metrics = contents(SHMETER_TEST_DATA "/otlp/4-metrics.json");
    post(api, "/v1/metrics", metrics, 200);
    std::string wrong = metrics;
    wrong.replace(wrong.find("session.id"), 10, "session.no");
    post(api, "/v1/metrics", wrong, 200);
    post(api, "/api/usage/events", R"([{"session_id":"s1","event_type":"compute","value":2}])",
         200);
    post(api, "/api/usage/events", R"([{"session_id":"s1"}])", 400);
  }
};

TEST_F(DescribedTest, EveryAnswerAfterTelemetryIsAsItIsDescribed) {
  append(transcript(), line("a", 100));
  start_and_wait();
  const Description api(local("/api/openapi.json").body);
  post_everything(api);
  const std::string summary = local("/api/usage/summary").body;
  EXPECT_NE(summary.find("\"endpoint\":\"generate_session_title\""), std::string::npos) << summary;
  EXPECT_NE(summary.find("\"p50Ms\":12"), std::string::npos) << summary;

  std::mt19937 random(20261122);
  const auto any_value = [&] { return std::string(kValues[random() % std::size(kValues)]); };
  std::size_t asked = 0;
  api.each_get([&](const std::string& path, const std::vector<std::string>& parameters) {
    if (path == "/api/stream") return;  // never ends
    const std::string to = path.substr(0, path.find("{id}")) + (path.ends_with("{id}") ? "s1" : "");
    std::vector<std::string> targets = {to};
    for (const std::string& name : parameters) {
      for (const char* const value : kValues) targets.push_back(to + '?' + name + '=' + value);
      const std::string& other = parameters[random() % parameters.size()];
      targets.push_back(to + '?' + name + '=' + any_value() + '&' + other + '=' + any_value());
    }
    const std::vector<Got> answers = all_of(targets);
    ASSERT_EQ(answers.size(), targets.size()) << path;
    for (std::size_t i = 0; i < targets.size(); ++i)
      EXPECT_EQ(api.misfit_of(path, "get", answers[i]), "") << targets[i] << '\n'
                                                            << answers[i].body;
    asked += targets.size();
  });
  EXPECT_GT(asked, 500u);
}

TEST_F(HttpTest, KeptInMemoryThereAreNoEventsToAskFor) {
  configure("[store]\nkeep = \"memory\"\n");
  start_and_wait();
  EXPECT_EQ(local("/api/usage/stats").status, 503);
  EXPECT_EQ(local("/api/quota").status, 200);
}

TEST_F(HttpTest, OverTcpWithATokenThatCanBeRotated) {
  const std::uint16_t port = free_port();
  configure("[http]\nlisten = \"127.0.0.1:" + std::to_string(port) + "\"\n");
  start_and_wait();
  ASSERT_TRUE(said("HTTP on 127.0.0.1"));
  EXPECT_EQ(listening(), 1);
  const auto read = [&](const std::string& name) {
    std::string token = contents(dir_.path("rt/" + name));
    token.pop_back();
    return token;
  };
  const std::string token = read("http.token");
  for (const std::string& path : {dir_.path("rt/http.token"), dir_.path("rt/otel.token"),
                                  state("http.token"), state("otel.token")}) {
    struct stat st {};
    ASSERT_EQ(::stat(path.c_str(), &st), 0) << path;
    EXPECT_EQ(st.st_mode & 0777, 0600u) << path;
  }
  EXPECT_EQ(tcp(port, "/healthz", "").status, 200);
  EXPECT_EQ(tcp(port, "/api/quota", "").status, 401);
  EXPECT_EQ(tcp(port, "/api/quota", read("otel.token")).status, 403);
  EXPECT_EQ(tcp(port, "/api/quota", token).status, 200);
  EXPECT_EQ(curl({"http://127.0.0.1:" + std::to_string(port) + "/api/quota", "-H",
                  "Host: evil.example", "-H", "Authorization: Bearer " + token})
                .status,
            403);
  std::string text;
  ASSERT_EQ(run({"token", "rotate"}, text), 0) << text;
  EXPECT_EQ(tcp(port, "/api/quota", token).status, 401);
  EXPECT_EQ(tcp(port, "/api/quota", read("http.token")).status, 200);
  EXPECT_EQ(contents(output("daemon")).find(token), std::string::npos);

  configure("");
  ASSERT_EQ(run({"daemon", "reload"}, text), 0) << text;
  EXPECT_EQ(listening(), 0);
  EXPECT_EQ(local("/healthz").status, 200);
}

TEST_F(HttpTest, APortThatIsTakenIsSaidAndStopsNothing) {
  const collector::Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(taken.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(taken.get(), 1), 0);
  ASSERT_EQ(::getsockname(taken.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  configure("[http]\nlisten = \"127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "\"\n");
  start_and_wait();
  EXPECT_TRUE(said("[http] listen: 127.0.0.1:"));
  EXPECT_EQ(local("/healthz").status, 200);
}

TEST(HttpTokens, MadeOnceAndKept) {
  const test::TempDir dir;
  const std::string state = dir.path("state/shmeter");
  const auto first = load_tokens(state, dir.path(""));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->all.size(), 64u);
  EXPECT_NE(first->all, first->hand_in);
  fs::remove(dir.path("http.token"));
  const auto again = load_tokens(state, dir.path(""));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->all, first->all);
  EXPECT_EQ(contents(dir.path("http.token")), first->all + "\n") << "the copy is there again";
  const auto rotated = rotate_tokens(state, dir.path(""));
  ASSERT_TRUE(rotated);
  EXPECT_NE(rotated->all, first->all);
  EXPECT_NE(rotated->hand_in, first->hand_in);
  EXPECT_EQ(load_tokens(state, dir.path(""))->all, rotated->all);
}

TEST(HttpTokens, WhatSomebodyElsePutThereIsNotBelieved) {
  using collector::Errc;
  const test::TempDir dir;
  const std::string token = dir.path("http.token");
  const auto code = [&] { return load_tokens("", dir.path("")).error().code; };
  ASSERT_TRUE(load_tokens("", dir.path("")));
  ::chmod(token.c_str(), 0644);
  EXPECT_EQ(code(), Errc::forbidden);
  for (const std::string& text : {std::string(), std::string("x"), std::string(64, 'g'),
                                  std::string(65, 'a'), std::string(5000, 'a')}) {
    fs::remove(token);
    std::ofstream(token) << text;
    ::chmod(token.c_str(), 0600);
    EXPECT_EQ(code(), Errc::corrupt) << text.substr(0, 70);
  }
  fs::remove(token);
  fs::create_symlink(dir.path("otel.token"), token);
  EXPECT_EQ(code(), Errc::forbidden);
  fs::remove(token);
  ASSERT_EQ(::mkfifo(token.c_str(), 0600), 0);
  EXPECT_EQ(code(), Errc::forbidden);
}

}  // namespace
}  // namespace shmeter
