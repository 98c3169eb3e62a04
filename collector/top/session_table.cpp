// SPDX-License-Identifier: MIT
#include "collector/top/session_table.hpp"

#include <algorithm>
#include <array>

#include "collector/top/styled_text.hpp"

namespace shmeter::collector {
namespace {

constexpr int kSpace = 2;       // between columns
constexpr int kMark = 2;        // before the first
constexpr int kLeastName = 14;  // columns go before the name has fewer
constexpr int kMostName = 60;
constexpr int kMostImportant = 8;  // of those that may go

struct Column {
  std::string_view title;
  std::string_view templ;
  int width;
  Edge edge;
  int importance;  // the least goes first
};
constexpr std::array<Column, 9> kColumns = {
    {{"session", "[{session.name}||{session.dir}||{session.id}]", kLeastName, Edge::left, 0},
     {"model", "<accent>{session.model}</>", 14, Edge::left, 5},
     {"status", "", 7, Edge::left, 6},
     {"context", "[[<auto:session.context>{session.context|bar:6}</> ]{session.context}]", 11,
      Edge::left, 4},
     {"cost", "[{session.cost}]", 9, Edge::right, 8},
     {"tokens", "[{session.tokens}]", 7, Edge::right, 3},
     {"age", "[{session.age}]", 4, Edge::right, 7},
     {"branch", "<dim>[{session.branch}]</>", 18, Edge::left, 2},
     {"directory", "<dim>[{session.cwd}]</>", 40, Edge::left, 1}}};

/// A session that waits for its user stands out, one that is over steps back.
std::string_view status_template(const shm::Session& session) {
  switch (static_cast<shm::SessionStatus>(session.status)) {
    case shm::SessionStatus::busy:
      return "<ok>[{session.status}]</>";
    case shm::SessionStatus::waiting:
      return "<warn>[{session.status}]</>";
    case shm::SessionStatus::ended:
      return "<dim>[{session.status}]</>";
    default:
      return "[{session.status}]";
  }
}

}  // namespace

SessionTable::SessionTable(int width) {
  int left = width - kMark - kLeastName;
  std::array<bool, kColumns.size()> fits{true};
  bool full = false;  // then no lesser one takes the place of one that did not fit
  for (int importance = kMostImportant; importance > 0; --importance)
    for (std::size_t i = 1; i < kColumns.size(); ++i) {
      if (kColumns[i].importance != importance) continue;
      full = full || kColumns[i].width + kSpace > left;
      if (full) continue;
      fits[i] = true;
      left -= kColumns[i].width + kSpace;
    }
  const int name = std::clamp(kLeastName + left, 1, kMostName);
  for (std::size_t i = 0; i < kColumns.size(); ++i)
    if (fits[i]) shown_.push_back({i, i == 0 ? name : kColumns[i].width});
  if (shown_.size() == 1) shown_[0].width = std::clamp(width - kMark, 1, kMostName);
}

std::string SessionTable::title(const Look& look) const {
  std::string out(kMark, ' ');
  for (const Shown& shown : shown_) {
    const Column& column = kColumns[shown.column];
    if (shown.column > 0) out.append(kSpace, ' ');
    out += padded(column.title.substr(0, static_cast<std::size_t>(shown.width)), shown.width,
                  column.edge);
  }
  std::string templ = "<bold>";
  templ.append(out).append("</>");
  return styled(templ, values_of({}, look.now_s), look.colour, look.width);
}

std::string SessionTable::row(const shm::Session& session, const TopPicture& picture,
                              const Look& look, bool selected) const {
  // A style of its own would end the reverse.
  const formats::Colour colour = selected ? formats::Colour::none : look.colour;
  const formats::Values values = values_of(picture, look.now_s, nullptr, &session);
  std::string out = selected ? "▸ " : "  ";
  for (const Shown& shown : shown_) {
    const Column& column = kColumns[shown.column];
    const std::string_view templ = column.templ.empty() ? status_template(session) : column.templ;
    if (shown.column > 0) out.append(kSpace, ' ');
    out += padded(styled(templ, values, colour, shown.width), shown.width, column.edge);
  }
  if (columns_of(out) > look.width) out = plain_text(without_styles(out), look.width);
  if (!selected || look.colour == formats::Colour::none) return out;
  return "\x1b[7m" + padded(out, look.width) + "\x1b[0m";
}

}  // namespace shmeter::collector
