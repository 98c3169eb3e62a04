// SPDX-License-Identifier: MIT
// Lines made by the reader's own code, read back as each host reads them: every host shows the same
// text, whatever names the picture holds.
#include "collector/preview/preview.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collector/preview/host_text.hpp"
#include "collector/preview/live_lines.hpp"
#include "shm/publisher.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using formats::Target;
using testing::HasSubstr;
using testing::Not;

constexpr i64 kNow = 1'795'273'200;

plugin::Environment colourful() {
  plugin::Environment env;
  env.colorterm = "truecolor";
  return env;
}

std::string text_of(const HostText& text) {
  std::string out;
  for (const HostSpan& span : text) out += span.text;
  return out;
}

TEST(Preview, EveryHostOfTheReaderIsThere) {
  std::vector<std::string_view> names;
  for (const plugin::Verb* host : preview_hosts()) names.push_back(host->name);
  EXPECT_THAT(
      names, testing::UnorderedElementsAre("claude", "tmux", "starship", "waybar", "polybar", "zsh",
                                           "bash", "fish", "plain", "ansi"));
}

TEST(Preview, EverySampleHasALineThatItsHostTakes) {
  for (const PreviewSample& sample : preview_samples(kNow)) {
    SCOPED_TRACE(sample.title);
    const PreviewPart part = preview_sample(sample, kNow, {}, colourful(), 0);
    EXPECT_EQ(part.lines.size(), preview_hosts().size());
    for (const PreviewLine& line : part.lines) {
      SCOPED_TRACE(line.bytes);
      EXPECT_FALSE(line.bytes.empty());
      const auto text = read_host_line(line.host->target, line.bytes);
      ASSERT_TRUE(text) << text.error().message;
      const bool has_colours = line.host->target != Target::plain;
      EXPECT_EQ(text->front().style != HostStyle{}, has_colours);
    }
  }
}

TEST(Preview, WhateverItIsCalledEveryHostShowsTheSame) {
  constexpr std::string_view kPieces[] = {
      "#[fg=red]", "#",     "##",   "#(rm)",   "%{F-}",  "%",  "{",   "%%{",
      "<b>",       "&amp;", "&",    "\"",      "'",      "\\", "\\n", "\x1b[31m",
      "\r",        "\xff",  "日本", "e\u0301", "\u202E", "x",  " ",   "]"};
  std::mt19937_64 random(17);
  for (int round = 0; round < 3'000; ++round) {
    std::string name = "a";
    for (std::size_t n = random() % 8; n > 0; --n) name += kPieces[random() % std::size(kPieces)];
    name += "z";  // starship trims
    PreviewSample sample = preview_samples(kNow)[random() % 4];
    sample.session.name.assign(name);
    OwnFormats own;
    for (const plugin::Verb* host : preview_hosts())
      own[std::string(host->name)] = {
          "<warn>{session.name}</> [<auto:five_hour.used>{five_hour.used}</>] z", ""};
    const int width = static_cast<int>(random() % 30);
    const PreviewPart part = preview_sample(sample, kNow, own, colourful(), width);
    std::string plain;
    for (const PreviewLine& line : part.lines)
      if (line.host->target == Target::plain) plain = line.bytes;
    for (const PreviewLine& line : part.lines) {
      SCOPED_TRACE(testing::PrintToString(line.bytes));
      const auto text = read_host_line(line.host->target, line.bytes);
      ASSERT_TRUE(text) << text.error().message;
      // polybar has no escape: "%{" is broken up, which takes a column.
      if (line.host->target == Target::polybar && plain.find("%{") != plain.npos) continue;
      // starship trims both ends: without a width, as that makes room for more.
      const bool trimmed = plain.starts_with(' ') || plain.ends_with(' ') || width > 0;
      if (line.host->target == Target::starship && trimmed) continue;
      EXPECT_EQ(text_of(*text), plain);
    }
  }
}

TEST(Preview, Text) {
  const std::vector<PreviewPart> parts = {
      preview_sample(preview_samples(kNow)[0], kNow, {}, colourful(), 0)};
  const std::string seen = preview_text(parts, Shown::as_seen, formats::Colour::none);
  EXPECT_THAT(seen, HasSubstr("a session at work\n  claude    Opus 5.5 · "));
  EXPECT_THAT(seen, Not(HasSubstr("\x1b")));
  EXPECT_THAT(seen, Not(HasSubstr("#[")));
  const std::string raw = preview_text(parts, Shown::raw, formats::Colour::none);
  for (const std::string_view markup : {"\\e[38;2;", "#[fg=#", "%{F#", "{\"text\":\"<span color="})
    EXPECT_THAT(raw, HasSubstr(markup));
  EXPECT_THAT(preview_text(parts, Shown::as_seen, formats::Colour::truecolor),
              HasSubstr("  tmux      \x1b[38;2;95;135;215mOpus 5.5 \x1b[0m"));
}

TEST(Preview, LinesBelowTheFirstStandUnderIt) {
  const OwnFormats own = {{"plain", {"one {session.model}\ntwo {session.cost}", ""}}};
  const std::string seen =
      preview_text({preview_sample(preview_samples(kNow)[0], kNow, own, colourful(), 0)},
                   Shown::as_seen, formats::Colour::none);
  EXPECT_THAT(seen, HasSubstr("  plain     one Opus 5.5\n            two $1.23\n"));
}

TEST(Preview, SaysWhatAHostWouldRefuse) {
  const plugin::Verb* tmux = nullptr;
  for (const plugin::Verb* host : preview_hosts())
    if (host->target == Target::tmux) tmux = host;
  const PreviewPart part = {"t", {{tmux, "#[shiny]x"}, {tmux, ""}}};
  const std::string seen = preview_text({part}, Shown::as_seen, formats::Colour::none);
  EXPECT_THAT(seen, HasSubstr("refused: a style that tmux does not know: shiny: #[shiny]x"));
  EXPECT_THAT(seen, HasSubstr("  tmux      (nothing)"));
  EXPECT_THAT(preview_page({part}), HasSubstr("refused: "));
}

TEST(Preview, PageHoldsNoMarkupFromOutside) {
  PreviewSample sample = preview_samples(kNow)[0];
  sample.session.name.assign("<script>alert(1)</script>&\"");
  OwnFormats own;
  for (const plugin::Verb* host : preview_hosts())
    own[std::string(host->name)] = {"{session.name}", ""};
  const std::string page = preview_page({preview_sample(sample, kNow, own, colourful(), 0)});
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"));
}

class Live : public testing::Test {
 protected:
  Live() {
    places_.dirs = shm::runtime_dirs(dir_.path(), "", "", 0);
    places_.euid = static_cast<shm::u64>(os::effective_uid());
  }
  void publish() {
    const PreviewSample sample = preview_samples(kNow)[0];
    session_ = sample.session;
    session_.session_id.assign("live-one");
    const shm::Session* pointer = &session_;
    constexpr std::string_view kOwn = "mine {session.model}";
    shm::Format format;
    format.target.assign("tmux");
    format.offset = 0;
    format.length = kOwn.size();
    shm::Picture picture;
    picture.summary = sample.summary;
    picture.accounts = {&sample.account, 1};
    picture.sessions = {&pointer, 1};
    picture.formats = {&format, 1};
    picture.format_text = kOwn;
    shm::Failure why;
    lock_ = shm::WriterLock::take(dir_.path(), why);
    ASSERT_TRUE(lock_) << why.message;
    publisher_ = shm::Publisher::open(*lock_, 16, picture, "1", why);
    ASSERT_TRUE(publisher_) << why.message;
  }

  shm::test::TempDir dir_;
  plugin::Places places_;
  shm::Session session_;
  std::optional<shm::WriterLock> lock_;
  std::optional<shm::Publisher> publisher_;
};

TEST_F(Live, ShowsTheRegionWithTheUsersFormats) {
  publish();
  const auto live = live_preview(places_, colourful(), "", kNow, 0);
  ASSERT_TRUE(live) << live.error().message;
  EXPECT_EQ(live->own, (OwnFormats{{"tmux", {"mine {session.model}", ""}}}));
  for (const PreviewLine& line : live->part.lines) {
    const std::string text = text_of(*read_host_line(line.host->target, line.bytes));
    if (line.host->target == Target::tmux)
      EXPECT_EQ(text, "mine Opus 5.5");
    else
      EXPECT_THAT(text, HasSubstr("5h 42%"));
  }
  EXPECT_TRUE(live_preview(places_, colourful(), "live-one", kNow, 0));
}

TEST_F(Live, SaysWhatIsNotThere) {
  const auto nothing = live_preview(places_, colourful(), "", kNow, 0);
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, Errc::not_found);
  publish();
  const auto nobody = live_preview(places_, colourful(), "no-such", kNow, 0);
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().message, HasSubstr("no session no-such"));
}

}  // namespace
}  // namespace shmeter::collector
