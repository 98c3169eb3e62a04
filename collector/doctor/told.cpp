// SPDX-License-Identifier: MIT
#include "collector/doctor/told.hpp"

#include <algorithm>
#include <array>

#include "collector/preview/show_text.hpp"
#include "collector/setup/shell_words.hpp"
#include "formats/utf8.hpp"

namespace shmeter::collector {
namespace {

// The folders and files that a machine with shmeter has whoever uses it.
constexpr std::array<std::string_view, 60> kUsual = {
    "~",           "bin",           "dev",          "etc",
    "home",        "lib",           "local",        "nix",
    "opt",         "proc",          "root",         "run",
    "sbin",        "share",         "snap",         "srv",
    "state",       "store",         "system",       "tmp",
    "user",        "usr",           "var",          ".bashrc",
    ".cargo",      ".claude",       ".config",      ".local",
    ".tmux.conf",  ".zshrc",        "claude",       "claude-code",
    "config",      "config.ini",    "config.jsonc", "config.toml",
    "conf.d",      "control.sock",  "fish",         "http.sock",
    "ingest.sock", "line",          "lock",         "managed-settings.json",
    "polybar",     "projects",      "region.1",     "settings.json",
    "shmeter",     "shmeter.fish",  "shmeterd",     "shmeterd.service",
    "starship",    "starship.toml", "systemd",      "tmux",
    "tmux.conf",   "usage.db",      "waybar",       "zsh"};

bool is_digit(char32_t code) { return code >= '0' && code <= '9'; }
bool is_letter(char32_t code) {
  return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}
/// What lines of ours are drawn with.
bool is_drawing(char32_t code) {
  return code == 0xb7 || code == 0x2026 || (code >= 0x2500 && code <= 0x25ff);
}

bool is_usual(std::string_view name) {
  std::string_view number = name;
  if (number.starts_with("shmeter-")) number.remove_prefix(8);
  const bool is_uid = number.size() < 11 && number.find_first_not_of("0123456789") == number.npos;
  return is_uid || name == "bash" || std::find(kUsual.begin(), kUsual.end(), name) != kUsual.end();
}

}  // namespace

std::string shape_of(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const formats::Decoded one = formats::decode(text);
    const std::string_view character = text.substr(0, one.bytes);
    text.remove_prefix(one.bytes);
    if (is_digit(one.code))
      out += '0';
    else if (is_letter(one.code) || (one.code >= 0x80 && !is_drawing(one.code)))
      out += 'x';
    else
      out += character;
  }
  return out;
}

std::string redacted_path(std::string_view path, std::string_view home) {
  std::string rest(path);
  if (home.size() > 1 && path.starts_with(home) &&
      (path.size() == home.size() || path[home.size()] == '/'))
    rest.replace(0, home.size(), "~");
  std::string out;
  for (std::size_t begin = 0; begin <= rest.size();) {
    const std::size_t end = std::min(rest.find('/', begin), rest.size());
    const std::string name = rest.substr(begin, end - begin);
    if (begin > 0) out += '/';
    out += is_usual(name) ? name : shape_of(name);
    begin = end + 1;
  }
  return out;
}

Told Told::foreign(std::string_view text) {
  std::string kept(text.substr(0, kMostForeign));
  if (kept.size() < text.size()) kept += "…";
  return {Kind::foreign, std::move(kept)};
}

Told Told::version(std::string_view text) {
  const bool usual =
      !text.empty() && text.size() < 16 && text.find_first_not_of("0123456789.") == text.npos;
  return usual ? ours(text) : foreign(text);
}

Told Told::terminal(std::string_view name) {
  constexpr std::array<std::string_view, 14> kFamilies = {
      "xterm", "tmux",    "screen", "linux", "dumb",    "vt",    "rxvt",
      "foot",  "wezterm", "kitty",  "st",    "konsole", "gnome", "alacritty"};
  constexpr std::array<std::string_view, 9> kBehind = {"",         "-256color",  "-direct",
                                                       "-kitty",   "-ghostty",   "-color",
                                                       "-16color", "-truecolor", "-unicode"};
  for (const std::string_view family : kFamilies)
    for (const std::string_view behind : kBehind)
      if (name == std::string(family).append(behind)) return ours(name);
  const bool is_vt = name.size() == 5 && name.starts_with("vt") &&
                     name.find_first_not_of("0123456789", 2) == name.npos;
  return is_vt ? ours(name) : foreign(name);
}

Told Told::age(shm::i64 seconds) {
  if (seconds < 0) return "unknown";
  if (seconds < 120) return Told(seconds) << " s";
  if (seconds < 7200) return Told(seconds / 60) << " min";
  if (seconds < 172'800) return Told(seconds / 3600) << " h";
  return Told(seconds / 86400) << " d";
}

Told& Told::operator<<(Told more) {
  for (Piece& piece : more.pieces_) pieces_.push_back(std::move(piece));
  return *this;
}

std::string Told::text(Privacy privacy, std::string_view home) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    std::string text = piece.text;
    const bool is_path = piece.kind == Kind::path || piece.kind == Kind::shell_path;
    if (privacy == Privacy::redacted && is_path) text = redacted_path(text, home);
    if (privacy == Privacy::redacted && piece.kind == Kind::foreign) text = shape_of(text);
    if (privacy == Privacy::mine && piece.kind == Kind::shell_path) text = shell_quoted(text);
    out += to_visible(text);
  }
  return out;
}

}  // namespace shmeter::collector
