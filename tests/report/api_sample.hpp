// SPDX-License-Identifier: MIT
// A store to put events into, and questions to it as they come over HTTP. Whatever is answered must
// be JSON in which nothing is unescaped, or the test fails.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <optional>

#include "collector/loop/loop.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/store/store.hpp"
#include "tests/report/sample.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector::sample {

/// A parsed answer: `answer.i64_at("/summary/totalRequests")`.
class Answer {
 public:
  explicit Answer(std::string text) : text_(std::move(text)) {
    EXPECT_EQ(parser_.parse(text_).get(root_), simdjson::SUCCESS) << text_;
    for (const char c : text_) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << text_;
  }
  const std::string& text() const { return text_; }
  simdjson::dom::element at(std::string_view path) const {
    simdjson::dom::element found;
    EXPECT_EQ(root_.at_pointer(path).get(found), simdjson::SUCCESS) << path << " in " << text_;
    return found;
  }
  i64 number(std::string_view path) const {
    i64 value = kUnknown;
    EXPECT_EQ(at(path).get(value), simdjson::SUCCESS) << path << " in " << text_;
    return value;
  }
  double real(std::string_view path) const {
    double value = -1;
    EXPECT_EQ(at(path).get(value), simdjson::SUCCESS) << path << " in " << text_;
    return value;
  }
  std::string word(std::string_view path) const {
    std::string_view value;
    EXPECT_EQ(at(path).get(value), simdjson::SUCCESS) << path << " in " << text_;
    return std::string(value);
  }
  bool is_null(std::string_view path) const { return at(path).is_null(); }
  std::size_t size(std::string_view path) const {
    simdjson::dom::array list;
    EXPECT_EQ(at(path).get(list), simdjson::SUCCESS) << path << " in " << text_;
    return list.size();
  }
  /// `member` of every row of a list.
  i64 sum(const std::string& list, const std::string& member) const {
    i64 sum = 0;
    for (std::size_t i = 0; i < size(list); ++i)
      sum += number(list + '/' + std::to_string(i) + '/' + member);
    return sum;
  }
  std::vector<std::string> words(const std::string& list, const std::string& member) const {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < size(list); ++i)
      words.push_back(word(list + '/' + std::to_string(i) + '/' + member));
    return words;
  }

 private:
  std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element root_;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

class ApiTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = Store::open(loop_, dir_.path("state/usage.db"), [](const std::string&) {});
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    auto reader = store_->reader();
    ASSERT_TRUE(reader) << reader.error().message;
    reader_ = std::move(*reader);
  }
  void zone(std::string_view name, Weekday week_start = Weekday::monday) {
    calendar_ = std::make_unique<Calendar>(name, week_start);
    ASSERT_EQ(calendar_->trouble(), "");
  }
  void write(StoreBatch batch) {
    std::optional<bool> written;
    store_->write(std::move(batch), [&](const Result<void>& result) { written = !!result; });
    while (!written) uv_run(loop_.get(), UV_RUN_ONCE);
    ASSERT_TRUE(*written);
  }
  static void put(StoreBatch& batch, const StoredEvent& event) {
    batch.keep(event);
    if (event.counted && event.kind == EventKind::tokens)
      batch.book({event.session, event.model, event.at_ms, usage_of(event)});
  }
  void put(const StoredEvent& event) {
    StoreBatch batch;
    put(batch, event);
    write(std::move(batch));
  }
  /// The made-up history of sample.hpp.
  void put_sample() {
    StoreBatch batch = names_batch();
    for (const StoredEvent& event : events()) put(batch, event);
    write(std::move(batch));
  }
  static StoredEvent event(std::uint64_t number, i64 at_s, EventKind kind = EventKind::tokens) {
    StoredEvent event;
    event.key = {mix_bits(number), 0};
    event.kind = kind;
    event.at_ms = at_s * 1000;
    event.value = 1;
    if (kind != EventKind::tokens) return event;
    event.model = kOpus;
    event.tokens = {10, 20, 300, 0, 4000, 0};
    event.value = 30;
    event.cost_nanousd = 1'000'000;
    return event;
  }

  ApiContext context() const { return {config_, *calendar_, now_ms_}; }
  ApiResult<std::string> try_ask(ApiRoute route, const Parameters& words) {
    const std::vector<ApiParameter> parameters(words.begin(), words.end());
    const auto query = parse_api_query(route, parameters, *calendar_);
    if (!query) return tl::unexpected(query.error());
    if (route == ApiRoute::usage) return answer_usage(accounts_, *query, context());
    return answer(route, *reader_, *query, context());
  }
  Answer ask(ApiRoute route, const Parameters& words = {}) {
    auto text = try_ask(route, words);
    EXPECT_TRUE(text) << text.error().field << ": " << text.error().message;
    return Answer(text ? *text : "{}");
  }

  static AccountConfig configured(const char* name, const char* config_dir) {
    AccountConfig account;
    account.name = name;
    account.config_dir = config_dir;
    return account;
  }

  test::TempDir dir_;
  Loop loop_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<StoreReader> reader_;
  std::unique_ptr<Calendar> calendar_ = std::make_unique<Calendar>("UTC", Weekday::monday);
  Config config_;
  i64 now_ms_ = kNow_ms;
  std::vector<shm::Account> accounts_;  // of the picture
};

}  // namespace shmeter::collector::sample
