// SPDX-License-Identifier: MIT
#include "collector/doctor/report_text.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

std::string_view mark_of(Level level) {
  if (level == Level::ok) return "ok    ";
  return level == Level::note ? "note  " : "BAD   ";
}

std::vector<std::string> remedies_of(const Findings& findings, Privacy privacy,
                                     std::string_view home) {
  std::vector<std::string> remedies;
  for (const Level level : {Level::bad, Level::note}) {
    for (const Finding& finding : findings) {
      if (finding.level != level || finding.remedy.empty()) continue;
      std::string text = finding.remedy.text(privacy, home);
      if (std::find(remedies.begin(), remedies.end(), text) == remedies.end())
        remedies.push_back(std::move(text));
    }
  }
  return remedies;
}

}  // namespace

std::string report_text(const Findings& findings, Privacy privacy, std::string_view home) {
  std::string out;
  std::string_view section;
  for (const Finding& finding : findings) {
    if (finding.section != section)
      out.append(section.empty() ? "" : "\n").append(finding.section) += '\n';
    section = finding.section;
    out.append("  ").append(mark_of(finding.level)).append(finding.text.text(privacy, home)) +=
        '\n';
  }
  const auto remedies = remedies_of(findings, privacy, home);
  out += remedies.empty() ? "\nNothing to do.\n" : "\nWhat to do\n";
  for (std::size_t i = 0; i < remedies.size(); ++i)
    out.append(i < 9 ? "  " : " ").append(std::to_string(i + 1)).append(". ").append(remedies[i]) +=
        '\n';
  return out;
}

bool has_bad(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.level == Level::bad; });
}

}  // namespace shmeter::collector
