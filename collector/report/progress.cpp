// SPDX-License-Identifier: MIT
#include "collector/report/progress.hpp"

#include <algorithm>

#include "collector/report/table.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {

std::string progress_line(shm::i64 files, shm::i64 of, int width) {
  if (!shm::known(files) || !shm::known(of) || of <= 0) return {};
  constexpr int kBarColumns = 24;
  constexpr shm::i64 kMostFiles = 1'000'000'000'000;  // so that no product overflows
  of = std::min(of, kMostFiles);
  files = std::clamp<shm::i64>(files, 0, of);
  formats::Word bar;
  formats::write_bar(bar, files * formats::kShareWhole / of, kBarColumns, false);
  const std::string count = std::to_string(files) + "/" + std::to_string(of);
  const std::string with_bar = std::string(bar.view()) + " " + count;
  for (const std::string& line : {"reading transcripts " + with_bar, with_bar, count})
    if (width <= 0 || text_columns(line) <= width) return line;
  return {};
}

}  // namespace shmeter::collector
