// SPDX-License-Identifier: MIT
// The tables of formats/README.md are those of the code. UPDATE_GOLDEN=1 writes them anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "formats/field_table.hpp"
#include "formats/filters.hpp"
#include "formats/icons.hpp"

namespace {

std::string row(std::initializer_list<std::string_view> cells) {
  std::string out = "|";
  for (const std::string_view cell : cells) out.append(" ").append(cell).append(" |");
  return out + "\n";
}

std::string field_table() {
  std::string out = "| field | kind | meaning | in `shmeter json` |\n|---|---|---|---|\n";
#define SHMETER_ROW(name, kind, get, place, path, help) \
  out += row({"`" name "`", #kind, help, "`" path "`"});
  SHMETER_TEMPLATE_FIELDS(SHMETER_ROW)
  return out;
}

std::string filter_table() {
  std::string out = "| filter | shows |\n|---|---|\n";
#define SHMETER_FILTER_ROW(name, kinds, arguments, form, help) out += row({"`" form "`", help});
  SHMETER_FILTERS(SHMETER_FILTER_ROW)
  return out;
}

std::string icon_table() {
  std::string out = "| icon | unicode | nerd |\n|---|---|---|\n";
#define SHMETER_ICON_ROW(name, unicode, nerd) out += row({"`" name "`", unicode, nerd});
  SHMETER_ICONS(SHMETER_ICON_ROW)
  return out;
}

std::string read(const char* path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

/// What stands between the two marks of `name`, or `now` put there.
void expect_section(const std::string& name, const std::string& now) {
  std::string text = read(SHMETER_FORMATS_README);
  const std::string open = "<!-- " + name + " -->\n";
  const std::string close = "<!-- /" + name + " -->";
  const std::size_t from = text.find(open);
  const std::size_t to = text.find(close);
  ASSERT_NE(from, text.npos);
  ASSERT_NE(to, text.npos);
  const std::size_t begin = from + open.size();
  if (std::getenv("UPDATE_GOLDEN") == nullptr) {
    EXPECT_EQ(text.substr(begin, to - begin), now) << "UPDATE_GOLDEN=1 writes it anew";
    return;
  }
  std::ofstream(SHMETER_FORMATS_README) << text.replace(begin, to - begin, now);
}

TEST(Readme, FieldTable) { expect_section("fields", field_table()); }
TEST(Readme, IconTable) { expect_section("icons", icon_table()); }
TEST(Readme, FilterTable) { expect_section("filters", filter_table()); }

}  // namespace
