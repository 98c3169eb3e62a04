// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "formats/field_table.hpp"
#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

TEST(CheckTemplate, Mistakes) {
  const struct {
    std::string_view templ;
    std::size_t line;
    std::size_t column;
    std::string_view message;
  } rows[] = {
      {"{sesion.cost}", 1, 1, "there is no field \"sesion.cost\"; did you mean \"session.cost\"?"},
      {"日本\nab {five_hour.usde}", 2, 4,
       "there is no field \"five_hour.usde\"; did you mean \"five_hour.used\"?"},
      {"日本 {x}", 1, 4, "there is no field \"x\""},
      {"{}", 1, 1, "there is no field \"\""},
      {"{session.cost", 1, 1, "this { is never closed; write \\{ to show one"},
      {"{session.cost|mony}", 1, 15, "there is no filter \"mony\"; did you mean \"money\"?"},
      {"{session.cost|}", 1, 1, "a filter is missing behind the last |"},
      {"{session.cost|bar}", 1, 15, "the filter \"bar\" is not for a field like session.cost"},
      {"{session.context|bar:99}", 1, 18, "write this filter as bar[:columns[:ascii]]"},
      {"{session.context|bar:5:box}", 1, 18, "write this filter as bar[:columns[:ascii]]"},
      {"{session.context|percent:5}", 1, 18, "write this filter as percent[:digits]"},
      {"{session.tokens|raw:1}", 1, 17, "write this filter as raw"},
      {"{session.name|max}", 1, 15, "write this filter as max:columns"},
      {"{session.name|max:1|max:1|max:1|max:1|max:1}", 1, 1, "too many filters (4)"},
      {"[{session.cost}", 1, 1, "this [ is never closed; write \\[ to show one"},
      {"a [b [{session.cost}]", 1, 3, "this [ is never closed; write \\[ to show one"},
      {"{session.cost}]", 1, 15, "this ] closes no group; write \\] to show one"},
      {"[tmux] {session.cost}", 1, 1,
       "this group has no field, so it always shows; write \\[ and \\] to show brackets"},
      {"[!0:{session.cost}]", 1, 1, "the importance of a group is written [!1: to [!9:"},
      {"[!:{session.cost}]", 1, 1, "the importance of a group is written [!1: to [!9:"},
      {"[[[[[[[[[{session.pr}]]]]]]]]]", 1, 9, "groups are nested too deep (8)"},
      {"<wran>{session.cost}</>", 1, 1, "there is no style \"wran\"; did you mean \"warn\"?"},
      {"<ok:1>{session.cost}</>", 1, 1, "the style \"ok\" takes no argument"},
      {"{session.cost}</>", 1, 15, "this </> closes nothing that was opened here"},
      {"<ok>[{session.cost}</>]", 1, 20, "this </> closes nothing that was opened here"},
      {"<auto:session.cost>x</>", 1, 1,
       "<auto:...> is for shares such as five_hour.used, not for session.cost"},
      {"<auto:five_hour>x</>", 1, 1, "there is no field \"five_hour\""},
      {"{session.cost}\\", 1, 15, "nothing follows this backslash; write \\\\ to show one"},
      {"ab\xff", 1, 3, "this is not UTF-8"},
      {"ab\x1b[31m", 1, 3, "control characters never show; colours are <ok> <warn> <crit>"},
  };
  for (const auto& row : rows) {
    TemplateError error;
    EXPECT_FALSE(check_template(row.templ, error)) << row.templ;
    EXPECT_EQ(std::string_view(error.message), row.message) << row.templ;
    EXPECT_EQ(error.line, row.line) << row.templ;
    EXPECT_EQ(error.column, row.column) << row.templ;
  }
}

TEST(CheckTemplate, WhatIsRight) {
  for (const std::string_view templ :
       {"", "plain < text > | } \\[ \\]", "{session.cost|money:3}", "<dim>{age}", "[<ok>{age}]",
        "[{session.name|max:20}||none]", "[[{age}][{state}]]", "<sep>", "<sep: / >", "a\n\tb",
        "[!1:{age}]", "{five_hour.used|bar:5:ascii|percent}",
        "<bold><auto:five_hour.left>x</></>"}) {
    TemplateError error;
    EXPECT_TRUE(check_template(templ, error)) << templ << ": " << error.message;
  }
}

TEST(CheckTemplate, EveryFieldIsFoundAndEveryMisspeltOneToo) {
#define SHMETER_NAME(name, kind, get, place, path, help) name,
  for (const std::string_view name : {SHMETER_TEMPLATE_FIELDS(SHMETER_NAME)}) {
    TemplateError error;
    EXPECT_TRUE(check_template(around("{", name, "}"), error)) << error.message;
    std::string wrong(name);
    std::swap(wrong[0], wrong[1]);
    EXPECT_FALSE(check_template(around("{", wrong, "}"), error));
    EXPECT_NE(std::string_view(error.message).find(around("did you mean \"", name, "\"")),
              std::string_view::npos)
        << error.message;
  }
}

TEST(CheckTemplate, LongNamesAreCutInTheMessage) {
  TemplateError error;
  EXPECT_FALSE(check_template(around("{", std::string(5000, 'x'), "}"), error));
  EXPECT_EQ(std::string_view(error.message),
            around("there is no field \"", std::string(40, 'x'), "\""));
}

TEST(Check, WhatItQuotesIsText) {
  TemplateError error;
  EXPECT_FALSE(check_template("{ses\xffion.name}", error));
  EXPECT_STREQ(error.message, "there is no field \"ses?ion.name\"; did you mean \"session.name\"?");
  EXPECT_FALSE(check_template("{\x1b[31mred}", error));
  EXPECT_STREQ(error.message, "there is no field \"?[31mred\"");
  const std::string cut =
      std::string(39, 'x') + "\u00fc";  // within the last character that is quoted
  EXPECT_FALSE(check_template("{" + cut + "}", error));
  EXPECT_EQ(error.message, "there is no field \"" + std::string(39, 'x') + "?\"");
}

}  // namespace
}  // namespace shmeter::formats
