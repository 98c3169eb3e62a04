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
#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

constexpr std::size_t kHeadBytes = 1024;
constexpr shm::Session kNoSession;
constexpr StatusLine kNothingSeen;

/// What is always written comes first, so that it all lies in two pages.
struct Room {
  shm::FileReader reader;
  Parts parts;
  StatusLine seen;
  std::array<char, kHeadBytes + kStdinBytes> bytes;  // the datagram: head, then stdin as it came;
                                                     // once nobody looks there any more, the line
  std::array<char, kFormatBytes> format;
  StatusLineScratch scratch;
};
constinit RoomFor<Room> room_for_claude;

/// The datagram is made in place: its head right before the JSON, which stands at kHeadBytes.
void pass_on(const Environment& env, const StatusLine& seen, std::string_view json,
             const Places& places, shm::u32 which, std::span<char> bytes) {
  IngestHead head;
  const std::string_view config =
      env.claude_config_dir.empty() ? config_dir_of(seen.transcript_path) : env.claude_config_dir;
  write_head(head, "claude", env.tmux_pane, config);
  const std::string_view text = head.view();
  char* const start = bytes.data() + kHeadBytes - text.size();
  for (std::size_t i = 0; i < text.size(); ++i) start[i] = text[i];
  send_to_collector(places, which, {start, text.size() + json.size()});
}

/// After a snapshot that came to nothing: what it had copied is not of one publication.
void forget(Parts& parts) {
  parts.has_session = false;
  parts.has_account = false;
  parts.account_is_own = false;
  parts.own = FoundBy::nothing;
  parts.format = {};
}

/// What shows the other command's lines, ended after 5 s or 16 KiB whatever that does, and then
/// ours. It ends with 0: anything else would blank them all.
constexpr const char* kShowOther =
    "t=; command -v timeout >/dev/null && t='timeout -k 1 5'\n"
    "o=$($t /bin/sh -c \"$1\" | head -c 16384)\n"
    "[ -z \"$o\" ] || printf '%s\\n' \"$o\"\n"
    "[ -z \"$2\" ] || printf '%s\\n' \"$2\"\n"
    "exit 0";

/// Returns only when there is no shell. `command` is a word of argv; `line` lies in `room`, or is
/// one, too.
void become_other(std::string_view command, std::string_view line, std::span<char> room,
                  const Environment& env) {
  if (line.data() == room.data()) room[line.size()] = '\0';
  const char* const words[] = {
      "sh", "-c", kShowOther, "shmeter", command.data(), line.empty() ? "" : line.data(), nullptr};
  sys::execute("/bin/sh", words, env.all);
}

/// The status line's own session, unless another one was asked for.
bool speaks_of_it(const Arguments& arguments, const StatusLine& seen) {
  return arguments.session.empty() || arguments.session == seen.session.session_id.view();
}

Wanted what_is_wanted(const Arguments& arguments, const Environment& env, const StatusLine* seen) {
  Wanted wanted = {.session = arguments.session,
                   .cwd = arguments.cwd,
                   .account = arguments.account,
                   .config_dir = env.claude_config_dir,
                   .transcript_path = {},
                   .target = arguments.verb->name,
                   .format_room = {},
                   .now_s = os::realtime_ns() / 1'000'000'000};
  if (seen == nullptr) return wanted;
  wanted.transcript_path = seen->transcript_path;
  if (speaks_of_it(arguments, *seen)) {
    wanted.session = seen->session.session_id.view();
    if (wanted.session.empty()) wanted.session = "-";  // nobody's: not just any other session
  }
  return wanted;
}

/// What stdin told, over what the region holds.
void lay_over_parts(const Arguments& arguments, const StatusLine& seen, formats::Values& values,
                    Parts& parts) {
  merge_limits(seen, values.now_s, !arguments.account.empty(), parts);
  if (!speaks_of_it(arguments, seen)) return;
  if (!parts.has_session) parts.session = kNoSession;
  lay_over(seen, values.now_s, parts.session);
  parts.has_session = true;
  values.session_fresh = true;
}

}  // namespace

int run_claude(const Arguments& arguments, const Environment& env) {
  Room& room = room_for_claude.make();
  const auto is_whole = [&](std::string_view text) {
    room.seen = kNothingSeen;
    return read_status_line(text, room.scratch, room.seen);
  };
  std::size_t came = 0;
  const std::string_view json =
      read_stdin(std::span(room.bytes).subspan(kHeadBytes), came, is_whole);
  const bool said = !json.empty();
  const Places places = find_places(arguments, env);
  shm::u32 which = 0;
  shm::Opened opened = open_region(room.reader, places, which);
  if (said) pass_on(env, room.seen, json, places, which, room.bytes);
  // The line will stand where the bytes do.
  const bool hand_on =
      !arguments.then.empty() && sys::stdin_from(room.bytes.data() + kHeadBytes, came) >= 0;

  Wanted wanted = what_is_wanted(arguments, env, said ? &room.seen : nullptr);
  wanted.format_room = room.format;
  if (opened == shm::Opened::ok)
    opened = room.reader.snapshot(
        [&](shm::FileSlot& slot) { return copy_parts(slot, wanted, room.parts); });
  if (opened != shm::Opened::ok) forget(room.parts);

  formats::Values values;
  values.now_s = wanted.now_s;
  if (said) lay_over_parts(arguments, room.seen, values, room.parts);
  point_at(room.parts, values);
  if (opened == shm::Opened::ok)
    judge(room.reader, values);
  else
    values.summary = nullptr;

  const std::string_view line = make_line(arguments, env, values, room.parts.format, room.bytes);
  const bool ours_later = hand_on && arguments.last;
  if (!ours_later) print_line(line, room.bytes);
  if (arguments.verbose && !said) complain("stdin is not the status line's JSON");
  if (arguments.verbose && opened != shm::Opened::ok) complain(explain(opened));
  if (arguments.autostart && values.freshness != formats::Freshness::live)
    start_collector(places, arguments, env);
  if (!hand_on) return 0;
  become_other(arguments.then, ours_later ? line : std::string_view(), room.bytes, env);
  if (ours_later) print_line(line, room.bytes);
  return 0;
}

}  // namespace shmeter::plugin
