// SPDX-License-Identifier: MIT
// The summary of a span of time: who asked, for what, how it went and how long it took. Pure.
// Invariant: every request is in exactly one key and one endpoint, so that both lists add up to
// the total; nobody's secret is in it.
#pragma once

#include <map>
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
  explicit SummaryTally(const Catalogue& catalogue) : catalogue_(catalogue) {}

  /// What was booked, first.
  void book(i64 at_s, const RollupKey& key, const shm::Usage& amount);
  /// Then the events of outcome_filter(), the newest first.
  void add(const StoredEvent& event);
  /// Then the newest request of each account.
  std::map<std::string, i64> last_quarters() const;  // start of its quarter hour, s
  void used(std::string_view account, i64 at_ms);

  std::string json() const;

 private:
  struct Key {
    ApiKeyName name;
    i64 booked = 0;
    i64 tokens = 0;
    ApiOutcomes outcomes;
    i64 last_ms = kUnknown;
    i64 quarter_s = kUnknown;  // of an account: of its newest booking
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
  Key& posted_key(std::string_view key);
  Endpoint& endpoint(std::string_view name);
  void note_failure(const StoredEvent& event, std::string_view endpoint);
  void write_totals(JsonText& out) const;
  void write_keys(JsonText& out) const;
  void write_endpoints(JsonText& out) const;
  void write_failures(JsonText& out) const;
  void write_models(JsonText& out) const;
  /// Nearest rank.
  i64 percentile_ms(i64 percent) const;

  const Catalogue& catalogue_;
  shm::Usage all_ = shm::no_usage();
  ApiOutcomes outcomes_;
  std::map<u32, shm::Usage> models_;
  std::map<std::string, Key, std::less<>> accounts_;
  std::map<std::string, Key, std::less<>> posted_;
  std::map<std::string, Endpoint, std::less<>> endpoints_;
  std::vector<Failure> failures_;
  std::vector<i64> latencies_ms_;
};

}  // namespace shmeter::collector
