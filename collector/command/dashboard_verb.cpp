// SPDX-License-Identifier: MIT
#include "collector/command/dashboard_verb.hpp"

#include <fcntl.h>
#include <simdjson.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/serve/control_client.hpp"

extern char** environ;

namespace shmeter::collector {
namespace {

#ifdef __APPLE__
constexpr const char* kOpener = "open";
#else
constexpr const char* kOpener = "xdg-open";
#endif

Result<std::string> ask_for_link(const shm::RuntimeDirs& dirs) {
  auto client = ControlClient::open(dirs);
  if (!client)
    return fail(Errc::not_found, "no collector is running; `shmeter daemon start` starts one");
  auto answer = without_error(client->ask("DASHBOARD"));
  if (!answer) return answer;
  simdjson::dom::parser parser;
  std::string_view url;
  if (parser.parse(*answer)["url"].get(url) != simdjson::SUCCESS)
    return fail(Errc::unavailable, "the collector gave no link");
  return std::string(url);
}

/// In a session of its own, with no terminal to write to; nobody waits for it. False when there
/// is no such program.
bool open_in_browser(const std::string& url) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::string program = kOpener, address = url;
  char* const words[] = {program.data(), address.data(), nullptr};
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, kOpener, &files, &attributes, words, environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return failed == 0;
}

}  // namespace

int run_dashboard(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::string_view kForm =
      "shmeter dashboard [--print]; --print opens no browser. The link opens once, within a minute";
  constexpr std::array kOptions = {ClientOption{"runtime-dir"}, ClientOption{"print", false},
                                   ClientOption{"help", false}};
  const auto words = read_client_words(arguments, kOptions, 0, kForm);
  if (!words) {
    say(words.error().message);
    return kExitUsage;
  }
  if (words->has("help")) {
    std::printf("%.*s\n", static_cast<int>(kForm.size()), kForm.data());
    return kExitOk;
  }
  Flags flags;
  flags.runtime_dir = words->value("runtime-dir");
  const auto url = ask_for_link(environment.runtime_dirs(flags));
  if (!url) {
    say(url.error().message);
    return kExitUnavailable;
  }
  if (std::puts(url->c_str()) == EOF || std::fflush(stdout) != 0) return kExitUnavailable;
  if (environment.has_display && !words->has("print") && !open_in_browser(*url))
    say(std::string(kOpener) + " is not there; open the link yourself, within a minute");
  return kExitOk;
}

}  // namespace shmeter::collector
