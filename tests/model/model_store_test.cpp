// SPDX-License-Identifier: MIT
// A model that is taken up from what was stored shows what the one before it showed, whatever had
// happened, however often it was stored in between, and goes on in the same way.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <tuple>

#include "collector/ledger/ledger.hpp"
#include "collector/store/rows.hpp"
#include "tests/model/observed.hpp"

namespace shmeter::collector {
namespace {

/// What stands in the books of a counted request.
Booking booking_of(const StoredEvent& event) {
  const Tokens& t = event.tokens;
  const bool priced = shm::known(event.cost_nanousd);
  return {event.session,
          event.model,
          event.at_ms,
          {1, t.input, t.output, t.write_5m, t.write_1h, t.read, priced ? event.cost_nanousd : 0,
           priced ? 0 : t.total()}};
}

/// Keeps what a store would, as plain maps.
class MemoryStore final : public Journal {
 public:
  void name(NameTable table, u32 number, std::string_view text) override {
    auto& names = names_[table];
    ASSERT_EQ(number, names.size());
    names.emplace_back(text);
  }
  void keep(const StoredEvent& event) override {
    ASSERT_LT(event.session, names_[NameTable::session].size());
    StoredEvent& kept = events_[{event.key.message, event.key.request, event.side_chain}];
    if (event.only_counted) {
      kept.counted = event.counted;
      return;
    }
    kept = event;
    kept.request_id = kept.name = kept.call.endpoint = kept.call.key = {};
  }
  void book(const Booking& booking) override {
    add(rollups_
            .try_emplace({booking.at_ms / 900'000, booking.session, booking.model}, shm::no_usage())
            .first->second,
        booking.amount);
  }

  void join(const Joined&) override {}

  void take(Model& model) {
    StoreBatch batch;
    model.put_changes(batch);
    for (AccountRow& row : batch.accounts) accounts_[row.number] = row;
    for (SessionRow& row : batch.sessions) {
      ASSERT_LT(row.number, names_[NameTable::session].size());
      sessions_[row.number] = row;
    }
    for (QuotaRow& row : batch.quota) {
      QuotaRow& newest = quota_[{row.account, row.window}];
      if (row.at_ms >= newest.at_ms) newest = row;
    }
  }

  StoredState load(const Reach& reach) {
    StoredState out;
    out.session_names = names_[NameTable::session];
    out.model_names = names_[NameTable::model];
    out.agent_names = names_[NameTable::agent];
    for (auto& [number, row] : accounts_) out.accounts.push_back(row);
    for (auto& [number, row] : sessions_) out.sessions.push_back(row);
    for (auto& [key, row] : quota_) out.quota.push_back(row);
    out.models.resize(out.model_names.size(), shm::no_usage());
    for (auto& [key, usage] : rollups_) {
      add(out.all, usage);
      add(out.models[key.model], usage);
      if (key.quarter * 900 >= reach.rollups_s) out.rollups.emplace_back(key, usage);
    }
    std::vector<StoredEvent> by_time = sorted();
    for (const StoredEvent& event : by_time) {
      if (event.at_ms >= reach.hot_ms) out.hot.push_back(event);
      if (!event.counted || event.kind != EventKind::tokens) continue;
      if (event.at_ms >= reach.recent_ms)
        out.recent.push_back(booking_of(event));
      else
        out.before_recent.insert(out.before_recent.begin(), {event.at_ms, event.session});
    }
    return out;
  }

  std::vector<StoredEvent> look_up(const std::vector<u64>& messages) const {
    std::vector<StoredEvent> out;
    for (const auto& [key, event] : events_) {
      if (std::find(messages.begin(), messages.end(), std::get<0>(key)) != messages.end())
        out.push_back(event);
    }
    return out;
  }

 private:
  std::vector<StoredEvent> sorted() const {
    std::vector<StoredEvent> out;
    for (const auto& [key, event] : events_) out.push_back(event);
    std::stable_sort(out.begin(), out.end(),
                     [](const StoredEvent& a, const StoredEvent& b) { return a.at_ms < b.at_ms; });
    return out;
  }

  std::map<NameTable, std::vector<std::string>> names_;
  std::map<std::tuple<u64, u64, bool>, StoredEvent> events_;
  std::map<RollupKey, shm::Usage> rollups_;
  std::map<u32, AccountRow> accounts_;
  std::map<u32, SessionRow> sessions_;
  std::map<std::pair<u32, std::string>, QuotaRow> quota_;
};

/// What is told to the model with a store, and to one that keeps everything in memory for ever.
struct Twins {
  Model* stored;
  Model* memory;

  u32 account(std::string_view dir) {
    const u32 number = stored->account(dir);
    EXPECT_EQ(memory->account(dir), number);
    return number;
  }
  void apply(const Observation& seen, u32 account, i64 now) {
    stored->apply(seen, account, now);
    memory->apply(seen, account, now);
  }
};

/// A machine's life: anything may be seen, of any age.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  i64 now = kNoon_ms;

  void step(Twins& model) {
    now += pick(40) == 0 ? pick(5) * kHour_ms : pick(60) * kSecond_ms;
    const u32 account = model.account(pick(3) == 0 ? "/home/ann/.work" : "/home/ann/.claude");
    const std::string session = "s" + std::to_string(pick(9));
    const i64 at_ms = age();
    const auto see = [&](const Observation& seen) { model.apply(seen, account, now); };
    const std::string id = "m" + std::to_string(pick(60));
    switch (pick(11)) {
      case 0:
      case 1:
      case 2:
        return see(any_request(id, session, at_ms));
      case 3:
        return see(event(static_cast<EventKind>(2 + pick(4)), id, session,
                         began_.try_emplace("event " + id, at_ms).first->second + pick(9000),
                         1 + pick(3), pick(2) == 0 ? Source::cli : Source::transcript));
      case 4: {
        SessionSeen seen;
        seen.session_id = session;
        seen.at_ms = at_ms;
        seen.cwd = pick(2) == 0 ? "/a" : "/b";
        seen.model = "claude-opus-5-5";
        seen.context_used_tokens = pick(9000);
        return see(seen);
      }
      case 5:
        return see(any_status(session));
      case 6: {
        const ModelTokens models[] = {{"claude-opus-5-5", pick(3000)},
                                      {"claude-haiku-5-5", pick(200)}};
        return see(aggregate(session, pick(100) * 1'000'000, models));
      }
      case 7: {
        HookSeen seen = hook(static_cast<HookEvent>(pick(9)), session, now);
        const std::string call = "call " + std::to_string(now / kHour_ms);
        seen.tool_use_id = call;
        seen.notification_type = "permission_prompt";
        return see(seen);
      }
      case 8: {
        LiveSeen seen;
        seen.session_id = session;
        seen.alive = pick(3) != 0;
        seen.pid = pick(3);
        seen.status = static_cast<shm::SessionStatus>(pick(4));
        seen.status_at_ms = now - pick(5000);
        seen.seen_at_ms = now;
        return see(seen);
      }
      case 9: {
        const std::string script = "script-" + std::to_string(pick(3));
        ReportedSeen seen;
        seen.session_id = pick(2) == 0 ? session : script;
        seen.at_ms = now;
        seen.output_tokens = pick(500);
        if (pick(2) == 0) seen.cost_nanousd = pick(500);
        if (pick(2) == 0) seen.model = "my-model";
        seen.rate_limit_remaining = pick(100);
        seen.messages = pick(5);
        return see(seen);
      }
      default:
        return see_quota(model, account);
    }
  }

  i64 pick(i64 below) { return static_cast<i64>(random_() % static_cast<u64>(below)); }

 private:
  i64 age() {
    const i64 longest[] = {kMinute_ms, kHour_ms, kDay_ms, 7 * kDay_ms, 20 * kDay_ms, 90 * kDay_ms};
    return now - pick(longest[pick(6)]);
  }
  /// Of one message all lines lie near each other, as of any other event.
  RequestSeen any_request(const std::string& id, const std::string& session, i64 at_ms) {
    const auto [first, fresh] = began_.try_emplace(id, at_ms);
    RequestSeen seen = request(id, session, first->second + pick(9000), 1 + pick(300));
    if (pick(4) == 0) seen.request_id = {};
    if (pick(4) == 0) seen.model = pick(2) == 0 ? "claude-haiku-5-5" : "glm-9";
    seen.side_chain = pick(5) == 0;
    return seen;
  }
  StatusLineSeen any_status(const std::string& session) {
    StatusLineSeen seen = status(session, now, pick(100), now / 1000 + 3000 - now / 1000 % 3000);
    seen.seven_day = {pick(100) * 10'000, now / 1000 + 90'000 - now / 1000 % 90'000};
    seen.session.cost_nanousd = pick(1000);
    seen.session.name.assign("name");
    seen.session.context_size_tokens = 200'000;
    seen.session.context_used_tokens = pick(200'000);
    if (pick(4) == 0) {
      seen.spend_limit.used_ppm = pick(1'000'000);
      seen.spend_limit.resets_at_s = now / 1000 + pick(90'000);
      seen.spend_limit.period.assign("weekly");
    }
    return seen;
  }
  void see_quota(Twins& model, u32 account) {
    if (pick(4) == 0) {
      const std::string login = "login-" + std::to_string(pick(2));
      return model.apply(LoginSeen{login}, account, now);
    }
    const ScopedWindowSeen scoped[] = {{"Fable", {pick(100) * 10'000, now / 1000 + 5000}},
                                       {"Opus", {pick(100) * 10'000, now / 1000 + 6000}}};
    QuotaSeen seen;
    seen.source = shm::QuotaSource::utilization_file;
    seen.observed_at_ms = now - pick(60'000);
    seen.five_hour = {pick(100) * 10'000, now / 1000 + 3000 - now / 1000 % 3000};
    seen.says_scoped = true;
    seen.scoped = std::span(scoped).first(static_cast<std::size_t>(pick(3)));
    seen.says_extra_usage = true;
    seen.extra_usage = {1, 50 * 1'000'000'000LL, pick(50) * 1'000'000'000, pick(1'000'000)};
    model.apply(seen, account, now);
  }

  std::mt19937_64 random_;
  std::map<std::string, i64> began_;
};

void answer_waiting(Model& model, const MemoryStore& store, i64 now) {
  const std::vector<u64> wanted = model.take_wanted();
  if (!wanted.empty()) model.thaw(wanted, store.look_up(wanted), now);
  ASSERT_EQ(model.waiting(), 0u);
}

/// But for what this process alone counted, and for what waits for its five minutes.
Copy comparable(Model& model, i64 now) {
  model.set_scan(1, 1, shm::Completeness::complete);
  Copy out = copy(model.picture(now));
  out.summary.damaged_lines = 0;
  return out;
}

void expect_same(const Copy& got, const Copy& want) {
  ASSERT_EQ(got.sessions.size(), want.sessions.size());
  for (std::size_t i = 0; i < want.sessions.size(); ++i) {
    SCOPED_TRACE(want.sessions[i].session_id.view());
#define SHMETER_SAME(type, name, unit, help) \
  ASSERT_TRUE(got.sessions[i].name == want.sessions[i].name) << #name;
    SHMETER_SESSION_FIELDS(SHMETER_SAME)
#undef SHMETER_SAME
  }
  ASSERT_EQ(got.accounts.size(), want.accounts.size());
  for (std::size_t i = 0; i < want.accounts.size(); ++i) {
    SCOPED_TRACE(want.accounts[i].name.view());
#define SHMETER_SAME(type, name, unit, help) \
  ASSERT_TRUE(got.accounts[i].name == want.accounts[i].name) << #name;
    SHMETER_ACCOUNT_FIELDS(SHMETER_SAME)
#undef SHMETER_SAME
  }
#define SHMETER_SAME(type, name, unit, help) \
  ASSERT_TRUE(got.summary.name == want.summary.name) << #name;
  SHMETER_SUMMARY_FIELDS(SHMETER_SAME)
#undef SHMETER_SAME
  ASSERT_TRUE(got.models == want.models);
}

/// What is counted, against one that forgets nothing and was never restarted.
void expect_same_counts(const Copy& got, const Copy& want) {
  const auto by_id = [](const shm::Session& a, const shm::Session& b) {
    return a.session_id.view() < b.session_id.view();
  };
  std::vector<shm::Session> ours = got.sessions, theirs = want.sessions;
  std::sort(ours.begin(), ours.end(), by_id);
  std::sort(theirs.begin(), theirs.end(), by_id);
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    ASSERT_EQ(ours[i].session_id, theirs[i].session_id);
    SCOPED_TRACE(ours[i].session_id.view());
    ASSERT_EQ(ours[i].usage, theirs[i].usage);
    ASSERT_EQ(ours[i].messages, theirs[i].messages);
    ASSERT_EQ(ours[i].tool_calls, theirs[i].tool_calls);
    ASSERT_EQ(ours[i].compute_ms, theirs[i].compute_ms);
    ASSERT_EQ(ours[i].cost_nanousd, theirs[i].cost_nanousd);
  }
  for (std::size_t i = 0; i < got.accounts.size(); ++i) {
    ASSERT_EQ(got.accounts[i].period, want.accounts[i].period);
    ASSERT_EQ(got.accounts[i].weekly_used_nanousd, want.accounts[i].weekly_used_nanousd);
    ASSERT_EQ(got.accounts[i].block, want.accounts[i].block);
    ASSERT_EQ(got.accounts[i].last_session_id, want.accounts[i].last_session_id);
  }
  ASSERT_EQ(got.summary.all, want.summary.all);
  ASSERT_EQ(got.summary.today, want.summary.today);
  ASSERT_EQ(got.summary.week, want.summary.week);
  ASSERT_EQ(got.summary.month, want.summary.month);
  ASSERT_TRUE(got.models == want.models);
}

void live(unsigned seed, UsagePeriod period) {
  SCOPED_TRACE(seed);
  Config config = utc();
  config.usage_period = period;
  MemoryStore store;
  History history(seed);
  auto model = std::make_unique<Model>(config);
  model->set_journal(&store);
  Model memory(config);
  for (int run = 0; run < 4; ++run) {
    const i64 steps = 60 + history.pick(200);
    for (i64 i = 0; i < steps; ++i) {
      Twins twins{model.get(), &memory};
      history.step(twins);
      answer_waiting(*model, store, history.now);
      if (history.pick(20) == 0) store.take(*model);
      if (history.pick(60) == 0) {
        store.take(*model);
        model->tick(history.now);
        model->cool(history.now);
      }
    }
    // A window's smaller share takes its time over again after a restart: let it pass before.
    history.now += 6 * kMinute_ms;
    model->tick(history.now);
    const Copy want = comparable(*model, history.now);
    memory.tick(history.now);
    ASSERT_NO_FATAL_FAILURE(expect_same_counts(want, comparable(memory, history.now)));
    store.take(*model);
    ASSERT_FALSE(model->needs_reload());

    model = std::make_unique<Model>(config);
    model->restore(store.load(model->reach(history.now)), history.now);
    model->set_journal(&store);
    const Copy got = comparable(*model, history.now);
    ASSERT_NO_FATAL_FAILURE(expect_same(got, want)) << "run " << run;
  }
}

TEST(ModelStore, ThePictureAfterARestartIsTheOneBefore) {
  for (unsigned seed = 1; seed <= 12; ++seed)
    ASSERT_NO_FATAL_FAILURE(live(seed, static_cast<UsagePeriod>(seed % 4)));
}

}  // namespace
}  // namespace shmeter::collector
