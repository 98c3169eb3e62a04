// SPDX-License-Identifier: MIT
// Lines of a transcript, through one parser that keeps its memory: a damaged line says nothing, and
// no line depends on the ones before it.
#include "collector/source/transcript_line.hpp"
#include "tests/fuzz/observed.hpp"

namespace shmeter::fuzz {
namespace {

using collector::LineVerdict;
using collector::TranscriptLine;
using collector::TranscriptLineParser;

/// The parser may look at kLinePadding bytes behind a line, and at no more.
std::vector<std::string> lines_of(TranscriptLineParser& parser, std::string_view line) {
  std::vector<char> padded(line.begin(), line.end());
  padded.resize(line.size() + collector::kLinePadding, ' ');
  const TranscriptLine& said = parser.parse({padded.data(), line.size()}, "file-session");
  holds((said.verdict == LineVerdict::seen) == !said.says_nothing(), "the verdict is what is said");
  Checked seen;
  said.for_each(seen.take());
  return seen.lines();
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  std::string_view rest = text_of(data, size);
  TranscriptLineParser kept;
  while (!rest.empty()) {
    const std::string_view line = take_line(rest);
    const auto said = lines_of(kept, line);
    TranscriptLineParser fresh;
    holds(said == lines_of(fresh, line), "a line says the same whatever came before", line);
  }
  return 0;
}
