// SPDX-License-Identifier: MIT
// One line from the region: the verb that runs most often, and the one that is measured. All that
// it writes beside the stack lies in one page of zeroed memory, and no other verb touches it.
#include "plugin/line.hpp"
#include "plugin/region.hpp"
#include "plugin/render_verbs.hpp"
#include "plugin/room.hpp"
#include "plugin/selection.hpp"

namespace shmeter::plugin {
namespace {

struct Room {
  shm::FileReader reader;
  Parts parts;
  std::array<char, kLineBytes> line;
  std::array<char, kFormatBytes> format;
};
constinit RoomFor<Room> room_for_one_shot;

}  // namespace

int run_once(const Arguments& arguments, const Environment& env) {
  Room& room = room_for_one_shot.make();
  formats::Values values;
  values.now_s = os::realtime_ns() / 1'000'000'000;
  const Wanted wanted = {.session = arguments.session,
                         .pane = arguments.pane,
                         .cwd = arguments.cwd,
                         .account = arguments.account,
                         .config_dir = env.claude_config_dir,
                         .transcript_path = {},
                         .target = arguments.verb->name,
                         .format_room = room.format,
                         .now_s = values.now_s};
  shm::u32 which = 0;
  shm::Opened opened = open_region(room.reader, find_places(arguments, env), which);
  if (opened == shm::Opened::ok)
    opened = room.reader.snapshot(
        [&](shm::FileSlot& slot) { return copy_parts(slot, wanted, room.parts); });
  if (opened == shm::Opened::ok) {
    point_at(room.parts, values);
    judge(room.reader, values);
  }
  const std::string_view line = make_line(arguments, env, values, room.parts.format, room.line);
  print_line(line, room.line);
  if (line.data() != room.line.data() && arguments.verbose) complain(explain(opened));
  return 0;
}

}  // namespace shmeter::plugin
