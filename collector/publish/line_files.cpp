// SPDX-License-Identifier: MIT
#include "collector/publish/line_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "collector/loop/fd.hpp"
#include "collector/loop/wall_clock.hpp"
#include "plugin/selection.hpp"
#include "shm/location.hpp"
#include "shm/reader.hpp"

namespace shmeter::collector {
namespace {

using formats::Colour;
using formats::Target;

constexpr std::uint64_t kSpacing_ms = 1000;
// By then what changed stands in the region.
constexpr std::uint64_t kPublished_ms = 60;
constexpr std::size_t kLineBytes = std::size_t{16} << 10;

bool is_target(std::string_view name, Target& target) {
  return formats::parse_target(name, target) && target != Target::json;
}

/// Hosts with exact colours bring them down themselves.
Colour colour_for(Target target, Colour wanted) {
  const bool exact =
      target == Target::tmux || target == Target::waybar || target == Target::polybar;
  return target == Target::plain ? Colour::none : exact ? Colour::truecolor : wanted;
}

/// A plain file of ours: somebody asked for it, or we made it.
bool is_ours(const std::string& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == ::geteuid();
}

}  // namespace

LineFiles::LineFiles(Loop& loop, std::string runtime_dir, Wish wish, Say say)
    : runtime_dir_(std::move(runtime_dir)),
      folder_(runtime_dir_ + '/' + kLineFolder),
      colour_(wish.colour),
      say_(std::move(say)),
      soon_(loop, [this] { render_all(); }) {
  configure(std::move(wish));
}

void LineFiles::configure(Wish wish) {
  colour_ = wish.colour;
  for (auto& [target, line] : lines_) line.wished = false;
  for (const std::string& target : wish.targets) lines_[target].wished = true;
  look();
}

void LineFiles::changed() {
  if (lines_.empty() || soon_.active()) return;
  const std::uint64_t since_ms = (uv_hrtime() - rendered_ns_) / 1'000'000;
  soon_.start_once(since_ms + kPublished_ms < kSpacing_ms ? kSpacing_ms - since_ms : kPublished_ms);
}

void LineFiles::look() {
  list();
  render_all();
}

/// Who cleaned the directory, or took a file away, does not want it any more.
void LineFiles::list() {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    return say_once(folder_ + ": " + std::strerror(errno) + "; no lines are kept as files");
  std::erase_if(lines_, [&](const auto& one) {
    return !one.second.wished && !is_ours(folder_ + '/' + one.first);
  });
  const std::unique_ptr<DIR, int (*)(DIR*)> all(::opendir(folder_.c_str()), ::closedir);
  if (!all) return say_once(folder_ + ": " + std::strerror(errno));
  while (const dirent* entry = ::readdir(all.get())) {
    Target target{};
    if (is_target(entry->d_name, target) && is_ours(folder_ + '/' + entry->d_name))
      lines_.try_emplace(entry->d_name);
  }
}

void LineFiles::render_all() {
  rendered_ns_ = uv_hrtime();
  bool all_well = !lines_.empty();
  for (auto& [target, line] : lines_) {
    const std::string text = render(target);
    const bool there = line.known && is_ours(folder_ + '/' + target);
    if (there && text == line.text) continue;
    line.known = write(target, text);
    line.text = text;
    all_well = all_well && line.known;
  }
  if (all_well) said_.clear();
}

/// As `shmeter TARGET` prints it: the newest session, and its account.
std::string LineFiles::render(std::string_view name) const {
  shm::FileReader reader;
  const std::string region = runtime_dir_ + '/' + shm::kRegionName;
  if (reader.open(region.c_str(), false) != shm::Opened::ok) return {};
  std::array<char, plugin::kFormatBytes> room;
  formats::Values values;
  values.now_s = wall_clock_ms() / 1000;
  const plugin::Wanted wanted = {.target = name, .format_room = room, .now_s = values.now_s};
  plugin::Parts parts;
  if (reader.snapshot([&](shm::FileSlot& slot) { return copy_parts(slot, wanted, parts); }) !=
      shm::Opened::ok)
    return {};
  point_at(parts, values);
  values.freshness =
      parts.summary.completeness == static_cast<shm::i64>(shm::Completeness::complete)
          ? formats::Freshness::live
          : formats::Freshness::partial;
  Target target{};
  formats::parse_target(name, target);
  const formats::Theme theme = formats::parse_theme(parts.format.theme);
  const formats::Options options = {
      .target = target, .colour = colour_for(target, colour_), .width = 0, .theme = &theme};
  const std::string_view templ =
      parts.format.templ.empty() ? formats::default_template(target) : parts.format.templ;
  std::string line(kLineBytes, '\0');
  line.resize(formats::render(templ, values, options, line));
  return line.empty() ? line : line + '\n';
}

bool LineFiles::write(const std::string& target, const std::string& text) {
  const std::string path = folder_ + '/' + target;
  const std::string fresh = folder_ + "/." + target;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  const Fd fd(::open(fresh.c_str(), flags, 0600));
  const bool done =
      fd && write_all(fd.get(), text) && std::rename(fresh.c_str(), path.c_str()) == 0;
  if (!done) say_once(path + ": " + std::strerror(errno));
  return done;
}

void LineFiles::stop() {
  soon_.stop();
  for (const auto& [target, line] : lines_)
    if (is_ours(folder_ + '/' + target)) write(target, {});
  lines_.clear();
}

void LineFiles::say_once(const std::string& trouble) {
  if (trouble != said_) say_(trouble);
  said_ = trouble;
}

}  // namespace shmeter::collector
