// SPDX-License-Identifier: MIT
#include "collector/source/utilization_file.hpp"

#include <unistd.h>

#include <cerrno>

#include "collector/source/json_dom.hpp"
#include "collector/source/usage_body.hpp"

namespace shmeter::collector {
namespace {

// What is looked at is below 10 KB.
constexpr std::size_t kMaxMember = std::size_t{256} << 10;
constexpr std::size_t kPiece = std::size_t{64} << 10;
enum Member : std::size_t { kUtilization, kLogin };

json::Value parse(simdjson::dom::parser& parser, std::string_view text) {
  return parser.parse(text.data(), text.size());
}

Fd open_ours(const std::string& path, struct stat& st) {
  return open_file(path, Links::followed, ::geteuid(), st);
}

// What of the body cannot be used is unknown; the rest is right all the same.
void take_limits(const json::Value& cached, std::string_view login, i64 now_ms,
                 const std::function<void(const Observation&)>& take) {
  const i64 fetched_at_ms = json::whole(cached["fetchedAtMs"]);
  simdjson::dom::element body;
  if (fetched_at_ms == kUnknown || fetched_at_ms > now_ms) return;
  if (json::text(cached["accountUuid"]) != login) return;
  if (cached["utilization"].get(body) != simdjson::SUCCESS || !body.is_object()) return;
  json::Trouble ignored;
  const UsageBody limits = read_usage_body(body, {}, now_ms, ignored);
  if (limits.says_nothing()) return;
  QuotaSeen seen = quota_seen(limits, shm::QuotaSource::utilization_file, fetched_at_ms);
  seen.login = login;
  take(Observation(seen));
}

}  // namespace

UtilizationReader::UtilizationReader()
    : members_({"cachedUsageUtilization", "oauthAccount"}, kMaxMember) {}

Result<void> UtilizationReader::finish(i64 now_ms,
                                       const std::function<void(const Observation&)>& take) {
  if (!members_.whole()) return fail(Errc::corrupt, "not one JSON object");
  simdjson::dom::parser login_parser;
  simdjson::dom::parser limits_parser;
  const std::string_view login_text = members_.value(kLogin);
  const json::Value account = parse(login_parser, login_text);
  const std::string_view login = json::text(account["accountUuid"]);
  const bool logged_out = login_text.empty() || login_text == "null";
  if (logged_out || !login.empty()) take(Observation(LoginSeen{login}));
  take_limits(parse(limits_parser, members_.value(kUtilization)), login, now_ms, take);
  return {};
}

shm::u64 UtilizationReader::hash() const {
  return shm::hash_text(members_.value(kUtilization)) * 31 + shm::hash_text(members_.value(kLogin));
}

std::string global_file(std::string_view config_dir, std::string_view home, bool is_default) {
  const std::string beside = std::string(home) + "/.claude";
  return is_default && config_dir == beside ? beside + ".json"
                                            : std::string(config_dir) + "/.claude.json";
}

UtilizationFiles::UtilizationFiles(std::vector<File> files, Sink sink, Options options)
    : sink_(std::move(sink)), options_(std::move(options)) {
  if (!options_.open) options_.open = open_ours;
  for (File& file : files) files_.emplace_back().file = std::move(file);
}

void UtilizationFiles::look() {
  for (Watched& watched : files_) look(watched);
}

void UtilizationFiles::look(Watched& watched) {
  struct stat st {};
  const i64 now_ms = options_.now_ms();
  const bool lately = watched.read_at_ms != kUnknown && now_ms >= watched.read_at_ms &&
                      now_ms - watched.read_at_ms < options_.read_every_ms;
  if (lately || ::stat(watched.file.path.c_str(), &st) != 0 || file_mark(st) == watched.mark)
    return;
  const Fd fd = options_.open(watched.file.path, st);
  if (!fd) return;
  watched.mark = file_mark(st);
  watched.read_at_ms = now_ms;
  if (st.st_size <= static_cast<off_t>(kMaxGlobalFile)) return read(watched, fd, now_ms);
  if (!watched.too_big && sink_.say)
    sink_.say(watched.file.path + ": larger than 16 MiB; limits are not read from it");
  watched.too_big = true;
}

// A file that is just being written is no whole object; it is read again when it has changed.
void UtilizationFiles::read(Watched& watched, const Fd& fd, i64 now_ms) {
  UtilizationReader reader;
  std::string piece(kPiece, '\0');
  for (std::size_t total = 0; total <= kMaxGlobalFile;) {
    const ssize_t n = ::read(fd.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    if (n == 0) break;
    total += static_cast<std::size_t>(n);
    reader.feed({piece.data(), static_cast<std::size_t>(n)});
  }
  if (reader.hash() == watched.hash) return;
  const auto taken = reader.finish(
      now_ms, [&](const Observation& seen) { sink_.observed(watched.file.root, seen); });
  if (taken) watched.hash = reader.hash();
}

}  // namespace shmeter::collector
