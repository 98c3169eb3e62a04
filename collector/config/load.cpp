// SPDX-License-Identifier: MIT
// Where the configuration file is, and its bytes: bounded, and never from anything that is not a
// plain file.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "collector/config/config.hpp"
#include "collector/config/show.hpp"

namespace shmeter::collector {
namespace {

class File {
 public:
  explicit File(const char* path) : fd_(::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> trouble(const std::string& path, int error) {
  const Errc code = error == ENOENT || error == ENOTDIR ? Errc::not_found
                    : error == EACCES || error == EPERM ? Errc::forbidden
                                                        : Errc::unavailable;
  return fail(code, path + ": " + std::strerror(error) + "; check the path and its permissions");
}

Result<std::string> read_bounded(const std::string& path) {
  const File file(path.c_str());
  if (file.fd() < 0) return trouble(path, errno);
  struct stat info = {};
  if (::fstat(file.fd(), &info) != 0) return trouble(path, errno);
  if (!S_ISREG(info.st_mode))
    return fail(Errc::invalid, path + ": not a plain file; name the configuration file itself");
  std::string text(kMaxConfigBytes + 1, '\0');
  std::size_t n = 0;
  while (n < text.size()) {
    const ssize_t got = ::read(file.fd(), text.data() + n, text.size() - n);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return trouble(path, errno);
    if (got == 0) break;
    n += static_cast<std::size_t>(got);
  }
  if (n > kMaxConfigBytes)
    return fail(Errc::invalid, path + ": larger than 1 MiB; this cannot be the configuration");
  text.resize(n);
  return text;
}

/// An absent file nobody asked for says nothing.
Result<std::string> read_file(const ConfigPath& path) {
  if (path.path.empty()) return std::string();
  auto text = read_bounded(path.path);
  if (!text && text.error().code == Errc::not_found && !path.asked_for) return std::string();
  return text;
}

}  // namespace

ConfigPath config_path(const ConfigEnvironment& environment) {
  if (!environment.flag.empty()) return {std::string(environment.flag), true};
  if (!environment.shmeter_config.empty()) return {std::string(environment.shmeter_config), true};
  // The XDG specification: a relative path there is to be ignored.
  if (environment.xdg_config_home.starts_with('/'))
    return {std::string(environment.xdg_config_home) + "/shmeter/config.toml", false};
  if (environment.home.empty()) return {};
  return {std::string(environment.home) + "/.config/shmeter/config.toml", false};
}

Result<Config> load_config(const ConfigPath& path, std::string_view home) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected<Error>(text.error());
  return parse_config(*text, path.path, home);
}

Result<std::string> show_config(const ConfigPath& path, std::string_view home) {
  const Result<std::string> text = read_file(path);
  if (!text) return text;
  if (auto config = parse_config(*text, path.path, home); !config)
    return tl::unexpected<Error>(config.error());
  return what_holds(*text);
}

}  // namespace shmeter::collector
