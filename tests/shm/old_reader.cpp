// SPDX-License-Identifier: MIT
// Compiled with shmeter=shmeter_minor_0 and the fields of that minor (CMakeLists.txt).
#include "old_reader.hpp"

#include "shm/reader.hpp"

namespace {

using namespace shmeter::shm;

static_assert(kLayoutMinor == 0);
static_assert(sizeof(Summary) == 592 && sizeof(Account) == 1112 && sizeof(Model) == 112 &&
              sizeof(Session) == 840 && sizeof(Format) == 32);

template <class Record>
std::string bytes_of(const Record& record) {
  return {reinterpret_cast<const char*>(&record), sizeof record};
}

bool copy(FileSlot& slot, OldPicture& out) {
  out = {};
  SummaryAndAccount both;
  if (!slot.summary_and_first_account(both)) return false;
  const Summary& summary = both.summary;
  out.summary = bytes_of(summary);
  if (summary.accounts > 0) out.accounts.push_back(bytes_of(both.account));
  for (u32 i = 1; i < summary.accounts; ++i) {
    Account account;
    if (!slot.account(i, account)) return false;
    out.accounts.push_back(bytes_of(account));
  }
  for (u32 i = 0; i < summary.models; ++i) {
    Model model;
    if (!slot.model(i, model)) return false;
    out.models.push_back(bytes_of(model));
  }
  std::vector<Session> sessions(static_cast<std::size_t>(summary.sessions));
  if (!slot.sessions(0, static_cast<u32>(sessions.size()), sessions.data())) return false;
  for (u32 i = 0; i < sessions.size(); ++i) {
    u32 position = 0;
    const bool found = slot.find_session(sessions[i].session_id.view(), position) && position == i;
    out.sessions.push_back(found ? bytes_of(sessions[i]) : std::string());
  }
  std::vector<Format> formats(static_cast<std::size_t>(summary.formats));
  if (!slot.formats(static_cast<u32>(formats.size()), formats.data())) return false;
  for (const Format& format : formats) {
    out.formats.push_back(bytes_of(format));
    out.format_text.resize(
        std::max<std::size_t>(out.format_text.size(), format.offset + format.length));
  }
  return slot.format_text(0, out.format_text.size(), out.format_text.data());
}

}  // namespace

int read_as_minor_0(const char* path, OldPicture& out) {
  FileReader reader;
  const Opened opened = reader.open(path, false);
  if (opened != Opened::ok) return static_cast<int>(opened);
  return static_cast<int>(reader.snapshot([&](FileSlot& slot) { return copy(slot, out); }));
}
