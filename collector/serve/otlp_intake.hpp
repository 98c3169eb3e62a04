// SPDX-License-Identifier: MIT
// Telemetry that a client exports by OTLP/HTTP: bodies into observations, answered once durable.
// Invariant: a body is taken whole, but for what is refused of it with the reason; one that is not
// taken changes nothing, and whoever sent it is told whether to try again.
#pragma once

#include <memory>
#include <string>

#include "collector/serve/http_message.hpp"
#include "collector/serve/intake.hpp"
#include "collector/source/metric_sums.hpp"
#include "collector/source/otlp_json.hpp"

namespace shmeter::collector {

class OtlpIntake {
 public:
  /// Of a body, packed or unpacked.
  static constexpr std::size_t kMostBytes = OtlpLimits{}.bytes;

  explicit OtlpIntake(Intake& intake) : intake_(intake) {}

  /// 200 with what was refused, if anything was; 400 not OTLP, or damaged; 413 too long unpacked;
  /// 415 not JSON, or packed otherwise than by gzip; 503 not stored, or too much at once: try
  /// again.
  void take(OtlpSignal signal, const HttpHead& head, std::string body, const HttpAnswer& answer);

 private:
  Intake& intake_;
  std::shared_ptr<MetricSums> sums_ = std::make_shared<MetricSums>();  // of who parses
};

}  // namespace shmeter::collector
