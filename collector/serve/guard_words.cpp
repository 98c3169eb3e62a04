// SPDX-License-Identifier: MIT
#include "collector/serve/guard_words.hpp"

#include "collector/serve/line_text.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

constexpr std::string_view kWindow = "window=";
constexpr std::string_view kMinRemaining = "min-remaining=";

Result<void> take_option(GuardWords& out, std::string_view word) {
  const bool window = word.starts_with(kWindow);
  const auto value = percent_decoded(word.substr(window ? kWindow.size() : kMinRemaining.size()));
  if (!value || value->empty())
    return fail(Errc::invalid, visible(word) + ": a value is expected, spaces in it as %20");
  if (window) {
    out.window = *value;
    return {};
  }
  const auto ppm = parse_min_remaining(*value);
  if (!ppm) return tl::unexpected(ppm.error());
  out.min_remaining_ppm = *ppm;
  return {};
}

bool is_option(std::string_view word) {
  return word.starts_with(kWindow) || word.starts_with(kMinRemaining);
}

/// Written like a number: then it is meant as one, and a wrong one is no account's name.
bool looks_like_need(std::string_view word) {
  return word.starts_with('$') || word.ends_with('%') || word.starts_with('-') ||
         word.find_first_not_of("0123456789.,_") == std::string_view::npos;
}

}  // namespace

Result<i64> parse_min_remaining(std::string_view text) {
  const auto share = parse_need(text.ends_with('%') ? std::string(text) : std::string(text) + '%');
  if (!share || share->unit != Need::Unit::ppm)
    return fail(Errc::invalid, visible(text) + ": a share such as 5% is expected");
  return share->amount;
}

Result<GuardWords> parse_guard_words(std::string_view words) {
  GuardWords out;
  bool has_need = false;
  while (!(words = trimmed(words)).empty()) {
    std::string_view rest = words;
    const std::string_view word = take_word(rest);
    if (is_option(word)) {
      if (auto taken = take_option(out, word); !taken) return tl::unexpected(taken.error());
    } else if (!has_need && looks_like_need(word)) {
      const auto need = parse_need(word);
      if (!need) return tl::unexpected(need.error());
      out.need = *need;
      has_need = true;
    } else {
      out.account = words;
      return out;
    }
    words = rest;
  }
  return out;
}

std::string guard_line(std::string_view need, const GuardWords& words) {
  std::string line = "GUARD";
  if (!words.window.empty()) line.append(" window=").append(percent_encoded(words.window));
  if (words.min_remaining_ppm > 0) {
    formats::Word share;
    formats::write_decimal(share, words.min_remaining_ppm, 4);
    line.append(" min-remaining=").append(share.view()).append("%25");
  }
  if (!need.empty()) line.append(" ").append(need);
  if (!words.account.empty()) line.append(" ").append(words.account);
  return line;
}

}  // namespace shmeter::collector
