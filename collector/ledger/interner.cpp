// SPDX-License-Identifier: MIT
// Open addressing over numbers; the texts themselves are compared, so the hash may be any.
#include "collector/ledger/interner.hpp"

#include "collector/ledger/event_key.hpp"

namespace shmeter::collector {

std::string_view Interner::text(u32 number) const {
  const u32 begin = number == 0 ? 0 : ends_[number - 1];
  return std::string_view(bytes_).substr(begin, ends_[number] - begin);
}

/// Where the text stands or would stand. There is always a free slot.
std::size_t Interner::slot_of(std::string_view wanted) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = static_cast<std::size_t>(hash_name(NameKind::content, wanted)) & mask;
  while (slots_[at] != 0 && text(slots_[at] - 1) != wanted) at = (at + 1) & mask;
  return at;
}

void Interner::grow() {
  slots_.assign(slots_.empty() ? 64 : slots_.size() * 2, 0);
  for (u32 number = 0; number < size(); ++number) place(number);
}

void Interner::place(u32 number) {
  u32& slot = slots_[slot_of(text(number))];
  if (slot == 0) slot = number + 1;
}

std::optional<u32> Interner::find(std::string_view wanted) const {
  if (slots_.empty()) return std::nullopt;
  if (text(last_) == wanted) return last_;
  const u32 found = slots_[slot_of(wanted)];
  if (found == 0) return std::nullopt;
  last_ = found - 1;
  return last_;
}

void Interner::append(std::string_view text) {
  if ((ends_.size() + 1) * 4 > slots_.size() * 3) grow();
  bytes_.append(text);
  ends_.push_back(static_cast<u32>(bytes_.size()));
  place(size() - 1);
}

u32 Interner::intern(std::string_view wanted) {
  if (const auto known = find(wanted)) return *known;
  append(wanted);
  return size() - 1;
}

}  // namespace shmeter::collector
