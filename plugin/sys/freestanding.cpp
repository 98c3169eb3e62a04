// SPDX-License-Identifier: MIT
// What the compiler and libstdc++'s headers expect to find at link time when there is no libc: the
// seven C functions, and the hooks that are called when an assertion of theirs fails. Compiled
// without the loop-to-memcpy transformation, which would make these functions call themselves.
//
// A failed assertion is our bug. The reader then prints the fallback and ends with status 0: a
// prompt must never go blank or show an error because of it.
#include <cstddef>
#include <cstdint>

#include "plugin/sys/sys.hpp"

namespace {

char* bytes_of(void* at) { return static_cast<char*>(at); }
const char* bytes_of(const void* at) { return static_cast<const char*>(at); }

using Word = std::uint64_t;
constexpr Word kOnes = 0x0101010101010101u;

Word load(const char* from) {
  Word word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}
void store(char* to, Word word) { __builtin_memcpy(to, &word, sizeof word); }

struct Block {
  Word words[4];
};
Block load_block(const char* from) {
  Block block;
  __builtin_memcpy(&block, from, sizeof block);
  return block;
}

constinit std::string_view fallback_line;

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, std::size_t n) {
  char* t = bytes_of(to);
  const char* f = bytes_of(from);
  // Loaded whole before any of it is stored: memmove relies on it.
  for (; n >= sizeof(Block); n -= sizeof(Block), t += sizeof(Block), f += sizeof(Block)) {
    const Block block = load_block(f);
    for (std::size_t i = 0; i < 4; ++i) store(t + i * sizeof(Word), block.words[i]);
  }
  for (; n >= sizeof(Word); n -= sizeof(Word), t += sizeof(Word), f += sizeof(Word))
    store(t, load(f));
  while (n-- > 0) *t++ = *f++;
  return to;
}

void* memmove(void* to, const void* from, std::size_t n) {
  char* t = bytes_of(to);
  const char* f = bytes_of(from);
  if (t <= f || t >= f + n) return memcpy(to, from, n);  // ours copies upwards
  while (n-- > 0) t[n] = f[n];
  return to;
}

void* memset(void* to, int value, std::size_t n) {
  char* t = bytes_of(to);
  const auto byte = static_cast<unsigned char>(value);
  const Word word = kOnes * byte;
  for (; n >= sizeof(Word); n -= sizeof(Word), t += sizeof(Word)) store(t, word);
  while (n-- > 0) *t++ = static_cast<char>(byte);
  return to;
}

int memcmp(const void* a, const void* b, std::size_t n) {
  const char* x = bytes_of(a);
  const char* y = bytes_of(b);
  std::size_t i = 0;
  while (i + sizeof(Word) <= n && load(x + i) == load(y + i)) i += sizeof(Word);
  for (; i < n; ++i) {
    const int difference = static_cast<unsigned char>(x[i]) - static_cast<unsigned char>(y[i]);
    if (difference != 0) return difference;
  }
  return 0;
}

void* memchr(const void* in, int value, std::size_t n) {
  const char* at = bytes_of(in);
  const Word wanted = kOnes * static_cast<unsigned char>(value);
  std::size_t i = 0;
  for (; i + sizeof(Word) <= n; i += sizeof(Word)) {
    const Word difference = load(at + i) ^ wanted;
    const Word zero_bytes = (difference - kOnes) & ~difference & (kOnes << 7);
    // Both processors are little-endian: the lowest bit is the first byte, and is never a borrow.
    if (zero_bytes != 0)
      return const_cast<char*>(at + i + static_cast<unsigned>(__builtin_ctzl(zero_bytes)) / 8);
  }
  for (; i < n; ++i)
    if (at[i] == static_cast<char>(value)) return const_cast<char*>(at + i);
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t n = 0;
  while (text[n] != '\0') ++n;
  return n;
}

[[noreturn]] void abort() noexcept {
  if (!fallback_line.empty())
    shmeter::sys::write(shmeter::sys::kStdout, fallback_line.data(), fallback_line.size());
  shmeter::sys::write(shmeter::sys::kStdout, "\n", 1);
  shmeter::sys::exit(0);
}

}  // extern "C"

namespace shmeter::sys {
void set_fallback(std::string_view line) noexcept { fallback_line = line; }
}  // namespace shmeter::sys

namespace std {
// Declared by libstdc++'s own headers; each stands for an exception of theirs.
[[noreturn]] void __throw_out_of_range_fmt(const char*, ...) { abort(); }
[[noreturn]] void __throw_out_of_range(const char*) { abort(); }
[[noreturn]] void __throw_length_error(const char*) { abort(); }
[[noreturn]] void __throw_logic_error(const char*) { abort(); }
}  // namespace std
