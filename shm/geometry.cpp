// SPDX-License-Identifier: MIT
#include "shm/geometry.hpp"

#include <cstddef>

#include "shm/ring.hpp"

namespace shmeter::shm {
namespace {

/// What an older minor may have left out of a record is what was appended since; nothing shorter
/// than one word is a record.
bool fits(const Section& section, u64 slot_stride) {
  if (section.offset % 8 != 0 || section.offset > slot_stride) return false;
  if (section.stride % 8 != 0 || section.record_bytes % 8 != 0 || section.record_bytes == 0)
    return false;
  if (section.record_bytes > section.stride) return false;
  // 32 x 32 bits fit into 64; the offset was bounded above.
  return u64{section.stride} * section.capacity <= slot_stride - section.offset;
}

bool text_fits(const Section& text, u64 slot_stride) {
  return text.offset % 8 == 0 && text.offset <= slot_stride && text.capacity % 8 == 0 &&
         text.stride == 1 && text.record_bytes == 1 && text.capacity <= slot_stride - text.offset;
}

bool sections_fit(const Header& h) {
  return fits(h.summary, h.slot_stride) && fits(h.accounts, h.slot_stride) &&
         fits(h.models, h.slot_stride) && fits(h.sessions, h.slot_stride) &&
         fits(h.index, h.slot_stride) && fits(h.formats, h.slot_stride) &&
         text_fits(h.text, h.slot_stride) && h.summary.capacity == 1 &&
         h.summary.record_bytes >= kCheckedSummaryBytes &&
         h.index.record_bytes >= sizeof(IndexEntry) && h.index.capacity >= h.sessions.capacity;
}

bool slots_fit(const Header& h, u64 file_size) {
  if (h.file_bytes > file_size || h.file_bytes > kMaxFileBytes) return false;
  if (h.slots != kSlots || h.header_bytes < sizeof(Header) || h.header_bytes > kLiveOffset)
    return false;
  if (h.slots_offset % 8 != 0 || h.slots_offset < kHeaderBytes || h.slots_offset > h.file_bytes)
    return false;
  return h.slot_stride % 8 == 0 && h.slot_stride <= (h.file_bytes - h.slots_offset) / kSlots;
}

bool schema_fits(const Header& h) {
  return h.schema_offset >= kHeaderBytes && h.schema_offset <= h.slots_offset &&
         h.schema_bytes <= h.slots_offset - h.schema_offset;
}

}  // namespace

HeaderVerdict check_header(const Header& header, u64 file_size) noexcept {
  if (header.magic == 0) return HeaderVerdict::not_ready;
  if (header.magic == __builtin_bswap64(kMagic)) return HeaderVerdict::foreign_version;
  if (header.magic != kMagic) return HeaderVerdict::corrupt;
  if (header.endian != kEndian || header.layout_major != kLayoutMajor ||
      header.layout_compat_minor > kLayoutMinor)
    return HeaderVerdict::foreign_version;
  if (!slots_fit(header, file_size) || !schema_fits(header) || !sections_fit(header))
    return HeaderVerdict::corrupt;
  return HeaderVerdict::good;
}

}  // namespace shmeter::shm
