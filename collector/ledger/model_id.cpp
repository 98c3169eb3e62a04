// SPDX-License-Identifier: MIT
// The rules in the order they must be applied: where it comes from first, then separators, then
// what is hung on at the end, in any order and number (`-v2-20241022`, `-20250929-v1:0`).
#include "collector/ledger/model_id.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), digit);
}

void drop_prefix(std::string_view& text, std::string_view prefix) {
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
}

/// `us.anthropic.` and the like; a region alone is left, as it could be part of another's name.
void drop_vendor(std::string_view& text) {
  constexpr std::string_view kVendor = "anthropic.";
  for (const std::string_view region :
       {"us.", "eu.", "apac.", "jp.", "au.", "global.", "us-gov.", "ca."}) {
    if (text.starts_with(region) && text.substr(region.size()).starts_with(kVendor))
      text.remove_prefix(region.size());
  }
  drop_prefix(text, kVendor);
}

/// `-v1`, `-v1:0`
bool drop_version(std::string_view& text) {
  const std::size_t at = text.rfind("-v");
  if (at == std::string_view::npos || at == 0) return false;
  const std::string_view version = text.substr(at + 2);
  const std::size_t colon = version.find(':');
  const bool ok = colon == std::string_view::npos ? all_digits(version)
                                                  : all_digits(version.substr(0, colon)) &&
                                                        all_digits(version.substr(colon + 1));
  if (ok) text = text.substr(0, at);
  return ok;
}

/// `-20250929`
bool drop_date(std::string_view& text) {
  if (text.size() < 10 || text[text.size() - 9] != '-' || !all_digits(text.substr(text.size() - 8)))
    return false;
  text.remove_suffix(9);
  return true;
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix) || text.size() == suffix.size()) return false;
  text.remove_suffix(suffix.size());
  return true;
}

}  // namespace

std::string normalise_model(std::string_view as_written) {
  std::string name(as_written.substr(as_written.find_last_of('/') + 1));
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] >= 'A' && name[i] <= 'Z') name[i] = static_cast<char>(name[i] - 'A' + 'a');
    if (name[i] == '@') name[i] = '-';
    if (name[i] == '.' && i > 0 && i + 1 < name.size() && digit(name[i - 1]) && digit(name[i + 1]))
      name[i] = '-';
  }
  std::string_view rest = name;
  drop_vendor(rest);
  while (drop_suffix(rest, "[1m]") || drop_version(rest) || drop_suffix(rest, "-latest") ||
         drop_date(rest)) {
  }
  if (rest == "claude-opus-4" || rest == "claude-sonnet-4") return std::string(rest) + "-0";
  return std::string(rest);
}

}  // namespace shmeter::collector
