// SPDX-License-Identifier: MIT
// The summary of a span of time: who asked, for what, how it went and how long it took. Pure.
// Invariant: every request is in exactly one key and one endpoint, so that both lists add up to
// the total; nobody's secret is in it.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "collector/report/api_outcomes.hpp"
#include "collector/report/json_text.hpp"

namespace shmeter::collector {

/// What people may see of the `key` of a posted event. What looks like an API key is one, and shown
/// by its first characters only.
struct ApiKeyName {
  std::string id;      // names it everywhere, and is not the key
  std::string name;    // the key; of a secret its beginning
  std::string prefix;  // of a secret its beginning, else empty
};
ApiKeyName key_name(std::string_view key);

/// At most `most` characters, without controls and line breaks: these become spaces.
std::string one_line(std::string_view text, std::size_t most);

class SummaryTally {
 public:
  /// Must outlive it.
  explicit SummaryTally(const Catalogue& catalogue);

  /// What was booked, first.
  void book(i64 at_s, const RollupKey& key, const shm::Usage& amount);
  /// Then how requests went, and how long they took.
  void add(const CallerSum& sum);
  void add(const LatencySum& sum) { latencies_.add(sum); }
  /// The newest failures, in that order.
  void add_failure(const StoredEvent& event);
  /// Then, of each day on which somebody asked last (epoch s / 86400), the same once more by
  /// quarter hours and hours; and of each hour (epoch s / 3600) in which somebody did its requests,
  /// newest first.
  std::set<i64> last_days();
  void look_at(i64 at_s, const RollupKey& key, const shm::Usage& amount);
  void look_at(const CallerSum& sum);
  std::set<i64> last_hours();
  void begin_hour(i64 hour);
  /// False: nobody else is looked for in this hour.
  bool used(const StoredEvent& event);

  /// Of that span.
  std::string json(const ApiTimes& times) const;

 private:
  struct Key {
    ApiKeyName name;
    i64 booked = 0;
    i64 tokens = 0;
    ApiOutcomes outcomes;
    i64 day = kUnknown;        // epoch s / 86400: when it was used last
    i64 quarter_s = kUnknown;  // of that day: of an account's newest booking
    i64 told_hour = kUnknown;  // of that day: of the newest use that callers tell
    i64 last_ms = kUnknown;

    void used_on(i64 at_s);
    i64 booked_hour() const { return shm::known(quarter_s) ? quarter_s / 3600 : kUnknown; }
  };
  struct Endpoint {
    i64 booked = 0;
    ApiOutcomes outcomes;
  };
  struct Failure {
    std::string id, endpoint, type, message;
    i64 at_ms = 0;
  };
  Key& account_key(std::string_view account);
  Key& account_key(u32 session);
  Key& posted_key(std::string_view key);
  Endpoint& endpoint(std::string_view name);
  /// Every account and every key of a posted event.
  template <class Use>
  void each_key(Use&& use);
  void write_totals(JsonText& out) const;
  void write_keys(JsonText& out) const;
  void write_endpoints(JsonText& out) const;
  void write_failures(JsonText& out) const;
  void write_models(JsonText& out) const;
  const Catalogue& catalogue_;
  shm::Usage all_ = shm::no_usage();
  ApiOutcomes outcomes_;
  std::map<u32, shm::Usage> models_;
  std::map<std::string, Key, std::less<>> accounts_;
  std::map<std::string, Key, std::less<>> posted_;
  std::map<std::string, Endpoint, std::less<>> endpoints_;
  Endpoint* messages_;  // of these, the one of all that name none
  std::vector<Failure> failures_;
  ApiLatencies latencies_;
  std::vector<Key*> of_session_;  // its account's, by number; null = not asked for yet
  std::set<const Key*> looked_for_;
};

}  // namespace shmeter::collector
