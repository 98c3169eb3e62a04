// SPDX-License-Identifier: MIT
#include "collector/serve/microhttpd.hpp"

#include <dlfcn.h>

#include <string>

namespace shmeter::collector {
namespace {

#ifdef __APPLE__
constexpr const char* kLibrary = "libmicrohttpd.12.dylib";
#else
constexpr const char* kLibrary = "libmicrohttpd.so.12";
#endif

Result<Microhttpd> load() {
  // Never closed: its TLS library does not outlive that.
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return fail(Errc::not_found, ::dlerror());
  Microhttpd made;
#define SHMETER_FUNCTION(name)                                                \
  made.name = reinterpret_cast<decltype(made.name)>(::dlsym(library, #name)); \
  if (made.name == nullptr)                                                   \
    return fail(Errc::not_found, std::string(kLibrary) +                      \
                                     " has "                                  \
                                     "no " #name);
  SHMETER_MICROHTTPD(SHMETER_FUNCTION)
#undef SHMETER_FUNCTION
  return made;
}

}  // namespace

Result<const Microhttpd*> load_microhttpd() {
  static const Result<Microhttpd> loaded = load();
  if (!loaded) return tl::unexpected(loaded.error());
  return &*loaded;
}

}  // namespace shmeter::collector
