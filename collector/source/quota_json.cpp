// SPDX-License-Identifier: MIT
#include "collector/source/quota_json.hpp"

#include "collector/source/usage_body.hpp"

namespace shmeter::collector {

Result<void> parse_quota(std::string_view bytes, i64 now_ms, shm::QuotaSource source,
                         const std::function<void(const Observation&)>& take) {
  simdjson::dom::parser parser;
  const auto document = json::parse_document(parser, bytes, kMaxQuotaJson);
  if (!document) return tl::unexpected(document.error());
  json::Trouble trouble;
  const json::Place root;
  const json::Place inner{&root, "rate_limits"};
  const auto limits = json::Fields(*document, root, trouble).get("rate_limits");
  const UsageBody body =
      read_usage_body(limits.value_or(*document), limits ? inner : root, now_ms, trouble);
  if (body.says_nothing())
    trouble.note(limits ? inner : root, "no limit in it: give five_hour or seven_day");
  if (trouble.any()) return trouble.error();
  take(Observation(quota_seen(body, source, now_ms)));
  return {};
}

}  // namespace shmeter::collector
