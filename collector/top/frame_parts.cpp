// SPDX-License-Identifier: MIT
#include "collector/top/frame_parts.hpp"

#include <algorithm>
#include <array>

#include "collector/top/styled_text.hpp"
#include "formats/fields.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

using formats::Freshness;
using formats::Values;
using shm::known;

constexpr int kMostNameColumns = 16;  // of an account
constexpr int kTimeFrom = 40;         // columns from which there is room for the time, and for gaps
constexpr i64 kDay_s = 86'400;

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

/// `live`, `reading 12/340 files`, `stale, 3m old` …
std::string state_words(const TopPicture& picture, const Look& look) {
  const Values values = values_of(picture, look.now_s);
  const auto words = [&](std::string_view tag, std::string_view text) {
    return styled(joined({"<", tag, ">", text, "</>"}), values, look.colour, look.width);
  };
  const std::string_view name = formats::name_of(picture.freshness);
  if (picture.freshness == Freshness::live) return words("ok", name);
  if (picture.freshness == Freshness::absent) return words("crit", picture.trouble);
  if (picture.freshness == Freshness::partial)
    return words("warn", "reading") +
           styled("[ {scan.files}/{scan.of} files]", values, look.colour, look.width);
  const i64 age_s = formats::sum(picture.age_s, formats::difference(look.now_s, picture.read_at_s));
  if (!known(age_s)) return words("crit", name);
  formats::Word age;
  formats::write_age(age, std::max<i64>(age_s, 0));
  return words("crit", joined({name, ", ", age.view(), " old"}));
}

std::string clock(const TopPicture& picture, i64 now_s) {
  const i64 local_s = formats::sum(now_s, formats::utc_offset_s(picture.summary, now_s));
  const bool is_local = known(local_s);
  const i64 shown_s = is_local ? local_s : now_s;
  const i64 of_day = shown_s - formats::floor_div(shown_s, kDay_s) * kDay_s;
  formats::Word out;
  const auto two = [&](i64 number) { out.add_padded(static_cast<shm::u64>(number), 2); };
  two(of_day / 3600);
  out.add(":");
  two(of_day / 60 % 60);
  out.add(":");
  two(of_day % 60);
  if (!is_local) out.add("Z");
  return std::string(out.view());
}

/// A bar that leaves room for the words beside it.
std::string_view bar_columns(int width) { return width >= 140 ? "16" : width >= 100 ? "8" : "6"; }

/// One limit window; `name` is what people call it, `more` a template of what follows it.
std::string window_text(std::string_view field, std::string_view name, std::string_view more,
                        const Values& values, const Look& look, int width) {
  std::string templ = joined({"[!1:", name});
  const auto add = [&](std::initializer_list<std::string_view> parts) { templ += joined(parts); };
  add({"[!4: <auto:", field, ".used>{", field, ".used|bar:", bar_columns(look.width), "}</>]"});
  add({" <auto:", field, ".used>{", field, ".used}</>"});
  add({"[!2: resets {", field, ".resets_in}]"});
  add({"[!6: <dim>pace</> {", field, ".pace}]"});
  add({"[!5: <dim>→</> <auto:", field, ".projected>{", field, ".projected}</>]"});
  add({"[!1: <dim>{", field, ".old} old</>]]", more});
  const std::string out = styled(templ, values, look.colour, width);
  if (!out.empty()) return out;
  return styled(joined({"<dim>", name, " unknown</>"}), values, look.colour, width);
}

constexpr std::string_view kScoped =
    "[!7:<sep>{scoped.name|max:12} <auto:scoped.used>{scoped.used}</>]"
    "[!8:<sep>extra {extra.used}[ of {extra.limit}]]"
    "[!8:<sep>spend {spend.used}[ of {spend.limit}]]";

constexpr std::string_view kTotals =
    "[!1:today {today.cost}[!4: <dim>{today.tokens} tok</>]]"
    "[!2:<sep>week {week.cost}[!5: <dim>{week.tokens} tok</>]]"
    "[!2:<sep>month {month.cost}[!6: <dim>{month.tokens} tok</>]]"
    "[!3:<sep>all {total.cost}[!7: <dim>{total.tokens} tok</>]]";
constexpr std::string_view kUnpriced = "[!3:<sep><warn>{total.unpriced} tok without a price</>]";

constexpr std::string_view kBlock =
    "[!1:block {block.cost}[!5: <dim>{block.tokens_all} tok</>]]"
    "[!3:<sep>{block.tokens_per_min} tok/min]"
    "[!2:<sep>{block.cost_per_hour}/h]"
    "[!2:<sep>projected {block.projected_cost}]"
    "[!4:<sep>ends in {block.ends_in}]";

constexpr std::array<std::string_view, 7> kDetails = {
    "[!1:<bold>{session.name}</>||<bold>{session.dir}</>||<bold>{session.id}</>]"
    "[!2:<sep><accent>{session.model}</>][!4:<sep>{session.status}][!3:<sep>{session.cwd}]"
    "[!5:<sep>{session.branch}][!6:<sep>PR {session.pr|raw}]",
    "[!1:tokens {session.tokens_all}][!2:: {session.input} in][!2:<sep>{session.output} out]"
    "[!3:<sep>cache {session.cache_write} written][!3:<sep>{session.cache_read} read]"
    "[!4:<sep>requests {session.requests}]",
    "",  // the cost: what is known of it decides its words
    "[!1:context[!5: <auto:session.context>{session.context|bar:10}</>] {session.context}]"
    "[!2: <dim>{session.context_used} of {session.context_size}</>]"
    "[!3:<sep>cache {session.cache_warm}[, {session.cache_left} left]]",
    "[!2:effort {session.effort}][!4:<sep>{session.fast}][!4:<sep>{session.thinking}]"
    "[!1:<sep>agent {session.agent}][!3:<sep>+{session.lines_added} −{session.lines_removed} lines]"
    "[!5:<sep>prompts {session.messages}][!2:<sep>tool calls {session.tool_calls}]",
    "[!2:api {session.api}][!2:<sep>turns {session.compute}][!3:<sep>began {session.started} ago]"
    "[!1:<sep>heard of {session.age} ago][!4:<sep>client {session.version}]",
    "<dim>[{session.id}][!3:<sep>account {account.name}]</>"};

std::string cost_template(const shm::Session& session) {
  if (!known(session.cost_nanousd)) return "[cost {session.counted_cost} counted]";
  return "[!1:cost {session.cost} reported][!2:<sep>{session.counted_cost} counted]"
         "[!3:<sep>difference {session.uncounted_cost}]";
}

const shm::Account* account_of(const TopPicture& picture, const shm::Session& session) {
  const bool has =
      session.account >= 0 && static_cast<std::size_t>(session.account) < picture.accounts.size();
  return has ? &picture.accounts[static_cast<std::size_t>(session.account)] : nullptr;
}

}  // namespace

Values values_of(const TopPicture& picture, i64 now_s, const shm::Account* account,
                 const shm::Session* session) {
  const bool absent = picture.freshness == Freshness::absent;
  return {.summary = absent ? nullptr : &picture.summary,
          .account = account,
          .session = session,
          .now_s = now_s,
          .freshness = Freshness::live,
          .age_s = 0};
}

std::string header_line(const TopPicture& picture, const Look& look) {
  const Values values = values_of(picture, look.now_s);
  const std::string time = clock(picture, look.now_s);
  const bool has_time = look.width >= kTimeFrom;
  const int room = look.width - (has_time ? static_cast<int>(time.size()) + 1 : 0);
  const std::string version = picture.version.empty() ? "" : " " + plain_text(picture.version, 24);
  const bool waiting = picture.summary.waiting_sessions > 0;
  const std::string counts =
      styled(joined({"[ · {sessions.active} active]",
                     waiting ? "[!1: · <warn>{sessions.waiting} waiting</>]" : ""}),
             values, look.colour, look.width);
  std::string out = state_words(picture, look);
  if (columns_of(out) > room) out = plain_text(without_styles(out), room);
  if (columns_of(out) + columns_of(counts) <= room) out += counts;
  const std::string name = styled("<bold>shmeter</>", values, look.colour, look.width);
  for (const std::string& before : {name + version + " · ", name + " · "}) {
    if (columns_of(before) + columns_of(out) > room) continue;
    out.insert(0, before);
    break;
  }
  return has_time ? padded(out, room + 1) + time : out;
}

Lines account_lines(const TopPicture& picture, const Look& look) {
  int name_columns = 0;
  Lines names;
  for (const shm::Account& account : picture.accounts) {
    const Values values = values_of(picture, look.now_s, &account);
    names.push_back(styled("<bold>{account.name|max:16}</>[!8: <dim>{account.tier}</>]", values,
                           look.colour, std::min(look.width / 4, kMostNameColumns + 8)));
    name_columns = std::max(name_columns, columns_of(names.back()));
  }
  const std::string gap(look.width < kTimeFrom ? 1 : 2, ' ');
  const int room = look.width - name_columns - 2 * static_cast<int>(gap.size());
  Lines out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Values values = values_of(picture, look.now_s, &picture.accounts[i]);
    const std::string five = window_text("five_hour", "5h", "", values, look, room / 2);
    const std::string seven =
        window_text("seven_day", "7d", kScoped, values, look, room - room / 2);
    out.push_back(
        joined({padded(names[i], name_columns), gap, padded(five, room / 2), gap, seven}));
  }
  return out;
}

std::string totals_line(const TopPicture& picture, const Look& look) {
  const bool unpriced = picture.summary.all.unpriced_tokens > 0;
  return styled(joined({kTotals, unpriced ? kUnpriced : ""}), values_of(picture, look.now_s),
                look.colour, look.width);
}

std::string block_line(const TopPicture& picture, const Look& look) {
  const Values values = values_of(picture, look.now_s);
  const std::string line = styled(kBlock, values, look.colour, look.width);
  const bool sure = picture.freshness != Freshness::absent &&
                    picture.summary.completeness == static_cast<i64>(shm::Completeness::complete);
  if (!line.empty() || !sure) return line;
  return styled("<dim>no active block</>", values, look.colour, look.width);
}

std::string burn_line(const Burn& burn, const Look& look) {
  const i64 tokens = burn.tokens_last_minute();
  std::string tail;
  if (known(tokens)) {
    formats::Word number;
    formats::write_short(number, tokens);
    tail = joined({number.view(), " tok in the last minute"});
  }
  constexpr std::string_view kLabel = "burn ";
  if (columns_of(tail) + static_cast<int>(kLabel.size()) + 8 > look.width) tail.clear();
  const int room = look.width - static_cast<int>(kLabel.size()) - columns_of(tail) - 1;
  if (room < 1) return {};
  const std::string sparks = sparkline(burn.recent(static_cast<std::size_t>(room)));
  const Values values = values_of({}, look.now_s);
  return styled(joined({kLabel, "<accent>", sparks, "</> <dim>", tail, "</>"}), values, look.colour,
                look.width);
}

Lines detail_lines(const TopPicture& picture, const shm::Session& session, const Look& look) {
  const Values values = values_of(picture, look.now_s, account_of(picture, session), &session);
  Lines out;
  for (const std::string_view templ : kDetails) {
    const std::string line = styled(templ.empty() ? cost_template(session) : std::string(templ),
                                    values, look.colour, look.width - 2);
    if (!line.empty()) out.push_back("  " + line);
  }
  return out;
}

std::string footer_line(const TopState& state, const TopPicture& picture, std::size_t listed,
                        const Look& look) {
  if (state.typing) return plain_text(joined({"/", state.filter, "_"}), look.width);
  const std::size_t all = picture.sessions.size();
  std::string count = std::to_string(listed);
  if (listed != all) count += " of " + std::to_string(all);
  count += all == 1 ? " session, " : " sessions, ";
  if (picture.freshness == Freshness::absent) count.clear();
  const std::string_view active = state.only_active == OnlyActive::yes ? "active only, " : "";
  std::string out = joined({count, active, "by ", order_name(state.order)});
  if (!state.filter.empty()) out += joined({", with \"", state.filter, "\""});
  for (const std::string_view keys :
       {"  q quit  ? help  s sort  a active  / filter  enter detail", "  q quit  ? help", ""}) {
    const std::string line = joined({out, keys});
    if (columns_of(line) <= look.width || keys.empty()) return plain_text(line, look.width);
  }
  return out;
}

Lines help_lines(const Look& look) {
  constexpr std::array<std::string_view, 11> kHelp = {
      "<bold>Keys</>",
      "  ↑ ↓ j k          another session",
      "  PgUp PgDn        a page of them; Home g, End G: the first, the last",
      "  enter, space     show what there is to say of it, or no longer",
      "  s                sort by age, cost, tokens, context",
      "  a                only sessions that are active, or all",
      "  /                filter by name, directory, model, branch, status; Esc: no filter",
      "  l, Ctrl-L        draw anew",
      "  Ctrl-Z           suspend",
      "  q, Ctrl-C        quit",
      "<dim>  burn: all four kinds of tokens, 10 s a bar, since this view began</>"};
  Lines out;
  const Values values = values_of({}, look.now_s);
  for (const std::string_view line : kHelp)
    out.push_back(styled(line, values, look.colour, look.width));
  return out;
}

}  // namespace shmeter::collector
