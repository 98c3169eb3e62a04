// SPDX-License-Identifier: MIT
// Every answer of the HTTP API against openapi.json.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>

#include "tests/daemon/http_fixture.hpp"

namespace shmeter {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::contents;
using test::Got;
using test::HttpTest;
using test::line;
using test::Process;

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

}  // namespace
}  // namespace shmeter
