// SPDX-License-Identifier: MIT
#include "collector/serve/request_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "collector/serve/line_text.hpp"

namespace shmeter::collector {
namespace {

using Step = RequestReader::Step;

// `BODY n` has n bytes behind it, `NO n` has them too but is refused, `HOPELESS` ends everything.
class Table final : public Service {
 public:
  Body body_of(std::string_view line) override {
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    const auto bytes = static_cast<std::size_t>(whole_number(rest).value_or(0));
    if (word == "BODY") return {.bytes = bytes, .refused = {}};
    if (word == "NO") return {.bytes = bytes, .refused = "no"};
    if (word == "HOPELESS") return {.bytes = 0, .refused = "hopeless", .hopeless = true};
    return {};
  }
  void run(std::string_view, std::string_view, Answer) override {}
};

// Everything that a stream of bytes, cut by `cut`, comes to.
template <class Cut>
std::vector<std::string> read_all(std::string_view bytes, Cut&& cut) {
  Table table;
  RequestReader reader(table);
  std::vector<std::string> out;
  const auto drain = [&] {
    for (;;) {
      const Step step = reader.next();
      if (step == Step::hungry) return;
      if (step == Step::request)
        out.push_back(std::string(reader.line()) + '|' + std::string(reader.body()));
      else
        out.push_back((step == Step::lost ? "lost: " : "refused: ") + reader.refusal());
    }
  };
  while (!bytes.empty()) {
    const std::size_t n = std::min<std::size_t>(bytes.size(), cut());
    reader.append(bytes.substr(0, n));
    bytes.remove_prefix(n);
    drain();
  }
  if (reader.end() != Step::hungry) out.push_back("end: " + reader.refusal());
  return out;
}

TEST(RequestReader, Table) {
  const std::string longest(kMaxRequestLine, 'x');
  const struct {
    const char* name;
    std::string bytes;
    std::vector<std::string> want;
  } rows[] = {
      {"nothing", "", {}},
      {"one", "PING\n", {"PING|"}},
      {"carriage return", "PING\r\nA\r\r\n", {"PING|", "A\r|"}},
      {"empty lines", "\n\r\n", {"|", "|"}},
      {"body", "BODY 5\na\nb\ncPING\n", {"BODY 5|a\nb\nc", "PING|"}},
      {"empty body", "BODY 0\nPING\n", {"BODY 0|", "PING|"}},
      {"refused body is skipped", "NO 5\nPING\nPING\n", {"refused: no", "PING|"}},
      {"hopeless", "PING\nHOPELESS\nPING\n", {"PING|", "lost: hopeless"}},
      {"cut line", "PING\nPIN", {"PING|", "end: the last line has no newline"}},
      {"cut body", "BODY 9\nabc", {"end: the last 6 bytes of the body did not come"}},
      {"cut refused body", "NO 9\nabc", {"refused: no"}},
      {"longest line", longest + "\nPING\n", {longest + "|", "PING|"}},
      {"longer line", longest + "x\nPING\n", {"lost: line too long: at most 65536 bytes are read"}},
      {"never ending", longest + longest, {"lost: line too long: at most 65536 bytes are read"}},
      {"zero bytes", std::string("A\0B\n", 4), {std::string("A\0B|", 4)}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    for (const std::size_t piece :
         {std::size_t{1}, std::size_t{7}, std::size_t{65536}, row.bytes.size() + 1})
      EXPECT_EQ(read_all(row.bytes, [&] { return piece; }), row.want) << piece;
  }
}

TEST(RequestReader, CutsDoNotMatter) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"PING\n", "BODY 3\n", "abc",      "NO 4\n", "wxyz",
                                           "\n",     "\r\n",     "BODY 0\n", "x",      "BODY 20\n"};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (auto n = random() % 12; n > 0; --n) bytes += pieces[random() % pieces.size()];
    const auto whole = read_all(bytes, [&] { return bytes.size(); });
    EXPECT_EQ(read_all(bytes, [&] { return 1 + random() % 9; }), whole) << bytes;
  }
}

TEST(RequestReader, BodyMayBeForgotten) {
  Table table;
  RequestReader reader(table);
  reader.append("BODY 10\n01234");
  EXPECT_EQ(reader.next(), Step::hungry);
  EXPECT_EQ(reader.body_bytes(), 5u);
  reader.refuse_body();
  EXPECT_EQ(reader.body_bytes(), 0u);
  reader.append("56789PING\n");
  EXPECT_EQ(reader.next(), Step::request);
  EXPECT_EQ(reader.line(), "PING");
}

TEST(LineText, VisibleTable) {
  const struct {
    std::string_view text;
    std::string want;
  } rows[] = {
      {"plain text", "plain text"},      {"grün 你好", "grün 你好"},
      {"a\nb\r\t", "a\\x0ab\\x0d\\x09"}, {std::string_view("\0\x1b[31m", 6), "\\x00\\x1b[31m"},
      {"\xff\xc3", "\\xff\\xc3"},        {"\u202e", "\\xe2\\x80\\xae"},  // right-to-left override
      {"\u2028", "\\xe2\\x80\\xa8"},                                     // line separator
      {"\u0085", "\\xc2\\x85"},
  };
  for (const auto& row : rows) EXPECT_EQ(visible(row.text), row.want);
  EXPECT_EQ(visible(std::string(10'000, 'a'), 8), "aaaaaaaa…");
  for (const char c : {'\xff', 'a', '\n'})
    EXPECT_LE(error_line(std::string(100'000, c)).size(), kMaxErrorLine);
}

TEST(LineText, PercentTable) {
  for (const std::string text : {"", "plain", "with space", "50%", "a\nb", "ü"})
    EXPECT_EQ(percent_decoded(percent_encoded(text)), text);
  EXPECT_EQ(percent_encoded("a b%"), "a%20b%25");
  for (const char* broken : {"%", "%2", "%zz", "a%2"}) EXPECT_FALSE(percent_decoded(broken));
}

TEST(LineText, WholeNumberTable) {
  EXPECT_EQ(whole_number("0"), 0u);
  EXPECT_EQ(whole_number("18446744073709551615"), 18446744073709551615u);
  for (const char* wrong : {"", "-1", "+1", " 1", "1 ", "1x", "1e3", "18446744073709551616"})
    EXPECT_FALSE(whole_number(wrong)) << wrong;
}

}  // namespace
}  // namespace shmeter::collector
