// SPDX-License-Identifier: MIT
// Claude Code's status line. Claude Code may end this command at any moment for a newer one, so the
// bytes go on to the collector first; the line comes next; all else, last. Without a collector the
// line is made from stdin alone.
#include "plugin/autostart.hpp"
#include "plugin/line.hpp"
#include "plugin/merge.hpp"
#include "plugin/region.hpp"
#include "plugin/render_verbs.hpp"
#include "plugin/room.hpp"
#include "plugin/selection.hpp"
#include "plugin/sender.hpp"
#include "plugin/stdin_json.hpp"

namespace shmeter::plugin {
namespace {

constexpr std::size_t kHeadBytes = 1024;

struct Room {
  shm::FileReader reader;
  Parts parts;
  StatusLine seen;
  std::array<char, kLineBytes> line;
  JsonText decoded;
  std::array<char, kFormatBytes> format;
};
struct Input {
  std::array<char, kHeadBytes + kStdinBytes> bytes;  // the datagram: head, then stdin as it came
};
constinit RoomFor<Room> room_for_claude;
constinit RoomFor<Input> room_for_input;

/// The datagram is made in place: its head right before the JSON, which stands at kHeadBytes.
void pass_on(const Environment& env, const StatusLine& seen, std::string_view json,
             const Places& places, shm::u32 which, Input& input) {
  IngestHead head;
  const std::string_view config =
      env.claude_config_dir.empty() ? config_dir_of(seen.transcript_path) : env.claude_config_dir;
  write_head(head, env.tmux_pane, config);
  const std::string_view text = head.view();
  char* const start = input.bytes.data() + kHeadBytes - text.size();
  for (std::size_t i = 0; i < text.size(); ++i) start[i] = text[i];
  send_to_collector(places, which, {start, text.size() + json.size()});
}

/// The status line's own session, unless another one was asked for.
bool speaks_of_it(const Arguments& arguments, const StatusLine& seen) {
  return arguments.session.empty() || arguments.session == seen.session.session_id.view();
}

}  // namespace

int run_claude(const Arguments& arguments, const Environment& env) {
  Room& room = room_for_claude.make();
  Input& input = room_for_input.make();
  StatusLine& seen = room.seen;
  const std::string_view json = read_stdin(std::span(input.bytes).subspan(kHeadBytes));
  const bool said = read_status_line(json, room.decoded, seen);
  const Places places = find_places(arguments, env);
  shm::u32 which = 0;
  shm::Opened opened = open_region(room.reader, places, which);
  if (said) pass_on(env, seen, json, places, which, input);

  formats::Values values;
  values.now_s = os::realtime_ns() / 1'000'000'000;
  const bool own_session = said && speaks_of_it(arguments, seen);
  const Wanted wanted = {
      .session = own_session ? seen.session.session_id.view() : arguments.session,
      .cwd = own_session ? std::string_view() : arguments.cwd,
      .account = arguments.account,
      .config_dir = env.claude_config_dir,
      .transcript_path = said ? seen.transcript_path : std::string_view(),
      .target = arguments.verb->name,
      .format_room = room.format,
      .now_s = values.now_s};
  if (opened == shm::Opened::ok)
    opened = room.reader.snapshot(
        [&](shm::FileSlot& slot) { return copy_parts(slot, wanted, room.parts); });
  if (opened != shm::Opened::ok) room.parts = Parts{};
  if (own_session) {
    if (!room.parts.has_session) room.parts.session = shm::Session{};
    lay_over(seen, values.now_s, room.parts.session);
    room.parts.has_session = true;
    values.session_fresh = true;
  }
  if (said) merge_limits(seen, values.now_s, !arguments.account.empty(), room.parts);
  point_at(room.parts, values);
  if (opened == shm::Opened::ok)
    trust(room.reader, values);
  else
    values.summary = nullptr;

  const std::string_view line = make_line(arguments, env, values, room.parts.format, room.line);
  print_line(line, room.line);
  if (arguments.verbose && !said) complain("stdin is not the status line's JSON");
  if (arguments.verbose && opened != shm::Opened::ok) complain(explain(opened));
  if (arguments.autostart && values.freshness != formats::Freshness::live)
    start_collector(places, arguments, env);
  return 0;
}

}  // namespace shmeter::plugin
