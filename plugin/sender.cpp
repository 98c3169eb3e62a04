// SPDX-License-Identifier: MIT
// See sender.hpp.
#include "plugin/sender.hpp"

#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '.' || c == '-' || c == '_' || c == '~';
}

void encode(IngestHead& out, std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain(c))
      out << c;
    else
      out << '%' << kDigits[byte >> 4] << kDigits[byte & 15];
  }
}

}  // namespace

void write_head(IngestHead& out, std::string_view kind, std::string_view pane,
                std::string_view config_dir) {
  out.clear();
  out << "shmeter 1 " << kind;
  if (!pane.empty() && pane.size() <= shm::kPaneBytes) {
    out << " pane=";
    encode(out, pane);
  }
  constexpr std::size_t kLongest = 300;  // encoded threefold it still fits
  if (!config_dir.empty() && config_dir.size() <= kLongest) {
    out << " config=";
    encode(out, config_dir);
  }
  out << '\n';
}

std::string_view config_dir_of(std::string_view transcript_path) {
  const std::size_t at = transcript_path.rfind("/projects/");
  return at == transcript_path.npos ? std::string_view() : transcript_path.substr(0, at);
}

void send_to_collector(const Places& places, shm::u32 which, std::string_view datagram) {
  const bool found = which < places.dirs.count;
  for (shm::u32 i = found ? which : 0; i < places.dirs.count; ++i) {
    const shm::FixedPath socket = shm::in_dir(places.dirs.paths[i], shm::kIngestSocketName);
    if (!socket.empty()) sys::send_datagram(socket.c_str(), datagram.data(), datagram.size());
    if (found) return;
  }
}

}  // namespace shmeter::plugin
