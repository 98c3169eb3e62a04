// SPDX-License-Identifier: MIT
#include "collector/command/setup_verb.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <optional>
#include <vector>

#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/managed_settings.hpp"
#include "collector/command/otel_setup_verb.hpp"
#include "collector/command/reader_path.hpp"
#include "collector/command/setup_change.hpp"
#include "collector/command/setup_hosts.hpp"
#include "collector/setup/shell_words.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kForm =
    "shmeter setup HOST... [--dry-run] [--yes] [--uninstall] [--config-dir DIR]\n"
    "       shmeter setup otel [--dry-run] [--uninstall] [--config-dir DIR] [--config FILE]"
    " [--runtime-dir DIR]";
constexpr std::size_t kMostHosts = 32;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct Wish {
  bool dry_run = false;
  bool yes = false;
  bool uninstall = false;
  const ClientWords& words;
  const Environment& environment;
  std::string shmeter;  // absolute path of the reader
};

std::string names_of_hosts() {
  std::string names;
  for (const SetupHost& host : setup_hosts()) names.append(host.name).append(", ");
  return names + "otel";
}

// A mark of the encoding stays the first thing in the file.

std::string_view behind_mark(std::string_view text) {
  return text.starts_with(kByteOrderMark) ? text.substr(kByteOrderMark.size()) : text;
}

std::string with_mark_of(std::string_view text, std::string changed) {
  return text.starts_with(kByteOrderMark) ? std::string(kByteOrderMark) + changed : changed;
}

Result<Edited> with_ours(const SetupHost& host, const std::string& text, const Wish& wish) {
  auto edited = host.with(behind_mark(text), wish.shmeter);
  if (edited) edited->text = with_mark_of(text, std::move(edited->text));
  return edited;
}

Result<std::string> without_ours(const SetupHost& host, const std::string& text,
                                 const std::string& before) {
  auto changed = host.without(behind_mark(text), behind_mark(before));
  if (!changed) return changed;
  return with_mark_of(text, std::move(*changed));
}

/// The file that has ours, else the first that is there, else the most usual one.
Result<std::string> place_of(const SetupHost& host, const Wish& wish) {
  const auto places = host.places(wish.words, wish.environment);
  if (places.empty() || places.front().empty())
    return fail(Errc::unavailable, "no place for settings: HOME is not set");
  const std::string* best = nullptr;
  for (const std::string& place : places) {
    const auto file = read_text_file(place);
    if (file && !file->there) continue;
    if (best == nullptr) best = &place;
    if (!file) continue;  // what is wrong with it is said when it is read
    const auto bare = without_ours(host, file->text, {});
    if (bare && *bare != file->text) return place;
  }
  return best == nullptr ? places.front() : *best;
}

/// A rule of the machine's owner under which ours would not be looked at.
Result<void> refuse_ruled(const SetupHost& host) {
  if (host.ruled_by.empty()) return {};
  const std::string ruling = ruling_settings(host.ruled_by);
  if (ruling.empty()) return {};
  return fail(Errc::exists, ruling + ": " + std::string(host.ruled_by) +
                                " stands before the settings of users; who keeps that file can "
                                "put this into it:");
}

int fail_with_snippet(const SetupHost& host, const Error& error, const Wish& wish) {
  const int code = fail_with(error);
  if (const auto snippet = host.snippet(wish.shmeter)) std::fputs(snippet->c_str(), stdout);
  return code;
}

bool agreed(const std::string& path) {
  std::printf("Change %s? [y/N] ", path.c_str());
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes";
}

/// Whether to go on; else how the command ends.
std::optional<int> stop_before(const Change& change, const Wish& wish) {
  show(change);
  if (wish.dry_run) return kExitOk;
  if (wish.yes) return std::nullopt;
  if (::isatty(STDIN_FILENO) != 1) {
    say("nothing was changed: there is nobody to ask; --yes changes it");
    return kExitUsage;
  }
  if (agreed(change.file.path)) return std::nullopt;
  std::puts("it stays as it is");
  return kExitOk;
}

void say_next(const SetupHost& host, const std::string& path) {
  std::string next(host.next);
  if (const auto at = next.find('@'); at != next.npos) next.replace(at, 1, shell_quoted(path));
  std::printf("next: %s\n", next.c_str());
}

int install(const SetupHost& host, const std::string& place, const Wish& wish) {
  if (auto free = refuse_ruled(host); !free) return fail_with_snippet(host, free.error(), wish);
  auto file = read_text_file(place);
  if (!file) return fail_with_snippet(host, file.error(), wish);
  auto edited = with_ours(host, file->text, wish);
  if (!edited) {
    const Error error = in_file(*file, edited.error()).value();
    return error.code == Errc::exists ? fail_with(error) : fail_with_snippet(host, error, wish);
  }
  const Change change{std::move(*file), std::move(edited->text)};
  const auto say_note = [&] {
    if (!edited->note.empty()) std::printf("note: %s\n", edited->note.c_str());
  };
  if (!change.any()) {
    std::printf("%s: nothing to change\n", change.file.path.c_str());
    say_note();
    return kExitOk;
  }
  const auto stopped = stop_before(change, wish);
  if (!stopped) {
    if (auto done = apply(change); !done)
      return fail_with_snippet(
          host, {Errc::unavailable, done.error().message + "; this has to be in it:"}, wish);
    say_next(host, change.file.path);
  }
  say_note();
  return stopped.value_or(kExitOk);
}

int uninstall(const SetupHost& host, const std::string& place, const Wish& wish) {
  const auto change = undone(
      place,
      [&](const std::string& text) -> Result<std::string> {
        auto edited = with_ours(host, text, wish);
        if (!edited) return tl::unexpected(edited.error());
        return std::move(edited->text);
      },
      [&](const std::string& text, const std::string& before) {
        return without_ours(host, text, before);
      });
  if (!change) return fail_with(change.error());
  if (!change->any()) {
    std::printf("%s: nothing of ours is there\n", change->file.path.c_str());
    return kExitOk;
  }
  if (const auto stopped = stop_before(*change, wish)) return *stopped;
  if (auto done = apply_undone(*change); !done) return fail_with(done.error());
  std::puts("what runs already goes on showing it until it is started anew");
  return kExitOk;
}

int run_for(const SetupHost& host, const Wish& wish) {
  const auto place = place_of(host, wish);
  if (!place) return fail_with(place.error());
  return wish.uninstall ? uninstall(host, *place, wish) : install(host, *place, wish);
}

int usage(const std::string& what) {
  say(what + "; hosts are " + names_of_hosts() + "\nusage: " + std::string(kForm));
  return kExitUsage;
}

}  // namespace

int run_setup(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::array kOptions = {ClientOption{"dry-run", false}, ClientOption{"uninstall", false},
                                   ClientOption{"yes", false},     ClientOption{"config-dir"},
                                   ClientOption{"config"},         ClientOption{"runtime-dir"},
                                   ClientOption{"help", false}};
  const auto words = read_client_words(arguments, kOptions, kMostHosts, kForm);
  if (!words) {
    say(words.error().message);
    return kExitUsage;
  }
  if (words->has("help")) {
    std::printf("%s\nhosts: %s\n", std::string(kForm).c_str(), names_of_hosts().c_str());
    return kExitOk;
  }
  if (words->words.empty()) return usage("a host is expected");
  if (words->words.size() == 1 && words->word(0) == "otel") {
    if (words->has("yes")) return usage("--yes: otel does not ask");
    return run_setup_otel(*words, environment);
  }
  for (const std::string_view name : words->words) {
    if (name == "otel") return usage("otel is set up by itself");
    if (find_setup_host(name) == nullptr) return usage(std::string(name) + ": not known");
  }
  for (const std::string_view option : {"config", "runtime-dir"})
    if (words->has(option)) return usage("--" + std::string(option) + ": for otel only");
  const bool settings =
      std::any_of(words->words.begin(), words->words.end(),
                  [](std::string_view name) { return !find_setup_host(name)->ruled_by.empty(); });
  if (words->has("config-dir") && !settings)
    return usage("--config-dir: for claude-code, hooks and otel only");
  const auto shmeter = path_of_reader();
  if (!shmeter) return fail_with(shmeter.error());
  const Wish wish{words->has("dry-run"), words->has("yes"), words->has("uninstall"), *words,
                  environment,           *shmeter};
  int code = kExitOk;
  for (const std::string_view name : words->words) {
    const int ended = run_for(*find_setup_host(name), wish);
    if (code == kExitOk) code = ended;
  }
  return code;
}

}  // namespace shmeter::collector
