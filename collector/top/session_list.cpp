// SPDX-License-Identifier: MIT
#include "collector/top/session_list.hpp"

#include <algorithm>
#include <array>

#include "formats/fields.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

struct OrderRow {
  std::string_view name;
  std::string_view field;
  bool smallest_first;
};
// In the order of SessionOrder; the fields are those that the table shows.
constexpr std::array<OrderRow, kSessionOrders> kOrders = {{{"age", "session.age", true},
                                                           {"cost", "session.cost", false},
                                                           {"tokens", "session.tokens", false},
                                                           {"context", "session.context", false}}};

const OrderRow& row(SessionOrder order) { return kOrders[static_cast<std::size_t>(order)]; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

/// What sorts first is greatest; unknown is the least there is.
i64 weight(const shm::Session& session, const OrderRow& order, i64 now_s) {
  const formats::Values values = {
      .session = &session, .now_s = now_s, .freshness = formats::Freshness::live};
  const formats::Value value = formats::value_of(*formats::find_field(order.field), values);
  if (value.kind == formats::Kind::unknown) return shm::kUnknown;
  return order.smallest_first ? -value.number : value.number;
}

}  // namespace

std::string_view order_name(SessionOrder order) { return row(order).name; }

bool is_active(const shm::Session& session, i64 now_s) {
  const i64 age_s = formats::difference(now_s, session.updated_at_s);
  return shm::known(age_s) && age_s <= shm::kActiveWithin_s &&
         session.status != static_cast<i64>(shm::SessionStatus::ended);
}

bool matches(const shm::Session& session, std::string_view text) {
  const std::array<std::string_view, 8> texts = {
      session.name.view(),       session.cwd.view(),
      session.model_name.view(), session.model.view(),
      session.git_branch.view(), session.agent.view(),
      session.session_id.view(), formats::status_name(session.status)};
  return std::any_of(texts.begin(), texts.end(),
                     [&](std::string_view one) { return contains(one, text); });
}

SessionList list_sessions(std::span<const shm::Session> sessions, SessionOrder order,
                          OnlyActive only_active, std::string_view filter, i64 now_s) {
  struct Weighed {
    i64 weight;
    const shm::Session* session;
  };
  std::vector<Weighed> found;
  for (const shm::Session& session : sessions) {
    if (only_active == OnlyActive::yes && !is_active(session, now_s)) continue;
    if (!filter.empty() && !matches(session, filter)) continue;
    found.push_back({weight(session, row(order), now_s), &session});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Weighed& a, const Weighed& b) { return a.weight > b.weight; });
  SessionList out;
  for (const Weighed& one : found) out.push_back(one.session);
  return out;
}

}  // namespace shmeter::collector
