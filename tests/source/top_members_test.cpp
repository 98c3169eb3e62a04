// SPDX-License-Identifier: MIT
#include "collector/source/top_members.hpp"

#include <gtest/gtest.h>

#include <random>

namespace shmeter::collector {
namespace {

TEST(TopMembers, Table) {
  const struct {
    const char* json;
    bool whole;
    const char *a, *b;
  } rows[] = {
      {R"({"a":1,"b":"x"})", true, "1", "\"x\""},
      {" {\n \"a\" : { \"b\" : [ 1 , 2 ] } , \"c\":7 }\n", true, "{ \"b\" : [ 1 , 2 ] }", ""},
      {R"({"x":{"a":1,"b":2},"y":["a","b"],"z":"\"a\":1"})", true, "", ""},
      {R"({"x":"}\\","a":"\"}","b":"\\"})", true, R"("\"}")", R"("\\")"},
      {R"({"a":1,"a":2})", true, "1", ""},
      {R"({"\u0061":1})", true, "", ""},
      {R"({"a":""})", true, "\"\"", ""},
      {"{}", true, "", ""},
      {"", false, "", ""},
      {"[]", false, "", ""},
      {R"("a")", false, "", ""},
      {R"({"a":1)", false, "", ""},
      {R"({"a":"1})", false, "", ""},
      {R"({"a":[1})", false, "", ""},
      {R"({"a":1}x)", false, "", ""},
      {R"({"a":1}{"b":2})", false, "", ""},
      {R"({a:1})", false, "", ""},
      {R"({"a" 1})", false, "", ""},
      {R"({"b":2,"a":{"too":"long for what is kept of one"}})", true, "", "2"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    TopMembers members({"a", "b"}, 24);
    members.feed(row.json);
    EXPECT_EQ(members.whole(), row.whole);
    EXPECT_EQ(members.value(0), row.a);
    EXPECT_EQ(members.value(1), row.b);
  }
}

TEST(TopMembers, AnyCutsGiveTheSame) {
  const std::string json = R"({"x":"a\"b\\","a":{"k":["}",1]},"y":[[]],"b":-1.5e3})";
  for (std::size_t cut = 0; cut <= json.size(); ++cut) {
    TopMembers members({"a", "b"}, 64);
    members.feed(std::string_view(json).substr(0, cut));
    members.feed(std::string_view(json).substr(cut));
    ASSERT_TRUE(members.whole()) << cut;
    EXPECT_EQ(members.value(0), R"({"k":["}",1]})");
    EXPECT_EQ(members.value(1), "-1.5e3");
  }
}

TEST(TopMembers, DepthAndGarbageAreBounded) {
  TopMembers deep({"a"}, 64);
  deep.feed("{\"x\":" + std::string(1 << 20, '['));
  EXPECT_FALSE(deep.whole());
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = R"({"a":{"b":[1,"2"]},"c":"\\"})";
    for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    TopMembers members({"a", "c"}, 8);
    members.feed(bytes);
    EXPECT_LE(members.value(0).size(), 8u);
  }
}

}  // namespace
}  // namespace shmeter::collector
