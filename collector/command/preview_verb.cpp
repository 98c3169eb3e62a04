// SPDX-License-Identifier: MIT
#include "collector/command/preview_verb.hpp"

#include <array>
#include <cstdio>
#include <fstream>

#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/reader_words.hpp"
#include "collector/config/theme_text.hpp"
#include "collector/loop/wall_clock.hpp"
#include "collector/preview/live_lines.hpp"

namespace shmeter::collector {
namespace {

constexpr const char* kForm =
    "shmeter preview [--session ID] [--width N] [--raw] [--html FILE] [--runtime-dir DIR] "
    "[--region PATH]";
constexpr std::array<ClientOption, 7> kOptions = {{{"session"},
                                                   {"width"},
                                                   {"raw", false},
                                                   {"html"},
                                                   kRuntimeDirOption,
                                                   kRegionOption,
                                                   kHelpOption}};

int refuse(const std::string& why, int code) {
  say(why);
  return code;
}

int write_page(const std::string& path, const std::vector<PreviewPart>& parts) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << preview_page(parts);
  file.close();
  return file ? kExitOk
              : refuse(path + ": cannot be written; name a file in a folder of yours",
                       kExitUnavailable);
}

}  // namespace

int run_preview(std::span<char* const> arguments, const Environment&) {
  const auto words = read_client_words(arguments, kOptions, 0, kForm);
  if (!words) return refuse(words.error().message, kExitUsage);
  if (words->has("help")) {
    std::printf("usage: %s\n", kForm);
    return kExitOk;
  }
  const int width = plugin::parse_columns(words->value("width"));
  if (words->has("width") && width == 0)
    return refuse("--width needs a number of columns, 1 to 4096", kExitUsage);
  const std::string_view session = words->value("session");
  if (words->has("session") && !shm::valid_session_id(session))
    return refuse("--session needs 1 to 64 letters, digits or . _ : -", kExitUsage);

  const plugin::Environment env = reader_environment();
  const std::int64_t now_s = wall_clock_ms() / 1000;
  auto live = live_preview(reader_places(*words, env), env, session, now_s, width);
  if (!live && !session.empty()) return refuse(live.error().message, kExitUnavailable);
  std::vector<PreviewPart> parts;
  for (const PreviewSample& sample : preview_samples(now_s))
    parts.push_back(preview_sample(sample, now_s, live ? live->own : OwnFormats{}, env, width));
  if (live) parts.push_back(std::move(live->part));
  const PreviewSample sample = preview_samples(now_s).front();
  for (const std::string_view theme : theme_names())
    parts.push_back(preview_theme(theme, sample, now_s, env, width));
  if (words->has("html")) return write_page(std::string(words->value("html")), parts);

  const std::string text =
      preview_text(parts, words->has("raw") ? Shown::raw : Shown::as_seen, stdout_colour(env));
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    return kExitUnavailable;
  if (!live) say("samples alone: " + live.error().message);
  return kExitOk;
}

}  // namespace shmeter::collector
