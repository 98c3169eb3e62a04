// SPDX-License-Identifier: MIT
#include "collector/command/alert_state.hpp"

#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "collector/append_to.hpp"
#include "collector/command/private_file.hpp"
#include "collector/loop/fd.hpp"
#include "collector/source/small_file.hpp"
#include "formats/json_writer.hpp"

namespace shmeter::collector {
namespace {

// kMaxTold of the longest names there can be stay below a quarter of it.
constexpr std::size_t kMaxBytes = std::size_t{8} << 20;
constexpr std::size_t kMaxTextBytes = 512;

using simdjson::SUCCESS;

bool read_text(const simdjson::dom::element& from, const char* name, std::string& to) {
  std::string_view text;
  if (from[name].get_string().get(text) != SUCCESS || text.size() > kMaxTextBytes) return false;
  to = text;
  return true;
}

bool read_one(const simdjson::dom::element& from, ToldAlert& one) {
  if (!read_text(from, "alert", one.alert) || !read_text(from, "when", one.when) ||
      !read_text(from, "subject", one.subject))
    return false;
  simdjson::dom::element window;
  if (from["window"].get(window) != SUCCESS) return false;
  // Far from the ends of the range: it is reckoned with.
  constexpr i64 kLatest_s = i64{1} << 40;
  return window.is_null() || (window.get_int64().get(one.window_s) == SUCCESS &&
                              one.window_s > -kLatest_s && one.window_s < kLatest_s);
}

bool read_all(std::string_view text, std::vector<ToldAlert>& told) {
  simdjson::dom::parser parser;
  simdjson::dom::array list;
  i64 version = 0;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != SUCCESS ||
      root["version"].get_int64().get(version) != SUCCESS || version != 1 ||
      root["told"].get_array().get(list) != SUCCESS)
    return false;
  for (const simdjson::dom::element& entry : list) {
    if (told.size() == kMaxTold || !read_one(entry, told.emplace_back())) return false;
  }
  return true;
}

std::string written(std::span<const ToldAlert> told) {
  std::string text;
  formats::JsonWriter out(append_to, &text);
  out.open('{');
  out.number("version", 1);
  out.name("told");
  out.open('[');
  for (const ToldAlert& one : told) {
    out.open('{');
    out.text("alert", one.alert);
    out.text("when", one.when);
    out.text("subject", one.subject);
    out.number("window", one.window_s);
    out.close('}');
  }
  out.close(']');
  out.close('}');
  out.newline();
  out.end();
  return text;
}

}  // namespace

Result<std::vector<ToldAlert>> load_told(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 && errno == ENOENT) return std::vector<ToldAlert>{};
  const Fd fd = open_file(path, Links::refused, ::geteuid(), st);
  std::string text;
  if (!fd || !read_whole(fd, kMaxBytes, text))
    return fail(Errc::forbidden, path + ": is no small file of yours; alerts may tell again");
  std::vector<ToldAlert> told;
  if (!read_all(text, told))
    return fail(Errc::corrupt, path + ": is damaged, and made anew; alerts may tell again");
  return told;
}

Result<void> save_told(const std::string& path, std::span<const ToldAlert> told) {
  auto saved = write_private(path, written(told));
  if (!saved) saved.error().message += "; after a restart, alerts may tell again";
  return saved;
}

}  // namespace shmeter::collector
