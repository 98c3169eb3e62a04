// SPDX-License-Identifier: MIT
#include "collector/setup/json_edit.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <vector>

namespace shmeter::collector {
namespace {

using Path = std::vector<std::string_view>;

std::string with(std::string_view text, const Path& path, std::string_view value) {
  const auto changed = json_with(text, path, value);
  return changed ? *changed : "error " + changed.error().message;
}
std::string without(std::string_view text, const Path& path) {
  const auto changed = json_without(text, path);
  return changed ? *changed : "error " + changed.error().message;
}
std::string value(std::string_view text, const Path& path) {
  const auto found = json_value(text, path);
  if (!found) return "error " + found.error().message;
  return std::string(found->value_or("none"));
}

TEST(JsonEdit, PutsAMemberWhereOthersOfItsObjectStand) {
  const struct {
    std::string_view before;
    Path path;
    std::string_view after;
  } rows[] = {
      {"", {"a"}, "{\n  \"a\": 1\n}\n"},
      {" \n", {"a"}, "{\n  \"a\": 1\n}\n"},
      {"{}", {"a"}, "{\n  \"a\": 1\n}"},
      {"{ }\n", {"e", "a"}, "{\n  \"e\": {\n    \"a\": 1\n  }\n}\n"},
      {"{\"x\":2}", {"a"}, "{\"x\":2,\"a\":1}"},
      {"{\"x\":2}", {"e", "a"}, "{\"x\":2,\"e\":{\"a\":1}}"},
      {"{\n\t\"x\": 2\n}\n", {"e", "a"}, "{\n\t\"x\": 2,\n\t\"e\": {\n\t\t\"a\": 1\n\t}\n}\n"},
      {"{\n  \"e\": {\n    \"x\": [1, {\"}\": \"]\"}]\n  },\n  \"y\": 0\n}",
       {"e", "a"},
       "{\n  \"e\": {\n    \"x\": [1, {\"}\": \"]\"}],\n    \"a\": 1\n  },\n  \"y\": 0\n}"},
      {"{\n  // why\n  \"x\": 2 // two\n}",
       {"a"},
       "{\n  // why\n  \"x\": 2,\n  \"a\": 1 // two\n}"},
      {"{\"a\":  \"old\" , \"x\":2}", {"a"}, "{\"a\":  1 , \"x\":2}"},
      {"{\"\\\"a\": 3, \"x\":\"\\\\\"}", {"a"}, "{\"\\\"a\": 3, \"x\":\"\\\\\",\"a\":1}"},
  };
  for (const auto& row : rows) EXPECT_EQ(with(row.before, row.path, "1"), row.after) << row.before;
}

TEST(JsonEdit, CommentsOfAnEmptyObjectStay) {
  const struct {
    std::string_view before;
    Path path;
    std::string_view with;
  } rows[] = {
      {"{\n  // mine\n}\n", {"a"}, "{\n  // mine\n  \"a\": 1\n}\n"},
      {"{ /* mine */ }", {"a"}, "{ /* mine */\n  \"a\": 1 }"},
      {"{ // mine\n}", {"a"}, "{ // mine\n  \"a\": 1\n}"},
      {"{\n  /* x */ \"b\": 2\n}", {"a"}, "{\n  /* x */ \"b\": 2,\n  \"a\": 1\n}"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(with(row.before, row.path, "1"), row.with);
    EXPECT_EQ(value(row.with, row.path), "1") << row.with;
    EXPECT_EQ(value(without(row.with, row.path), row.path), "none") << row.with;
  }
  EXPECT_EQ(without(rows[0].with, {"a"}), rows[0].before);
  EXPECT_EQ(without(rows[2].with, {"a"}), rows[2].before);
  EXPECT_EQ(without("{ /* x */\n  \"a\": 1 \n}", {"a"}), "{ /* x */ \n}");
  EXPECT_EQ(without("{\"e\": {// mine\n  \"a\": 1\n}}", {"e", "a"}), "{\"e\": {// mine\n}}");
  EXPECT_EQ(without("{ \"a\": 1, // mine, too\n}", {"a"}), "{  // mine, too\n}");
  EXPECT_EQ(without("{ // mine\n \"a\": 1 }", {"a"}), "{ // mine\n  }");
}

TEST(JsonEdit, AKeyThatIsThereTwiceIsNotGuessedAt) {
  for (const Path& path : {Path{"a"}, Path{"a", "b"}}) {
    EXPECT_EQ(with("{\"a\":{},\n\"a\":{}}", path, "1"), "error 2:1: a second member of that name");
    EXPECT_EQ(without("{\"a\":{},\n\"a\":{}}", path), "error 2:1: a second member of that name");
  }
  EXPECT_EQ(with("{\"e\":{\"a\":1,\"a\":2}}", {"e", "a"}, "1"),
            "error 1:13: a second member of that name");
  EXPECT_EQ(with("{\"x\":1,\"x\":2}", {"a"}, "1"), "{\"x\":1,\"x\":2,\"a\":1}");
}

TEST(JsonEdit, TakesAMemberOut) {
  const struct {
    std::string_view before;
    Path path;
    std::string_view after;
  } rows[] = {
      {"{\"a\":1}", {"a"}, "{}"},
      {"{\"a\":1, \"x\":2}", {"a"}, "{\"x\":2}"},
      {"{\"x\":2, \"a\":1 }", {"a"}, "{\"x\":2 }"},
      {"{\"x\":2, \"a\":1, \"y\":3}", {"a"}, "{\"x\":2, \"y\":3}"},
      {"{\n  \"x\": 2,\n  \"e\": {\n    \"a\": 1\n  }\n}", {"e", "a"}, "{\n  \"x\": 2\n}"},
      {"{\"e\":{\"f\":{\"a\":1}}}", {"e", "f", "a"}, "{}"},
      {"{\"e\":{\"f\":{\"a\":1},\"x\":2}}", {"e", "f", "a"}, "{\"e\":{\"x\":2}}"},
      {"{\"e\":{\"x\":1}}", {"e", "a"}, "{\"e\":{\"x\":1}}"},
      {"{\"x\":2}", {"e", "a"}, "{\"x\":2}"},
  };
  for (const auto& row : rows) EXPECT_EQ(without(row.before, row.path), row.after) << row.before;
}

TEST(JsonEdit, SaysWhatIsThere) {
  constexpr std::string_view text = "{\"a\": {\"b\": [1, 2] , \"c\":\"x\"}, \"d\": null}";
  EXPECT_EQ(value(text, {"a", "b"}), "[1, 2]");
  EXPECT_EQ(value(text, {"a", "c"}), "\"x\"");
  EXPECT_EQ(value(text, {"d"}), "null");
  EXPECT_EQ(value(text, {"e"}), "none");
  EXPECT_EQ(value(text, {"e", "f"}), "none");
  EXPECT_EQ(value(text, {"d", "f"}), "error 1:37: an object is expected");
}

TEST(JsonEdit, LeavesWhatItDoesNotUnderstandAlone) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"[1]", "error 1:1: an object is expected"},
      {"{\"a\" 1}", "error 1:6: a colon is expected"},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", "error 3:3: a comma is expected"},
      {"{\"a\": }", "error 1:7: a value is expected"},
      {"{\"a\": \"x}", "error 1:7: a text without end"},
      {"{\"a\": \"x\\", "error 1:7: a text without end"},
      {"{a: 1}", "error 1:2: a text in quotes is expected"},
      {"{\"a\": 1", "error 1:8: a comma is expected"},
      {"{\"a\": 1} x", "error 1:10: something stands behind it"},
      {"{/* x", "error 1:2: a comment without end"},
  };
  for (const auto& [text, error] : rows) {
    EXPECT_EQ(with(text, {"n"}, "1"), error);
    EXPECT_EQ(without(text, {"n"}), error);
  }
  const std::string deep = "{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_NE(with(deep, {"n"}, "1").find("too deep"), std::string::npos);
}

// Whatever stands there: what is put in and taken out again leaves no trace.
TEST(JsonEdit, ThereAndBack) {
  std::mt19937 random(20261122);
  const auto any = [&](std::initializer_list<const char*> list) {
    return std::string(list.begin()[random() % list.size()]);
  };
  const std::function<std::string(int)> object = [&](int depth) {
    const std::string space = any({"", " ", "\n", "\n  ", "\r\n\t", " // x\n", "/*{*/"});
    std::string text = "{";
    const std::size_t members = 1 + random() % 3;
    for (std::size_t i = 0; i < members; ++i)
      text += (i == 0 ? "" : ",") + space + "\"" + any({"env", "k", "\\\"", "x{"}) +
              std::to_string(i) + "\"" + any({":", ": ", " : "}) +
              (depth > 0 && random() % 2 == 0 ? object(depth - 1)
                                              : any({"1", "\"}\"", "[\",\"]", "null", "-1e9"}));
    return text + any({"", " ", "\n"}) + "}";
  };
  for (int round = 0; round < 2000; ++round) {
    const std::string text = object(3) + any({"", "\n"});
    const Path path = random() % 2 == 0 ? Path{"new"} : Path{"new", "inner"};
    const std::string changed = with(text, path, "\"v\"");
    ASSERT_EQ(value(changed, path), "\"v\"") << text << "\n" << changed;
    ASSERT_EQ(without(changed, path), text) << changed;
    for (std::size_t cut = 0; cut < text.size(); cut += 7) {
      static_cast<void>(with(text.substr(0, cut), path, "1"));  // no cut of it may do harm
      static_cast<void>(without(text.substr(0, cut), path));
    }
  }
}

}  // namespace
}  // namespace shmeter::collector
