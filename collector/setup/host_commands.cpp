// SPDX-License-Identifier: MIT
#include "collector/setup/host_commands.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "collector/config/toml.hpp"
#include "collector/setup/json_edit.hpp"
#include "collector/setup/json_list.hpp"
#include "collector/setup/json_scanner.hpp"
#include "collector/setup/marked_block.hpp"
#include "collector/setup/shell_words.hpp"

namespace shmeter::collector {
namespace {

using Commands = std::vector<HostCommand>;
using Text = std::string_view;

void add(Commands& to, std::optional<HostCommand> command) {
  if (command && std::find(to.begin(), to.end(), *command) == to.end())
    to.push_back(std::move(*command));
}

bool has_word(const std::vector<std::string>& words, Text word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// One that the host gives to a shell.
std::optional<HostCommand> by_shell(Text text, Text verb) {
  const auto words = words_of_ours(text, verb);
  if (!words) return std::nullopt;
  HostCommand command;
  command.argv = {"/bin/sh", "-c", std::string(text)};
  command.text = text;
  command.program = words->front();
  command.watches = has_word(*words, "--watch");
  return command;
}

std::optional<std::string> text_at(Text json, JsonPath path) {
  const auto value = json_value(json, path);
  return value && *value ? json_text(**value) : std::nullopt;
}

/// The values of all members of an object.
std::vector<Text> values_of(Text json) {
  JsonScanner scanner(json);
  JsonObject object;
  std::vector<Text> values;
  if (!scanner.whole(object)) return values;
  for (const JsonMember& member : object.members)
    values.push_back(json.substr(member.value, member.end - member.value));
  return values;
}

std::vector<Text> elements_of(Text json) {
  return json_elements(json).value_or(std::vector<Text>{});
}

/// The command in `#( )`, from behind its parenthesis on; tmux counts them.
std::optional<Text> job_at(Text text) {
  int depth = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return text.substr(0, i);
  }
  return std::nullopt;
}

/// As it stood before it was put into a format and, in a configuration, into quotes.
std::string plain_job(Text job, TmuxText what) {
  constexpr Text kQuote = "'\"'\"'";
  std::string out;
  for (std::size_t i = 0; i < job.size(); ++i) {
    const Text rest = job.substr(i);
    const bool is_quote = what == TmuxText::configuration && rest.starts_with(kQuote);
    if (rest.starts_with("##") || rest.starts_with("%%")) ++i;
    if (is_quote) i += kQuote.size() - 1;
    out += rest.front();
  }
  return out;
}

std::optional<HostCommand> tmux_job(Text job, TmuxText what) {
  auto command = by_shell(plain_job(job, what), "tmux");
  if (command) command->is_filled_in = job.find("#{") != job.npos;
  return command;
}

std::vector<std::string> texts_of(const toml::array* list) {
  std::vector<std::string> texts;
  if (list == nullptr) return texts;
  for (const toml::node& one : *list)
    if (const auto text = one.value<std::string>()) texts.push_back(*text);
  return texts;
}

std::vector<std::string> shell_of(const toml::table& module, Text starship_shell) {
  auto shell = texts_of(module["shell"].as_array());
  if (const auto one = module["shell"].value<std::string>()) shell = {*one};
  if (shell.empty()) shell = {starship_shell.empty() ? "sh" : std::string(starship_shell)};
  return shell;
}

/// With `use_stdin = false` the command is the last argument, else it is what the shell reads.
std::optional<HostCommand> starship_module(const toml::table& module, Text starship_shell) {
  const std::string text = module["command"].value_or(std::string());
  HostCommand command;
  command.argv = shell_of(module, starship_shell);
  const Text program = command.argv.front();
  const bool is_reader = program.substr(program.rfind('/') + 1) == "shmeter";  // npos + 1 = 0
  const auto words = words_of_ours(text, "starship");
  if (is_reader) {
    if (command.argv.size() < 2 || command.argv[1] != "starship") return std::nullopt;
    command.program = program;
  } else if (words) {
    command.program = words->front();
  } else {
    return std::nullopt;
  }
  for (const std::string& word : command.argv) command.text.append(word).append(" ");
  command.text += text;
  if (module["use_stdin"].value_or(true))
    command.input = text;
  else
    command.argv.push_back(text);
  return command;
}

}  // namespace

Commands statusline_commands(Text settings) {
  constexpr std::array<Text, 2> kPath = {"statusLine", "command"};
  Commands found;
  const auto text = text_at(settings, kPath);
  if (!text) return found;
  for (const Text verb : {"claude", "statusline"}) add(found, by_shell(*text, verb));
  return found;
}

Commands hook_commands(Text settings) {
  constexpr std::array<Text, 1> kHooks = {"hooks"};
  constexpr std::array<Text, 1> kCommand = {"command"};
  Commands found;
  const auto events = json_value(settings, kHooks);
  if (!events || !*events) return found;
  for (const Text event : values_of(**events))
    for (const Text entry : elements_of(event)) {
      const auto hooks = json_value(entry, kHooks);
      if (!hooks || !*hooks) continue;
      for (const Text hook : elements_of(**hooks))
        add(found, by_shell(text_at(hook, kCommand).value_or(""), "hook"));
    }
  return found;
}

Commands tmux_commands(Text text, TmuxText what) {
  Commands found;
  each_line(text, [&](Text line, std::size_t) {
    const Text bare = bare_line(line);
    if (what == TmuxText::configuration && bare.starts_with('#')) return;
    for (std::size_t at = bare.find("#("); at != bare.npos; at = bare.find("#(", at + 1))
      if (const auto job = job_at(bare.substr(at + 2))) add(found, tmux_job(*job, what));
  });
  return found;
}

Commands starship_commands(Text text, Text starship_shell) {
  Commands found;
  try {
    const toml::table table = toml::parse(text);
    const toml::table* const modules = table["custom"].as_table();
    if (modules == nullptr) return found;
    for (const auto& [name, module] : *modules)
      if (module.is_table()) add(found, starship_module(*module.as_table(), starship_shell));
  } catch (const toml::parse_error&) {
    // Whoever reads the file for itself says what is wrong with it.
  }
  return found;
}

Commands waybar_commands(Text text) {
  constexpr std::array<Text, 1> kExec = {"exec"};
  Commands found;
  const std::size_t begin = JsonScanner(text).behind_space(0);
  const bool is_list = text.substr(begin, 1) == "[";
  for (const Text bar : is_list ? elements_of(text) : std::vector<Text>{text})
    for (const Text module : values_of(bar))
      if (module.starts_with('{'))
        add(found, by_shell(text_at(module, kExec).value_or(""), "waybar"));
  return found;
}

Commands polybar_commands(Text text) {
  Commands found;
  each_line(text, [&](Text line, std::size_t) {
    const Text words = bare_line(line);
    const auto equals = words.find('=');
    if (equals == words.npos || bare_line(words.substr(0, equals)) != "exec") return;
    add(found, by_shell(bare_line(words.substr(equals + 1)), "polybar"));
  });
  return found;
}

bool has_shell_line(Text text) {
  bool found = false;
  each_line(text, [&](Text line, std::size_t) {
    const Text words = bare_line(line);
    found = found || (!words.starts_with('#') && words.find("SHMETER_LINE") != words.npos) ||
            words.find("shmeter_lines") != words.npos;
  });
  return found;
}

std::string unit_program(Text text) {
  constexpr Text kStart = "ExecStart=";
  std::string program;
  each_line(text, [&](Text line, std::size_t) {
    const Text words = bare_line(line);
    if (!words.starts_with(kStart)) return;
    const auto argv = shell_words(words.substr(kStart.size()));
    program = argv.empty() ? "" : argv.front();
  });
  for (auto at = program.find("%%"); at != program.npos; at = program.find("%%", at + 1))
    program.erase(at, 1);
  return program;
}

}  // namespace shmeter::collector
