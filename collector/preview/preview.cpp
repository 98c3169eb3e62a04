// SPDX-License-Identifier: MIT
#include "collector/preview/preview.hpp"

#include <algorithm>
#include <array>

#include "collector/config/theme_text.hpp"
#include "collector/preview/show_text.hpp"
#include "formats/render.hpp"
#include "plugin/line.hpp"

namespace shmeter::collector {
namespace {

constexpr std::size_t kHostColumns = 12;  // of a host's name, with the space around it

std::string host_label(const plugin::Verb& host) {
  std::string out = "  ";
  out.append(host.name);
  out.resize(std::max(out.size() + 1, kHostColumns), ' ');
  return out;
}

/// What stands behind the host's name; a line below begins under it.
std::string seen(const PreviewLine& line, Shown shown, formats::Colour colour) {
  if (line.bytes.empty()) return "(nothing)";
  if (shown == Shown::raw) return to_visible(line.bytes);
  const auto text = read_host_line(line.host->target, line.bytes);
  if (!text) return "refused: " + text.error().message + ": " + to_visible(line.bytes);
  std::string out;
  for (const char c : to_terminal(*text, colour)) {
    out += c;
    if (c == '\n') out.append(kHostColumns, ' ');
  }
  return out;
}

constexpr std::string_view kPage =
    "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>shmeter preview</title>\n"
    "<style>:root{color-scheme:light dark}body{font:15px/1.5 monospace;margin:2em}"
    "h2{font-size:1em;margin:1.5em 0 .3em}td{white-space:pre}"
    "th{text-align:left;font-weight:normal;opacity:.6;padding-right:1em;"
    "vertical-align:top}</style>\n";

}  // namespace

std::vector<const plugin::Verb*> preview_hosts() {
  std::vector<const plugin::Verb*> out;
  for (const plugin::Verb& verb : plugin::verbs())
    if (verb.intent == plugin::Intent::render && verb.target != formats::Target::json)
      out.push_back(&verb);
  return out;
}

PreviewLine preview_line(const plugin::Verb& host, const formats::Values& values,
                         const plugin::OwnFormat& own, const plugin::Environment& env, int width) {
  plugin::Arguments arguments;
  arguments.verb = &host;
  arguments.width = width;
  std::array<char, plugin::kLineBytes> room;
  return {&host, std::string(plugin::make_line(arguments, env, values, own, room))};
}

PreviewPart preview_sample(const PreviewSample& sample, i64 now_s, const OwnFormats& own,
                           const plugin::Environment& env, int width) {
  PreviewPart part{std::string(sample.title), {}};
  for (const plugin::Verb* host : preview_hosts()) {
    const auto at = own.find(host->name);
    const OwnLook look = at == own.end() ? OwnLook{} : at->second;
    part.lines.push_back(
        preview_line(*host, sample.values(now_s), {look.templ, look.theme}, env, width));
  }
  return part;
}

PreviewPart preview_theme(std::string_view name, const PreviewSample& sample, i64 now_s,
                          const plugin::Environment& env, int width) {
  PreviewPart part{"theme " + std::string(name), {}};
  const std::string theme = write_theme(theme_named(name), {});
  for (const plugin::Verb* host : preview_hosts())
    if (host->target == formats::Target::ansi)
      part.lines.push_back(
          preview_line(*host, sample.values(now_s), {formats::rich_template(), theme}, env, width));
  return part;
}

std::string preview_text(const std::vector<PreviewPart>& parts, Shown shown,
                         formats::Colour colour) {
  std::string out;
  HostStyle title;
  title.bold = true;
  for (const PreviewPart& part : parts) {
    if (!out.empty()) out += '\n';
    out.append(to_terminal({{title, part.title}}, colour)).append("\n");
    for (const PreviewLine& line : part.lines)
      out.append(host_label(*line.host)).append(seen(line, shown, colour)).append("\n");
  }
  return out;
}

std::string preview_page(const std::vector<PreviewPart>& parts) {
  std::string out(kPage);
  for (const PreviewPart& part : parts) {
    out.append("<h2>").append(html_escaped(part.title)).append("</h2>\n<table>\n");
    for (const PreviewLine& line : part.lines) {
      const auto text = read_host_line(line.host->target, line.bytes);
      out.append("<tr><th>").append(line.host->name).append("</th><td>");
      out += text ? to_html(*text) : html_escaped("refused: " + text.error().message);
      out.append("</td></tr>\n");
    }
    out += "</table>\n";
  }
  return out + "</html>\n";
}

}  // namespace shmeter::collector
