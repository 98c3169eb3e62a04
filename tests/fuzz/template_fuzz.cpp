// SPDX-License-Identifier: MIT
// A template and what things are called, through every target: the host can read what comes out, it
// is within the width, and where two targets show the same template they show the same text.
// Input: a byte of width, a byte of freshness and colour, the template up to a NUL, then names,
// each up to a NUL.
#include <array>

#include "collector/preview/host_text.hpp"
#include "formats/screen.hpp"
#include "formats/utf8.hpp"
#include "tests/formats/sample.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace shmeter::fuzz {
namespace {

using formats::Target;

constexpr std::string_view kNul("\0", 1);

formats::Sample sample_of(std::string_view names, unsigned kind) {
  formats::Sample s = formats::sample();
  s.session.name.assign(take_until(names, kNul));
  s.session.model_name.assign(take_until(names, kNul));
  s.session.git_branch.assign(take_until(names, kNul));
  s.session.cwd.assign(take_until(names, kNul));
  s.account.name.assign(take_until(names, kNul));
  s.account.scoped_1.label.assign(take_until(names, kNul));
  s.summary.dashboard.assign(take_until(names, kNul));
  s.summary.hours_cost.assign(take_until(names, kNul));
  s.freshness = static_cast<formats::Freshness>(kind % 5);
  s.session_fresh = (kind & 8u) != 0;
  return s;
}

std::string text_of(const collector::HostText& spans) {
  std::string text;
  for (const collector::HostSpan& span : spans) text += span.text;
  return text;
}

/// What the host shows of it, which it can.
std::string shown_by(Target target, std::string_view line) {
  if (line.empty()) return {};
  const auto text = collector::read_host_line(target, line);
  holds(text.has_value(), "the host can read its line", line);
  return text_of(*text);
}

void check_text(std::string_view text, Target target, int width) {
  int columns = 0;
  while (!text.empty()) {
    const formats::Decoded one = formats::decode(text);
    const std::string_view bytes = text.substr(0, one.bytes);
    text.remove_prefix(one.bytes);
    holds(one.valid, "it is UTF-8", bytes);
    if (one.code == U'\n' && formats::has_lines(target)) {
      columns = 0;
      continue;
    }
    holds(!formats::is_control(one.code), "no control character shows", bytes);
    columns += formats::columns_of(bytes);
    holds(width == 0 || columns <= width, "it is within the width", bytes);
  }
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter;
  using namespace shmeter::fuzz;
  if (size < 2) return 0;
  std::string_view rest = fuzz::text_of(data + 2, size - 2);
  const std::string_view templ = take_until(rest, kNul);
  const formats::Sample sample = sample_of(rest, data[1]);
  formats::TemplateError error;
  if (!formats::check_template(templ, error))
    holds(error.line > 0 && error.column > 0 && is_one_line(error.message), "a mistake has a place",
          error.message);
  const formats::Options plain = {.target = Target::plain, .width = data[0]};
  const std::string one_line = formats::shown(templ, sample, plain);
  for (const Target target :
       {Target::plain, Target::ansi, Target::claude, Target::tmux, Target::starship, Target::waybar,
        Target::polybar, Target::zsh, Target::bash, Target::fish}) {
    const formats::Options options = {.target = target,
                                      .colour = static_cast<formats::Colour>(data[1] / 16 % 4),
                                      .width = data[0]};
    const std::string text = shown_by(target, formats::shown(templ, sample, options));
    check_text(text, target, data[0]);
    if (target == Target::ansi || target == Target::claude)
      holds(text == one_line, "a terminal shows what is plain", text);
  }
  return 0;
}
