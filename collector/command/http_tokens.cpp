// SPDX-License-Identifier: MIT
#include "collector/command/http_tokens.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "collector/command/private_file.hpp"
#include "collector/loop/fd.hpp"
#include "collector/loop/random.hpp"
#include "collector/source/small_file.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kBytes = 32;
constexpr std::size_t kDigits = 2 * kBytes;
constexpr std::string_view kHex = "0123456789abcdef";

Result<std::string> new_token() {
  std::string token = random_hex(kBytes);
  if (token.empty()) return fail(Errc::unavailable, "the system gives no random bytes");
  return token;
}

/// Errors: not_found when there is none.
Result<std::string> read_token(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 && errno == ENOENT)
    return fail(Errc::not_found, path + ": is not there");
  const Fd fd = open_file(path, Links::refused, ::geteuid(), st);
  if (!fd || (st.st_mode & 077) != 0)
    return fail(Errc::forbidden, path +
                                     ": must be a file of yours that nobody else can read; "
                                     "remove it and a new one is made");
  std::string token;
  const bool read = read_whole(fd, kDigits + 1, token);
  if (token.ends_with('\n')) token.pop_back();
  if (!read || token.size() != kDigits || token.find_first_not_of(kHex) != std::string::npos)
    return fail(Errc::corrupt, path + ": holds no token; remove it and a new one is made");
  return token;
}

Result<std::string> token_at(const std::string& dir, const char* name, bool anew) {
  const std::string path = dir + '/' + name;
  if (!anew) {
    auto token = read_token(path);
    if (token || token.error().code != Errc::not_found) return token;
  }
  auto token = new_token();
  if (!token) return token;
  if (auto written = write_private(path, *token + '\n'); !written)
    return tl::unexpected(written.error());
  return token;
}

Result<HttpTokens> tokens(const std::string& state_dir, const std::string& runtime_dir, bool anew) {
  const std::string& home = state_dir.empty() ? runtime_dir : state_dir;
  HttpTokens all;
  const std::pair<const char*, std::string*> each[] = {{kHttpTokenName, &all.all},
                                                       {kHandInTokenName, &all.hand_in}};
  for (const auto& [name, to] : each) {
    auto token = token_at(home, name, anew);
    if (!token) return tl::unexpected(token.error());
    *to = std::move(*token);
    if (home == runtime_dir) continue;
    if (auto copied = write_private(runtime_dir + '/' + name, *to + '\n'); !copied)
      return tl::unexpected(copied.error());
  }
  return all;
}

}  // namespace

Result<HttpTokens> load_tokens(const std::string& state_dir, const std::string& runtime_dir) {
  return tokens(state_dir, runtime_dir, false);
}

Result<HttpTokens> rotate_tokens(const std::string& state_dir, const std::string& runtime_dir) {
  return tokens(state_dir, runtime_dir, true);
}

}  // namespace shmeter::collector
