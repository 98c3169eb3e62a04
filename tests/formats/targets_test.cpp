// SPDX-License-Identifier: MIT
// Every target: its markup in every colour mode, and what it does to names that want to be more
// than names.
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

using namespace std::string_view_literals;

TEST(Targets, StylesInEveryMode) {
  constexpr std::string_view kTemplate = "<warn>w</> <bold>{session.pr}</> <crit><bold>c</></>";
  const struct {
    Target target;
    Colour colour;
    std::string_view want;
  } rows[] = {
      {Target::plain, Colour::truecolor, "w 42 c"},
      {Target::json, Colour::truecolor, "w 42 c"},
      {Target::ansi, Colour::none, "w 42 c"},
      {Target::ansi, Colour::ansi16, "\x1b[33mw \x1b[0m\x1b[1m42 \x1b[0m\x1b[1;31mc\x1b[0m"},
      {Target::ansi, Colour::ansi256,
       "\x1b[38;5;172mw \x1b[0m\x1b[1m42 \x1b[0m\x1b[1;38;5;167mc\x1b[0m"},
      {Target::claude, Colour::truecolor,
       "\x1b[38;2;215;135;0mw \x1b[0m\x1b[1m42 \x1b[0m\x1b[1;38;2;215;95;95mc\x1b[0m"},
      {Target::starship, Colour::ansi16, "\x1b[33mw \x1b[0m\x1b[1m42 \x1b[0m\x1b[1;31mc\x1b[0m"},
      {Target::tmux, Colour::none, "w 42 c"},
      {Target::tmux, Colour::ansi16,
       "#[fg=#d78700]w #[default]#[bold]42 #[default]#[fg=#d75f5f,bold]c#[default]"},
      {Target::polybar, Colour::none, "w 42 c"},
      {Target::polybar, Colour::ansi256, "%{F#d78700}w %{F-}42 %{F#d75f5f}c%{F-}"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(shown(kTemplate, sample(), {.target = row.target, .colour = row.colour}), row.want)
        << target_name(row.target);
}

TEST(Targets, LinkToTheDashboard) {
  constexpr std::string_view kTemplate = "a <link>{session.pr} <warn>w</></> <link></>b";
  constexpr std::string_view kOpen = "\x1b]8;;http://127.0.0.1:7483\x1b\\";
  constexpr std::string_view kClose = "\x1b]8;;\x1b\\";
  const Options plain_claude = {.target = Target::claude};
  EXPECT_EQ(shown(kTemplate, sample(), plain_claude),
            around("a ", kOpen, "42 w") + std::string(kClose) + " b");
  EXPECT_EQ(shown(kTemplate, sample(), {.target = Target::ansi, .colour = Colour::ansi16}),
            around("a ", kOpen, "42 \x1b[33mw") + std::string(kClose) + "\x1b[0m b");
  EXPECT_EQ(shown(kTemplate, sample(), {.target = Target::claude, .width = 4}),
            around("a ", kOpen, "4") + "…" + std::string(kClose));
  for (const Target target : {Target::plain, Target::tmux, Target::starship, Target::polybar,
                              Target::zsh, Target::bash, Target::fish})
    EXPECT_EQ(shown(kTemplate, sample(), {.target = target}), "a 42 w b") << target_name(target);

  Sample gone = sample();
  gone.freshness = Freshness::stale;
  gone.session_fresh = true;
  EXPECT_EQ(shown(kTemplate, gone, plain_claude), "a 42 w b") << "the page is the collector's";
  for (const std::string_view address :
       {"", "file:///etc/passwd", "http://a b", "http://a\x1b\\", "http://a\x07", "http://ä",
        "javascript:alert(1)", "http://a;b",
        "http://"
        "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0"}) {
    Sample s = sample();
    s.summary.dashboard.assign(address);
    EXPECT_EQ(shown(kTemplate, s, plain_claude), "a 42 w b") << address;
  }
}

TEST(Targets, EveryToneInEveryPalette) {
  const struct {
    std::string_view tag;
    std::string_view basic;
    std::string_view indexed;
    std::string_view hex;
  } rows[] = {{"ok", "32", "38;5;71", "#5faf5f"},
              {"warn", "33", "38;5;172", "#d78700"},
              {"crit", "31", "38;5;167", "#d75f5f"},
              {"dim", "2", "38;5;244", "#808080"},
              {"accent", "36", "38;5;68", "#5f87d7"}};
  for (const auto& row : rows) {
    const std::string templ = around("<", row.tag, ">{session.pr}</>");
    const auto in = [&](Target target, Colour colour) {
      return shown(templ, sample(), {.target = target, .colour = colour});
    };
    EXPECT_EQ(in(Target::ansi, Colour::ansi16), around("\x1b[", row.basic, "m42\x1b[0m"));
    EXPECT_EQ(in(Target::ansi, Colour::ansi256), around("\x1b[", row.indexed, "m42\x1b[0m"));
    EXPECT_EQ(in(Target::tmux, Colour::ansi16), around("#[fg=", row.hex, "]42#[default]"));
  }
}

TEST(Targets, HostileNames) {
  const struct {
    std::string_view name;
    std::string_view plain;  // also ansi, claude and starship
    std::string_view tmux;
    std::string_view polybar;
  } rows[] = {
      {"#[fg=red]", "#[fg=red]", "##[fg=red]", "#[fg=red]"},
      {"#(rm -rf ~)", "#(rm -rf ~)", "##(rm -rf ~)", "#(rm -rf ~)"},
      {"#{pane_id} #S ##", "#{pane_id} #S ##", "##{pane_id} ##S ####", "#{pane_id} #S ##"},
      {"%{F-}%{A1:rm:}x%{A}", "%{F-}%{A1:rm:}x%{A}", "%{F-}%{A1:rm:}x%{A}",
       "% {F-}% {A1:rm:}x% {A}"},
      {"%%{x", "%%{x", "%%{x", "%% {x"},
      {"50%H $1.23 `id` \\w", "50%H $1.23 `id` \\w", "50%H $1.23 `id` \\w", "50%H $1.23 `id` \\w"},
      {"\x1b[31mred\x1b[0m", "[31mred[0m", "[31mred[0m", "[31mred[0m"},
      {"\x1b]8;;http://x\x07link", "]8;;http://xlink", "]8;;http://xlink", "]8;;http://xlink"},
      {"a\r\nb\tc\x0b"
       "d",
       "a  b c d", "a  b c d", "a  b c d"},
      {"\xc2\x9b"
       "31m\xc2\x85x",
       "31m x", "31m x", "31m x"},  // C1 controls as UTF-8
      {"a\u202Eb\u2066c\u200Bd\uFEFFe\u2028f", "abcde f", "abcde f", "abcde f"},
      {"\xff\xc3(\xe2\x80", "\uFFFD\uFFFD(\uFFFD\uFFFD", "\uFFFD\uFFFD(\uFFFD\uFFFD",
       "\uFFFD\uFFFD(\uFFFD\uFFFD"},
      {"日本語", "日本語", "日本語", "日本語"},
      {"👨\u200d👩\u200d👧", "👨👩👧", "👨👩👧", "👨👩👧"},
      {"{session.pr}[x]<ok>\\", "{session.pr}[x]<ok>\\", "{session.pr}[x]<ok>\\",
       "{session.pr}[x]<ok>\\"},  // a name is no template
  };
  for (const auto& row : rows) {
    Sample s = sample();
    s.session.name.assign(row.name);
    const auto in = [&](Target target) {
      return shown("{session.name}", s, {.target = target, .colour = Colour::truecolor});
    };
    for (const Target target : {Target::plain, Target::ansi, Target::claude, Target::starship})
      EXPECT_EQ(in(target), row.plain) << target_name(target);
    EXPECT_EQ(in(Target::tmux), row.tmux);
    EXPECT_EQ(in(Target::polybar), row.polybar);
  }
}

TEST(Targets, ATextThatStopsAtItsBuffer) {
  Sample s = sample();
  s.session.name.bytes.fill('#');  // no terminator at all
  EXPECT_EQ(shown("{session.name}", s, {.target = Target::tmux}), std::string(128, '#'));
  s.session.name.assign("ab\0cd"sv);
  EXPECT_EQ(shown("{session.name}", s), "ab");
}

TEST(Targets, TheTemplateItselfIsShownAsWritten) {
  EXPECT_EQ(shown("#S #\\[x\\] {session.pr}", sample(), {.target = Target::tmux}), "##S ##[x] 42");
  EXPECT_EQ(shown("100%\\{{session.pr}", sample(), {.target = Target::polybar}), "100% {42");
  EXPECT_EQ(shown("a\x1b\rb{session.pr}", sample(), {.target = Target::tmux}), "a b42");
}

TEST(Targets, APercentSignThatMeetsABraceOfAnotherField) {
  Sample s = sample();
  s.session.name.assign("50%");
  s.session.agent.assign("{F-}");
  EXPECT_EQ(shown("{session.name}{session.agent}", s, {.target = Target::polybar}), "50% {F-}");
}

TEST(Targets, StarshipTrims) {
  const Options options{.target = Target::starship, .colour = Colour::ansi16};
  EXPECT_EQ(shown("  {session.pr}  ", sample(), options), "42");
  EXPECT_EQ(shown(" <ok>  a  {session.pr} </> ", sample(), options), "\x1b[32ma  42\x1b[0m");
  EXPECT_EQ(shown(" {session.pr} ", sample(), {.target = Target::tmux}), " 42 ");
}

struct Waybar {
  std::string text, tooltip, alt;
  std::vector<std::string> classes;
  int percentage = -1;
};
Waybar waybar(std::string_view templ, const Sample& s, int width = 0) {
  simdjson::dom::parser parser;
  const std::string line =
      shown(templ, s, {.target = Target::waybar, .colour = Colour::truecolor, .width = width});
  EXPECT_EQ(line.find('\n'), line.npos);
  simdjson::dom::object object;
  Waybar got;
  if (parser.parse(line).get(object) != simdjson::SUCCESS) {
    ADD_FAILURE() << line;
    return got;
  }
  for (const auto& [key, value] : object) {
    if (key == "text") got.text = std::string(value.get_string().value());
    if (key == "tooltip") got.tooltip = std::string(value.get_string().value());
    if (key == "alt") got.alt = std::string(value.get_string().value());
    if (key == "percentage") got.percentage = static_cast<int>(value.get_int64().value());
    if (key != "class") continue;
    const simdjson::dom::array classes = value;
    for (const auto one : classes) got.classes.emplace_back(one.get_string().value());
  }
  return got;
}

TEST(Targets, WaybarObject) {
  const Waybar got = waybar("<ok>5h</> {five_hour.used}", sample());
  EXPECT_EQ(got.text, "<span color='#5faf5f'>5h </span>42%");
  EXPECT_EQ(got.alt, "ok");
  EXPECT_EQ(got.classes, (std::vector<std::string>{"ok", "live"}));
  EXPECT_EQ(got.percentage, 42);
  EXPECT_EQ(got.tooltip.substr(0, got.tooltip.find('\n')),
            "<span weight='bold'>Opus 4.1 </span><span color='#808080'>· </span>high "
            "<span color='#808080'>· </span>proj <span color='#808080'>· </span>main");
  EXPECT_NE(got.tooltip.find("\nContext ███░░░░░ 42% of 200k\n"), std::string::npos);
}

TEST(Targets, WaybarWithLessKnown) {
  Sample s = sample();
  s.account = {};
  s.session = {};
  const Waybar got = waybar("{today.cost}", s);
  EXPECT_EQ(got.text, "$4.56");
  EXPECT_EQ(got.alt, "");
  EXPECT_EQ(got.classes, std::vector<std::string>{"live"});
  EXPECT_EQ(got.percentage, -1);
  EXPECT_EQ(shown("{session.name}", s, {.target = Target::waybar}), "");
  s = sample();
  s.account.five_hour.used_ppm = 999'999;
  s.freshness = Freshness::stale;
  s.age_s = 185;
  const Waybar stale = waybar("{today.cost}", s);
  EXPECT_EQ(stale.text, "<span color='#808080'>$4.56 (3m old)</span>");
  EXPECT_EQ(stale.classes, (std::vector<std::string>{"crit", "stale"}));
  EXPECT_EQ(stale.percentage, 99);
  EXPECT_TRUE(stale.tooltip.ends_with("3m old</span>")) << stale.tooltip;
}

TEST(Targets, WaybarEscapesPangoAndJson) {
  const struct {
    std::string_view name;
    std::string_view want;
  } rows[] = {{"<b>&\"'", "&lt;b&gt;&amp;&quot;'"},
              {"</span>", "&lt;/span&gt;"},
              {"\\x41\\", "&#92;x41&#92;"},
              {"a\nb\x01\"}", "a b&quot;}"},
              {"\xff", "\uFFFD"}};
  for (const auto& row : rows) {
    Sample s = sample();
    s.session.name.assign(row.name);
    s.session.model_name.assign(row.name);
    const Waybar got = waybar("{session.name}", s);
    EXPECT_EQ(got.text, row.want);
    EXPECT_NE(got.tooltip.find(row.want), std::string::npos);
  }
}

TEST(Targets, WaybarInASmallBuffer) {
  simdjson::dom::parser parser;
  const Sample s = sample();
  for (std::size_t size = 0; size < 2000; size += 7) {
    std::vector<char> out(size);
    const std::size_t n = render("{session.name} {today.cost}", s.values(),
                                 {.target = Target::waybar, .colour = Colour::truecolor}, out);
    ASSERT_LE(n, size);
    if (n == 0) continue;
    EXPECT_EQ(parser.parse(out.data(), n).error(), simdjson::SUCCESS) << size;
  }
}

}  // namespace
}  // namespace shmeter::formats
