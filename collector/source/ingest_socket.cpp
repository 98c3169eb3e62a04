// SPDX-License-Identifier: MIT
#include "collector/source/ingest_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "collector/loop/wall_clock.hpp"
#include "collector/source/hook_json.hpp"

namespace shmeter::collector {
namespace {

using shm::i64;

constexpr std::size_t kMaxHeader = std::size_t{8} << 10;
constexpr std::size_t kMaxDatagram = kMaxHeader + kMaxStatusLine;
constexpr int kDatagramsPerTurn = 64;
constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool percent_decode(std::string_view text, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return false;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return false;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return true;
}

std::string_view next_word(std::string_view& rest) {
  const auto space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
  return word;
}

}  // namespace

bool parse_ingest_header(std::string_view line, IngestHeader& header) {
  header = {};
  if (next_word(line) != "shmeter" || next_word(line) != "1") return false;
  header.kind = next_word(line);
  while (!line.empty()) {
    const std::string_view pair = next_word(line);
    const auto equals = pair.find('=');
    if (pair.empty()) continue;
    if (equals == std::string_view::npos) return false;
    std::string value;
    if (!percent_decode(pair.substr(equals + 1), value)) return false;
    const std::string_view key = pair.substr(0, equals);
    if (key == "pane") header.pane = value;
    if (key == "config") header.config_dir = value;
  }
  return !header.kind.empty();
}

Result<std::unique_ptr<IngestSocket>> IngestSocket::open(Loop& loop, const std::string& path,
                                                         Sink sink) {
  if (path.size() > kMaxSocketPath)
    return fail(Errc::invalid, path + ": too long for a socket (" + std::to_string(path.size()) +
                                   " bytes, at most " + std::to_string(kMaxSocketPath) +
                                   "); choose a shorter --runtime-dir");
  const auto failed = [&] { return fail(Errc::unavailable, path + ": " + std::strerror(errno)); };
  Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failed();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  ::unlink(path.c_str());
  const mode_t before = ::umask(0177);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(before);
  errno = error;
  if (bound != 0) return failed();
  return std::unique_ptr<IngestSocket>(
      new IngestSocket(loop, std::move(fd), path, std::move(sink)));
}

// Nobody else can send: the directory is 0700 and ours.
IngestSocket::IngestSocket(Loop& loop, Fd fd, std::string path, Sink sink)
    : fd_(std::move(fd)),
      path_(std::move(path)),
      sink_(std::move(sink)),
      buffer_(new char[kMaxDatagram]),
      readable_(loop, fd_.get(), [this] { drain(); }) {}

IngestSocket::~IngestSocket() { ::unlink(path_.c_str()); }

bool IngestSocket::path_still_there() const {
  struct stat st {};
  return ::lstat(path_.c_str(), &st) == 0 && S_ISSOCK(st.st_mode);
}

void IngestSocket::drain() {
  int count = 0;
  for (; count < kDatagramsPerTurn; ++count) {
    // With MSG_TRUNC the length is the datagram's own, also when it did not fit.
    const ssize_t n = ::recv(fd_.get(), buffer_.get(), kMaxDatagram, MSG_DONTWAIT | MSG_TRUNC);
    if (n < 0) break;
    const auto size = static_cast<std::size_t>(n);
    if (size > kMaxDatagram || !take({buffer_.get(), size})) ++dropped_;
  }
  if (count > 0) sink_.turn_ends();
}

bool IngestSocket::take(std::string_view datagram) {
  IngestHeader header;
  const auto newline = datagram.find('\n');
  if (newline == std::string_view::npos || newline > kMaxHeader) return false;
  if (!parse_ingest_header(datagram.substr(0, newline), header)) return false;
  const std::string_view body = datagram.substr(newline + 1);
  if (body.size() > kMaxStatusLine) return false;
  if (header.kind == "claude") return take_status_line(header, body);
  return header.kind == "hook" && take_hook(header, body);
}

bool IngestSocket::take_status_line(const IngestHeader& header, std::string_view json) {
  auto seen = parser_.parse(json, wall_clock_ms());
  if (!seen) return false;
  if (seen->session.session_id.view() == kTrialSession) return true;
  seen->session.pane.assign(header.pane);
  sink_.observed(*seen, header.config_dir);
  return true;
}

bool IngestSocket::take_hook(const IngestHeader& header, std::string_view json) {
  if (!sink_.hook) return false;
  const auto taken = parse_hook(json, wall_clock_ms(), [&](const Observation& seen) {
    HookSeen hook = std::get<HookSeen>(seen);
    if (hook.session_id == kTrialSession) return;
    hook.pane = header.pane;
    sink_.hook(hook, header.config_dir);
  });
  return taken.has_value();
}

}  // namespace shmeter::collector
