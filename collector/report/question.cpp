// SPDX-License-Identifier: MIT
#include "collector/report/question.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "collector/config/near_name.hpp"
#include "collector/report/day.hpp"

namespace shmeter::collector {
namespace {

constexpr std::array<std::string_view, 7> kVerbNames = {"daily",  "weekly", "monthly", "session",
                                                        "blocks", "models", "export"};

constexpr unsigned bit(ReportVerb verb) { return 1u << static_cast<unsigned>(verb); }
constexpr unsigned kExport = bit(ReportVerb::export_events);
constexpr unsigned kAll = (kExport << 1) - 1;
constexpr unsigned kTables = kAll & ~kExport;

/// False: the value is not what the option takes.
using Take = bool (*)(Question&, std::string_view);

template <auto Member>
bool set(Question& question, std::string_view) {
  return question.*Member = true;
}

template <auto Member>
bool text(Question& question, std::string_view value) {
  question.*Member = value;
  return true;
}

template <auto Member>
bool day(Question& question, std::string_view value) {
  question.*Member = parse_day(value);
  return (question.*Member).has_value();
}

template <auto Member>
bool count(Question& question, std::string_view value) {
  constexpr i64 kMost = 1'000'000'000;
  i64 number = 0;
  const auto end = std::from_chars(value.data(), value.data() + value.size(), number);
  if (end.ec != std::errc{} || end.ptr != value.data() + value.size()) return false;
  question.*Member = number;
  return number >= 1 && number <= kMost;
}

constexpr std::array<std::string_view, 2> kOrders = {"asc", "desc"};
constexpr std::array<std::string_view, 2> kFormats = {"csv", "jsonl"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

template <auto Member, const auto& Names>
bool choice(Question& question, std::string_view value) {
  const auto found = std::find(Names.begin(), Names.end(), value);
  if (found == Names.end()) return false;
  using Value = typename std::remove_reference_t<decltype(question.*Member)>::value_type;
  question.*Member = static_cast<Value>(found - Names.begin());
  return true;
}

bool directory(Question& question, std::string_view value) {
  question.config_dirs.emplace_back(value);
  return true;
}

struct Option {
  std::string_view name;
  std::string_view value;  // its name in the help; empty = a switch
  std::string_view takes;  // for messages
  unsigned verbs;
  Take take;
  std::string_view help;
  std::span<const std::string_view> choices = {};
};

constexpr std::string_view kDayForm = "a day as YYYY-MM-DD or YYYYMMDD";

constexpr std::array<Option, 19> kOptions = {{
    {"json", "", "", kTables, set<&Question::json>, "print JSON"},
    {"since", "DAY", kDayForm, kAll, day<&Question::since>, "from this day on (YYYY-MM-DD)"},
    {"until", "DAY", kDayForm, kAll, day<&Question::until>, "up to and with this day"},
    {"timezone", "ZONE", "a name such as Europe/Berlin, UTC or local", kAll,
     text<&Question::timezone>, "where days begin; else as configured"},
    {"account", "NAME", "an account's name", kAll, text<&Question::account>, "this account only"},
    {"project", "DIR", "a path or its last part", kAll, text<&Question::project>,
     "sessions in this directory only: its path or last part"},
    {"limit", "N", "a number from 1 on", kAll, count<&Question::limit>,
     "at most N rows: the newest (models: the dearest; export: the first)"},
    {"order", "asc|desc", "asc or desc", kAll, choice<&Question::order, kOrders>,
     "oldest or newest first (models: by cost)", kOrders},
    {"breakdown", "", "", kTables, set<&Question::breakdown>, "a line for each model"},
    {"start-of-week", "DAY", "monday to sunday", kTables,
     choice<&Question::start_of_week, kWeekdays>, "first day of a week; else as configured",
     kWeekdays},
    {"active", "", "", bit(ReportVerb::blocks), set<&Question::active>, "the running block only"},
    {"recent", "N", "a number of days from 1 on", bit(ReportVerb::blocks), count<&Question::recent>,
     "blocks of the last N days"},
    {"id", "ID", "a session's id or its beginning", bit(ReportVerb::session),
     text<&Question::session>, "this session only: its id or its beginning"},
    {"format", "csv|jsonl", "csv or jsonl", kExport, choice<&Question::format, kFormats>,
     "what to write", kFormats},
    {"redact", "", "", kExport, set<&Question::redact>,
     "write labels in place of ids and names that tell who and what"},
    {"config", "FILE", "a file", kAll, text<&Question::config>, "the configuration"},
    {"config-dir", "DIR", "a directory", kAll, directory,
     "a Claude Code config directory to read; may be repeated"},
    {"runtime-dir", "DIR", "a directory", kAll, text<&Question::runtime_dir>,
     "where region and socket are"},
    {"help", "", "", kAll, set<&Question::help>, "print this"},
}};

bool is_for(const Option& option, ReportVerb verb) { return (option.verbs & bit(verb)) != 0; }

std::vector<std::string_view> names_for(ReportVerb verb) {
  std::vector<std::string_view> names;
  for (const Option& option : kOptions)
    if (is_for(option, verb)) names.push_back(option.name);
  return names;
}

std::string verbs_of(const Option& option) {
  std::string text;
  for (std::size_t i = 0; i < kVerbNames.size(); ++i)
    if (is_for(option, static_cast<ReportVerb>(i)))
      text.append(text.empty() ? "" : ", ").append(kVerbNames[i]);
  return text;
}

/// A word from outside as a message may show it.
std::string quoted(std::string_view word) {
  constexpr std::size_t kLongest = 80;
  std::string text = "\"";
  for (const char c : word.substr(0, kLongest)) text += c < ' ' || c > '~' ? '?' : c;
  return text + (word.size() > kLongest ? "…\"" : "\"");
}

tl::unexpected<Error> unknown_option(ReportVerb verb, std::string_view word) {
  const std::string known = std::string(verb_name(verb)) + " --help lists what is";
  if (!word.starts_with("--"))
    return fail(Errc::invalid,
                "unexpected word " + quoted(word) + "; options begin with --; " + known);
  const auto name = word.substr(2);
  for (const Option& option : kOptions)
    if (option.name == name)
      return fail(Errc::invalid, "--" + std::string(name) + " is not for " +
                                     std::string(verb_name(verb)) + ", only for " +
                                     verbs_of(option));
  const auto near = near_name(name, names_for(verb));
  return fail(Errc::invalid,
              "unknown option " + quoted(word) + "; " +
                  (near.empty() ? known : "did you mean --" + std::string(near) + "?"));
}

tl::unexpected<Error> wrong_value(const Option& option, std::string_view value) {
  std::string text = "--" + std::string(option.name);
  text += value.empty() ? " needs a value: " : " " + quoted(value) + ": expected ";
  text += option.takes;
  const auto near = near_name(value, option.choices);
  if (!near.empty()) text += "; did you mean " + std::string(near) + "?";
  return fail(Errc::invalid, std::move(text));
}

Result<void> check(const Question& question) {
  if (question.help) return {};
  if (question.since && question.until && *question.since > *question.until)
    return fail(Errc::invalid, "--since " + write_day(*question.since) + " is after --until " +
                                   write_day(*question.until));
  if (question.verb == ReportVerb::export_events && !question.format)
    return fail(Errc::invalid, "export needs --format csv or --format jsonl");
  return {};
}

}  // namespace

std::string_view verb_name(ReportVerb verb) { return kVerbNames[static_cast<std::size_t>(verb)]; }

Result<Question> parse_question(ReportVerb verb, std::span<char* const> arguments) {
  Question question;
  question.verb = verb;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view word = arguments[i];
    const auto equals = word.find('=');
    const auto name = word.substr(0, equals);
    const auto* option = std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& o) {
      return is_for(o, verb) && name.starts_with("--") && o.name == name.substr(2);
    });
    if (option == kOptions.end()) return unknown_option(verb, name);
    std::string_view value = equals == word.npos ? "" : word.substr(equals + 1);
    if (option->value.empty() && equals != word.npos)
      return fail(Errc::invalid, std::string(name) + " takes no value");
    if (!option->value.empty() && equals == word.npos && i + 1 < arguments.size())
      value = arguments[++i];
    if (!option->value.empty() && value.empty()) return wrong_value(*option, value);
    if (!option->take(question, value)) return wrong_value(*option, value);
  }
  if (auto fine = check(question); !fine) return tl::unexpected(fine.error());
  return question;
}

std::string question_help(ReportVerb verb) {
  std::string text = "usage: shmeter " + std::string(verb_name(verb)) + " [OPTION...]\n\n";
  for (const Option& option : kOptions) {
    if (!is_for(option, verb)) continue;
    std::string left = "  --" + std::string(option.name);
    if (!option.value.empty()) left.append(" ").append(option.value);
    left.resize(std::max(left.size() + 1, std::size_t{24}), ' ');
    text.append(left).append(option.help).append("\n");
  }
  return text;
}

}  // namespace shmeter::collector
