// SPDX-License-Identifier: MIT
// What the HTTP API is asked for. Input: the number of a route, then `name=value` lines. Every
// parameter is right or named as the one that is wrong; nothing is skipped.
#include "collector/report/api_query.hpp"

#include <vector>

#include "collector/report/api_cursor.hpp"
#include "tests/fuzz/api_checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::collector;
  using namespace shmeter::fuzz;
  std::string_view rest = text_of(data, size);
  const std::string_view number = take_line(rest);
  const auto route =
      static_cast<ApiRoute>(number.empty() ? 0 : static_cast<unsigned char>(number.front()) % 6);
  std::vector<ApiParameter> parameters;
  while (!rest.empty()) {
    std::string_view value = take_line(rest);
    const std::string_view name = take_until(value, "=");
    parameters.emplace_back(name, value);
  }
  check_query(route, parameters);
  check_query(usage_route(parameters), parameters);
  return 0;
}
