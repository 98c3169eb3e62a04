// SPDX-License-Identifier: MIT
// openapi.json, which describes the HTTP API, without its white space. A test holds it to the table
// of routes and to what they answer.
#pragma once

#include <string_view>

namespace shmeter::collector {

extern const std::string_view kOpenApi;

}  // namespace shmeter::collector
