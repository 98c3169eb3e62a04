// SPDX-License-Identifier: MIT
// The reader's own reading of the status line against simdjson's, by the same rules, over every
// captured status line and thousands of damaged copies.
#include "plugin/statusline_json.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <random>
#include <regex>

#include "tests/plugin/reader_run.hpp"

namespace shmeter::plugin {
namespace {

namespace dom = simdjson::dom;
using shm::i64;
using shm::kUnknown;

bool has_lone_surrogate(std::string_view json) {
  static const std::regex pair(R"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})");
  static const std::regex half(R"(\\u[dD][89a-fA-F])");
  if (json.find("\\u") == json.npos) return false;
  return std::regex_search(std::regex_replace(std::string(json), pair, ""), half);
}

/// The rules once more, over simdjson's tree. Members in order: a later one replaces an earlier.
class Reference {
 public:
  bool valid = false;
  bool comparable = true;
  StatusLine out;
  std::string transcript_path;

  explicit Reference(std::string_view json) {
    dom::element root;
    const auto error = parser_.parse(simdjson::padded_string(json)).get(root);
    // Beyond double and 64 bits simdjson refuses the document; the scanner, only the number. A
    // lone surrogate is U+FFFD for the scanner, and for simdjson an error or not UTF-8.
    comparable = error != simdjson::NUMBER_ERROR && !has_lone_surrogate(json);
    dom::object top;
    if (error || root.get(top)) return;
    valid = true;
    read(top);
  }

 private:
  static bool text(dom::element value, std::string& to) {
    std::string_view view;
    to = value.get(view) ? "" : std::string(view);
    return !to.empty();
  }

  i64 number(dom::element value, double scale, double least, double most) {
    double read = NAN;
    std::string_view digits;
    if (!value.get(digits)) {
      dom::parser inner;
      if (digits.empty() || !(std::isdigit(static_cast<unsigned char>(digits.back()))) ||
          !(digits[0] == '-' || std::isdigit(static_cast<unsigned char>(digits[0]))))
        return kUnknown;
      if (inner.parse(simdjson::padded_string(digits)).get_double().get(read)) return kUnknown;
    } else if (value.get_double().get(read)) {
      return kUnknown;
    }
    const double scaled = read * scale;
    if (!(std::abs(scaled) < 2e18)) return kUnknown;
    const double rounded = std::round(scaled);
    return rounded < least || rounded > most ? kUnknown : std::llround(scaled);
  }
  i64 count(dom::element v) { return number(v, 1, 0, 1e12); }
  i64 time(dom::element v) { return number(v, 1, 1, 1e11); }
  i64 money(dom::element v) { return number(v, 1e9, 0, 1e18); }
  i64 share(dom::element v) { return number(v, 1e4, 0, 1e9); }
  i64 full_share(dom::element v) { return std::min<i64>(share(v), 1'000'000); }
  i64 truth(dom::element v) {
    bool is = false;
    return v.get(is) ? kUnknown : i64{is};
  }
  template <std::size_t N>
  void assign(shm::Text<N>& to, dom::element v) {
    std::string t;
    text(v, t);
    to.assign(t.substr(0, kMaxJsonText));
  }

  void window(shm::Window& to, dom::object object) {
    for (const auto [key, v] : object) {
      if (key == "used_percentage") to.used_ppm = full_share(v);
      if (key == "resets_at") to.resets_at_s = time(v);
    }
  }

  void limits(dom::object object) {
    for (const auto [key, v] : object) {
      dom::object inner;
      if (v.get(inner)) continue;
      if (key == "five_hour") window(out.five_hour, inner);
      if (key == "seven_day") window(out.seven_day, inner);
      if (key != "spend_limit") continue;
      for (const auto [name, w] : inner) {
        if (name == "used_percentage") out.spend_limit.used_ppm = share(w);
        if (name == "resets_at") out.spend_limit.resets_at_s = time(w);
        if (name == "used_usd") out.spend_limit.used_nanousd = money(w);
        if (name == "limit_usd") out.spend_limit.limit_nanousd = money(w);
        if (name == "period") assign(out.spend_limit.period, w);
      }
    }
  }

  void cwd(dom::element v) {
    std::string t;
    assign(out.session.cwd, v);
    out.session.cwd_hash = text(v, t) ? shm::hash_text(t) : 0;
  }

  void inner(std::string_view of, dom::object object) {
    shm::Session& s = out.session;
    for (const auto [key, v] : object) {
      if (of == "model" && key == "id") assign(s.model, v);
      if (of == "model" && key == "display_name") assign(s.model_name, v);
      if (of == "cost" && key == "total_cost_usd") s.cost_nanousd = money(v);
      if (of == "cost" && key == "total_api_duration_ms") s.api_ms = count(v);
      if (of == "cost" && key == "total_lines_added") s.lines_added = count(v);
      if (of == "cost" && key == "total_lines_removed") s.lines_removed = count(v);
      if (of == "context_window" && key == "context_window_size") s.context_size_tokens = count(v);
      if (of == "context_window" && key == "used_percentage") s.context_used_ppm = full_share(v);
      dom::object usage;
      if (of == "context_window" && key == "current_usage" && !v.get(usage)) {
        for (const auto [name, w] : usage) {
          if (name == "input_tokens") out.context.input = count(w);
          if (name == "cache_creation_input_tokens") out.context.cache_write = count(w);
          if (name == "cache_read_input_tokens") out.context.cache_read = count(w);
        }
      }
      if (of == "prompt_cache" && key == "warm") s.prompt_cache_warm = truth(v);
      if (of == "prompt_cache" && key == "expires_at") s.prompt_cache_expires_at_s = time(v);
      std::string t;
      if (of == "workspace" && key == "current_dir" && text(v, t)) {
        current_dir_ = true;
        cwd(v);
      }
      if (of == "effort" && key == "level") assign(s.effort, v);
      if (of == "thinking" && key == "enabled") s.thinking = truth(v);
      if (of == "agent" && key == "name") assign(s.agent, v);
      if (of == "pr" && key == "number") s.pr = count(v);
      if (of == "worktree" && key == "branch") assign(s.git_branch, v);
    }
  }

  void read(dom::object top) {
    shm::Session& s = out.session;
    for (const auto [key, v] : top) {
      std::string t;
      text(v, t);
      if (key == "session_id") s.session_id.assign(shm::valid_session_id(t) ? t : "");
      if (key == "session_name") assign(s.name, v);
      if (key == "transcript_path") transcript_path = t;
      if (key == "version") assign(s.version, v);
      if (key == "fast_mode") s.fast_mode = truth(v);
      if (key == "context_window") out.has_context = true;
      if (key == "cwd" && !current_dir_) cwd(v);
      dom::object object;
      const bool is_object = !v.get(object);
      if (key == "model" && !is_object) assign(s.model, v);
      if (is_object && key == "rate_limits") limits(object);
      if (is_object) inner(key, object);
    }
    i64& used = s.context_used_tokens;
    for (const i64 part : {out.context.input, out.context.cache_write, out.context.cache_read})
      if (part != kUnknown) used = (used == kUnknown ? 0 : used) + part;
  }

  dom::parser parser_;
  bool current_dir_ = false;
};

std::vector<std::string> fixtures() {
  std::vector<std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(SHMETER_TEST_DATA "/statusline"))
    all.push_back(test::read_file(entry.path()));
  return all;
}

struct Read {
  bool valid;
  StatusLine out;
  std::string transcript_path;
};
Read scan(std::string_view json) {
  const auto scratch = std::make_unique<StatusLineScratch>();
  Read read = {};
  read.valid = read_status_line(json, *scratch, read.out);
  read.transcript_path = read.out.transcript_path;
  return read;
}

void expect_same(std::string_view json, bool& compared) {
  const Reference want(json);
  const Read got = scan(json);
  compared = want.comparable;
  if (!want.comparable) return;
  ASSERT_EQ(got.valid, want.valid) << json;
  if (!want.valid) return;
  ASSERT_EQ(got.out.session, want.out.session) << json;
  ASSERT_EQ(got.out.five_hour, want.out.five_hour) << json;
  ASSERT_EQ(got.out.seven_day, want.out.seven_day) << json;
  ASSERT_EQ(got.out.spend_limit, want.out.spend_limit) << json;
  ASSERT_EQ(got.out.has_context, want.out.has_context) << json;
  ASSERT_EQ(got.transcript_path, want.transcript_path) << json;
}

TEST(StatusLineJson, EveryCapture) {
  ASSERT_GE(fixtures().size(), 8u);
  for (const std::string& json : fixtures()) {
    bool compared = false;
    expect_same(json, compared);
    EXPECT_TRUE(compared);
    EXPECT_TRUE(scan(json).valid);
    EXPECT_FALSE(scan(json).out.session.session_id.empty());
  }
}

TEST(StatusLineJson, MutatedCaptures) {
  std::mt19937_64 random(20261121);
  const std::vector<std::string> all = fixtures();
  const auto any = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  constexpr std::string_view kBytes = "{}[]\",:0123456789.-+eEtfn\\u \n\x80\xc3\xff\x01";
  constexpr std::string_view kTokens[] = {"null",
                                          "true",
                                          "\"12.5\"",
                                          "\"x\"",
                                          "{}",
                                          "[]",
                                          "-1",
                                          "1e3",
                                          "0.5",
                                          "{",
                                          "\"\"",
                                          "1e99",
                                          "\"\\u0041\\ud83d\\ude00\"",
                                          "\"-3\"",
                                          "101",
                                          "\" 1\""};
  int compared_count = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string json = all[any(all.size())];
    for (std::size_t edits = 1 + any(3); edits > 0 && !json.empty(); --edits) {
      const std::size_t at = any(json.size());
      switch (any(5)) {
        case 0:
          json[at] = kBytes[any(kBytes.size())];
          break;
        case 1:
          json.erase(at, 1 + any(8));
          break;
        case 2:
          json.insert(at, 1, kBytes[any(kBytes.size())]);
          break;
        case 3: {  // another value for some member
          const std::size_t colon = json.find("\":", at);
          if (colon == std::string::npos) break;
          const std::size_t end = json.find_first_of(",}", colon + 2);
          if (end == std::string::npos) break;
          json.replace(colon + 2, end - colon - 2, kTokens[any(std::size(kTokens))]);
          break;
        }
        default:
          json.resize(at + 1);
      }
    }
    bool compared = false;
    ASSERT_NO_FATAL_FAILURE(expect_same(json, compared));
    compared_count += compared ? 1 : 0;
  }
  EXPECT_GT(compared_count, 27'000);
}

TEST(StatusLineJson, Lenient) {
  const Read read =
      scan(R"({"session_id":"a b","model":"claude-x","cost":{"total_cost_usd":"0.25"},)"
           R"("rate_limits":{"five_hour":{"used_percentage":"101","resets_at":"1795302445"},)"
           R"("seven_day":{"used_percentage":-1,"resets_at":1795302445000}},)"
           R"("context_window":null,"pr":{"number":true},"fast_mode":1})");
  ASSERT_TRUE(read.valid);
  EXPECT_TRUE(read.out.session.session_id.empty());
  EXPECT_EQ(read.out.session.model.view(), "claude-x");
  EXPECT_EQ(read.out.session.cost_nanousd, 250'000'000);
  EXPECT_EQ(read.out.five_hour.used_ppm, 1'000'000);
  EXPECT_EQ(read.out.five_hour.resets_at_s, 1795302445);
  EXPECT_EQ(read.out.seven_day.used_ppm, kUnknown);
  EXPECT_EQ(read.out.seven_day.resets_at_s, kUnknown);
  EXPECT_TRUE(read.out.has_context);
  EXPECT_EQ(read.out.session.pr, kUnknown);
  EXPECT_EQ(read.out.session.fast_mode, kUnknown);
}

TEST(StatusLineJson, AnEscapedTranscriptPathOutlivesLaterEscapes) {
  const Read read =
      scan(R"({"transcript_path":"\u002fp\/x","session_name":"\u0041bc","cwd":"\/"})");
  ASSERT_TRUE(read.valid);
  EXPECT_EQ(read.transcript_path, "/p/x");
  EXPECT_EQ(read.out.session.name.view(), "Abc");
}

}  // namespace
}  // namespace shmeter::plugin
