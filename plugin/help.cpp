// SPDX-License-Identifier: MIT
// `shmeter --help`, from the tables of words.hpp.
#include "plugin/arguments.hpp"
#include "plugin/words.hpp"

namespace shmeter::plugin {

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
#define SHMETER_VERB(name, alias, target, watch, intent, help) row(name, "", help);
  SHMETER_READER_VERBS(SHMETER_VERB)
#undef SHMETER_VERB
  out << "\nEvery other verb is the collector's: shmeter daemon status. See shmeterd --help.\n\n";
#define SHMETER_OPTION(option, name, value, help) row(name, value, help);
  SHMETER_READER_OPTIONS(SHMETER_OPTION)
#undef SHMETER_OPTION
  row("--version", "", "print the version");
}

}  // namespace shmeter::plugin
