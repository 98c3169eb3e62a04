// SPDX-License-Identifier: MIT
// The template language, row by row.
#include <gtest/gtest.h>

#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

using shm::kUnknown;

struct Row {
  std::string_view templ;
  std::string_view want;
};

// In these tests session.name is unknown, session.pr is 42, session.dir is proj.
Sample nameless() {
  Sample s = sample();
  s.session.name = {};
  return s;
}

TEST(Language, TextFieldsAndEscapes) {
  const Row rows[] = {
      {"plain text", "plain text"},
      {"#{session.pr}", "#42"},
      {"{session.name} {session.pr}", "- 42"},  // outside a group: a dash
      {"{session.name|max:3} {session.pr}", "- 42"},
      {"{nonsense} {session.pr}", "- 42"},
      {"\\{session.pr\\} {session.pr}", "{session.pr} 42"},
      {"\\[\\]\\<ok\\>\\\\{session.pr}", "[]<ok>\\42"},
      {"a\\nb{session.pr}", "anb42"},
      {"\\é{session.pr}", "é42"},
      {"{session.pr}\\", "42\\"},
      {"}]>| || {session.pr}", "}]>| || 42"},
      {"{session.pr} {session.d", "42 -"},  // never raw
      {"5 < 6 <1m {session.pr}", "5 < 6 <1m 42"},
      {"<nonsense>{session.pr}</>", "42"},
      {"a\tb{session.pr}", "a b42"},
      {"", ""},
  };
  for (const Row& row : rows) EXPECT_EQ(shown(row.templ, nameless()), row.want) << row.templ;
  EXPECT_EQ(shown("a\x1b\\[31mb\r\x07{session.pr}", nameless()), "a[31mb 42");
}

TEST(Language, Groups) {
  const Row rows[] = {
      {"[a {session.pr}]", "a 42"},
      {"[a {session.name}]{session.pr}", "42"},
      {"[{session.pr} {session.name}]{session.pr}", "42"},
      {"[{session.pr}[ {session.name}]]", "42"},
      {"[{session.pr}[ {session.dir}]]", "42 proj"},
      {"[{session.name}[ {session.dir}]]{session.pr}", "42"},
      {"[a[b[c[d[e[f[g[h{session.pr}]]]]]]]]", "abcdefgh42"},
      {"[a[b[c[d[e[f[g[h[i{session.pr}]]]]]]]]]{session.pr}", "abcdefgh42"},  // nine deep
      {"[no field]{session.pr}", "no field42"},
      {"[open {session.pr}", "open 42"},
      {"[open {session.name}", ""},
      {"[!9:{session.pr}]", "42"},
      {"[!0:{session.pr}]", "!0:42"},
      {"[\\]{session.pr}]", "]42"},
      {"[{session.name}\\]]{session.pr}", "42"},
      {"[{session.name} {x]}]{session.pr}", "42"},  // the ] in braces is no end
  };
  for (const Row& row : rows) EXPECT_EQ(shown(row.templ, nameless()), row.want) << row.templ;
}

TEST(Language, Alternatives) {
  const Row rows[] = {
      {"[{session.pr}||x]", "42"},
      {"[{session.name}||{session.pr}]", "42"},
      {"[{session.name}||{session.agent}{nope}||{session.dir}]", "proj"},
      {"[{session.name}||{nope}]{session.pr}", "42"},
      {"[{session.name}||none]{session.pr}", "none42"},
      {"[{session.pr}||{session.name}]", "42"},
      {"[{session.pr}||[{session.dir}||x]||y]!", "42!"},
      {"[{session.name}[a||b]||{session.pr}]", "42"},
      {"[{session.name||{session.pr}]", ""},  // an open brace takes the rest
      {"[a | b {session.pr}]", "a | b 42"},
      {"[a \\|| b {session.pr}]", "a || b 42"},
  };
  for (const Row& row : rows) EXPECT_EQ(shown(row.templ, nameless()), row.want) << row.templ;
}

TEST(Language, Separators) {
  const Row rows[] = {
      {"{session.pr}<sep>{session.dir}", "42 · proj"},
      {"{session.pr}<sep: / >{session.dir}", "42 / proj"},
      {"[{session.name}][<sep>{session.dir}]", "proj"},
      {"[{session.pr}][<sep>{session.name}]", "42"},
      {"[{session.pr}][<sep>{session.name}][<sep>{session.dir}]", "42 · proj"},
      {"[{session.pr}]<sep><sep>[{session.dir}]", "42 · proj"},
      {"text <sep>{session.dir}", "text proj"},  // text is nothing to separate
      {"{session.pr}<sep>", "42"},
      {"{session.pr}<sep>text", "42 · text"},
  };
  for (const Row& row : rows) EXPECT_EQ(shown(row.templ, nameless()), row.want) << row.templ;
}

TEST(Language, Newlines) {
  const Row rows[] = {
      {"{session.pr}\n{session.dir}", "42\nproj"},
      {"[{session.name}]\n[{session.pr}]\n[{session.agent}{nope}]\n{session.dir}\n", "42\nproj"},
      {"\n\n{session.pr}", "42"},
      {"[{session.pr}\n{session.name}]{session.dir}", "proj"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(shown(row.templ, nameless()), row.want) << row.templ;
    EXPECT_EQ(shown(row.templ, nameless(), {.target = Target::claude}), row.want) << row.templ;
    for (const Target target : {Target::tmux, Target::starship, Target::polybar})
      EXPECT_EQ(shown(row.templ, nameless(), {.target = target}).find('\n'), std::string::npos);
  }
  EXPECT_EQ(shown("{session.pr}\n{session.dir}", nameless(), {.target = Target::tmux}),
            "42 · proj");
}

TEST(Language, Styles) {
  const Options options{.target = Target::polybar, .colour = Colour::truecolor};
  const Row rows[] = {
      {"<ok>{session.pr}</>", "%{F#5faf5f}42%{F-}"},
      {"<ok>{session.pr}", "%{F#5faf5f}42%{F-}"},
      {"<ok></>{session.pr}", "42"},
      {"<ok>a<crit>b</>c</>{session.pr}", "%{F#5faf5f}a%{F-}%{F#d75f5f}b%{F-}%{F#5faf5f}c%{F-}42"},
      {"<ok><bold>{session.pr}</></>", "%{F#5faf5f}42%{F-}"},
      {"[<ok>{session.pr}]{session.dir}", "%{F#5faf5f}42%{F-}proj"},  // a group closes its own
      {"<ok>[a</>b]{session.pr}", "%{F#5faf5f}ab42%{F-}"},            // and only its own
      {"</>{session.pr}", "42"},
      {"[<ok>{session.name}]{session.pr}", "42"},
      {"<auto:five_hour.used>{session.pr}</>", "%{F#5faf5f}42%{F-}"},
      {"<auto:nonsense>{session.pr}</>", "42"},
      {"<auto:session.tokens>{session.pr}</>", "42"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(shown(row.templ, nameless(), options), row.want) << row.templ;
}

TEST(Language, AutoStyleByThreshold) {
  const struct {
    i64 used_ppm;
    std::string_view colour;
  } rows[] = {{0, "#5faf5f"},       {749'999, "#5faf5f"}, {750'000, "#d78700"},
              {899'999, "#d78700"}, {900'000, "#d75f5f"}, {1'000'000, "#d75f5f"}};
  for (const auto& row : rows) {
    Sample s = sample();
    s.account.five_hour.used_ppm = s.session.context_used_ppm = row.used_ppm;
    for (const std::string templ :
         {"<auto:five_hour.used>x{session.pr}", "<auto:five_hour.left>x{session.pr}",
          "<auto:session.context>x{session.pr}"})
      EXPECT_NE(shown(templ, s, {.target = Target::polybar, .colour = Colour::truecolor})
                    .find(row.colour),
                std::string::npos)
          << templ << row.used_ppm;
  }
  Sample s = sample();
  s.account.five_hour.resets_at_s = kNow;
  EXPECT_EQ(shown("<auto:five_hour.used>{session.pr}</>", s,
                  {.target = Target::polybar, .colour = Colour::truecolor}),
            "42");
}

TEST(Language, WidthDropsTheLeastImportantFirst) {
  const struct {
    std::string_view templ;
    int width;
    std::string_view want;
  } rows[] = {
      {"[a{session.pr}][b{session.pr}][c{session.pr}]", 9, "a42b42c42"},
      {"[a{session.pr}][b{session.pr}][c{session.pr}]", 8, "a42b42"},
      {"[a{session.pr}][b{session.pr}][c{session.pr}]", 3, "a42"},
      {"[!6:a{session.pr}][b{session.pr}][c{session.pr}]", 8, "b42c42"},
      {"[!2:a{session.pr}][!9:b{session.pr}][!1:c{session.pr}]", 8, "a42c42"},
      {"[!2:a{session.pr}][!9:b{session.pr}][!1:c{session.pr}]", 4, "c42"},
      {"[a{session.pr}[!9:b{session.pr}]][c{session.pr}]", 8, "a42c42"},
      {"[!9:a{session.pr}[b{session.pr}]][c{session.pr}]", 8, "c42"},
      {"x{session.pr}[b{session.pr}]", 5, "x42"},
      {"x{session.pr}[b{session.pr}]", 2, "x…"},
      {"[a{session.pr}]\n[b{session.pr}][c{session.pr}]", 5, "a42\nb42"},  // only the long line
      {"long long\n[b{session.pr}][c{session.pr}]", 6, "long …\nb42c42"},
      {"[{session.name}||a{session.pr}][c{session.pr}]", 4, "a42"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(shown(row.templ, nameless(), {.width = row.width}), row.want)
        << row.templ << " " << row.width;
}

TEST(Language, CutsBetweenCharacters) {
  Sample s = sample();
  s.session.name.assign("日本e\u0301語");
  const struct {
    int width;
    std::string_view want;
  } rows[] = {{7, "日本e\u0301語"},
              {6, "日本e\u0301…"},
              {5, "日本…"},
              {4, "日…"},
              {3, "日…"},
              {2, "…"},
              {1, "…"}};
  for (const auto& row : rows)
    EXPECT_EQ(shown("{session.name}", s, {.width = row.width}), row.want) << row.width;
}

TEST(Language, StaleIsDimAndSaysItsAge) {
  Sample s = nameless();
  s.freshness = Freshness::stale;
  s.age_s = 185;
  EXPECT_EQ(shown("{session.pr}", s), "42 (3m old)");
  EXPECT_EQ(shown("<ok>{session.pr}</>", s, {.target = Target::polybar, .colour = Colour::ansi16}),
            "%{F#808080}42 (3m old)%{F-}");
  EXPECT_EQ(shown("[{session.name}]", s), "");
  EXPECT_EQ(shown("{session.pr}[ {session.dir}]", s, {.width = 12}), "42 (3m old)");
  EXPECT_EQ(shown("{session.dir}", s, {.width = 11}), "p… (3m old)");
  EXPECT_EQ(shown("{session.pr}\n{session.dir}\n", s), "42\nproj (3m old)");
  s.freshness = Freshness::wedged;
  s.age_s = kUnknown;
  EXPECT_EQ(shown("{session.pr}", s), "42 (old)");
}

TEST(Language, FreshSessionBesideAStalePicture) {
  Sample s = nameless();
  s.freshness = Freshness::stale;
  s.age_s = 185;
  s.session_fresh = true;
  const Options options{.target = Target::polybar, .colour = Colour::truecolor};
  EXPECT_EQ(shown("<ok>{session.pr}</>", s, options), "%{F#5faf5f}42%{F-}");
  EXPECT_EQ(shown("<ok>{session.pr}{today.cost}</>", s, options),
            "%{F#5faf5f}42%{F-}%{F#808080}$4.56 (3m old)%{F-}");
  // Said after the picture was published: it came with the session.
  EXPECT_EQ(shown("{five_hour.used}", s), "42%");
  s.account.five_hour.observed_at_s = kNow - 200;
  EXPECT_EQ(shown("{five_hour.used}", s), "42% (3m old)");
}

TEST(Language, PartialAndAbsent) {
  Sample s = nameless();
  s.freshness = Freshness::partial;
  s.summary.all = {};
  EXPECT_EQ(shown("[{total.cost} ]{today.cost}", s), "$4.56");
  s.freshness = Freshness::absent;
  EXPECT_EQ(shown("text", s), "");
  s.freshness = Freshness::live;
  EXPECT_EQ(shown("text", s), "text");
}

TEST(Language, ASmallBufferCutsWholeCharactersAndMarkup) {
  const Sample s = nameless();
  for (std::size_t size = 0; size < 400; ++size) {
    std::vector<char> out(size);
    const std::size_t n = render("<ok>日本語日本語日本語 {session.dir}</>", s.values(),
                                 {.target = Target::polybar, .colour = Colour::truecolor}, out);
    const std::string_view text(out.data(), n);
    EXPECT_LE(n, size);
    EXPECT_TRUE(text.empty() || text.ends_with("%{F-}")) << text;
  }
}

}  // namespace
}  // namespace shmeter::formats
