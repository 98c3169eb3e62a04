// SPDX-License-Identifier: MIT
#include "collector/serve/ingest_formats.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "collector/loop/random.hpp"
#include "collector/source/cli_json.hpp"
#include "collector/source/events_json.hpp"
#include "collector/source/hook_json.hpp"
#include "collector/source/statusline.hpp"

namespace shmeter::collector {
namespace {

auto into(Ingested& out) {
  return [&out](const Observation& seen) { out.batch.add(seen); };
}

Result<Ingested> cli(std::string_view bytes, i64 now_ms) {
  Ingested out;
  const auto parsed = parse_cli_json(bytes, now_ms, into(out));
  if (!parsed) return tl::unexpected(parsed.error());
  out.count = 1;
  return out;
}

// Lines of a stream stand for themselves; only when all that was ours is damaged is there nothing
// to say OK to.
Result<Ingested> stream(std::string_view bytes, i64 now_ms) {
  Ingested out;
  StreamJson parser(into(out));
  parser.feed(bytes, now_ms);
  parser.finish(now_ms);
  const StreamJson::Status& status = parser.status();
  if (status.messages == 0 && status.damaged > 0) return fail(Errc::invalid, status.trouble);
  out.count = static_cast<std::size_t>(status.messages);
  return out;
}

Result<Ingested> events(std::string_view bytes, i64 now_ms) {
  Ingested out;
  const auto ids = parse_events(bytes, now_ms, make_event_id, into(out));
  if (!ids) return tl::unexpected(ids.error());
  out.count = ids->size();
  return out;
}

Result<Ingested> status_line(std::string_view bytes, i64 now_ms) {
  StatusLineParser parser;
  const auto seen = parser.parse(bytes, now_ms);
  if (!seen) return fail(Errc::invalid, "no JSON object with a valid session_id");
  Ingested out;
  out.batch.add(Observation(*seen));
  out.transcript_path = seen->transcript_path;
  out.count = 1;
  return out;
}

Result<Ingested> hook(std::string_view bytes, i64 now_ms) {
  Ingested out;
  const auto parsed = parse_hook(bytes, now_ms, [&](const Observation& seen) {
    if (const auto* hook = std::get_if<HookSeen>(&seen))
      out.transcript_path = hook->transcript_path;
    out.batch.add(seen);
  });
  if (!parsed) return tl::unexpected(parsed.error());
  out.count = 1;
  return out;
}

constexpr std::array<IngestFormat, 5> kFormats = {{
    {"cli-json", std::min(kMaxCliJson, kMaxIngestBody), cli},
    {"stream-json", kMaxIngestBody, stream},
    {"events", std::min(kMaxEventsJson, kMaxIngestBody), events},
    {"statusline", kMaxStatusLine, status_line},
    {"hook", kMaxHookJson, hook},
}};

}  // namespace

std::string make_event_id() { return random_hex(16); }

const IngestFormat* find_ingest_format(std::string_view name) {
  for (const IngestFormat& format : kFormats)
    if (format.name == name) return &format;
  return nullptr;
}

std::string ingest_format_names() {
  std::string text;
  for (const IngestFormat& format : kFormats)
    text.append(text.empty() ? "" : ", ").append(format.name);
  return text;
}

}  // namespace shmeter::collector
