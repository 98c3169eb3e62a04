// SPDX-License-Identifier: MIT
// Anonymous memory straight from the system: costs only the pages that were touched, and goes back
// at once, which memory from the heap does not.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <utility>

namespace shmeter::collector {

class Mapping {
 public:
  Mapping() = default;
  /// Empty when the system has none left.
  explicit Mapping(std::size_t bytes) {
    void* address = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address == MAP_FAILED) return;
    data_ = static_cast<char*>(address);
    size_ = bytes;
  }
  Mapping(Mapping&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Mapping() {
    if (data_ != nullptr) ::munmap(data_, size_);
  }

  explicit operator bool() const { return data_ != nullptr; }
  char* data() const { return data_; }
  std::size_t size() const { return size_; }
  /// The pages from `offset` on go back to the system and read as zeros again.
  void drop_from(std::size_t offset) const {
    ::madvise(data_ + offset, size_ - offset, MADV_DONTNEED);
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace shmeter::collector
