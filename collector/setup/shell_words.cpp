// SPDX-License-Identifier: MIT
#include "collector/setup/shell_words.hpp"

#include <algorithm>

namespace shmeter::collector {
namespace {

constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

bool is_assignment(std::string_view word) {
  const auto equals = word.find('=');
  return equals != word.npos && equals > 0 && word.find_first_not_of(kLetters) == equals;
}

std::string_view basename(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 = 0
}

}  // namespace

std::string shell_quoted(std::string_view word) {
  const bool plain = std::all_of(word.begin(), word.end(), [](char c) {
    return kLetters.find(c) != kLetters.npos ||
           std::string_view("@%+:,./-").find(c) != std::string_view::npos;
  });
  if (plain && !word.empty()) return std::string(word);
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\"'\"'") : std::string(1, c);
  return quoted + "'";
}

std::vector<std::string> shell_words(std::string_view command) {
  std::vector<std::string> words;
  bool inside = false;
  char quote = '\0';
  for (std::size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (quote == '\0' && blank) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    const bool more = i + 1 < command.size();
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && more && quote == '\0') {
      if (command[++i] != '\n') words.back() += command[i];
    } else if (c == '\\' && more && quote == '"' &&
               std::string_view("$`\"\\").find(command[i + 1]) != std::string_view::npos) {
      words.back() += command[++i];
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::optional<std::vector<std::string>> words_of_ours(std::string_view command,
                                                      std::string_view verb) {
  std::vector<std::string> words = shell_words(command);
  const auto ours = std::find_if(words.begin(), words.end(), [](const std::string& word) {
    return word != "exec" && !is_assignment(word);
  });
  if (words.end() - ours < 2 || basename(ours[0]) != "shmeter" || ours[1] != verb)
    return std::nullopt;
  words.erase(words.begin(), ours);
  return words;
}

}  // namespace shmeter::collector
