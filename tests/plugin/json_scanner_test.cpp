// SPDX-License-Identifier: MIT
#include "plugin/json_scanner.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace shmeter::plugin {
namespace {

using shm::i64;
using shm::kUnknown;

TEST(ScaledNumber, Table) {
  constexpr i64 kMost = 1'000'000'000'000'000'000;
  const struct {
    std::string_view text;
    int scale;
    i64 want;
  } rows[] = {
      {"0", 9, 0},
      {"-0", 9, 0},
      {"4.116942", 9, 4'116'942'000},
      {"0.31167199999999995", 9, 311'672'000},
      {"0.0000000005", 9, 1},
      {"0.00000000049999999999999999", 9, 0},
      {"-0.0000000005", 9, -1},
      {"42.5", 4, 425'000},
      {"1e3", 0, 1000},
      {"1E+3", 0, 1000},
      {"15e-1", 0, 2},
      {"14e-1", 0, 1},
      {"1e-400", 9, 0},
      {"1e400", 9, kUnknown},
      {"0e999999999999999999999", 9, 0},
      {"0.000000000000000000000000001e27", 0, 1},
      {"1000000000000000000000000000e-27", 0, 1},
      {"1e99999999999999999999", 0, kUnknown},
      {"1e-99999999999999999999", 0, 0},
      {"1000000000000000000", 0, kMost},
      {"1000000000000000001", 0, kMost},  // 19 digits: the last one is dropped
      {"1000000000000000010", 0, kUnknown},
      {"123456789012345678901234567890", 0, kUnknown},
      {"", 0, kUnknown},
      {"01", 0, kUnknown},
      {"1.", 0, kUnknown},
      {".5", 0, kUnknown},
      {"+1", 0, kUnknown},
      {"1 ", 0, kUnknown},
      {"0x10", 0, kUnknown},
      {"NaN", 0, kUnknown},
      {"1e", 0, kUnknown},
      {"--1", 0, kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(scaled_number(row.text, row.scale, -kMost, kMost), row.want);
  }
  EXPECT_EQ(scaled_number("-1", 0, 0, 10), kUnknown);
  EXPECT_EQ(scaled_number("11", 0, 0, 10), kUnknown);
}

TEST(ScaledNumber, AgreesWithArithmetic) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    const auto nano = static_cast<i64>(random() % 1'000'000'000'000u);
    const std::string text = std::to_string(nano / 1'000'000'000) + "." +
                             std::to_string(1'000'000'000 + nano % 1'000'000'000).substr(1);
    ASSERT_EQ(scaled_number(text, 9, 0, 1'000'000'000'000), nano) << text;
    const auto cents = static_cast<i64>((nano % 1'000'000'000 + 5'000'000) / 10'000'000);
    ASSERT_EQ(scaled_number(text, 2, 0, 1'000'000'000'000), nano / 1'000'000'000 * 100 + cents)
        << text;
  }
}

/// The value of the one member `k`, or "!" when the text is no JSON object.
std::string member(std::string_view json) {
  const auto decoded = std::make_unique<JsonText>();
  JsonScanner in(json, *decoded);
  std::string found = "absent";
  std::string_view key;
  if (!in.enter_object()) return "!";
  while (in.member(key)) {
    const bool ours = key == "k";
    const JsonValue value = in.value();
    if (ours)
      found = value.kind == JsonValue::Kind::boolean ? (value.truth ? "T" : "F")
                                                     : std::string(value.text);
  }
  return in.finish() ? found : "!";
}

TEST(JsonScanner, Strings) {
  const struct {
    std::string_view json;
    std::string_view want;
  } rows[] = {
      {R"({"k":""})", ""},
      {R"({"k":"plain text of more than eight bytes"})", "plain text of more than eight bytes"},
      {R"({"k":"\"\\\/\b\f\n\r\t"})", "\"\\/\b\f\n\r\t"},
      {R"({"k":"\u00e4\u20AC\ud83d\uDE00"})", "ä€😀"},
      {R"({"\u006b":1})", "1"},
      {R"({"k":"x\ud83d"})", "x\xEF\xBF\xBD"},
      {R"({"k":"\ude00x"})", "\xEF\xBF\xBDx"},
      {R"({"k":"\ud83d\u0041"})",
       "\xEF\xBF\xBD"
       "A"},
      {R"({"k":"\ud83d\ud83d\ude00"})", "\xEF\xBF\xBD😀"},
      {"{\"k\":\"ä€😀\"}", "ä€😀"},
      {"{\"k\":\"\xc3\"}", "!"},
      {"{\"k\":\"\xed\xa0\x80\"}", "!"},
      {"{\"k\":\"\xc0\xaf\"}", "!"},
      {"{\"k\":\"\xf5\x80\x80\x80\"}", "!"},
      {"{\"k\":\"a\nb\"}", "!"},
      {R"({"k":"\u12"})", "!"},
      {R"({"k":"\u12g4"})", "!"},
      {R"({"k":"\ud83d\u12"})", "!"},
      {R"({"k":"\x"})", "!"},
      {R"({"k":"\)", "!"},
      {R"({"k":"open)", "!"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    EXPECT_EQ(member(row.json), row.want);
  }
}

TEST(JsonScanner, Structure) {
  const struct {
    std::string_view json;
    std::string_view want;
  } rows[] = {
      {"{}", "absent"},
      {" \t\r\n{ \"k\" : 1 } \n", "1"},
      {R"({"a":{"k":2},"k":3,"b":[{"k":4},[],{}]})", "3"},
      {R"({"k":1,"k":2})", "2"},
      {R"({"k":true})", "T"},
      {R"({"k":false})", "F"},
      {R"({"k":null})", ""},
      {R"({"a":[1,2,{"x":[null,true,"s"]}],"k":-1.5e3})", "-1.5e3"},
      {"", "!"},
      {"[]", "!"},
      {"1", "!"},
      {"{", "!"},
      {R"({"k")", "!"},
      {R"({"k":})", "!"},
      {R"({"k":1)", "!"},
      {R"({"k":1,})", "!"},
      {R"({,"k":1})", "!"},
      {R"({"k":1}})", "!"},
      {R"({"k":1} x)", "!"},
      {R"({"k":1 "a":2})", "!"},
      {R"({"a":[1,],"k":1})", "!"},
      {R"({"a":[,1],"k":1})", "!"},
      {R"({"a":[1 2],"k":1})", "!"},
      {R"({"a":{"x"},"k":1})", "!"},
      {R"({"a":{"x":1,},"k":1})", "!"},
      {R"({"a":[},"k":1})", "!"},
      {R"({"k":tru})", "!"},
      {R"({"k":nulll})", "!"},
      {R"({"k":01})", "!"},
      {R"({"k":1.})", "!"},
      {R"({k:1})", "!"},
      {R"({'k':1})", "!"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.json);
    EXPECT_EQ(member(row.json), row.want);
  }
}

TEST(JsonScanner, DepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + ",\"k\":1}";
  };
  EXPECT_EQ(member(nested(kMaxJsonDepth)), "1");
  EXPECT_EQ(member(nested(kMaxJsonDepth + 1)), "!");
  EXPECT_EQ(member(nested(1'000'000)), "!");
}

TEST(JsonScanner, LongTextsAreCutBetweenCharacters) {
  std::string euros;
  for (int i = 0; i < 3000; ++i) euros += "€";
  const std::string plain = member("{\"k\":\"" + euros + "\"}");
  EXPECT_EQ(plain, euros.substr(0, kMaxJsonText / 3 * 3));
  EXPECT_EQ(member("{\"k\":\"\\u20ac" + euros + "\"}"), plain);
  EXPECT_EQ(member("{\"k\":\"" + euros + "\\u20ac\"}"), plain);
}

}  // namespace
}  // namespace shmeter::plugin
