// SPDX-License-Identifier: MIT
// Pages of events: complete, each once, and with nothing unescaped.
#include <gmock/gmock.h>

#include <random>
#include <set>

#include "tests/report/api_sample.hpp"

namespace shmeter::collector {
namespace {

using sample::Answer;
using sample::Parameters;
using sample::utc_s;

class ApiEvents : public sample::ApiTest {
 protected:
  std::vector<std::string> ids(const Parameters& words) {
    return ask(ApiRoute::events, words).words("/events", "id");
  }
};

TEST_F(ApiEvents, Empty) {
  EXPECT_EQ(ask(ApiRoute::events).text(), R"({"events":[],"next_cursor":null,"has_more":false})");
  EXPECT_EQ(ask(ApiRoute::events, {{"agentName", "nobody"}}).text(),
            R"({"events":[],"next_cursor":null,"has_more":false})");
}

TEST_F(ApiEvents, One) {
  StoreBatch batch = sample::names_batch();
  StoredEvent one = event(1, utc_s(2026, 11, 21, 14));
  one.key = {0x0123456789abcdef, 0xfedcba9876543210};
  one.agent = 1;
  one.request_id = "req_1";
  put(batch, one);
  put(batch, event(2, utc_s(2026, 11, 21, 15), EventKind::failure));  // no use of anything
  write(std::move(batch));
  EXPECT_EQ(ask(ApiRoute::events).text(),
            R"({"events":[{"id":"0123456789abcdeffedcba9876543210","tenant_id":"work",)"
            R"("session_id":"097a6729-8ea0-4fde-8e30-579cb3a42f13","agent_name":"code-reviewer",)"
            R"("event_type":"tokens","value":30,"created_at":"2026-11-21T14:00:00.000Z",)"
            R"("model":"claude-opus-5-5","request_id":"req_1","source":"transcript","name":null,)"
            R"("input_tokens":10,"output_tokens":20,"cache_creation_tokens":300,)"
            R"("cache_creation_5m_tokens":300,"cache_creation_1h_tokens":0,)"
            R"("cache_read_tokens":4000,"cost_usd":0.001}],"next_cursor":null,"has_more":false})");
}

TEST_F(ApiEvents, Filters) {
  put_sample();
  StoredEvent tool = event(100, utc_s(2026, 11, 21, 17), EventKind::tool_call);
  tool.session = sample::kWide;
  tool.agent = 1;
  put(tool);
  EXPECT_EQ(ids({}).size(), sample::events().size() + 1);
  EXPECT_EQ(ids({{"eventType", "tool_call"}}).size(), 1u);
  EXPECT_EQ(ids({{"eventType", "message"}}).size(), 0u);
  EXPECT_EQ(ids({{"agentName", "code-reviewer"}}).size(), 1u);
  EXPECT_EQ(ids({{"agentName", "main"}}).size(), sample::events().size());
  EXPECT_EQ(ids({{"sessionId", "nightly.build"}}).size(), 2u);
  EXPECT_EQ(ids({{"account", ".claude-home"}}).size(), 4u);
  EXPECT_EQ(ids({{"account", "default"}}).size(), 2u);
  EXPECT_EQ(ids({{"account", "work"}, {"sessionId", "nightly.build"}}).size(), 0u);
  EXPECT_EQ(ids({{"after", "2026-11-21T15:10:00Z"}, {"before", "2026-11-21T17:40:00Z"}}).size(),
            3u);
  EXPECT_EQ(ask(ApiRoute::events, {{"limit", "1"}}).word("/events/0/created_at"),
            "2026-11-21T17:40:00.000Z");
}

TEST_F(ApiEvents, WhoIsNotKnownIsNotFound) {
  put_sample();
  for (const auto route : {ApiRoute::events, ApiRoute::stats}) {
    for (const char* field : {"sessionId", "account"}) {
      const auto text = try_ask(route, {{field, "</script>"}});
      ASSERT_FALSE(text);
      EXPECT_EQ(text.error().code, ApiError::Code::not_found);
      EXPECT_EQ(text.error().field, field);
    }
  }
  config_.accounts.push_back(configured("spare", "/home/dev/.claude-spare"));
  EXPECT_EQ(ids({{"account", "spare"}}).size(), 0u);
}

// Whatever comes between two pages: newer ones are not seen, none is seen twice, none is missed.
TEST_F(ApiEvents, PagesAreCompleteWhileEventsArrive) {
  std::mt19937 random(3);
  const auto below = [&](u32 n) { return static_cast<u32>(random() % n); };
  write(sample::names_batch());
  const i64 start_s = utc_s(2026, 11, 20);
  std::set<std::string> expected;
  std::uint64_t number = 0;
  StoreBatch batch;
  for (int i = 0; i < 700; ++i) {
    StoredEvent one = event(++number, start_s + below(40));  // many of one millisecond
    one.session = below(4);
    if (one.session == sample::kWide) one.kind = EventKind::failure;
    put(batch, one);
    if (one.kind != EventKind::failure) expected.insert(event_id(one.key));
  }
  write(std::move(batch));
  for (const int limit : {1000, 97, 13}) {
    std::vector<std::string> seen;
    std::string cursor;
    for (bool more = true; more;) {
      Parameters words = {{"limit", std::to_string(limit)}};
      if (!cursor.empty()) words.emplace_back("cursor", cursor);
      const Answer page = ask(ApiRoute::events, words);
      more = page.at("/has_more").get_bool().value();
      EXPECT_EQ(page.is_null("/next_cursor"), !more);
      EXPECT_LE(page.size("/events"), static_cast<std::size_t>(limit));
      if (more) {
        EXPECT_EQ(page.size("/events"), static_cast<std::size_t>(limit));
        cursor = page.word("/next_cursor");
      }
      for (std::string& id : page.words("/events", "id")) seen.push_back(std::move(id));
      StoreBatch arrived;
      for (u32 i = below(5); i > 0; --i) put(arrived, event(++number, start_s + 1000 + below(3)));
      if (!arrived.empty()) write(std::move(arrived));
    }
    const std::set<std::string> once(seen.begin(), seen.end());
    EXPECT_EQ(once.size(), seen.size());
    for (const std::string& id : expected) EXPECT_TRUE(once.contains(id)) << limit;
    // What arrived before this round counts for the next one.
    for (const std::string& id : ids({{"limit", "1000"}})) expected.insert(id);
  }
}

TEST_F(ApiEvents, NamesAreEscaped) {
  const std::string evil = "</script>\n\x01\x1b[31m\"\\\xff\u2028";
  StoreBatch batch;
  batch.names = {{NameTable::session, 0, "s"},
                 {NameTable::model, 0, evil},
                 {NameTable::agent, 0, "main"},
                 {NameTable::agent, 1, evil}};
  batch.accounts = {{0, "/x", evil, ""}};
  batch.sessions = {sample::session(0, 0, "", "/x", 0, 0)};
  StoredEvent one = event(1, utc_s(2026, 11, 21, 14));
  one.agent = 1;
  one.request_id = evil;
  one.name = evil;
  one.call.endpoint = evil;
  one.call.key = evil;
  one.call.failed = true;
  put(batch, one);
  write(std::move(batch));
  accounts_.emplace_back().name.assign(evil);
  for (const ApiRoute route :
       {ApiRoute::usage, ApiRoute::events, ApiRoute::stats, ApiRoute::summary}) {
    const Answer answer = ask(route);  // checks that it is JSON without controls
    EXPECT_EQ(answer.text().find("</script"), std::string::npos) << answer.text();
    EXPECT_NE(answer.text().find("script"), std::string::npos) << answer.text();
  }
  const std::string model = ask(ApiRoute::events).word("/events/0/model");
  EXPECT_THAT(model, testing::StartsWith("</script>\n\x01\x1b[31m\"\\"));
}

}  // namespace
}  // namespace shmeter::collector
