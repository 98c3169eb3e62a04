// SPDX-License-Identifier: MIT
#include "collector/source/session_claim.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>

#include "collector/source/json_dom.hpp"
#include "collector/source/small_file.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kMaxStat = 4096;
constexpr int kStartField = 22;

// A shell command that the user runs keeps the session as busy as a prompt does.
shm::SessionStatus status_of(std::string_view name) {
  if (name == "idle") return shm::SessionStatus::idle;
  if (name == "busy" || name == "shell") return shm::SessionStatus::busy;
  if (name == "waiting") return shm::SessionStatus::waiting;
  return shm::SessionStatus::unknown;
}

i64 digits(std::string_view text) {
  i64 value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && value >= 0 ? value : kUnknown;
}

struct ProcessState {
  char state = '\0';
  i64 start = kUnknown;
};

// The second field is the program's name in brackets, with whatever in it.
ProcessState parse_stat(std::string_view stat) {
  ProcessState out;
  const auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return out;
  stat.remove_prefix(name_end + 2);
  out.state = stat.front();
  for (int field = 3; field < kStartField; ++field) {
    const auto space = stat.find(' ');
    if (space == std::string_view::npos) return out;
    stat.remove_prefix(space + 1);
  }
  out.start = digits(stat.substr(0, stat.find_first_of(" \n")));
  return out;
}

}  // namespace

i64 pid_of_file(std::string_view file_name) {
  constexpr std::string_view kEnding = ".json";
  constexpr std::size_t kMaxDigits = 10;
  if (!file_name.ends_with(kEnding)) return kUnknown;
  file_name.remove_suffix(kEnding.size());
  if (file_name.empty() || file_name.size() > kMaxDigits || file_name.front() == '-')
    return kUnknown;
  return digits(file_name);
}

std::optional<SessionClaim> parse_session_file(std::string_view bytes, i64 pid) {
  if (bytes.size() > kMaxSessionFile) return {};
  simdjson::dom::parser parser;
  const json::Value root = parser.parse(bytes.data(), bytes.size());
  SessionClaim claim;
  claim.session_id = json::text(root["sessionId"]);
  const i64 said_pid = json::whole(root["pid"]);
  if (!valid_session_id(claim.session_id) || (said_pid != kUnknown && said_pid != pid)) return {};
  claim.pid = pid;
  claim.process_start = json::whole(root["procStart"]);
  claim.status = status_of(json::text(root["status"]));
  claim.status_at_ms = json::whole(root["statusUpdatedAt"]);
  claim.started_at_ms = json::whole(root["startedAt"]);
  claim.name = json::text(root["name"]);
  claim.cwd = json::text(root["cwd"]);
  claim.version = json::text(root["version"]);
  return claim;
}

bool process_agrees(const SessionClaim& claim, const std::string& proc) {
  const std::string dir = proc + '/' + std::to_string(claim.pid);
  struct stat st {};
  const Fd fd(::open((dir + "/stat").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string text;
  if (!fd || !read_whole(fd, kMaxStat, text)) return false;
  const ProcessState process = parse_stat(text);
  if (process.start == kUnknown || process.state == 'Z' || process.state == 'X') return false;
  if (claim.process_start != kUnknown) return process.start == claim.process_start;
  return ::fstat(fd.get(), &st) == 0 && st.st_uid == ::geteuid();
}

}  // namespace shmeter::collector
