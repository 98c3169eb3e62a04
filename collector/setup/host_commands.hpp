// SPDX-License-Identifier: MIT
// The commands of ours that stand in hosts' files, as each host will start them; put there by
// `setup` or by hand. Pure. Invariant: a command is only ever one whose program is our reader, as
// shell_words.hpp knows it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace shmeter::collector {

struct HostCommand {
  std::vector<std::string> argv;  // what the host starts; mostly /bin/sh -c TEXT
  std::string input;              // what it writes to it, where that is the command itself
  std::string text;               // as people know it
  std::string program;            // the reader in it, as it is written there
  bool watches = false;           // it is told to stay, with --watch
  bool is_filled_in = false;      // the host puts something of its own into it before
  bool operator==(const HostCommand&) const = default;
};

/// In the order of the text, each once. A text that cannot be understood holds none.
std::vector<HostCommand> statusline_commands(std::string_view settings);
/// What hooks run, once, whatever event it is for.
std::vector<HostCommand> hook_commands(std::string_view settings);
/// Jobs, `#( )`, in a configuration, or in the values of options as a server tells them, one a
/// line.
enum class TmuxText { configuration, options };
std::vector<HostCommand> tmux_commands(std::string_view text, TmuxText what);
/// `starship_shell` is STARSHIP_SHELL, for modules that name no shell.
std::vector<HostCommand> starship_commands(std::string_view text, std::string_view starship_shell);
std::vector<HostCommand> waybar_commands(std::string_view text);
std::vector<HostCommand> polybar_commands(std::string_view text);

/// Whether a shell's file has to do with our line.
bool has_shell_line(std::string_view text);
/// The program that a systemd unit starts, without its quotes; empty when there is none.
std::string unit_program(std::string_view text);

}  // namespace shmeter::collector
