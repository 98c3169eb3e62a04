// SPDX-License-Identifier: MIT
// Waybar takes a line inside a JSON object, with a tooltip, classes for its style sheet and a
// percentage for its icons.
#include <array>
#include <cstring>

#include "formats/line.hpp"
#include "formats/units.hpp"

namespace shmeter::formats {

namespace {

// One template a line; a line about nothing known is left out.
constexpr std::array<std::string_view, 8> kTooltip = {
    "[<bold>{session.model}</>][<sep>{session.effort}][<sep>{session.dir}][<sep>{session.branch}]",
    "[Context {session.context|bar} {session.context}][ of {session.context_size}]",
    "[Session {session.cost}][<sep>{session.tokens} tokens][<sep>cache {session.cache_left}]",
    "[Today {today.cost}][<sep>week {week.cost}][<sep>month {month.cost}]",
    "[5h <auto:five_hour.used>{five_hour.used|bar}</> {five_hour.used}]"
    "[<sep>resets in {five_hour.resets_in}]",
    "[7d <auto:seven_day.used>{seven_day.used|bar}</> {seven_day.used}]"
    "[<sep>resets in {seven_day.resets_in}]",
    "[{sessions.active} active][<sep>{sessions.waiting} waiting][<sep>{account.name}]",
    "[<dim>{age} old</>]"};

// What stands around text and tooltip, in bytes at most.
constexpr std::size_t kObjectBytes = 128;

class Object {
 public:
  explicit Object(std::span<char> out) : out_(out) {}
  std::size_t size() const { return size_; }
  std::span<char> room() const { return out_.subspan(size_, out_.size() - size_ - kObjectBytes); }
  void took(std::size_t bytes) { size_ += bytes; }
  void add(std::string_view text) {
    std::memcpy(out_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }

 private:
  std::span<char> out_;
  std::size_t size_ = 0;
};

std::string_view level_name(Tone tone) {
  return tone == Tone::crit ? "crit" : tone == Tone::warn ? "warn" : tone == Tone::ok ? "ok" : "";
}

void add_tooltip(Object& object, const Values& values, Options options) {
  options.width = 0;
  Theme theme = options.theme == nullptr ? default_theme() : *options.theme;
  theme.left_cap = theme.right_cap = {};  // it has a frame and a ground of its own
  theme.paints[static_cast<std::size_t>(Tone::ground)] = {};
  options.theme = &theme;
  const bool live = values.freshness == Freshness::live || values.freshness == Freshness::partial;
  Values now = values;
  now.freshness = Freshness::live;  // the age has a line of its own
  bool first = true;
  for (std::size_t i = 0; i < kTooltip.size() - (live ? 1 : 0); ++i) {
    if (!first) object.add("\\n");
    const std::size_t n = render_line(kTooltip[i], now, options, object.room());
    object.took(n);
    if (n == 0 && !first) object.took(-std::size_t{2});
    first = first && n == 0;
  }
}

}  // namespace

std::size_t render_waybar(std::string_view templ, const Values& values, const Options& options,
                          std::span<char> out) noexcept {
  if (out.size() < 2 * kObjectBytes) return 0;
  Object object(out);
  object.add("{\"text\":\"");
  const std::size_t text = render_line(templ, values, options, object.room());
  if (text == 0) return 0;
  object.took(text);
  object.add("\",\"tooltip\":\"");
  add_tooltip(object, values, options);
  const Value used = value_of(*find_field("tightest.used"), values);
  const Theme& theme = options.theme == nullptr ? default_theme() : *options.theme;
  const std::string_view level = level_name(tone_of(used, theme.limits_of("tightest.used")));
  object.add("\",\"class\":[");
  if (!level.empty()) {
    object.add("\"");
    object.add(level);
    object.add("\",");
  }
  object.add("\"");
  object.add(name_of(values.freshness));
  object.add("\"],\"alt\":\"");
  object.add(level);
  object.add("\"");
  if (used.kind != Kind::unknown) {
    Word percentage;
    percentage.add(used.number < 0 ? 0 : used.number / (kShareWhole / 100));
    object.add(",\"percentage\":");
    object.add(percentage.view());
  }
  object.add("}");
  return object.size();
}

}  // namespace shmeter::formats
