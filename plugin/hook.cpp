// SPDX-License-Identifier: MIT
// A hook of Claude Code. It waits for us, may add to its context whatever we print, and may be told
// by our exit status to go on: so nothing is printed and the status is 0, whatever happens. Of the
// JSON only the names of what happened go on to the collector, never what was said or done.
#include "plugin/json_scanner.hpp"
#include "plugin/region.hpp"
#include "plugin/render_verbs.hpp"
#include "plugin/room.hpp"
#include "plugin/sender.hpp"
#include "plugin/stdin_json.hpp"

namespace shmeter::plugin {
namespace {

constexpr std::size_t kHookBytes = std::size_t{4} << 20;  // a tool's answer may be this long
constexpr std::size_t kLongest = 1024;  // a longer text is left out: cut, it would be another one

using Datagram = FixedText<8192>;

struct Room {
  Datagram body;
  Datagram datagram;  // a head, then the body
  JsonText decoded;
  std::array<char, kHookBytes> bytes;
};
constinit RoomFor<Room> room_for_hook;

constexpr std::string_view kPassedOn[] = {"session_id",
                                          "transcript_path",
                                          "cwd",
                                          "hook_event_name",
                                          "agent_id",
                                          "agent_type",
                                          "agent_transcript_path",
                                          "tool_name",
                                          "tool_use_id",
                                          "error",
                                          "notification_type",
                                          "source",
                                          "reason"};

/// The member's name if it is passed on, else empty.
std::string_view passed_on(std::string_view key) {
  for (const std::string_view name : kPassedOn)
    if (key == name) return name;
  return {};
}

void write_text(Datagram& out, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out << '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out << '\\' << c;
    else if (byte < 0x20)
      out << "\\u00" << kDigits[byte >> 4] << kDigits[byte & 15];
    else
      out << c;
  }
  out << '"';
}

/// What a hook's JSON says, while it is walked.
struct Said {
  std::string_view transcript_path;  // of which the config dir is told; in the input, or empty
  bool session = false;
};

/// Appends the members that are passed on as one object. False if it is not a whole hook's.
bool write_members(std::string_view json, JsonText& decoded, Datagram& out, Said& said) {
  JsonScanner scanner(json, decoded);
  if (!scanner.enter_object()) return false;
  char before = '{';
  for (std::string_view key; scanner.member(key);) {
    const std::string_view name = passed_on(key);
    const JsonValue value = scanner.value();
    if (name.empty() || value.kind != JsonValue::Kind::string || value.text.size() > kLongest)
      continue;
    out << before << '"' << name << "\":";
    write_text(out, value.text);
    before = ',';
    said.session = said.session || name == "session_id";
    if (name == "transcript_path" && value.borrowed) said.transcript_path = value.text;
  }
  out << '}';
  return scanner.finish() && said.session && !out.cut();
}

}  // namespace

int run_hook(const Arguments& arguments, const Environment& env) {
  Room& room = room_for_hook.make();
  Datagram& body = room.body;
  Said said;
  const auto is_whole = [&](std::string_view text) {
    body.clear();
    said = {};
    return write_members(text, room.decoded, body, said);
  };
  std::size_t came = 0;
  if (read_stdin(room.bytes, came, is_whole).empty()) return 0;
  IngestHead head;
  write_head(
      head, "hook", env.tmux_pane,
      env.claude_config_dir.empty() ? config_dir_of(said.transcript_path) : env.claude_config_dir);
  room.datagram << head.view() << body.view();
  const Places places = find_places(arguments, env);
  send_to_collector(places, places.dirs.count, room.datagram.view());
  return 0;
}

}  // namespace shmeter::plugin
