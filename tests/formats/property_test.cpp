// SPDX-License-Identifier: MIT
// Whatever the template, the values, the width and the target: one valid line within its width,
// without control characters, with all markup closed. Seeds are fixed, so a failure comes back.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <limits>
#include <optional>
#include <random>

#include "formats/field_table.hpp"
#include "formats/screen.hpp"
#include "formats/utf8.hpp"
#include "tests/formats/host_shows.hpp"
#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

using namespace std::string_view_literals;
using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t n) { return random() % n; }

template <std::size_t N>
std::string_view pick(Random& random, const std::string_view (&from)[N]) {
  return from[below(random, N)];
}

#define SHMETER_NAME(name, kind, get, place, path, help) name,
constexpr std::string_view kFields[] = {SHMETER_TEMPLATE_FIELDS(SHMETER_NAME) "nonsense"};
constexpr std::string_view kFilters[] = {"short",     "raw",   "percent", "percent:2",   "money",
                                         "money:9",   "bar",   "bar:32",  "bar:3:ascii", "age",
                                         "countdown", "clock", "max:3",   "max:40",      "bar:-1"};
constexpr std::string_view kTexts[] = {"x",
                                       " ",
                                       "  ",
                                       "text ",
                                       "日本語",
                                       "é",
                                       "e\u0301",
                                       "😀",
                                       "👨\u200d👩",
                                       "\u202E",
                                       "#[",
                                       "#",
                                       "%",
                                       "%{F-}",
                                       "\\{",
                                       "\\[",
                                       "\\<",
                                       "\\",
                                       "|",
                                       "||",
                                       "<b>",
                                       "&amp;",
                                       "\"",
                                       "'",
                                       "\x1b[31m",
                                       "\r",
                                       "\t",
                                       "\n",
                                       "\x07",
                                       "\xff",
                                       "\xe2\x80",
                                       "\xc2\x9b",
                                       "]",
                                       "}",
                                       "{",
                                       "[",
                                       "<",
                                       ">",
                                       "</>",
                                       "<sep>",
                                       "<sep:\x1b#%{>",
                                       "{fill}",
                                       "<icon:cost>",
                                       "<icon:dir>"};
constexpr std::string_view kTags[] = {"<ok>",
                                      "<warn>",
                                      "<crit>",
                                      "<dim>",
                                      "<accent>",
                                      "<bold>",
                                      "<auto:five_hour.used>",
                                      "<auto:session.context>",
                                      "<nonsense>",
                                      "<sep>",
                                      "<sep: | >"};
constexpr std::size_t kTargets = static_cast<std::size_t>(Target::json) + 1;
constexpr std::string_view kThemes[] = {
    "", "nonsense\nok -\nwarn - bold\ncrit - bold\ndim - faint\naccent - bold\nglyphs ascii",
    "ground 2e3440 236 0\nleft \ue0b6\nright \ue0b4\nseparator  \ue0b1 \nglyphs nerd",
    "ground 2e3440 236 0\nleft [#%{F-}\nright 日本\x1b]\nseparator \nlimits 0 0",
    "right ))))))))))\nok 5faf5f 71 2 bold faint\ncrit ffffff 256 99"};
constexpr std::string_view kNames[] = {
    "",
    "proj",
    "#[fg=red]",
    "#(rm)",
    "%{F-}",
    "%%{",
    "<b>&\"\\",
    "\x1b[31m\x1b]0;x\x07",
    "a\nb\rc",
    "\u202Eevil",
    "\xff\xfe\xc0\xaf",
    "日本語の長い名前日本語の長い名前",
    "👨\u200d👩\u200d👧\uFE0F",
    "e\u0301\u0301",
    "\u0301",
    "x\u200b",
    "very long name that goes on and on and on and on and on, on",
    "\\x41"};

std::string random_template(Random& random, int depth) {
  std::string out;
  for (std::size_t pieces = 1 + below(random, 6); pieces > 0; --pieces) {
    switch (below(random, depth > 0 ? 5 : 4)) {
      case 0:
        out += pick(random, kTexts);
        break;
      case 1:
      case 2: {
        out += around("{", pick(random, kFields), "");
        for (std::size_t n = below(random, 3); n > 0; --n)
          out += around("|", pick(random, kFilters), "");
        out += "}";
        break;
      }
      case 3:
        out += std::string(pick(random, kTags)) + random_template(random, 0) + "</>";
        break;
      default:
        out += below(random, 2) ? "[" : "[!" + std::to_string(1 + below(random, 9)) + ":";
        out += random_template(random, depth - 1);
        if (below(random, 3) == 0) out += "||" + random_template(random, depth - 1);
        out += "]";
    }
  }
  return out;
}

i64 random_number(Random& random) {
  constexpr i64 kEdges[] = {shm::kUnknown,
                            std::numeric_limits<i64>::max(),
                            -1,
                            0,
                            1,
                            999'500,
                            1'000'000,
                            kNow,
                            kNow - 1,
                            kNow + 1,
                            kNow + 90'000};
  if (below(random, 2) == 0) return kEdges[below(random, std::size(kEdges))];
  return static_cast<i64>(random() >> below(random, 64));
}

/// Any bytes at all in a picture, with names of our choice in it.
template <class Part>
void scramble(Random& random, Part& part) {
  static_assert(sizeof(Part) % sizeof(i64) == 0);
  auto* bytes = reinterpret_cast<char*>(&part);
  for (std::size_t at = 0; at < sizeof(Part); at += sizeof(i64)) {
    if (below(random, 3) != 0) continue;
    const i64 number = random_number(random);
    std::memcpy(bytes + at, &number, sizeof(number));
  }
}

Sample random_sample(Random& random) {
  Sample s = sample();
  if (below(random, 2) == 0) {
    scramble(random, s.summary);
    scramble(random, s.account);
    scramble(random, s.session);
  }
  s.session.name.assign(pick(random, kNames));
  s.session.cwd.assign(pick(random, kNames));
  s.session.model_name.assign(pick(random, kNames));
  s.account.name.assign(pick(random, kNames));
  s.account.scoped_1.label.assign(pick(random, kNames));
  s.freshness = static_cast<Freshness>(below(random, 5));
  s.age_s = random_number(random);
  s.session_fresh = below(random, 2) == 0;
  return s;
}

void expect_good(std::string_view line, const Options& options) {
  ASSERT_TRUE(simdjson::validate_utf8(line.data(), line.size()));
  const std::optional<std::string> host = host_shows(options.target, line);
  ASSERT_TRUE(host.has_value());
  int columns_here = 0;
  for (std::string_view text = *host; !text.empty();) {
    const Decoded one = decode(text);
    text.remove_prefix(one.bytes);
    if (one.code == U'\n' && has_lines(options.target)) {
      columns_here = 0;
      continue;
    }
    ASSERT_FALSE(is_control(one.code)) << static_cast<unsigned>(one.code);
    ASSERT_NE(columns(one.code), kDropped);
    columns_here += columns(one.code);
    ASSERT_TRUE(options.width == 0 || columns_here <= options.width) << columns_here;
  }
}

void try_one(Random& random, std::string_view templ) {
  const Sample s = random_sample(random);
  Values values = s.values();
  if (below(random, 8) == 0) values.summary = nullptr;
  if (below(random, 8) == 0) values.account = nullptr;
  if (below(random, 8) == 0) values.session = nullptr;
  const Theme theme = parse_theme(pick(random, kThemes));
  const Options options{.target = static_cast<Target>(below(random, kTargets)),
                        .colour = static_cast<Colour>(below(random, 4)),
                        .width = static_cast<int>(below(random, 301)),
                        .theme = below(random, 2) == 0 ? nullptr : &theme};
  std::vector<char> out(below(random, 4) == 0 ? below(random, 1200) : 8192);
  const std::size_t n = render(templ, values, options, out);
  ASSERT_LE(n, out.size());
  const std::string_view line(out.data(), n);
  SCOPED_TRACE(testing::Message() << target_name(options.target) << " width " << options.width
                                  << " template " << testing::PrintToString(std::string(templ))
                                  << " line " << testing::PrintToString(std::string(line)));
  ASSERT_NO_FATAL_FAILURE(expect_good(line, options));
}

TEST(Property, AnyTemplateAnyValues) {
  Random random(1);
  for (int i = 0; i < 6'000 && !HasFatalFailure(); ++i) try_one(random, random_template(random, 3));
}

TEST(Property, AnyBytesAsATemplate) {
  Random random(2);
  constexpr std::string_view kBytes = "{}[]|<>/\\!:\n #%ab.59\x1b\xc3\xa9\xff"sv;
  for (int i = 0; i < 4'000 && !HasFatalFailure(); ++i) {
    std::string templ = random_template(random, 2);
    for (std::size_t changes = below(random, 8); changes > 0 && !templ.empty(); --changes)
      templ[below(random, templ.size())] = kBytes[below(random, kBytes.size())];
    try_one(random, templ);
    TemplateError error;
    if (check_template(templ, error)) continue;
    EXPECT_GE(error.line, 1u);
    EXPECT_GE(error.column, 1u);
    EXPECT_GT(std::strlen(error.message), 0u);
  }
}

TEST(Property, EveryWidthOfTheFormsThatComeWithIt) {
  Random random(3);
  for (int width = 1; width <= 300; ++width)
    for (const auto templ :
         {default_template(Target::plain), compact_template(), full_template(), rich_template()})
      for (std::size_t target = 0; target < kTargets; ++target) {
        Sample s = random_sample(random);
        const Theme theme = parse_theme(kThemes[below(random, 3)]);
        const Options options{static_cast<Target>(target), Colour::truecolor, width, &theme};
        ASSERT_NO_FATAL_FAILURE(expect_good(shown(templ, s, options), options));
      }
}

TEST(Property, NothingIsLongerThanItsBounds) {
  const Sample s = sample();
  std::string many;
  for (int i = 0; i < 200; ++i) many += "[{session.pr}]\n<ok>";
  expect_good(shown(many, s, {.width = 5}), {.width = 5});
  const std::string lines = shown(many, s);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), kMaxLines - 1);
  std::string deep(5000, '[');
  EXPECT_EQ(shown(deep + "{session.pr}", s), "");
  expect_good(shown(std::string(200'000, 'x') + "{session.pr}", s, {.width = 9}), {.width = 9});
}

}  // namespace
}  // namespace shmeter::formats
