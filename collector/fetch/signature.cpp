// SPDX-License-Identifier: MIT
#include "collector/fetch/signature.hpp"

#include <dlfcn.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace shmeter::collector {
namespace {

#ifdef __APPLE__
constexpr const char* kLibrary = "libcrypto.3.dylib";
#else
constexpr const char* kLibrary = "libcrypto.so.3";
#endif

struct Libcrypto {
  decltype(&::HMAC) hmac = nullptr;
  decltype(&::EVP_sha256) sha256 = nullptr;
};

Result<Libcrypto> load() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return fail(Errc::not_found, ::dlerror());
  Libcrypto made;
  made.hmac = reinterpret_cast<decltype(made.hmac)>(::dlsym(library, "HMAC"));
  made.sha256 = reinterpret_cast<decltype(made.sha256)>(::dlsym(library, "EVP_sha256"));
  if (made.hmac == nullptr || made.sha256 == nullptr)
    return fail(Errc::not_found, std::string(kLibrary) + " has no HMAC");
  return made;
}

}  // namespace

Result<std::string> hmac_sha256(std::string_view key, std::string_view text) {
  static const Result<Libcrypto> library = load();
  if (!library) return tl::unexpected(library.error());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (library->hmac(library->sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(),
                    digest.data(), &size) == nullptr)
    return fail(Errc::not_found, std::string(kLibrary) + " makes no HMAC-SHA256");
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += kHex[digest[i] >> 4];
    hex += kHex[digest[i] & 15];
  }
  return hex;
}

}  // namespace shmeter::collector
