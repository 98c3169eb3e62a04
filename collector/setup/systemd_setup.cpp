// SPDX-License-Identifier: MIT
#include "collector/setup/systemd_setup.hpp"

#include "collector/setup/marked_block.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kUnit = R"([Unit]
Description=shmeter collector: what Claude Code sessions use
Documentation=file:///usr/share/doc/shmeter/README.md

[Service]
Type=notify
ExecStart=@ daemon run
ExecReload=kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
# $XDG_RUNTIME_DIR/shmeter, where readers look; kept over a restart, so that an upgrade does not blank their lines.
RuntimeDirectory=shmeter
RuntimeDirectoryMode=0700
RuntimeDirectoryPreserve=restart
UMask=0077
# Many times what it needs; commands of [[alert]] and [quota] count, too.
MemoryMax=1G
TasksMax=128
# What a session of the user could do, it need not. No ProtectSystem=, no MemoryDenyWriteExecute=: they would hold for the
# user's own commands, which may write anywhere and be in any language.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# Sockets for readers; HTTP, webhooks and the names of their hosts, where the configuration asks for them.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native

[Install]
WantedBy=default.target
)";

bool starts_something(std::string_view line) { return bare_line(line).starts_with("ExecStart="); }

}  // namespace

std::string systemd_unit(std::string_view exec_start) {
  std::string unit(kUnit);
  return unit.replace(unit.find('@'), 1, exec_start);
}

Result<std::string> systemd_quoted(std::string_view path) {
  if (path.find_first_of("'\"\\") != path.npos)
    return fail(Errc::invalid, " " + std::string(path) +
                                   ": systemd starts nothing with a quote or a backslash in its "
                                   "path; install shmeter somewhere else");
  std::string out;
  for (const char c : path) out.append(c == '%' ? 2 : 1, c);
  return path.find_first_of(" ;") == path.npos ? out : '"' + out + '"';
}

Result<Edited> systemd_with(std::string_view text, std::string_view shmeterd) {
  if (auto free = refuse_by_hand(text, starts_something); !free)
    return tl::unexpected(free.error());
  const auto exec_start = systemd_quoted(shmeterd);
  if (!exec_start) return tl::unexpected(exec_start.error());
  auto after = with_block(text, systemd_unit(*exec_start));
  if (!after) return tl::unexpected(after.error());
  return Edited{std::move(*after), {}};
}

}  // namespace shmeter::collector
