// SPDX-License-Identifier: MIT
// What a StoreReader is made of, for Store, which makes one of a database in memory.
#pragma once

#include "collector/store/database.hpp"
#include "collector/store/reader.hpp"

namespace shmeter::collector {

class StoreReader::Impl {
 public:
  explicit Impl(std::unique_ptr<Connection> connection) : db(std::move(connection)) {}
  static Result<std::unique_ptr<StoreReader>> make(const Database& database);

  std::unique_ptr<Connection> db;
};

}  // namespace shmeter::collector
