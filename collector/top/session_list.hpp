// SPDX-License-Identifier: MIT
// Which sessions are listed, in which order. Pure: pointers into the picture that was given.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "shm/picture.hpp"

namespace shmeter::collector {

using shm::i64;

/// What comes first: the newest, the dearest, the largest. Unknown comes last, equals as published.
enum class SessionOrder { age, cost, tokens, context };
inline constexpr int kSessionOrders = 4;
std::string_view order_name(SessionOrder order);

enum class OnlyActive { no, yes };

/// A session that has not ended and was heard of within shm::kActiveWithin_s.
bool is_active(const shm::Session& session, i64 now_s);
/// Whether its name, directory, model, branch, agent, status or id contains `text`; letters of
/// ASCII in either case.
bool matches(const shm::Session& session, std::string_view text);

using SessionList = std::vector<const shm::Session*>;
SessionList list_sessions(std::span<const shm::Session> sessions, SessionOrder order,
                          OnlyActive only_active, std::string_view filter, i64 now_s);

}  // namespace shmeter::collector
