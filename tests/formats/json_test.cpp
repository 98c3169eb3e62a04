// SPDX-License-Identifier: MIT
// The line of `shmeter json`: every name in its order, every null, every number exact.
#include "formats/json.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>

#include "formats/field_table.hpp"
#include "tests/formats/sample.hpp"

namespace shmeter::formats {
namespace {

using namespace std::string_view_literals;
using shm::kUnknown;
using simdjson::dom::element;
using simdjson::dom::object;
using Names = std::vector<std::string>;

constexpr std::string_view kUsage =
    "requests input_tokens output_tokens cache_creation_tokens cache_creation_5m_tokens "
    "cache_creation_1h_tokens cache_read_tokens total_tokens cost_usd unpriced_tokens";
constexpr std::string_view kBlock =
    "id started_at ends_at first_request_at burn_rate_tokens_per_min burn_rate_usd_per_hour "
    "projected_cost_usd";
constexpr std::string_view kWindow =
    "used_percentage remaining_percentage resets_at observed_at age_s source";

struct Written {
  std::string line;
  std::size_t longest = 0;
};

Written written(const JsonPicture& picture) {
  Written out;
  write_json(
      picture,
      [](void* to, const char* bytes, std::size_t n) {
        auto& into = *static_cast<Written*>(to);
        into.line.append(bytes, n);
        into.longest = std::max(into.longest, n);
      },
      &out);
  return out;
}

struct Whole {
  Sample sample = formats::sample();
  shm::Model model{{}, formats::sample().summary.today};
  JsonPicture picture() const {
    return {&sample.summary,
            {&sample.account, 1},
            {&model, 1},
            {&sample.session, 1},
            Freshness::partial,
            kNow,
            2,
            77,
            "0.1.0"};
  }
};

class Json : public testing::Test {
 protected:
  element parse(const JsonPicture& picture) {
    const Written out = written(picture);
    EXPECT_TRUE(out.line.ends_with("}\n"));
    EXPECT_EQ(std::count(out.line.begin(), out.line.end(), '\n'), 1);
    EXPECT_LE(out.longest, 4096u);
    element root;
    EXPECT_EQ(parser_.parse(out.line).get(root), simdjson::SUCCESS) << out.line;
    return root;
  }
  simdjson::dom::parser parser_;
};

Names names_in(element value) {
  Names names;
  const object members = value.get_object();
  for (const auto& [key, member] : members) names.emplace_back(key);
  return names;
}
Names words(std::string text) {
  Names names;
  std::istringstream in(text);
  for (std::string word; in >> word;) names.push_back(word);
  return names;
}
std::string text_of(element value) { return simdjson::minify(value); }

TEST_F(Json, EveryNameInItsOrder) {
  const std::string usage(kUsage);
  const std::string block(kBlock);
  const std::string window(kWindow);
  const Whole whole;
  const element root = parse(whole.picture());
  EXPECT_EQ(names_in(root), words("schema generated_at state scan age_s writer accounts totals "
                                  "models sessions problems counts"));
  EXPECT_EQ(names_in(root["scan"]), words("files of"));
  EXPECT_EQ(names_in(root["writer"]), words("pid version"));
  const element account = root["accounts"].at(0);
  EXPECT_EQ(names_in(account),
            words("id name config_dir tier five_hour seven_day scoped extra_usage spend_limit "
                  "weekly_budget_usd budget_source weekly_used_usd weekly_percent block_percent "
                  "health block last_session_id last_request_at block_budget_usd "
                  "weekly_unpriced_tokens period input_tokens_limit output_tokens_limit"));
  const std::string led = window + " projected_percentage pace_percentage";
  EXPECT_EQ(names_in(account["five_hour"]), words(led));
  EXPECT_EQ(names_in(account["seven_day"]), words(led));
  EXPECT_EQ(names_in(account["period"]), words("started_at " + usage));
  EXPECT_EQ(names_in(account["scoped"].at(0)), words("label " + window));
  EXPECT_EQ(names_in(account["extra_usage"]),
            words("is_enabled monthly_limit_usd used_usd used_percentage"));
  EXPECT_EQ(names_in(account["spend_limit"]),
            words("used_percentage resets_at used_usd limit_usd period"));
  EXPECT_EQ(names_in(account["block"]), words(block + " " + usage));
  EXPECT_EQ(names_in(root["totals"]), words("all today week month block fleet hours"));
  for (const auto scope : {"all", "today", "week", "month", "fleet"})
    EXPECT_EQ(names_in(root["totals"][scope]), words(usage)) << scope;
  EXPECT_EQ(names_in(root["totals"]["block"]), words(block + " " + usage));
  EXPECT_EQ(names_in(root["models"].at(0)), words("model " + usage));
  const element session = root["sessions"].at(0);
  EXPECT_EQ(names_in(session),
            words("session_id name account cwd model status cost_usd counted_cost_usd "
                  "uncounted_cost_usd context prompt_cache effort fast_mode thinking agent "
                  "git_branch pr version lines_added lines_removed messages tool_calls compute_s "
                  "api_s started_at updated_at requests input_tokens output_tokens "
                  "cache_creation_tokens cache_creation_5m_tokens cache_creation_1h_tokens "
                  "cache_read_tokens total_tokens unpriced_tokens model_name rate_limit_remaining "
                  "rate_limit_limit rate_limit_reset"));
  EXPECT_EQ(names_in(session["context"]), words("used_tokens size used_percentage"));
  EXPECT_EQ(names_in(session["prompt_cache"]), words("warm expires_at"));
  EXPECT_EQ(names_in(root["problems"]),
            words("damaged_lines skipped_lines unreadable_files dropped_datagrams"));
  EXPECT_EQ(names_in(root["counts"]), words("sessions active waiting"));
}

TEST_F(Json, EveryValue) {
  const Whole whole;
  const element root = parse(whole.picture());
  const struct {
    std::string_view path;
    std::string_view want;
  } rows[] = {
      {"/schema", "1"},
      {"/generated_at", "1795273200"},
      {"/state", "\"partial\""},
      {"/scan", R"({"files":7,"of":12})"},
      {"/age_s", "2"},
      {"/writer", R"({"pid":77,"version":"0.1.0"})"},
      {"/accounts/0/id", "\"0123456789abcdef\""},
      {"/accounts/0/name", "\"work\""},
      {"/accounts/0/config_dir", "\"/home/dev/.claude\""},
      {"/accounts/0/tier", "\"max\""},
      {"/accounts/0/five_hour/used_percentage", "42"},
      {"/accounts/0/five_hour/remaining_percentage", "58"},
      {"/accounts/0/five_hour/resets_at", "1795282200"},
      {"/accounts/0/five_hour/observed_at", "1795273195"},
      {"/accounts/0/five_hour/age_s", "5"},
      {"/accounts/0/five_hour/source", "\"statusline\""},
      {"/accounts/0/five_hour/projected_percentage", "120"},
      {"/accounts/0/five_hour/pace_percentage", "-8"},
      {"/accounts/0/seven_day/projected_percentage", "30"},
      {"/accounts/0/seven_day/pace_percentage", "-72.119"},
      {"/accounts/0/seven_day/source", "\"utilization_file\""},
      {"/accounts/0/scoped/0/label", "\"Fable\""},
      {"/accounts/0/scoped/0/used_percentage", "5"},
      {"/accounts/0/extra_usage/is_enabled", "true"},
      {"/accounts/0/extra_usage/monthly_limit_usd", "50"},
      {"/accounts/0/spend_limit/used_percentage", "25"},
      {"/accounts/0/spend_limit/period", "\"monthly\""},
      {"/accounts/0/weekly_budget_usd", "456"},
      {"/accounts/0/budget_source", "\"default\""},
      {"/accounts/0/weekly_used_usd", "350"},
      {"/accounts/0/weekly_percent", "76.7544"},
      {"/accounts/0/health", "45.1755"},
      {"/accounts/0/block/id", "\"2026-11-21T14:00:00.000Z\""},
      {"/accounts/0/block/burn_rate_usd_per_hour", "0.5"},
      {"/accounts/0/block_budget_usd", "22.8"},
      {"/accounts/0/weekly_unpriced_tokens", "0"},
      {"/accounts/0/period/started_at", "1793545200"},
      {"/accounts/0/period/cost_usd", "6"},
      {"/accounts/0/input_tokens_limit", "5000000"},
      {"/accounts/0/output_tokens_limit", "1000000"},
      {"/accounts/0/last_session_id", "\"097a6729\""},
      {"/totals/all/total_tokens", "5366"},
      {"/totals/all/cost_usd", "12.34"},
      {"/totals/today/cache_creation_tokens", "3"},
      {"/totals/today/cache_creation_5m_tokens", "1"},
      {"/totals/today/cache_creation_1h_tokens", "2"},
      {"/totals/block/requests", "2"},
      {"/totals/fleet/requests", "50"},
      {"/models/0/cost_usd", "4.56"},
      {"/sessions/0/account", "\"work\""},
      {"/sessions/0/model", "\"claude-opus-4-1\""},
      {"/sessions/0/model_name", "\"Opus 4.1\""},
      {"/sessions/0/status", "\"busy\""},
      {"/sessions/0/cost_usd", "0.021345678"},
      {"/sessions/0/counted_cost_usd", "0.019"},
      {"/sessions/0/uncounted_cost_usd", "0.002345678"},
      {"/sessions/0/context", R"({"used_tokens":84000,"size":200000,"used_percentage":42})"},
      {"/sessions/0/prompt_cache/warm", "true"},
      {"/sessions/0/fast_mode", "true"},
      {"/sessions/0/pr", "42"},
      {"/sessions/0/compute_s", "125.75"},
      {"/sessions/0/api_s", "65.001"},
      {"/sessions/0/rate_limit_remaining", "98"},
      {"/problems/damaged_lines", "4"},
      {"/problems/dropped_datagrams", "7"},
      {"/counts", R"({"sessions":3,"active":2,"waiting":1})"},
  };
  for (const auto& row : rows) {
    element found;
    ASSERT_EQ(root.at_pointer(row.path).get(found), simdjson::SUCCESS) << row.path;
    EXPECT_EQ(text_of(found), row.want) << row.path;
  }
}

TEST_F(Json, AbsentIsWholeAndEmpty) {
  const Written out = written({.now_s = kNow});
  EXPECT_EQ(
      out.line,
      R"({"schema":1,"generated_at":1795273200,"state":"absent","scan":null,"age_s":null,)"
      R"("writer":null,"accounts":[],"totals":{"all":null,"today":null,"week":null,)"
      R"("month":null,"block":null,"fleet":null,"hours":{"cost":null,"tokens":null}},"models":[],"sessions":[],)"
      R"("problems":{"damaged_lines":null,"skipped_lines":null,"unreadable_files":null,)"
      R"("dropped_datagrams":null},"counts":{"sessions":null,"active":null,"waiting":null}})"
      "\n");
}

TEST_F(Json, WhatIsUnknownIsNullAndEmptyTextsStayTexts) {
  Whole whole;
  whole.sample.summary = {};
  whole.sample.account = {};
  whole.sample.session = {};
  whole.sample.session.account = 9;  // of no account in this picture
  JsonPicture picture = whole.picture();
  picture.freshness = Freshness::live;
  const element root = parse(picture);
  EXPECT_EQ(text_of(root["scan"]), "null");
  EXPECT_EQ(text_of(root["accounts"].at(0)),
            R"({"id":"","name":"","config_dir":"","tier":null,"five_hour":null,"seven_day":null,)"
            R"("scoped":[],"extra_usage":null,"spend_limit":null,"weekly_budget_usd":null,)"
            R"("budget_source":null,"weekly_used_usd":null,"weekly_percent":null,)"
            R"("block_percent":null,"health":null,"block":null,"last_session_id":null,)"
            R"("last_request_at":null,"block_budget_usd":null,"weekly_unpriced_tokens":null,)"
            R"("period":null,"input_tokens_limit":null,"output_tokens_limit":null})");
  const object session = root["sessions"].at(0);
  for (const auto& [key, value] : session) {
    const bool text = key == "session_id" || key == "account" || key == "cwd" || key == "model";
    EXPECT_EQ(text_of(value), key == "status" ? "\"unknown\"" : text ? "\"\"" : "null") << key;
  }
}

TEST_F(Json, WhatIsOverIsNull) {
  Whole whole;
  whole.sample.account.five_hour.resets_at_s = kNow;
  whole.sample.account.scoped_1.window.resets_at_s = kNow;
  whole.sample.account.spend_limit.resets_at_s = kNow;
  whole.sample.account.block.ends_at_s = kNow;
  whole.sample.account.seven_day.resets_at_s = kUnknown;
  whole.sample.summary.block.ends_at_s = kNow;
  whole.sample.summary.published_at_ms -= 86'400'000;
  whole.sample.session.prompt_cache_expires_at_s = kNow;
  whole.sample.session.rate_limit_reset_s = kNow;
  const element root = parse(whole.picture());
  const element account = root["accounts"].at(0);
  const element session = root["sessions"].at(0);
  EXPECT_TRUE(account["five_hour"].is_null());
  EXPECT_FALSE(account["seven_day"].is_null());
  EXPECT_TRUE(account["seven_day"]["pace_percentage"].is_null());
  EXPECT_EQ(account["scoped"].get_array().value().size(), 0u);
  EXPECT_TRUE(account["spend_limit"].is_null());
  EXPECT_TRUE(account["block"].is_null());
  EXPECT_TRUE(root["totals"]["block"].is_null());
  EXPECT_TRUE(root["totals"]["today"].is_null());
  EXPECT_FALSE(root["totals"]["week"].is_null());
  EXPECT_EQ(text_of(session["prompt_cache"]["warm"]), "false");
  EXPECT_TRUE(session["rate_limit_remaining"].is_null());
}

TEST_F(Json, StringsAreEscapedAndValid) {
  const struct {
    std::string_view name;
    std::string_view want;
  } rows[] = {{"plain", "plain"},
              {"\"quoted\\\"", "\"quoted\\\""},
              {"a\nb\x01\x1b\x7f", "a\nb\x01\x1b\x7f"},
              {"\xff\xc3(", "\uFFFD\uFFFD("},
              {"日本語 \u2028", "日本語 \u2028"},
              {"\u202Ekept", "\u202Ekept"}};  // data, not a line: nothing is left out
  for (const auto& row : rows) {
    Whole whole;
    whole.sample.session.name.assign(row.name);
    const element root = parse(whole.picture());
    EXPECT_EQ(root["sessions"].at(0)["name"].get_string().value(), row.want);
  }
}

TEST_F(Json, ManySessionsComeInPieces) {
  const Whole whole;
  const std::vector<shm::Session> many(1024, whole.sample.session);
  JsonPicture picture = whole.picture();
  picture.sessions = many;
  EXPECT_EQ(parse(picture)["sessions"].get_array().value().size(), 1024u);
}

TEST_F(Json, ADeltaIsTheSameLineWithLessInIt) {
  const Whole whole;
  JsonPicture picture = whole.picture();
  const Names names = names_in(parse(picture));
  picture.models = {};
  picture.sessions = {};
  const element root = parse(picture);
  EXPECT_EQ(root["models"].get_array().value().size(), 0u);
  EXPECT_EQ(root["sessions"].get_array().value().size(), 0u);
  EXPECT_EQ(names_in(root), names);
}

TEST_F(Json, AnyBytesGiveOneValidObject) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 300; ++i) {
    Whole whole;
    for (auto& byte : whole.sample.session.name.bytes) byte = static_cast<char>(random());
    auto* words = reinterpret_cast<char*>(&whole.sample);
    for (std::size_t at = 0; at + 8 <= sizeof(shm::Summary) + sizeof(shm::Account); at += 8) {
      const std::uint64_t word = random() >> (random() % 64);
      std::memcpy(words + at, &word, sizeof(word));
    }
    EXPECT_TRUE(parse(whole.picture()).is_object());
  }
}

TEST_F(Json, EveryTemplateFieldHasItsPath) {
  const Whole whole;
  const element root = parse(whole.picture());
#define SHMETER_PATH(name, kind, get, place, path, help) std::string_view{path},
  for (std::string_view path : {SHMETER_TEMPLATE_FIELDS(SHMETER_PATH)}) {
    const std::string_view whole_path = path;
    element at = root;
    while (!path.empty()) {
      const std::size_t dot = path.find('.');
      element next;
      ASSERT_EQ(at[path.substr(0, dot)].get(next), simdjson::SUCCESS) << whole_path;
      at = next.is_array() ? next.at(0).value() : next;
      path.remove_prefix(dot == path.npos ? path.size() : dot + 1);
    }
    EXPECT_FALSE(at.is_null()) << whole_path;
  }
}

}  // namespace
}  // namespace shmeter::formats
