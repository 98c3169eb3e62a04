// SPDX-License-Identifier: MIT
// What a session's client has just said, laid over what the region holds about it. Pure. Counted
// usage and totals are the region's; the rest is the client's, which is newer.
#pragma once

#include "plugin/selection.hpp"
#include "plugin/statusline_json.hpp"

namespace shmeter::plugin {

/// Lays the status line over its session's record (all unknown if the region has none). What the
/// client names only while it is so (effort, agent, pull request, context, prompt cache) is gone
/// when it no longer names it.
void lay_over(const StatusLine& seen, shm::i64 now_s, shm::Session& session);

/// Merges the limits the client told into the account the line speaks of. When it is not known
/// whose they are, or no account is known, they make an account of their own: limits of two
/// accounts never mix. Does nothing when the line speaks of another account than the caller's.
void merge_limits(const StatusLine& seen, shm::i64 now_s, bool other_account_asked_for,
                  Parts& parts);

}  // namespace shmeter::plugin
