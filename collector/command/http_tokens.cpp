// SPDX-License-Identifier: MIT
#include "collector/command/http_tokens.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "collector/loop/fd.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kBytes = 32;
constexpr std::size_t kDigits = 2 * kBytes;
constexpr std::string_view kHex = "0123456789abcdef";

tl::unexpected<Error> trouble(const std::string& path, int error) {
  const bool forbidden = error == EACCES || error == EPERM || error == EROFS || error == ELOOP;
  const Errc code = error == ENOENT ? Errc::not_found
                    : forbidden     ? Errc::forbidden
                                    : Errc::unavailable;
  return fail(code, path + ": " + std::strerror(error));
}

Result<std::string> new_token() {
  std::array<unsigned char, kBytes> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    return trouble("getrandom", errno);
  std::string token;
  for (const unsigned char byte : bytes) {
    token += kHex[byte >> 4];
    token += kHex[byte & 15];
  }
  return token;
}

/// Errors: not_found when there is none.
Result<std::string> read_token(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return trouble(path, errno);
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return trouble(path, errno);
  if (!S_ISREG(st.st_mode) || st.st_uid != ::geteuid() || (st.st_mode & 077) != 0)
    return fail(Errc::forbidden, path +
                                     ": must be a file of yours that nobody else can read; "
                                     "remove it and a new one is made");
  std::array<char, kDigits + 2> bytes{};
  const ssize_t n = ::read(fd.get(), bytes.data(), bytes.size());
  if (n < 0) return trouble(path, errno);
  std::string token(bytes.data(), static_cast<std::size_t>(n));
  if (token.ends_with('\n')) token.pop_back();
  if (token.size() != kDigits || token.find_first_not_of(kHex) != std::string::npos)
    return fail(Errc::corrupt, path + ": holds no token; remove it and a new one is made");
  return token;
}

/// Whole or not at all.
Result<void> write_token(const std::string& path, const std::string& token) {
  const std::string part = path + ".new";
  ::unlink(part.c_str());
  const Fd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return trouble(part, errno);
  const std::string line = token + '\n';
  if (::write(fd.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      ::rename(part.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(part.c_str());
    return trouble(path, error);
  }
  return {};
}

Result<std::string> token_at(const std::string& dir, const char* name, bool anew) {
  const std::string path = dir + '/' + name;
  if (!anew) {
    auto token = read_token(path);
    if (token || token.error().code != Errc::not_found) return token;
  }
  auto token = new_token();
  if (!token) return token;
  if (auto written = write_token(path, *token); !written) return tl::unexpected(written.error());
  return token;
}

/// What keeps it from being made is told by whoever then writes into it.
void make_folder(const std::string& dir) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(dir).parent_path(), ignored);
  ::mkdir(dir.c_str(), 0700);
}

Result<HttpTokens> tokens(const std::string& state_dir, const std::string& runtime_dir, bool anew) {
  const std::string& home = state_dir.empty() ? runtime_dir : state_dir;
  make_folder(home);
  HttpTokens all;
  const std::pair<const char*, std::string*> each[] = {{kHttpTokenName, &all.all},
                                                       {kHandInTokenName, &all.hand_in}};
  for (const auto& [name, to] : each) {
    auto token = token_at(home, name, anew);
    if (!token) return tl::unexpected(token.error());
    *to = std::move(*token);
    if (home == runtime_dir) continue;
    if (auto copied = write_token(runtime_dir + '/' + name, *to); !copied)
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
