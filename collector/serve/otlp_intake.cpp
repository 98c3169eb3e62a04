// SPDX-License-Identifier: MIT
#include "collector/serve/otlp_intake.hpp"

#include <algorithm>
#include <cctype>

#include "collector/source/gunzip.hpp"

namespace shmeter::collector {
namespace {

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return same_word(type, "application/json");
}

enum class Packing { none, gzip };

/// A reply refuses it.
tl::expected<Packing, HttpReply> packing_of(const HttpHead& head) {
  if (!is_json(head.content_type))
    return tl::unexpected(
        http_error(415, "OTLP is read as JSON: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json"));
  if (head.content_encoding.empty() || same_word(head.content_encoding, "identity"))
    return Packing::none;
  if (same_word(head.content_encoding, "gzip")) return Packing::gzip;
  return tl::unexpected(http_error(415, "only gzip is unpacked"));
}

struct Parsed {
  ObservationBatch batch;
  OtlpTaken taken;
};

tl::expected<Parsed, HttpReply> parse(OtlpSignal signal, Packing packing, const std::string& body,
                                      i64 now_ms, MetricSums& sums) {
  std::string plain;
  if (packing == Packing::gzip) {
    auto unpacked = gunzip(body, OtlpIntake::kMostBytes);
    if (!unpacked)
      return tl::unexpected(http_error(unpacked.error().code == Errc::unavailable ? 413 : 400,
                                       unpacked.error().message));
    plain = std::move(*unpacked);
  }
  const std::string& json = packing == Packing::gzip ? plain : body;
  Parsed parsed;
  const auto add = [&](const Observation& seen) { parsed.batch.add(seen); };
  auto taken = signal == OtlpSignal::logs ? parse_otlp_logs(json, now_ms, add)
                                          : parse_otlp_metrics(json, now_ms, sums, add);
  if (!taken) return tl::unexpected(http_error(400, taken.error().message));
  parsed.taken = std::move(*taken);
  return parsed;
}

}  // namespace

void OtlpIntake::take(OtlpSignal signal, const HttpHead& head, std::string body,
                      const HttpAnswer& answer) {
  auto packing = packing_of(head);
  if (!packing) return answer(std::move(packing.error()));
  const bool taken = parse_aside(
      intake_, std::move(body),
      [signal, packing = *packing, now_ms = intake_.now_ms(), sums = sums_](
          const std::string& bytes) { return parse(signal, packing, bytes, now_ms, *sums); },
      [this, signal, answer](tl::expected<Parsed, HttpReply> parsed) {
        if (!parsed) return answer(std::move(parsed.error()));
        // Telemetry names no config directory: a session that is known keeps its account.
        intake_.take(
            std::move(parsed->batch), intake_.account_of({}, {}),
            [answer, said = otlp_response(signal, parsed->taken)](const Result<void>& stored) {
              if (!stored) return answer(http_error(503, "not stored: " + stored.error().message));
              HttpReply done;
              done.body = said;
              answer(std::move(done));
            });
      });
  if (!taken) answer(http_error(503, kTooMuchAtOnce));
}

}  // namespace shmeter::collector
