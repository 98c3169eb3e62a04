// SPDX-License-Identifier: MIT
// The routes of the HTTP API: a table of small functions over an Intake and over what the store
// can be asked. No route knows a socket. Invariant: every request gets exactly one answer, and a
// wrong one changes nothing.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "collector/serve/http_gate.hpp"
#include "collector/serve/http_message.hpp"
#include "collector/serve/intake.hpp"
#include "collector/serve/metrics_text.hpp"
#include "collector/serve/otlp_intake.hpp"

namespace shmeter::collector {

/// What only the store knows. Asked off the loop; the answer comes on it.
class UsageQueries {
 public:
  enum class Question { usage, events, stats, history, summary, timeline };
  using Parameters = std::vector<std::pair<std::string, std::string>>;

  virtual ~UsageQueries() = default;
  virtual void ask(Question question, Parameters parameters, HttpAnswer answer) = 0;
};

class HttpRoutes final : public HttpService {
 public:
  /// One line for people.
  using Say = std::function<void(const std::string&)>;

  /// All must outlive it. Telemetry that has no token is said, once.
  HttpRoutes(Intake& intake, UsageQueries& queries, HttpGate& gate, Say say)
      : intake_(intake), queries_(queries), gate_(gate), otlp_(intake), say_(std::move(say)) {}

  /// For who compares them with their description.
  struct Known {
    HttpMethod method;
    std::string_view path;  // with a `/` at its end: and one name behind it
    std::string_view parameters;
  };
  static std::vector<Known> all();

  std::optional<HttpReply> refuse(const HttpHead& head, std::size_t& most) override;
  void run(const HttpHead& head, std::string body, HttpAnswer answer) override;

 private:
  HttpReply refuse_telemetry();

  Intake& intake_;
  UsageQueries& queries_;
  HttpGate& gate_;
  OtlpIntake otlp_;
  Say say_;
  bool said_refused_ = false;
  HighWater said_;  // by /metrics
};

}  // namespace shmeter::collector
