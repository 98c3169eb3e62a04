// SPDX-License-Identifier: MIT
// The parser over the tables of words.hpp.
#include "plugin/arguments.hpp"

#include "plugin/words.hpp"
#include "shm/picture.hpp"

namespace shmeter::plugin {
namespace {

using formats::Target;

constexpr Verb kVerbs[] = {
#define SHMETER_VERB(name, alias, target, watch, intent, help) \
  Verb{name, alias, Target::target, watch, Intent::intent},
    SHMETER_READER_VERBS(SHMETER_VERB)
#undef SHMETER_VERB
};

enum class Option {
#define SHMETER_OPTION(option, name, value, help) option,
  SHMETER_READER_OPTIONS(SHMETER_OPTION)
#undef SHMETER_OPTION
};

struct OptionRow {
  Option option;
  std::string_view name;
  std::string_view value;  // what it takes, empty = nothing
};

constexpr OptionRow kOptions[] = {
#define SHMETER_OPTION(option, name, value, help) OptionRow{Option::option, name, value},
    SHMETER_READER_OPTIONS(SHMETER_OPTION)
#undef SHMETER_OPTION
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
    why_ << row->name << " needs a value: " << row->name << ' ' << row->value;
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

}  // namespace shmeter::plugin
