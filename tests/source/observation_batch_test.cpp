// SPDX-License-Identifier: MIT
// A batch keeps every kind of observation, with all its texts, after the bytes they came from are
// gone.
#include "collector/source/observation_batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "collector/source/transcript_line.hpp"

namespace shmeter::collector {
namespace {

// Texts that differ from each other and are gone (overwritten) when this is.
class Texts {
 public:
  ~Texts() {
    for (std::string& text : texts_) std::fill(text.begin(), text.end(), '#');
  }
  std::string_view next() {
    return texts_.emplace_back("text " + std::to_string(count_++) + " of a source");
  }
  std::string_view same(const std::string& text) { return texts_.emplace_back(text); }

 private:
  std::deque<std::string> texts_;
  int count_ = 0;
};

// Every text of every kind, in one row.
template <class Take>
void each_text(const Observation& seen, Take&& take) {
  const auto all = [&](auto... texts) { (take(std::string_view(texts)), ...); };
  std::visit(
      [&](const auto& s) {
        using Seen = std::decay_t<decltype(s)>;
        if constexpr (std::is_same_v<Seen, RequestSeen>)
          all(s.message_id, s.request_id, s.uuid, s.session_id, s.model, s.agent, s.call.endpoint,
              s.call.key);
        else if constexpr (std::is_same_v<Seen, EventSeen>)
          all(s.session_id, s.id, s.agent, s.name, s.call.endpoint, s.call.key);
        else if constexpr (std::is_same_v<Seen, SessionSeen>)
          all(s.session_id, s.cwd, s.git_branch, s.version, s.model);
        else if constexpr (std::is_same_v<Seen, StatusLineSeen>)
          all(s.transcript_path, s.cwd);
        else if constexpr (std::is_same_v<Seen, AggregateSeen>) {
          all(s.session_id);
          for (const ModelTokens& model : s.models) take(model.model);
        } else if constexpr (std::is_same_v<Seen, LimitHitSeen>)
          all(s.session_id, s.window);
        else if constexpr (std::is_same_v<Seen, QuotaSeen>) {
          all(s.login);
          for (const ScopedWindowSeen& scoped : s.scoped) take(scoped.label);
        } else if constexpr (std::is_same_v<Seen, LoginSeen>)
          all(s.login);
        else if constexpr (std::is_same_v<Seen, HookSeen>)
          all(s.session_id, s.transcript_path, s.agent_transcript_path, s.cwd, s.agent_id,
              s.agent_type, s.tool_name, s.tool_use_id, s.error, s.notification_type, s.source,
              s.reason, s.pane);
        else if constexpr (std::is_same_v<Seen, LiveSeen>)
          all(s.session_id, s.name, s.cwd, s.version);
        else if constexpr (std::is_same_v<Seen, ReportedSeen>)
          all(s.session_id, s.model);
      },
      seen);
}

std::vector<std::string> texts_of(const Observation& seen) {
  std::vector<std::string> all;
  each_text(seen, [&](std::string_view text) { all.emplace_back(text); });
  return all;
}

// Adds one of each kind; `expected` by index of the alternative.
void add_all(ObservationBatch& batch, std::map<std::size_t, std::vector<std::string>>& expected) {
  Texts t;
  const ModelTokens models[] = {{t.next(), 1}, {t.next(), 2}};
  const ScopedWindowSeen scoped[] = {{t.next(), {1, 2}}, {t.next(), {3, 4}}};
  RequestSeen request;
  for (auto* text : {&request.message_id, &request.request_id, &request.uuid, &request.session_id,
                     &request.model, &request.agent, &request.call.endpoint, &request.call.key})
    *text = t.next();
  EventSeen event;
  for (auto* text : {&event.session_id, &event.id, &event.agent, &event.name, &event.call.endpoint,
                     &event.call.key})
    *text = t.next();
  SessionSeen session;
  for (auto* text :
       {&session.session_id, &session.cwd, &session.git_branch, &session.version, &session.model})
    *text = t.next();
  StatusLineSeen status;
  for (auto* text : {&status.transcript_path, &status.cwd}) *text = t.next();
  AggregateSeen aggregate;
  aggregate.session_id = t.next();
  aggregate.models = models;
  LimitHitSeen limit{t.next(), t.next(), 5, 6};
  QuotaSeen quota;
  quota.login = t.next();
  quota.scoped = scoped;
  LoginSeen login{t.next()};
  HookSeen hook;
  for (auto* text :
       {&hook.session_id, &hook.transcript_path, &hook.agent_transcript_path, &hook.cwd,
        &hook.agent_id, &hook.agent_type, &hook.tool_name, &hook.tool_use_id, &hook.error,
        &hook.notification_type, &hook.source, &hook.reason, &hook.pane})
    *text = t.next();
  LiveSeen live;
  for (auto* text : {&live.session_id, &live.name, &live.cwd, &live.version}) *text = t.next();
  ReportedSeen reported;
  for (auto* text : {&reported.session_id, &reported.model}) *text = t.next();
  for (const Observation& seen :
       {Observation(request), Observation(event), Observation(session), Observation(status),
        Observation(aggregate), Observation(limit), Observation(quota), Observation(login),
        Observation(hook), Observation(live), Observation(reported)}) {
    expected[seen.index()] = texts_of(seen);
    batch.add(seen);
  }
}

TEST(ObservationBatch, KeepsEveryTextOfEveryKind) {
  ObservationBatch batch;
  EXPECT_TRUE(batch.empty());
  std::map<std::size_t, std::vector<std::string>> expected;
  add_all(batch, expected);
  EXPECT_EQ(batch.size(), expected.size());
  std::size_t count = 0;
  const auto compare = [&](const Observation& seen) {
    ++count;
    EXPECT_EQ(texts_of(seen), expected[seen.index()]) << seen.index();
  };
  batch.for_each(compare);
  EXPECT_EQ(count, expected.size());

  ObservationBatch moved = std::move(batch);
  moved.for_each(compare);
  EXPECT_EQ(count, 2 * expected.size());
}

TEST(ObservationBatch, AMovedFromBatchIsEmptyAndFillsAnew) {
  ObservationBatch first;
  std::map<std::size_t, std::vector<std::string>> expected;
  add_all(first, expected);
  ObservationBatch second = std::exchange(first, {});
  EXPECT_TRUE(first.empty());
  first.for_each([](const Observation&) { ADD_FAILURE(); });
  add_all(first, expected);
  second = {};  // what the first one holds is its own
  std::size_t count = 0;
  first.for_each([&](const Observation& seen) {
    ++count;
    EXPECT_EQ(texts_of(seen), expected[seen.index()]);
  });
  EXPECT_EQ(count, expected.size());
}

TEST(ObservationBatch, PartsAreTheWhole) {
  ObservationBatch batch;
  std::map<std::size_t, std::vector<std::string>> expected;
  for (int i = 0; i < 3; ++i) add_all(batch, expected);
  std::vector<std::vector<std::string>> whole;
  batch.for_each([&](const Observation& seen) { whole.push_back(texts_of(seen)); });
  ASSERT_EQ(whole.size(), batch.size());
  for (std::size_t part = 1; part <= batch.size() + 1; ++part) {
    std::vector<std::vector<std::string>> parts;
    for (std::size_t at = 0; at < batch.size(); at += part)
      batch.for_some(at, part, [&](const Observation& seen) { parts.push_back(texts_of(seen)); });
    EXPECT_EQ(parts, whole) << part;
  }
}

TEST(ObservationBatch, KeepsNumbersAndTheOrderOfAKind) {
  ObservationBatch batch;
  for (int i = 0; i < 5000; ++i) {
    Texts t;
    EventSeen event;
    event.kind = EventKind::compute;
    event.session_id = t.same(i % 2 == 0 ? "even" : "odd");
    event.id = t.same(std::to_string(i));
    event.value = i;
    batch.add(Observation(event));
    SessionSeen session;
    session.session_id = t.same("even");
    session.context_used_tokens = i;
    session.context_cleared = i % 3 == 0;
    batch.add(Observation(session));
  }
  EXPECT_EQ(batch.size(), 10'000u);
  int events = 0;
  int sessions = 0;
  batch.for_each([&](const Observation& seen) {
    if (const auto* event = std::get_if<EventSeen>(&seen)) {
      EXPECT_EQ(event->id, std::to_string(events));
      EXPECT_EQ(event->value, events);
      EXPECT_EQ(event->session_id, events % 2 == 0 ? "even" : "odd");
      ++events;
    } else if (const auto* session = std::get_if<SessionSeen>(&seen)) {
      EXPECT_EQ(session->context_used_tokens, sessions);
      EXPECT_EQ(session->context_cleared, sessions % 3 == 0);
      ++sessions;
    }
  });
  EXPECT_EQ(events, 5000);
  EXPECT_EQ(sessions, 5000);
}

TEST(ObservationBatch, TextsOfAnyLengthAndSpansAmongThem) {
  ObservationBatch batch;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < 200; ++i) labels.emplace_back(i * i * 17 % 70'000, 'a');
  for (std::size_t i = 0; i < labels.size(); ++i) {
    Texts t;
    const ModelTokens models[] = {{t.same(labels[i]), 1}, {t.same("b"), static_cast<i64>(i)}};
    AggregateSeen seen;
    seen.session_id = t.same("s");
    seen.models = models;
    batch.add(Observation(seen));
  }
  std::size_t i = 0;
  batch.for_each([&](const Observation& seen) {
    const auto& aggregate = std::get<AggregateSeen>(seen);
    ASSERT_EQ(aggregate.models.size(), 2u);
    EXPECT_EQ(aggregate.models[0].model, labels[i]);
    EXPECT_EQ(aggregate.models[1].model, "b");
    EXPECT_EQ(aggregate.models[1].tokens, static_cast<i64>(i));
    ++i;
  });
  EXPECT_EQ(i, labels.size());
}

TEST(ObservationBatch, TakesAllThatALineSays) {
  TranscriptLine line;
  line.request.emplace().session_id = "s";
  line.session.emplace().session_id = "s";
  line.aggregate.emplace().session_id = "s";
  line.limit_hit.emplace().session_id = "s";
  line.events.resize(3);
  ObservationBatch batch;
  batch.add(line);
  std::size_t said = 0;
  line.for_each([&](const Observation&) { ++said; });
  EXPECT_EQ(batch.size(), 7u);
  EXPECT_EQ(said, 7u);
}

// A response's lines: one observation for all that say the same, with the first and the last time.
TEST(ObservationBatch, LinesThatSayTheSameAreKeptOnce) {
  constexpr i64 kMidnight_ms = i64{20'779} * 86'400'000;
  TranscriptLine line;
  RequestSeen& request = line.request.emplace();
  request.message_id = "m";
  request.session_id = "s";
  request.tokens.output = 7;
  SessionSeen& session = line.session.emplace();
  session.session_id = "s";
  ObservationBatch batch;
  const auto add = [&](i64 at_ms) {
    request.at_ms = session.at_ms = at_ms;
    session.context_used_tokens = at_ms % 1000;
    batch.add(line);
  };
  add(kMidnight_ms - 5000);
  add(kMidnight_ms - 4001);
  add(kMidnight_ms - 3002);
  add(kMidnight_ms - 3003);  // written later, said earlier
  add(kMidnight_ms);         // a day on which it may have another price
  request.tokens.output = 8;
  add(kMidnight_ms + 1);
  request.message_id = {};
  add(kMidnight_ms + 2);
  add(kMidnight_ms + 3);  // without an id nobody knows whether it is the same
  using Times = std::vector<std::pair<i64, i64>>;
  Times requests;
  Times sessions;
  batch.for_each([&](const Observation& seen) {
    if (const auto* r = std::get_if<RequestSeen>(&seen))
      requests.emplace_back(r->at_ms - kMidnight_ms,
                            r->until_ms - (r->until_ms < 0 ? 0 : kMidnight_ms));
    if (const auto* s = std::get_if<SessionSeen>(&seen)) {
      sessions.emplace_back(s->at_ms - kMidnight_ms,
                            s->since_ms - (s->since_ms < 0 ? 0 : kMidnight_ms));
      EXPECT_EQ(s->context_used_tokens, s->at_ms % 1000);
    }
  });
  EXPECT_EQ(requests, (Times{{-5000, -3002},
                             {-3003, kUnknown},
                             {0, kUnknown},
                             {1, kUnknown},
                             {2, kUnknown},
                             {3, kUnknown}}));
  EXPECT_EQ(sessions, (Times{{-3002, -5000}, {3, -3003}}));
}

// Its memory is used again: nothing of what was there before may be seen, nor a text that only
// stands where one stood before ("session" is kept once for many).
TEST(ObservationBatch, ClearedItKeepsOnlyWhatComesThen) {
  ObservationBatch batch;
  for (int round = 0; round < 5; ++round) {
    const std::string id = "session-of-round-" + std::to_string(round);
    for (int i = 0; i < 3000; ++i) {
      const std::string name(static_cast<std::size_t>(i % 50) + (i == 7 ? 100'000 : 0), 'n');
      EventSeen event;
      event.session_id = id;
      event.name = name;
      event.value = round;
      batch.add(Observation(event));
    }
    EXPECT_EQ(batch.size(), 3000u);
    std::size_t i = 0;
    batch.for_each([&](const Observation& seen) {
      const auto& event = std::get<EventSeen>(seen);
      ASSERT_EQ(event.session_id, id);
      ASSERT_EQ(event.name.size(), i % 50 + (i == 7 ? 100'000 : 0));
      ASSERT_EQ(event.name.find_first_not_of('n'), std::string_view::npos);
      ASSERT_EQ(event.value, round);
      ++i;
    });
    EXPECT_EQ(i, 3000u);
    batch.clear();
    EXPECT_TRUE(batch.empty());
  }
}

}  // namespace
}  // namespace shmeter::collector
