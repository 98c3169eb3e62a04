// SPDX-License-Identifier: MIT
#include "collector/preview/live_lines.hpp"

#include <array>

#include "plugin/line.hpp"
#include "plugin/selection.hpp"

namespace shmeter::collector {

Result<LivePreview> live_preview(const plugin::Places& places, const plugin::Environment& env,
                                 std::string_view session, i64 now_s, int width) {
  LivePreview out;
  out.part.title = "now";
  shm::FileReader reader;
  shm::u32 which = 0;
  shm::Opened opened = plugin::open_region(reader, places, which);
  for (const plugin::Verb* host : preview_hosts()) {
    std::array<char, plugin::kFormatBytes> format;
    const plugin::Wanted wanted = {.session = session,
                                   .config_dir = env.claude_config_dir,
                                   .target = host->name,
                                   .format_room = format,
                                   .now_s = now_s};
    plugin::Parts parts;
    if (opened == shm::Opened::ok)
      opened = reader.snapshot(
          [&](shm::FileSlot& slot) { return plugin::copy_parts(slot, wanted, parts); });
    if (opened != shm::Opened::ok)
      return fail(Errc::not_found, std::string(plugin::explain(opened)));
    if (!session.empty() && !parts.has_session)
      return fail(Errc::not_found,
                  "no session " + std::string(session) + "; `shmeter usage` lists those there are");
    formats::Values values;
    values.now_s = now_s;
    plugin::point_at(parts, values);
    plugin::judge(reader, values);
    out.part.lines.push_back(preview_line(*host, values, parts.format, env, width));
    const auto& [templ, theme] = parts.format;
    if (!templ.empty() || !theme.empty())
      out.own[std::string(host->name)] = {std::string(templ), std::string(theme)};
  }
  return out;
}

}  // namespace shmeter::collector
