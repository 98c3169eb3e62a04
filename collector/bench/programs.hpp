// SPDX-License-Identifier: MIT
// Files without a folder: a program that only exits, and any bytes as a program's input. Gone with
// their owner.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shmeter::bench {

/// Bytes that children find at path() as long as this lives.
class MemoryFile {
 public:
  /// Throws std::runtime_error where there are no such files.
  explicit MemoryFile(std::string_view bytes);
  MemoryFile(MemoryFile&& other) noexcept;
  MemoryFile& operator=(MemoryFile&&) = delete;
  ~MemoryFile();

  /// For this process and any that it has started.
  std::string path() const;

 private:
  int fd_ = -1;
};

/// A program whose only instructions are those that end it: what the kernel takes to start and end
/// any at all. None where we have no instructions for the processor.
std::optional<MemoryFile> program_that_only_exits();

}  // namespace shmeter::bench
