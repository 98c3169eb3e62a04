#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes formats/width_table.hpp from Python's Unicode data; run it with that file as standard output.

Classes: 0 no column of its own (combining marks), 1 one column, 2 two columns (East Asian Wide and Fullwidth),
3 left out of every line: characters that nobody sees, or whose effect on the width differs between hosts
(zero-width spaces and joiners, bidirectional controls, variation selectors, tags, fillers).
"""
import unicodedata

# Cf, but drawn: Prepended_Concatenation_Mark.
DRAWN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
# Default_Ignorable, but not Cf: grapheme joiner, Hangul fillers, Khmer inherent vowels, variation selectors.
UNSEEN = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10),
          *range(0xE0000, 0xE1000)}
# Reserved for ideographs: wide before they are assigned.
IDEOGRAPHS = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD)]


def column_class(code: int) -> int:
    char = chr(code)
    category = unicodedata.category(char)
    if code in UNSEEN or (category == "Cf" and code not in DRAWN):
        return 3
    if category in ("Mn", "Me") or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return 0
    if any(first <= code <= last for first, last in IDEOGRAPHS):
        return 2
    # An unassigned character has no width of its own here: Python says F for all of them.
    return 2 if category != "Cn" and unicodedata.east_asian_width(char) in "WF" else 1


def main() -> None:
    starts, before = [], None
    for code in range(0x110000):
        now = 1 if code < 0xA0 else column_class(code)
        if now != before:
            starts.append(code << 2 | now)
        before = now
    print(f"""// SPDX-License-Identifier: MIT
// Made by formats/width_table.py from Unicode {unicodedata.unidata_version}; do not edit. Each entry starts a run of
// characters of one class: the first code point times four, plus the class.
#pragma once

#include <array>
#include <cstdint>

namespace shmeter::formats {{

// clang-format off
inline constexpr std::array<std::uint32_t, {len(starts)}> kColumnRuns = {{""")
    for at in range(0, len(starts), 10):
        print("    " + " ".join(f"0x{start:x}," for start in starts[at:at + 10]))
    print("""};
// clang-format on

}  // namespace shmeter::formats""")


main()
