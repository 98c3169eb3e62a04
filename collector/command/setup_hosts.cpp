// SPDX-License-Identifier: MIT
#include "collector/command/setup_hosts.hpp"

#include <algorithm>
#include <array>

#include "collector/command/managed_settings.hpp"
#include "collector/setup/hooks_setup.hpp"
#include "collector/setup/marked_block.hpp"
#include "collector/setup/polybar_setup.hpp"
#include "collector/setup/shell_setup.hpp"
#include "collector/setup/starship_setup.hpp"
#include "collector/setup/statusline_setup.hpp"
#include "collector/setup/systemd_setup.hpp"
#include "collector/setup/tmux_setup.hpp"
#include "collector/setup/waybar_setup.hpp"

namespace shmeter::collector {
namespace {

using Places = std::vector<std::string>;
using Text = std::string_view;

// ---- Where the files are ----

std::string config_home(const Environment& environment) {
  // As the specification has it, a relative path counts as not set.
  if (environment.xdg_config_home.starts_with('/')) return environment.xdg_config_home;
  return environment.home.empty() ? std::string() : environment.home + "/.config";
}

template <class... Name>
Places below(const std::string& dir, Name... names) {
  if (dir.empty()) return {};
  return {dir + names...};
}

Places settings_place(const ClientWords& words, const Environment& environment) {
  return {client_settings(words, environment)};
}

Places tmux_places(const ClientWords&, const Environment& environment) {
  Places places = below(environment.home, "/.tmux.conf");
  for (std::string& place : below(config_home(environment), "/tmux/tmux.conf"))
    places.push_back(std::move(place));
  return places;
}

Places starship_place(const ClientWords&, const Environment& environment) {
  if (!environment.starship_config.empty()) return {environment.starship_config};
  return below(config_home(environment), "/starship.toml");
}

Places waybar_places(const ClientWords&, const Environment& environment) {
  return below(config_home(environment), "/waybar/config", "/waybar/config.jsonc");
}

Places polybar_places(const ClientWords&, const Environment& environment) {
  return below(config_home(environment), "/polybar/config.ini", "/polybar/config");
}

Places zsh_place(const ClientWords&, const Environment& environment) {
  return below(environment.zdotdir.empty() ? environment.home : environment.zdotdir, "/.zshrc");
}

Places bash_place(const ClientWords&, const Environment& environment) {
  return below(environment.home, "/.bashrc");
}

Places fish_place(const ClientWords&, const Environment& environment) {
  return below(config_home(environment), "/fish/conf.d/shmeter.fish");
}

Places systemd_place(const ClientWords&, const Environment& environment) {
  return below(config_home(environment), "/systemd/user/shmeterd.service");
}

// ---- What is put into them ----

/// The collector is beside the reader.
std::string shmeterd_of(const std::string& shmeter) { return shmeter + 'd'; }

Result<Edited> zsh_with(Text text, const std::string&) { return shell_with(text, kZshLines); }
Result<Edited> bash_with(Text text, const std::string&) { return shell_with(text, kBashLines); }
Result<Edited> fish_with(Text text, const std::string&) { return shell_with(text, kFishLines); }
Result<Edited> unit_with(Text text, const std::string& shmeter) {
  return systemd_with(text, shmeterd_of(shmeter));
}

template <Result<Edited> (*kWith)(Text, Text)>
Result<Edited> with(Text text, const std::string& shmeter) {
  return kWith(text, shmeter);
}

Result<std::string> without_marked(Text text, Text) { return without_block(text); }
Result<std::string> without_hooks(Text text, Text) { return hooks_without(text); }
Result<std::string> without_waybar(Text text, Text) { return waybar_without(text); }
Result<std::string> without_polybar(Text text, Text) { return polybar_without(text); }

/// What a file that was empty would be.
template <Result<Edited> (*kWith)(Text, const std::string&)>
Result<std::string> whole(const std::string& shmeter) {
  auto edited = kWith({}, shmeter);
  if (!edited) return tl::unexpected(edited.error());
  return std::move(edited->text);
}

Result<std::string> waybar_snippet(const std::string& shmeter) { return waybar_member(shmeter); }
Result<std::string> polybar_snippet(const std::string& shmeter) {
  return marked_block(polybar_lines(shmeter));
}

constexpr std::array<SetupHost, 10> kHosts = {{
    {"claude-code", settings_place, with<statusline_with>, statusline_without,
     whole<with<statusline_with>>, "Claude Code shows it at its next answer", "statusLine"},
    {"hooks", settings_place, with<hooks_with>, without_hooks, whole<with<hooks_with>>,
     "sessions that begin from now on are told of", "allowManagedHooksOnly"},
    {"tmux",
     tmux_places,
     with<tmux_with>,
     without_marked,
     whole<with<tmux_with>>,
     "tmux source-file @",
     {}},
    {"starship",
     starship_place,
     with<starship_with>,
     without_marked,
     whole<with<starship_with>>,
     "the next prompt shows it",
     {}},
    {"waybar",
     waybar_places,
     with<waybar_with>,
     without_waybar,
     waybar_snippet,
     "waybar has to be started anew, or sent SIGUSR2",
     {}},
    {"polybar",
     polybar_places,
     with<polybar_with>,
     without_polybar,
     polybar_snippet,
     "polybar-msg cmd restart",
     {}},
    {"zsh",
     zsh_place,
     zsh_with,
     without_marked,
     whole<zsh_with>,
     "a new shell shows it, while a collector runs",
     {}},
    {"bash",
     bash_place,
     bash_with,
     without_marked,
     whole<bash_with>,
     "a new shell shows it, while a collector runs",
     {}},
    {"fish",
     fish_place,
     fish_with,
     without_marked,
     whole<fish_with>,
     "a new shell shows it, while a collector runs",
     {}},
    {"systemd",
     systemd_place,
     unit_with,
     without_marked,
     whole<unit_with>,
     "systemctl --user daemon-reload && systemctl --user enable --now shmeterd",
     {}},
}};

}  // namespace

std::span<const SetupHost> setup_hosts() { return kHosts; }

const SetupHost* find_setup_host(std::string_view name) {
  const auto host = std::find_if(kHosts.begin(), kHosts.end(),
                                 [&](const SetupHost& one) { return one.name == name; });
  return host == kHosts.end() ? nullptr : &*host;
}

}  // namespace shmeter::collector
