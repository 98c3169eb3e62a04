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

// kMaxTold of the longest names there can be, and as many deliveries as can wait, stay below it.
constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxTextBytes = 512;
constexpr std::size_t kMaxBody = 4096;

using simdjson::SUCCESS;

bool read_text(const simdjson::dom::element& from, const char* name, std::string& to,
               std::size_t most = kMaxTextBytes) {
  std::string_view text;
  if (from[name].get_string().get(text) != SUCCESS || text.size() > most) return false;
  to = text;
  return true;
}

/// Null, or not there, is unknown. Far from the ends of the range: it is reckoned with.
bool read_time(const simdjson::dom::element& from, const char* name, i64& to) {
  constexpr i64 kLatest_s = i64{1} << 40;
  simdjson::dom::element time;
  if (from[name].get(time) != SUCCESS || time.is_null()) return true;
  return time.get_int64().get(to) == SUCCESS && to > -kLatest_s && to < kLatest_s;
}

bool read_one(const simdjson::dom::element& from, ToldAlert& one) {
  simdjson::dom::element window;
  return read_text(from, "alert", one.alert) && read_text(from, "when", one.when) &&
         read_text(from, "subject", one.subject) && from["window"].get(window) == SUCCESS &&
         read_time(from, "window", one.window_s) && read_time(from, "at", one.at_s);
}

bool read_one(const simdjson::dom::element& from, AlertPast& one) {
  return read_text(from, "alert", one.alert) && read_text(from, "when", one.when) &&
         read_time(from, "told", one.told_s) && read_time(from, "back", one.back_s);
}

/// The id goes into a header.
bool read_one(const simdjson::dom::element& from, WebhookDelivery& one) {
  return read_text(from, "id", one.id) && !one.id.empty() &&
         one.id.find_first_not_of("0123456789abcdef") == std::string::npos &&
         read_text(from, "alert", one.alert) && read_text(from, "body", one.body, kMaxBody) &&
         read_time(from, "created", one.created_s) && shm::known(one.created_s);
}

/// A list that may be missing.
template <class One>
bool read_list(const simdjson::dom::element& from, const char* name, std::size_t most,
               std::vector<One>& to) {
  simdjson::dom::element list;
  if (from[name].get(list) != SUCCESS) return true;
  if (!list.is_array()) return false;
  for (const simdjson::dom::element& entry : simdjson::dom::array(list))
    if (to.size() == most || !read_one(entry, to.emplace_back())) return false;
  return true;
}

bool read_all(std::string_view text, AlertState& state) {
  simdjson::dom::parser parser;
  i64 version = 0;
  simdjson::dom::element root;
  return parser.parse(text.data(), text.size()).get(root) == SUCCESS &&
         root["version"].get_int64().get(version) == SUCCESS && version == 1 &&
         root["told"].is_array() && read_list(root, "told", kMaxTold, state.told) &&
         read_list(root, "past", kMaxAlerts, state.past) &&
         read_list(root, "pending", kMaxAlerts * kMaxPendingOfAlert, state.pending);
}

/// A list of objects; write(each) says its members.
template <class List, class Write>
void write_list(formats::JsonWriter& out, const char* name, const List& list, Write&& write) {
  out.name(name);
  out.open('[');
  for (const auto& one : list) {
    out.open('{');
    write(one);
    out.close('}');
  }
  out.close(']');
}

std::string written(const AlertState& state) {
  std::string text;
  formats::JsonWriter out(append_to, &text);
  out.open('{');
  out.number("version", 1);
  write_list(out, "told", state.told, [&](const ToldAlert& one) {
    out.text("alert", one.alert);
    out.text("when", one.when);
    out.text("subject", one.subject);
    out.number("window", one.window_s);
    out.number("at", one.at_s);
  });
  write_list(out, "past", state.past, [&](const AlertPast& one) {
    out.text("alert", one.alert);
    out.text("when", one.when);
    out.number("told", one.told_s);
    out.number("back", one.back_s);
  });
  write_list(out, "pending", state.pending, [&](const WebhookDelivery& one) {
    out.text("id", one.id);
    out.text("alert", one.alert);
    out.text("body", one.body);
    out.number("created", one.created_s);
  });
  out.close('}');
  out.newline();
  out.end();
  return text;
}

}  // namespace

Result<AlertState> load_alert_state(const std::string& path) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0 && errno == ENOENT) return AlertState{};
  const Fd fd = open_file(path, Links::refused, ::geteuid(), st);
  std::string text;
  if (!fd || !read_whole(fd, kMaxBytes, text))
    return fail(Errc::forbidden, path + ": is no small file of yours; alerts may tell again");
  AlertState state;
  if (!read_all(text, state))
    return fail(Errc::corrupt, path + ": is damaged, and made anew; alerts may tell again");
  return state;
}

Result<void> save_alert_state(const std::string& path, const AlertState& state) {
  auto saved = write_private(path, written(state));
  if (!saved) saved.error().message += "; after a restart, alerts may tell again";
  return saved;
}

}  // namespace shmeter::collector
