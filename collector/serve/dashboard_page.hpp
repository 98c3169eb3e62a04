// SPDX-License-Identifier: MIT
// The dashboard as answers: its files, which are part of the program, and what a browser is told
// on its way in. Invariant: whatever is a document says to the browser that only our own scripts
// and styles count, that nobody may frame it, and that no address of ours is passed on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "collector/serve/http_message.hpp"

namespace shmeter::collector {

struct DashboardFile {
  std::string_view path;  // that it is asked under
  const char* type;
  std::string_view bytes;
  std::string_view etag;  // quoted
};

/// Those of `dashboard/`, and Chart.js.
std::span<const DashboardFile> dashboard_files();

/// Empty when there is none at that path.
std::optional<HttpReply> dashboard_file(std::string_view path);

/// To who has no session: what to do, and nothing else.
HttpReply dashboard_closed(unsigned status);

/// To who came with a link that opens: its `Set-Cookie`, and on to the page, so that the link is
/// left neither in the address bar nor in the history.
HttpReply dashboard_opened(std::string cookie);

}  // namespace shmeter::collector
