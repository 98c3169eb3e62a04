// SPDX-License-Identifier: MIT
#include "collector/command/setup_change.hpp"

#include <unistd.h>

#include <cctype>
#include <cstdio>

#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/setup/text_diff.hpp"

namespace shmeter::collector {
namespace {

/// Whether there is less in it than an empty settings file has.
bool is_bare(std::string_view text) { return text.find_first_not_of(" \t\r\n{}") == text.npos; }

bool is_ours(std::string_view text) { return text.find("shmeter") != text.npos; }

}  // namespace

tl::unexpected<Error> in_file(const TextFile& file, const Error& error) {
  const char first = error.message.empty() ? ' ' : error.message[0];
  const bool has_place = std::isdigit(static_cast<unsigned char>(first)) != 0 || first == ' ';
  return fail(error.code, file.path + ':' + (has_place ? "" : " ") + error.message);
}

Result<Change> undone(const std::string& path, const With& with, const Without& without) {
  Change change;
  auto file = read_text_file(path);
  if (!file) return tl::unexpected(file.error());
  change.file = std::move(*file);
  const auto backup = read_text_file(backup_path(change.file));
  if (!backup) return tl::unexpected(backup.error());
  if (const auto ours = with(backup->text); ours && *ours == change.file.text) {
    change.after = backup->text;
    change.gone = !backup->there;
    return change;
  }
  Result<std::string> after = without(change.file.text, backup->text);
  if (!after) return in_file(change.file, after.error());
  change.after = std::move(*after);
  // One that was made for us, and has served several hosts.
  change.gone = change.any() && !backup->there && is_bare(change.after);
  return change;
}

void show(const Change& change) {
  if (!change.any()) return;
  std::printf("%s%s\n%s", change.file.path.c_str(),
              change.gone         ? ": removed"
              : change.file.there ? ":"
                                  : ": new",
              text_diff(change.file.text, change.gone ? "" : change.after).c_str());
}

Result<void> apply(const Change& change) {
  if (!change.any()) return {};
  const TextFile backup{backup_path(change.file), {}, false};
  // One of which nothing of ours was in use any more tells of another time.
  const bool first = !is_ours(change.file.text) || ::access(backup.path.c_str(), F_OK) != 0;
  if (change.file.there && first)
    if (auto kept = write_text_file(backup, change.file.text); !kept) return kept;
  return write_text_file(change.file, change.after);
}

Result<void> apply_undone(const Change& change) {
  if (!change.any()) return {};
  const auto done =
      change.gone ? remove_text_file(change.file) : write_text_file(change.file, change.after);
  if (!done) return done;
  const auto backup = read_text_file(backup_path(change.file));
  if (!backup || !backup->there) return {};
  const bool in_use = is_ours(change.after) && change.after != backup->text;
  return in_use ? Result<void>() : remove_text_file(*backup);
}

int fail_with(const Error& error) {
  say(error.message);
  return error.code == Errc::invalid ? kExitConfiguration : kExitUnavailable;
}

}  // namespace shmeter::collector
