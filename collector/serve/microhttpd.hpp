// SPDX-License-Identifier: MIT
// libmicrohttpd, loaded when it is first asked for: it brings a TLS library with it that takes
// longer to load than all the rest of the collector, and most collectors are never asked over HTTP.
#pragma once

#include <microhttpd.h>

#include "collector/result.hpp"

namespace shmeter::collector {

#define SHMETER_MICROHTTPD(F)          \
  F(MHD_start_daemon)                  \
  F(MHD_stop_daemon)                   \
  F(MHD_add_connection)                \
  F(MHD_run)                           \
  F(MHD_get_timeout)                   \
  F(MHD_get_daemon_info)               \
  F(MHD_get_connection_info)           \
  F(MHD_get_connection_values)         \
  F(MHD_lookup_connection_value)       \
  F(MHD_suspend_connection)            \
  F(MHD_resume_connection)             \
  F(MHD_create_response_from_buffer)   \
  F(MHD_create_response_from_callback) \
  F(MHD_add_response_header)           \
  F(MHD_queue_response)                \
  F(MHD_destroy_response)

/// Its functions under their own names.
struct Microhttpd {
#define SHMETER_FUNCTION(name) decltype(&::name) name = nullptr;
  SHMETER_MICROHTTPD(SHMETER_FUNCTION)
#undef SHMETER_FUNCTION
};

/// The same for as long as the process lives. Errors: not_found.
Result<const Microhttpd*> load_microhttpd();

}  // namespace shmeter::collector
