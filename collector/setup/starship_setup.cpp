// SPDX-License-Identifier: MIT
#include "collector/setup/starship_setup.hpp"

#include "collector/config/toml.hpp"
#include "collector/setup/json_edit.hpp"
#include "collector/setup/marked_block.hpp"

namespace shmeter::collector {
namespace {

tl::unexpected<Error> at(const toml::source_position& place, Errc code, std::string_view what) {
  return fail(code, std::to_string(place.line) + ':' + std::to_string(place.column) + ": " +
                        std::string(what));
}

Result<toml::table> parsed(std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return at(error.source().begin, Errc::invalid, error.description());
  }
}

/// What to say when the prompt's form names all its modules, and ours is none of them.
std::string note_of(const toml::table& table) {
  const auto form = table["format"].value<std::string_view>();
  if (!form) return {};
  const std::string forms = std::string(*form) + table["right_format"].value_or(std::string());
  for (const char* const name : {"$all", "$custom", "${custom}", "${custom.shmeter}"})
    if (forms.find(name) != forms.npos) return {};
  return "your `format` names the modules it shows: write ${custom.shmeter} into it where the line "
         "is to stand";
}

}  // namespace

std::string starship_lines(std::string_view shmeter) {
  // A text in JSON is one in TOML, too.
  return "[custom.shmeter]\nshell = [" + json_quoted(shmeter) +
         ", \"starship\"]\nuse_stdin = false\ncommand = \"\"\nwhen = true\n"
         "format = \"($output )\"\n";
}

Result<Edited> starship_with(std::string_view text, std::string_view shmeter) {
  const auto bare = without_block(text);
  if (!bare) return tl::unexpected(bare.error());
  const auto before = parsed(*bare);
  if (!before) return tl::unexpected(before.error());
  if (const auto ours = (*before)["custom"]["shmeter"])
    return at(ours.node()->source().begin, Errc::exists,
              "there is a module shmeter already; take it out first, if it is to be kept for you "
              "from now on");
  auto after = with_block(text, starship_lines(shmeter));
  if (!after) return tl::unexpected(after.error());
  if (const auto table = parsed(*after); !table || !(*table)["custom"]["shmeter"].is_table())
    return fail(Errc::invalid,
                "`custom` is written in a form that takes no further table; write [custom.NAME] "
                "tables instead, then try again");
  return Edited{std::move(*after), note_of(*before)};
}

}  // namespace shmeter::collector
