// SPDX-License-Identifier: MIT
// The sums that a store keeps, and the same counted one by one from its events, as text to compare.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

#include "collector/store/columns.hpp"
#include "collector/store/event_rows.hpp"
#include "tests/store/sample.hpp"

namespace shmeter::collector::test {

/// Table and key, and what is summed there.
using Sums = std::map<std::string, std::array<i64, 6>>;

inline Connection look_into(const std::string& path) {
  auto db = Connection::open(path, path, SQLITE_OPEN_READWRITE);
  EXPECT_TRUE(db) << db.error().message;
  db->busy_timeout(20'000);  // a store tidies up behind a first load
  return std::move(*db);
}

/// Every row of the tables of sums.
inline Sums stored_sums(const std::string& path) {
  Connection db = look_into(path);
  Sums all;
  const struct {
    const char* table;
    int keys;
    int sums;
  } tables[] = {{"outcome", 1, 6},
                {"caller", 4, 6},
                {"day_caller", 4, 6},
                {"latency", 2, 2},
                {"day_latency", 2, 2}};
  for (const auto& [table, keys, sums] : tables) {
    auto rows = db.prepare(std::string("SELECT * FROM ") + table);
    EXPECT_TRUE(rows) << rows.error().message;
    while (rows->step() == SQLITE_ROW) {
      std::string key = table;
      for (int i = 0; i < keys; ++i) key += "/" + std::string(rows->text(i));
      auto& to = all[key];
      for (int i = 0; i < sums; ++i) to[static_cast<std::size_t>(i)] = rows->number(keys + i);
    }
  }
  return all;
}

/// Rows in which the roll-ups by day, or those over all sessions, are not the sums of the roll-ups.
inline i64 wrong_coarse_rollups(const std::string& path) {
  Connection db = look_into(path);
  const std::string names = join(usage_columns());
  const std::string sums = join(usage_columns(), "sum($)");
  const auto rows_of = [&](const std::string& coarse, const std::string& fine) {
    const auto wrong = db.number("SELECT count(*)FROM(SELECT*FROM(" + coarse + " EXCEPT " + fine +
                                 ")UNION ALL SELECT*FROM(" + fine + " EXCEPT " + coarse + "))");
    EXPECT_TRUE(wrong) << wrong.error().message;
    return wrong ? *wrong : -1;
  };
  return rows_of("SELECT day,session,model," + names + " FROM day_rollup",
                 "SELECT quarter/96,session,model," + sums + " FROM rollup GROUP BY 1,2,3") +
         rows_of("SELECT quarter," + names + " FROM quarter_total",
                 "SELECT quarter," + sums + " FROM rollup GROUP BY 1");
}

/// Buckets as outcome_sums.hpp describes them: exact below 64 ms, then 32 to each doubling.
inline i64 bucket_of(i64 latency_ms) {
  i64 shift = 0;
  while (latency_ms >> shift >= 64) ++shift;
  return 32 * shift + (latency_ms >> shift);
}

/// Counted without any of the code under test but for the reading of an event.
inline Sums counted_sums(const std::string& path) {
  Connection db = look_into(path);
  auto rows = db.prepare(std::string("SELECT ") + kEventColumns + " FROM event");
  EXPECT_TRUE(rows) << rows.error().message;
  Sums all;
  while (rows->step() == SQLITE_ROW) {
    StoredEvent e;
    read_event(*rows, e);
    const bool booked = e.kind == EventKind::tokens;
    const bool timed = shm::known(e.call.latency_ms);
    const bool has_details = timed || !e.call.endpoint.empty() || !e.call.key.empty();
    if (!e.counted || !(e.kind == EventKind::failure || (booked && (has_details || e.call.failed))))
      continue;
    const auto at = [&](const char* table, i64 unit_ms) {
      return table + ("/" + std::to_string(e.at_ms / unit_ms));
    };
    const std::string who = "/" + std::to_string(e.session) + "/" + std::string(e.call.endpoint) +
                            "/" + std::string(e.call.key);
    for (const std::string& key : {at("outcome", 900'000), at("caller", 3'600'000) + who,
                                   at("day_caller", 86'400'000) + who}) {
      auto& to = all[key];
      to[0] += booked ? 1 : 0;
      to[1] += booked ? e.tokens.total() : 0;
      to[2] += booked ? 0 : 1;
      to[3] += booked && e.call.failed ? 1 : 0;
      to[4] += timed ? 1 : 0;
      to[5] += timed ? e.call.latency_ms : 0;
    }
    if (!timed) continue;
    const std::string bucket = "/" + std::to_string(bucket_of(e.call.latency_ms));
    for (const std::string& key :
         {at("latency", 3'600'000) + bucket, at("day_latency", 86'400'000) + bucket}) {
      ++all[key][0];
      all[key][1] += e.call.latency_ms;
    }
  }
  return all;
}

/// One of any kind within two days, mostly with details of its call.
inline StoredEvent with_outcome(Random& random, u64 number) {
  static constexpr const char* kEndpoints[] = {"", "agent", "compact"};
  static constexpr const char* kPayers[] = {"", "", "", "build"};
  StoredEvent e = request(number, kNow_ms - static_cast<i64>(random() % 172'800) * 1000,
                          random() % 5, random() % 3);
  const u32 kind = random() % 10;
  if (kind < 3) {
    e.kind = kind == 0 ? EventKind::tool_call : EventKind::failure;
    e.tokens = {};
  }
  e.side_chain = number % 7 == 0;
  e.counted = random() % 5 != 0;
  e.call.failed = random() % 6 == 0;
  if (random() % 4 == 0) return e;
  e.call.endpoint = kEndpoints[random() % 3];
  e.call.key = kPayers[random() % 4];
  if (random() % 5 != 0) e.call.latency_ms = static_cast<i64>(random() % (1u << random() % 20));
  return e;
}

}  // namespace shmeter::collector::test
