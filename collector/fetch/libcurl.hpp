// SPDX-License-Identifier: MIT
// libcurl, loaded when something is first sent: idle it costs megabytes, and most collectors never
// send anything anywhere.
#pragma once

#define CURL_DISABLE_TYPECHECK  // its macros look at functions by their own names only
#include <curl/curl.h>

#include "collector/result.hpp"

namespace shmeter::collector {

#define SHMETER_LIBCURL(F)    \
  F(curl_global_init)         \
  F(curl_slist_append)        \
  F(curl_slist_free_all)      \
  F(curl_easy_init)           \
  F(curl_easy_setopt)         \
  F(curl_easy_getinfo)        \
  F(curl_easy_strerror)       \
  F(curl_easy_cleanup)        \
  F(curl_multi_init)          \
  F(curl_multi_setopt)        \
  F(curl_multi_add_handle)    \
  F(curl_multi_remove_handle) \
  F(curl_multi_socket_action) \
  F(curl_multi_info_read)     \
  F(curl_multi_cleanup)

/// Its functions under their own names.
struct Libcurl {
#define SHMETER_FUNCTION(name) decltype(&::name) name = nullptr;
  SHMETER_LIBCURL(SHMETER_FUNCTION)
#undef SHMETER_FUNCTION
};

/// The same for as long as the process lives. Errors: not_found.
Result<const Libcurl*> load_libcurl();

}  // namespace shmeter::collector
