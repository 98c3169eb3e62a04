// SPDX-License-Identifier: MIT
// The freestanding reader is what it claims: a file the kernel maps and enters, with nothing to
// load, to relocate or to look up, and no C library in it.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>

#include "tests/plugin/reader_run.hpp"

namespace shmeter::test {
namespace {

class Freestanding : public testing::Test {
 protected:
  template <class T>
  T at(std::size_t offset) const {
    T value = {};
    EXPECT_LE(offset + sizeof value, file_.size());
    std::memcpy(&value, file_.data() + offset, sizeof value);
    return value;
  }
  Elf64_Ehdr header() const { return at<Elf64_Ehdr>(0); }

  const std::string file_ = read_file(SHMETER_PATH);
};

TEST_F(Freestanding, StandsAtAFixedAddressAndNeedsNoLoader) {
  EXPECT_EQ(header().e_type, ET_EXEC);
  int loads = 0;
  for (std::size_t i = 0; i < header().e_phnum; ++i) {
    const auto segment = at<Elf64_Phdr>(header().e_phoff + i * sizeof(Elf64_Phdr));
    EXPECT_NE(segment.p_type, Elf64_Word{PT_INTERP});
    EXPECT_NE(segment.p_type, Elf64_Word{PT_DYNAMIC});
    EXPECT_NE(segment.p_type, Elf64_Word{PT_TLS});
    EXPECT_NE(segment.p_flags & (PF_W | PF_X), Elf64_Word{PF_W | PF_X});
    loads += segment.p_type == PT_LOAD ? 1 : 0;
    // Zeroed memory only: a table in .data would be a page more to map and to read.
    EXPECT_TRUE((segment.p_flags & PF_W) == 0 || segment.p_filesz == 0);
  }
  EXPECT_EQ(loads, 2);
}

TEST_F(Freestanding, NothingToRelocateOrToLookUp) {
  constexpr std::string_view kOfLibc[] = {"malloc",      "printf",         "__libc_start_main",
                                          "__cxa_throw", "_Unwind_Resume", "__stack_chk_fail",
                                          "environ"};
  for (std::size_t i = 0; i < header().e_shnum; ++i) {
    const auto section = at<Elf64_Shdr>(header().e_shoff + i * sizeof(Elf64_Shdr));
    EXPECT_NE(section.sh_type, Elf64_Word{SHT_RELA});
    EXPECT_NE(section.sh_type, Elf64_Word{SHT_REL});
    EXPECT_NE(section.sh_type, Elf64_Word{SHT_DYNSYM});
    EXPECT_NE(section.sh_type, Elf64_Word{SHT_INIT_ARRAY});
    if (section.sh_type != SHT_SYMTAB) continue;
    const auto names = at<Elf64_Shdr>(header().e_shoff + section.sh_link * sizeof(Elf64_Shdr));
    for (std::size_t at_byte = sizeof(Elf64_Sym); at_byte < section.sh_size;
         at_byte += sizeof(Elf64_Sym)) {
      const auto symbol = at<Elf64_Sym>(section.sh_offset + at_byte);
      const std::string_view name = file_.c_str() + names.sh_offset + symbol.st_name;
      if (ELF64_ST_TYPE(symbol.st_info) == STT_FILE) continue;
      EXPECT_NE(symbol.st_shndx, SHN_UNDEF) << name;
      for (const std::string_view foreign : kOfLibc) EXPECT_NE(name, foreign);
    }
  }
}

}  // namespace
}  // namespace shmeter::test
