// SPDX-License-Identifier: MIT
#include "collector/fetch/libcurl.hpp"

#include <dlfcn.h>

#include <string>

namespace shmeter::collector {
namespace {

#ifdef __APPLE__
constexpr const char* kLibrary = "libcurl.4.dylib";
#else
constexpr const char* kLibrary = "libcurl.so.4";
#endif

tl::unexpected<Error> missing(const char* name) {
  return fail(Errc::not_found, std::string(kLibrary) + " has no " + name);
}

Result<Libcurl> load() {
  // Never closed: its TLS library does not outlive that.
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return fail(Errc::not_found, ::dlerror());
  Libcurl made;
#define SHMETER_FUNCTION(name)                                                \
  made.name = reinterpret_cast<decltype(made.name)>(::dlsym(library, #name)); \
  if (made.name == nullptr) return missing(#name);
  SHMETER_LIBCURL(SHMETER_FUNCTION)
#undef SHMETER_FUNCTION
  if (made.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return fail(Errc::not_found, std::string(kLibrary) + " does not start");
  return made;
}

}  // namespace

Result<const Libcurl*> load_libcurl() {
  static const Result<Libcurl> loaded = load();
  if (!loaded) return tl::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace shmeter::collector
