// SPDX-License-Identifier: MIT
// What must hold of events and keys in a file, whoever was killed while writing it.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "collector/store/sqlite.hpp"

namespace shmeter::collector::test {

inline i64 count(const std::string& path, const std::string& from) {
  auto db = Connection::open(path, path, SQLITE_OPEN_READONLY);
  if (!db) return -1;
  db->busy_timeout(5000);
  return db->number("SELECT count(*) FROM " + from).value_or(-1);
}

/// Each key and chain has one event, and one place where that is found. In one statement, as it may
/// be written to meanwhile.
inline void expect_every_key_once(const std::string& path) {
  auto db = Connection::open(path, path, SQLITE_OPEN_READONLY);
  ASSERT_TRUE(db);
  db->busy_timeout(5000);
  auto row = db->prepare(
      "WITH k AS(SELECT message,request,side_chain,id FROM event_key UNION ALL "
      "SELECT message,request,side_chain,id FROM new_key)SELECT(SELECT count(*)FROM event),"
      "(SELECT count(*)FROM(SELECT DISTINCT message,request,side_chain FROM event)),"
      "(SELECT count(*)FROM k),"
      "(SELECT count(*)FROM k JOIN event USING(id,message,request,side_chain))");
  ASSERT_TRUE(row) << row.error().message;
  ASSERT_EQ(row->step(), SQLITE_ROW);
  for (int i = 1; i < 4; ++i) EXPECT_EQ(row->number(i), row->number(0)) << i;
}

}  // namespace shmeter::collector::test
