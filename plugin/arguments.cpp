// SPDX-License-Identifier: MIT
// The tables of verbs and options, and the parser over them.
#include "plugin/arguments.hpp"

#include <array>

#include "shm/picture.hpp"

namespace shmeter::plugin {
namespace {

using formats::Target;

constexpr Verb kVerbs[] = {
    {"claude", "statusline", Target::claude, false, "Claude Code's statusLine; its JSON on stdin"},
    {"tmux", "", Target::tmux, true, "#(exec shmeter tmux --watch) in status-right"},
    {"starship", "", Target::starship, false, "a starship custom module"},
    {"waybar", "", Target::waybar, true, "a waybar custom module, return-type json"},
    {"polybar", "", Target::polybar, true, "a polybar custom/script module"},
    {"zsh", "", Target::zsh, true, "a line in PROMPT or RPROMPT"},
    {"bash", "", Target::bash, true, "a line in PS1, as ${VARIABLE}"},
    {"fish", "", Target::fish, true, "a line in fish_prompt or fish_right_prompt"},
    {"plain", "", Target::plain, true, "text without colours"},
    {"ansi", "", Target::ansi, true, "text with terminal colours"},
    {"json", "", Target::json, false, "the whole picture as one line of JSON"},
    {"hook", "", Target::plain, false, "Claude Code's hooks; their JSON on stdin, prints nothing",
     Intent::hook},
};

enum class Option {
  format,
  session,
  pane,
  cwd,
  account,
  width,
  color,
  watch,
  fallback,
  region,
  runtime_dir,
  autostart,
  then,
  last,
  verbose
};

struct OptionRow {
  Option option;
  std::string_view name;
  std::string_view value;  // what it takes, empty = nothing
  std::string_view help;
};

constexpr OptionRow kOptions[] = {
    {Option::format, "--format", "TEMPLATE",
     "or compact, full, rich, default; also as a plain argument"},
    {Option::session, "--session", "ID", "this session"},
    {Option::pane, "--pane", "ID", "the session in this pane of tmux: '#{pane_id}'"},
    {Option::cwd, "--cwd", "DIR", "the newest live session in or below DIR"},
    {Option::account, "--account", "NAME", "this account's quota, by name or id"},
    {Option::width, "--width", "N", "columns the line may take, 1 to 4096"},
    {Option::color, "--color", "WHEN", "auto, always or never"},
    {Option::watch, "--watch", "", "stay, and print a line whenever it changes"},
    {Option::fallback, "--fallback", "TEXT", "printed when nothing is known, else an empty line"},
    {Option::region, "--region", "PATH", "this region file"},
    {Option::runtime_dir, "--runtime-dir", "DIR", "where the collector publishes"},
    {Option::autostart, "--autostart", "", "claude: start the collector if none runs"},
    {Option::then, "--then", "COMMAND", "claude: show what it prints for the same stdin, too"},
    {Option::last, "--last", "", "claude: behind that, not before it"},
    {Option::verbose, "--verbose", "", "say on stderr why there is nothing to show"},
};

bool is_pane(std::string_view id) {
  if (id.size() < 2 || id.size() > shm::kPaneBytes || id[0] != '%') return false;
  for (const char c : id.substr(1))
    if (c < '0' || c > '9') return false;
  return true;
}

/// One command line while it is read.
class Parser {
 public:
  Parser(std::span<const char* const> argv, Arguments& out, Message& why)
      : argv_(argv), out_(out), why_(why) {}

  Intent run() {
    for (std::size_t i = 0; i < argv_.size(); ++i) {
      const std::string_view word = argv_[i];
      if (word == "--help" || word == "-h") return Intent::help;
      const bool ok = word.starts_with('-') ? option(word, i) : positional(word);
      if (!ok) return Intent::wrong;
    }
    return out_.verb->intent;
  }

 private:
  bool require(bool ok, std::string_view what, std::string_view expected) {
    if (!ok) why_ << what << ' ' << expected;
    return ok;
  }

  /// `word` is argv[i]; steps `i` over a value that stands apart.
  bool option(std::string_view word, std::size_t& i) {
    const std::size_t equals = word.find('=');
    const OptionRow* row = nullptr;
    for (const OptionRow& candidate : kOptions)
      if (candidate.name == word.substr(0, equals)) row = &candidate;
    if (row == nullptr) return require(false, "see shmeter --help: there is no option", word);
    if (row->value.empty())
      return require(equals == word.npos, row->name, "takes no value") && apply(row->option, "");
    if (equals != word.npos) return apply(row->option, word.substr(equals + 1));
    if (i + 1 < argv_.size()) return apply(row->option, argv_[++i]);
    why_ << row->name << " needs a value: " << row->name << ' ' << row->value << ", " << row->help;
    return false;
  }

  bool positional(std::string_view word) {
    if (word.empty()) return true;  // starship always appends one
    if (!require(!has_positional_, "one template at most, and here is another:", word))
      return false;
    has_positional_ = true;
    out_.format = word;
    return true;
  }

  bool apply(Option option, std::string_view value) {
    switch (option) {
      case Option::format:
        out_.format = value;
        return true;
      case Option::session:
        out_.session = value;
        return require(shm::valid_session_id(value), "--session",
                       "needs 1 to 64 letters, digits or . _ : -");
      case Option::pane:
        out_.pane = value;
        return require(is_pane(value), "--pane", "needs tmux's id of a pane, such as %3");
      case Option::cwd:
        out_.cwd = value;
        return require(value.starts_with('/'), "--cwd", "needs an absolute path");
      case Option::account:
        out_.account = value;
        return require(!value.empty(), "--account", "needs a name");
      case Option::width:
        return width(value);
      case Option::color:
        return colour(value);
      case Option::watch:
        out_.watch = true;
        return require(out_.verb->can_watch, "--watch", "works with bars, shells, plain and ansi");
      case Option::fallback:
        out_.fallback = value;
        return true;
      case Option::region:
        out_.region = value;
        return require(!value.empty(), "--region", "needs a path");
      case Option::runtime_dir:
        out_.runtime_dir = value;
        return require(value.starts_with('/'), "--runtime-dir", "needs an absolute path");
      case Option::autostart:
        out_.autostart = true;
        return require(out_.verb->target == Target::claude, "--autostart",
                       "works with claude only");
      case Option::then:
        out_.then = value;
        return require(out_.verb->target == Target::claude, "--then", "works with claude only") &&
               require(!value.empty(), "--then", "needs a command");
      case Option::last:
        out_.last = true;
        return require(out_.verb->target == Target::claude, "--last", "works with claude only");
      case Option::verbose:
        out_.verbose = true;
        return true;
    }
    return true;
  }

  bool width(std::string_view value) {
    out_.width = parse_columns(value);
    return require(out_.width > 0, "--width", "needs a number of columns, 1 to 4096");
  }

  bool colour(std::string_view value) {
    constexpr std::string_view kNames[] = {"auto", "always", "never"};  // as ColourWish
    int wish = 0;
    for (const std::string_view name : kNames) {
      if (value == name) out_.colour = static_cast<ColourWish>(wish);
      if (value == name) return true;
      ++wish;
    }
    return require(false, "--color", "needs auto, always or never");
  }

  std::span<const char* const> argv_;
  Arguments& out_;
  Message& why_;
  bool has_positional_ = false;
};

}  // namespace

std::span<const Verb> verbs() { return kVerbs; }

int parse_columns(std::string_view text) {
  constexpr int kMost = 4096;
  int columns = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    columns = columns * 10 + (c - '0');
    if (columns > kMost) return 0;
  }
  return columns;
}

Intent parse_arguments(std::span<const char* const> argv, Arguments& out, Message& why) {
  if (argv.size() < 2) return Intent::help;
  const std::string_view first = argv[1];
  if (first == "--help" || first == "-h" || first == "help") return Intent::help;
  if (first == "--version") return Intent::version;
  for (const Verb& verb : kVerbs) {
    if (first != verb.name && (verb.alias.empty() || first != verb.alias)) continue;
    out.verb = &verb;
    return Parser(argv.subspan(2), out, why).run();
  }
  if (!first.starts_with('-') && !first.empty()) return Intent::pass_on;
  why << "a verb was expected, such as tmux, and not '" << first << "'; shmeter --help lists them";
  return Intent::wrong;
}

void write_help(HelpText& out) {
  constexpr std::size_t kColumn = 26;
  const auto row = [&](std::string_view left, std::string_view value, std::string_view help) {
    const std::size_t before = out.view().size();
    out << "  " << left;
    if (!value.empty()) out << ' ' << value;
    do out << ' ';
    while (out.view().size() < before + kColumn && !out.cut());
    out << help << '\n';
  };
  out << "shmeter " SHMETER_VERSION
         ": what Claude Code costs and what is left of the quota, as one line.\n\n"
         "usage: shmeter VERB [OPTION…] [TEMPLATE]\n\n";
  for (const Verb& verb : kVerbs) row(verb.name, "", verb.help);
  out << "\nEvery other verb is the collector's: shmeter daemon status. See shmeterd --help.\n\n";
  for (const OptionRow& option : kOptions) row(option.name, option.value, option.help);
  row("--version", "", "print the version");
}

}  // namespace shmeter::plugin
