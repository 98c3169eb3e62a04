// SPDX-License-Identifier: MIT
// Every host's line of one picture, made by the reader's own code, and all of them as text or as a
// page. The hosts are the reader's table of verbs: one more there is one more here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/preview/samples.hpp"
#include "plugin/arguments.hpp"
#include "plugin/environment.hpp"
#include "plugin/selection.hpp"

namespace shmeter::collector {

/// The verbs that print a line.
std::vector<const plugin::Verb*> preview_hosts();

struct PreviewLine {
  const plugin::Verb* host = nullptr;
  std::string bytes;  // as the host gets them, without the newline
};
struct PreviewPart {
  std::string title;
  std::vector<PreviewLine> lines;
};

/// A user's own template and theme, by host; empty = what comes with the product.
struct OwnLook {
  std::string templ;
  std::string theme;
  bool operator==(const OwnLook&) const = default;
};
using OwnFormats = std::map<std::string, OwnLook, std::less<>>;

/// One host's line. `width` 0 = as the host has it.
PreviewLine preview_line(const plugin::Verb& host, const formats::Values& values,
                         const plugin::OwnFormat& own, const plugin::Environment& env, int width);
/// A sample as it looks in a terminal with that theme.
PreviewPart preview_theme(std::string_view name, const PreviewSample& sample, i64 now_s,
                          const plugin::Environment& env, int width);
/// All hosts for a sample.
PreviewPart preview_sample(const PreviewSample& sample, i64 now_s, const OwnFormats& own,
                           const plugin::Environment& env, int width);

enum class Shown { as_seen, raw };

/// For a terminal of these colours.
std::string preview_text(const std::vector<PreviewPart>& parts, Shown shown,
                         formats::Colour colour);
/// A page that needs no other file.
std::string preview_page(const std::vector<PreviewPart>& parts);

}  // namespace shmeter::collector
