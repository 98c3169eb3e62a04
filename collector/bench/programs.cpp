// SPDX-License-Identifier: MIT
#include "collector/bench/programs.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <utility>

#ifdef __linux__
#include <elf.h>
#endif

namespace shmeter::bench {

MemoryFile::MemoryFile(std::string_view bytes) {
#ifdef __linux__
  const int file = memfd_create("shmeter-bench", MFD_CLOEXEC);
  const bool written =
      file >= 0 && write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
  // A program that somebody could still write to is not started.
  const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (written) fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int error = errno;
  if (file >= 0) close(file);
  if (fd_ < 0) throw std::runtime_error(std::string("a file in memory: ") + std::strerror(error));
#else
  static_cast<void>(bytes);
  throw std::runtime_error("this system has no files in memory");
#endif
}

MemoryFile::MemoryFile(MemoryFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

MemoryFile::~MemoryFile() {
  if (fd_ >= 0) close(fd_);
}

std::string MemoryFile::path() const {
  return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_);
}

std::optional<MemoryFile> program_that_only_exits() {
#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))
#ifdef __x86_64__
  constexpr unsigned short kMachine = EM_X86_64;
  constexpr unsigned char kCode[] = {0xb8, 231,  0, 0, 0,  // mov eax, exit_group
                                     0x31, 0xff,           // xor edi, edi
                                     0x0f, 0x05};          // syscall
#else
  constexpr unsigned short kMachine = EM_AARCH64;
  constexpr unsigned char kCode[] = {0xc8, 0x0b, 0x80, 0xd2,   // mov x8, exit_group
                                     0x00, 0x00, 0x80, 0xd2,   // mov x0, 0
                                     0x01, 0x00, 0x00, 0xd4};  // svc 0
#endif
  struct Program {
    Elf64_Ehdr header{};
    Elf64_Phdr segment{};
    unsigned char code[sizeof kCode]{};
  } program;
  constexpr Elf64_Addr kBase = 0x400000;
  std::memcpy(program.header.e_ident, ELFMAG, SELFMAG);
  program.header.e_ident[EI_CLASS] = ELFCLASS64;
  program.header.e_ident[EI_DATA] = ELFDATA2LSB;
  program.header.e_ident[EI_VERSION] = EV_CURRENT;
  program.header.e_type = ET_EXEC;
  program.header.e_machine = kMachine;
  program.header.e_version = EV_CURRENT;
  program.header.e_entry = kBase + offsetof(Program, code);
  program.header.e_phoff = offsetof(Program, segment);
  program.header.e_ehsize = sizeof program.header;
  program.header.e_phentsize = sizeof program.segment;
  program.header.e_phnum = 1;
  program.segment.p_type = PT_LOAD;
  program.segment.p_flags = PF_R | PF_X;
  program.segment.p_vaddr = program.segment.p_paddr = kBase;
  program.segment.p_filesz = program.segment.p_memsz = sizeof program;
  program.segment.p_align = 0x10000;  // the largest page there is
  std::memcpy(program.code, kCode, sizeof kCode);
  return MemoryFile({reinterpret_cast<const char*>(&program), sizeof program});
#else
  return std::nullopt;
#endif
}

}  // namespace shmeter::bench
