// SPDX-License-Identifier: MIT
// The templates that can be asked for by name.
#include "formats/render.hpp"

namespace shmeter::formats {

namespace {

constexpr std::string_view kCompact =
    "\\["
    "[{session.tokens}/{total.tokens} tok||{session.tokens} tok||-/{total.tokens} tok]"
    "[<sep: | >{session.cost}]"
    "[<sep: | >{session.rate_limit_remaining} left"
    "||<sep: | >{tightest.left} left[ ({tightest.old} old)]]"
    "\\]";

constexpr std::string_view kFull =
    "[Tokens: {session.tokens} / {total.tokens} (session/total)"
    "||Tokens: {session.tokens} (session)||Tokens: {total.tokens} (total)]\n"
    "[Cost: ~<link>{session.cost}</>]\n"
    "[Rate: {session.rate_limit_remaining}[/{session.rate_limit_limit}] remaining"
    "||Rate: {tightest.left} of {tightest.name} remaining[ ({tightest.old} old)]]";

constexpr std::string_view kRich =
    "[!1:<icon:model><accent>{session.model}</>[!6: <dim>{session.effort}</>][!6: "
    "<warn>{session.fast}</>]]"
    "[!5:<sep><icon:dir>{session.dir}[!7: <icon:branch>{session.branch}]]"
    "[!4:<sep><icon:context><auto:session.context>{session.context|bar:6}</> {session.context}]"
    "[!2:<sep><icon:cost><link>{session.cost}</>]"
    "[!6:<sep><icon:today>today {today.cost}]"
    "[!8:<sep><icon:burn>{block.cost_per_hour}/h][!9:<sep><dim>{hours.cost|spark:12}</>]"
    "[!9:<sep><icon:cache><ok>{session.cache_left}</>]"
    "[!9:<sep><icon:lines><ok>+{session.lines_added}</> <crit>-{session.lines_removed}</>]"
    "{fill}"
    "[!3:<icon:five_hour>5h <auto:five_hour.used>{five_hour.used|bar:5} {five_hour.used}</>"
    "[!7: <dim>({five_hour.resets_in})</>][!1: <dim>{five_hour.old} old</>]]"
    "[!5:<sep><icon:seven_day>7d <auto:seven_day.used>{seven_day.used|bar:5} {seven_day.used}</>"
    "[!8: <dim>({seven_day.resets_in})</>][!1: <dim>{seven_day.old} old</>]]"
    "[!8:<sep>{scoped.name} <auto:scoped.used>{scoped.used}</>]";

}  // namespace

std::string_view compact_template() noexcept { return kCompact; }
std::string_view full_template() noexcept { return kFull; }
std::string_view rich_template() noexcept { return kRich; }

}  // namespace shmeter::formats
