// SPDX-License-Identifier: MIT
#include "collector/setup/marked_block.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace shmeter::collector {
namespace {

/// From the first mark to the end of the line of the second.
struct Block {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Result<std::vector<Block>> blocks_of(std::string_view text) {
  std::vector<Block> blocks;
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t open = kNone, wrong = kNone;
  each_line(text, [&](std::string_view line, std::size_t begin) {
    const bool begins = bare_line(line) == kBlockBegins;
    const bool ends = bare_line(line) == kBlockEnds;
    if ((begins && open != kNone) || (ends && open == kNone)) wrong = std::min(wrong, begin);
    if (begins) open = begin;
    if (ends && open != kNone) {
      blocks.push_back({open, begin + line.size()});
      open = kNone;
    }
  });
  if (wrong = std::min(wrong, open); wrong != kNone)
    return fail_at(text, wrong, Errc::invalid,
                   "a mark of shmeter without the other one; take the lines of shmeter out, then "
                   "try again");
  return blocks;
}

std::string_view line_end(std::string_view text) {
  const auto newline = text.find('\n');
  return newline != text.npos && newline > 0 && text[newline - 1] == '\r' ? "\r\n" : "\n";
}

/// The block with the file's own line ends, without the last.
std::string written(std::string_view body, std::string_view end) {
  std::string out;
  each_line(marked_block(body), [&](std::string_view line, std::size_t) {
    out.append(line.substr(0, line.find('\n'))).append(end);
  });
  out.resize(out.size() - end.size());
  return out;
}

/// Where the line's end before `at` begins, or `at` when none stands there.
std::size_t before_line_end(std::string_view text, std::size_t at) {
  if (at == 0 || text[at - 1] != '\n') return at;
  --at;
  if (at > 0 && text[at - 1] == '\r') --at;
  return at;
}

std::string without(std::string_view text, const std::vector<Block>& blocks) {
  std::string changed(text);
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    std::size_t begin = block->begin;
    // At the end of a text without a last newline: the one before it came with the block.
    if (block->end == changed.size() && !changed.ends_with('\n'))
      begin = before_line_end(changed, begin);
    changed.erase(begin, block->end - begin);
  }
  return changed;
}

}  // namespace

std::string_view bare_line(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto begin = std::min(line.find_first_not_of(kBlank), line.size());
  return line.substr(begin, line.find_last_not_of(kBlank) + 1 - begin);
}

tl::unexpected<Error> fail_at(std::string_view text, std::size_t at, Errc code,
                              std::string_view what) {
  const std::string_view before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto column = at - (before.rfind('\n') + 1) + 1;  // npos + 1 = 0
  return fail(code, std::to_string(line) + ':' + std::to_string(column) + ": " + std::string(what));
}

std::string marked_block(std::string_view body) {
  return std::string(kBlockBegins) + '\n' + std::string(body) + std::string(kBlockEnds) + '\n';
}

Result<std::string> with_block(std::string_view text, std::string_view body) {
  const auto blocks = blocks_of(text);
  if (!blocks) return tl::unexpected(blocks.error());
  const std::string_view end = line_end(text);
  const std::string block = written(body, end);
  if (blocks->size() == 1) {
    std::string changed(text);
    const auto [from, to] = blocks->front();
    const bool ended = changed[to - 1] == '\n';
    return changed.replace(from, to - from, ended ? block + std::string(end) : block);
  }
  std::string changed = without(text, *blocks);
  const bool ended = changed.empty() || changed.ends_with('\n');
  const std::size_t last = before_line_end(changed, changed.size());
  // A carriage return alone would be taken for half of the line's end that we put behind it.
  if (last > 0 && (changed[last - 1] == '\\' || changed[last - 1] == '\r'))
    return fail_at(changed, last - 1, Errc::invalid,
                   "the last line goes on in the next one; end it, then try again");
  if (ended) return changed + block + std::string(end);
  return changed + std::string(end) + block;
}

Result<std::string> without_block(std::string_view text) {
  const auto blocks = blocks_of(text);
  if (!blocks) return tl::unexpected(blocks.error());
  return without(text, *blocks);
}

Result<void> refuse_by_hand(std::string_view text, bool (*is_by_hand)(std::string_view line)) {
  const auto blocks = blocks_of(text);
  if (!blocks) return tl::unexpected(blocks.error());
  std::optional<std::size_t> found;
  each_line(text, [&](std::string_view line, std::size_t begin) {
    const bool ours = std::any_of(blocks->begin(), blocks->end(), [&](const Block& block) {
      return begin >= block.begin && begin < block.end;
    });
    if (!found && !ours && is_by_hand(line)) found = begin;
  });
  if (!found) return {};
  return fail_at(text, *found, Errc::exists,
                 "shmeter stands here already, by hand; take it out first, if it is to be kept for "
                 "you from now on");
}

}  // namespace shmeter::collector
