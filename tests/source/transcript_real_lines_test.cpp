// SPDX-License-Identifier: MIT
// Lines of a captured session, and what becomes of them when somebody edits them at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "tests/source/parsed_line.hpp"

namespace shmeter::collector {
namespace {

using test::Events;
using test::events_of;
using test::Parsed;

std::vector<std::string> captured_lines() {
  std::vector<std::string> lines;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(SHMETER_TEST_DATA "/claude-config")) {
    if (entry.path().extension() != ".jsonl") continue;
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }
  return lines;
}

TEST(RealLines, CapturedSession) {
  const std::string session = "c9bec15a-c582-41d2-a016-dceacfb47ad5";
  std::ifstream in(SHMETER_TEST_DATA "/claude-config/projects/-home-dev-proj/" + session +
                   ".jsonl");
  Events events, turns;
  for (std::string text; std::getline(in, text);) {
    const Parsed line(text);
    ASSERT_NE(line->verdict, LineVerdict::damaged);
    for (std::string& event : events_of(*line)) events.push_back(std::move(event));
    if (!line->turn_prompt.empty()) turns.emplace_back(line->turn_prompt);
  }
  EXPECT_EQ(events, (Events{
                        "message:4921adab-0d2a-4f08-a963-94c3e071adbd:::1",
                        "tool_call:toolu_fake4:Bash::1",
                        "compute:ddcb36e8-73db-4ce2-b63a-dc66e453e2cf:::197",
                        "message:0b5feb24-35d5-48c0-948e-07461a806976:::1",
                        "tool_call:toolu_fake7:Agent::1",
                        "compute:bf78e153-6074-4fce-afbb-317175498f9d:::160",
                        "compute:e327881c-bde9-48cb-ad26-7e336ad8c2fc:::253",
                        "message:46da43bd-a120-46d8-bc49-7a0f15cc93e6:::1",
                        "failure:req_fake12:rate_limit::1",
                    }));
  // The third turn is that of a task's notice.
  EXPECT_EQ(
      turns,
      (Events{"4921adab-0d2a-4f08-a963-94c3e071adbd", "0b5feb24-35d5-48c0-948e-07461a806976",
              "8a761722-44b0-4d6a-8066-7eb7c6680c98", "46da43bd-a120-46d8-bc49-7a0f15cc93e6"}));
}

// Real lines, and what becomes of them when somebody edits them at random.
template <class Visit>
void each_mutation(int times, Visit&& visit) {
  unsigned long long state = 7;
  const auto random = [&](std::size_t below) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<std::size_t>(state >> 33) % below;
  };
  const std::string_view pieces[] = {
      "\"", "\\",    "{",     "}",   "[",    "]",    ",",   ":",      "null",
      "-1", "1e400", "\"\":", "\0x", "\xff", "true", "\\u", "\"id\"", "99999999999999999999"};
  for (const std::string& whole : captured_lines()) {
    if (whole.size() > 4000) continue;
    for (int i = 0; i < times; ++i) {
      std::string text = whole;
      for (std::size_t edits = 1 + random(3); edits > 0; --edits) {
        const std::size_t at = random(text.size());
        const std::size_t cut = random(3) == 0 ? random(40) : 1;
        text.replace(at, cut, pieces[random(std::size(pieces))]);
      }
      visit(text);
    }
  }
}

// Whatever becomes of a real line, what is said of it can be kept: bounded ids and sessions, no
// negative values, and nothing of a damaged one.
TEST(RealLines, MutatedLinesGiveNothingOrSomethingWhole) {
  TranscriptLineParser parser;
  int damaged = 0;
  int seen = 0;
  each_mutation(60, [&](std::string text) {
    const std::size_t size = text.size();
    text.append(kLinePadding, '"');
    const TranscriptLine& line = parser.parse({text.data(), size}, "file-session");
    if (line.verdict == LineVerdict::damaged) {
      ++damaged;
      EXPECT_TRUE(line.says_nothing());
      EXPECT_TRUE(line.turn_prompt.empty());
    }
    if (line.verdict == LineVerdict::seen) ++seen;
    for (const EventSeen& event : line.events) {
      EXPECT_TRUE(valid_session_id(event.session_id));
      EXPECT_FALSE(event.id.empty());
      EXPECT_LE(event.id.size(), kMaxText);
      EXPECT_GE(event.value, 0);
      EXPECT_NE(event.at_ms, kUnknown);
    }
  });
  EXPECT_GT(damaged, 1000);
  EXPECT_GT(seen, 100);
}

// All that a line says, to be compared.
std::string said(const TranscriptLine& line) {
  std::ostringstream out;
  out << static_cast<int>(line.verdict) << ' ' << line.turn_prompt << ' ' << line.turn_began_ms
      << ' ' << line.turn_timed;
  if (line.request) {
    const RequestSeen& r = *line.request;
    out << "\nrequest";
    for (const std::string_view text :
         {r.message_id, r.request_id, r.uuid, r.session_id, r.model, r.agent})
      out << ' ' << text;
    for (const i64 number : {r.at_ms, r.tokens.input, r.tokens.output, r.tokens.write_5m,
                             r.tokens.write_1h, r.tokens.read, r.tokens.web_searches})
      out << ' ' << number;
    for (const bool flag : {r.side_chain, r.fast, r.has_speed, r.us_inference, r.batch})
      out << ' ' << flag;
  }
  if (line.session) {
    const SessionSeen& s = *line.session;
    out << "\nsession";
    for (const std::string_view text : {s.session_id, s.cwd, s.git_branch, s.version, s.model})
      out << ' ' << text;
    out << ' ' << s.at_ms << ' ' << s.context_used_tokens << ' ' << s.context_cleared;
  }
  for (const EventSeen& event : line.events)
    out << "\nevent " << static_cast<int>(event.kind) << ' ' << event.session_id << ' ' << event.id
        << ' ' << event.agent << ' ' << event.name << ' ' << event.at_ms << ' ' << event.value;
  if (line.aggregate) out << "\naggregate " << line.aggregate->cost_nanousd;
  if (line.limit_hit) out << "\nlimit " << line.limit_hit->window;
  return out.str();
}

// White space between two tokens is nothing that the quick walk knows: such a line is read with
// care, and must say the same. (Only who reads with care looks at texts that say nothing, and may
// find a wrong escape in one.)
TEST(RealLines, TheQuickWalkAndTheCarefulOneAgree) {
  TranscriptLineParser parser;
  std::string bytes;
  const auto parsed = [&](std::string text) -> const TranscriptLine& {
    const std::size_t size = text.size();
    text.append(kLinePadding, '"');
    bytes = std::move(text);
    return parser.parse({bytes.data(), size}, "file-session");
  };
  const auto compare = [&](const std::string& text) {
    const std::size_t colon = text.find(':');
    const std::size_t quote = text.find('"', 2);
    if (!text.starts_with("{\"") || quote == std::string::npos || colon != quote + 1) return false;
    if (text.find('\\') < colon) return false;
    const std::string quick = said(parsed(text));
    const TranscriptLine& careful = parsed(text.substr(0, colon) + ' ' + text.substr(colon));
    if (careful.verdict == LineVerdict::damaged) return false;
    EXPECT_EQ(quick, said(careful)) << text;
    return true;
  };
  for (const std::string& line : captured_lines()) EXPECT_TRUE(compare(line));
  int compared = 0;
  each_mutation(60, [&](const std::string& text) { compared += compare(text) ? 1 : 0; });
  EXPECT_GT(compared, 1000);
}

// Lines of one read share an index, unless one of them breaks it: nobody may see a difference.
TEST(RealLines, TogetherTheySayWhatEachSaysAlone) {
  constexpr int kRounds = 12000;
  std::vector<std::string> lines = captured_lines();
  each_mutation(3, [&](const std::string& text) {
    if (text.find('\n') == std::string::npos) lines.push_back(text);
  });
  for (const char* const odd :
       {"", " ", "\t\r", "1", "[]", "{}", "{} ", "{}}", "{}{}", "{", "}", "\"", "\"\\", "{\"a\":1,",
        "\"b\":2}", "{\"a\":\"", "\"}", "\xff", "{\"a\":"})
    lines.insert(lines.end(), 8, odd);

  std::mt19937 random(5);
  const auto below = [&](std::size_t end) { return random() % end; };
  TranscriptLineParser alone;
  TranscriptLineParser together;
  int seen = 0;
  int damaged = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::string> chosen(1 + below(8));
    for (std::string& line : chosen) line = lines[below(lines.size())];
    if (round % 3 == 0) {  // torn in two where a new line may well begin
      const std::string whole = chosen.back();
      const std::size_t comma = whole.find(',', below(whole.size() + 1));
      if (comma != std::string::npos) {
        chosen.back() = whole.substr(0, comma + 1);
        chosen.push_back(whole.substr(comma + 1));
      }
    }
    std::string text;
    for (const std::string& line : chosen) text += line + '\n';
    const std::size_t size = text.size();
    text.append(kLinePadding, '"');
    const std::string_view all(text.data(), size);
    for (std::size_t begin = 0; begin < size;) {
      const std::size_t end = all.find('\n', begin);
      const std::string_view line = all.substr(begin, end - begin);
      const TranscriptLine& said_alone = alone.parse(line, "file-session");
      const TranscriptLine& said_together = together.parse(line, "file-session", nullptr, all);
      ASSERT_EQ(said(said_together), said(said_alone)) << line << "\nof\n" << all;
      seen += said_alone.verdict == LineVerdict::seen ? 1 : 0;
      damaged += said_alone.verdict == LineVerdict::damaged ? 1 : 0;
      begin = end + 1;
    }
  }
  EXPECT_GT(seen, 1000);
  EXPECT_GT(damaged, 1000);
}

}  // namespace
}  // namespace shmeter::collector
