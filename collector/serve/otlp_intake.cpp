// SPDX-License-Identifier: MIT
#include "collector/serve/otlp_intake.hpp"

#include <algorithm>
#include <cctype>

#include "collector/source/gunzip.hpp"

namespace shmeter::collector {
namespace {

/// How long a client should wait that was not stored for.
constexpr unsigned kRetry_s = 5;

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

/// The body as it was before it was packed.
tl::expected<std::string_view, HttpReply> unpacked(const HttpHead& head, std::string_view body,
                                                   std::string& memory) {
  if (!is_json(head.content_type))
    return tl::unexpected(
        http_error(415, "OTLP is read as JSON: set OTEL_EXPORTER_OTLP_PROTOCOL=http/json"));
  if (head.content_encoding.empty() || same_word(head.content_encoding, "identity")) return body;
  if (!same_word(head.content_encoding, "gzip"))
    return tl::unexpected(http_error(415, "only gzip is unpacked"));
  auto plain = gunzip(body, OtlpIntake::kMostBytes);
  if (!plain)
    return tl::unexpected(
        http_error(plain.error().code == Errc::unavailable ? 413 : 400, plain.error().message));
  memory = std::move(*plain);
  return memory;
}

}  // namespace

Result<OtlpTaken> OtlpIntake::parse(OtlpSignal signal, std::string_view body,
                                    ObservationBatch& to) {
  const auto add = [&to](const Observation& seen) { to.add(seen); };
  return signal == OtlpSignal::logs ? parse_otlp_logs(body, intake_.now_ms(), add)
                                    : parse_otlp_metrics(body, intake_.now_ms(), sums_, add);
}

void OtlpIntake::take(OtlpSignal signal, const HttpHead& head, std::string_view body,
                      HttpAnswer answer) {
  std::string memory;
  auto plain = unpacked(head, body, memory);
  if (!plain) return answer(std::move(plain.error()));
  ObservationBatch batch;
  auto taken = parse(signal, *plain, batch);
  if (!taken) return answer(http_error(400, taken.error().message));
  // Telemetry names no config directory: a session that is known keeps its account.
  intake_.take(batch, intake_.account_of({}, {}),
               [answer = std::move(answer),
                said = otlp_response(signal, *taken)](const Result<void>& stored) {
                 HttpReply done;
                 if (stored) {
                   done.body = said;
                 } else {
                   done = http_error(503, "not stored: " + stored.error().message);
                   done.retry_after_s = kRetry_s;
                 }
                 answer(std::move(done));
               });
}

}  // namespace shmeter::collector
