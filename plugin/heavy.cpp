// SPDX-License-Identifier: MIT
// See heavy.hpp.
#include "plugin/heavy.hpp"

#include <array>

#include "plugin/line.hpp"
#include "plugin/run.hpp"
#include "plugin/sys/sys.hpp"

namespace shmeter::plugin {
namespace {

constexpr const char* kHeavy = "shmeterd";
constexpr std::size_t kMostWords = 1024;

/// Tries every folder of PATH; returns only if none has it.
void search_path(std::string_view path, const char* const* words, const Environment& env) {
  while (!path.empty()) {
    const std::size_t colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);
    path.remove_prefix(colon == path.npos ? path.size() : colon + 1);
    if (!folder.starts_with('/')) continue;  // never what lies in the current directory
    Path candidate;
    candidate << folder << '/' << kHeavy;
    if (!candidate.cut()) sys::execute(candidate.c_str(), words, env.all);
  }
}

}  // namespace

void path_beside_us(Path& out) {
  std::array<char, 4096> self;
  const long n = sys::read_link("/proc/self/exe", self.data(), self.size());
  out.clear();
  if (n <= 0 || static_cast<std::size_t>(n) >= self.size()) return;
  const std::string_view path(self.data(), static_cast<std::size_t>(n));
  out << path.substr(0, path.rfind('/') + 1) << kHeavy;
  if (out.cut()) out.clear();
}

int become_heavy(std::span<const char* const> argv, const Environment& env) {
  std::array<const char*, kMostWords> words;
  if (argv.size() >= words.size()) {
    complain("more than 1000 arguments");
    return kUsageError;
  }
  words[0] = kHeavy;
  for (std::size_t i = 1; i < argv.size(); ++i) words[i] = argv[i];
  words[argv.size()] = nullptr;
  Path beside;
  path_beside_us(beside);
  if (!beside.empty()) sys::execute(beside.c_str(), words.data(), env.all);
  search_path(env.path, words.data(), env);
  Message why;
  why << "'" << argv[1] << "' needs " << kHeavy << ", which is neither beside shmeter nor on PATH";
  complain(why.view());
  return kUnavailable;
}

}  // namespace shmeter::plugin
