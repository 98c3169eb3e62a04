// SPDX-License-Identifier: MIT
// A store for the ledger's tests: maps instead of SQLite, commits when told to, and holds the
// journal to what it promises on the way.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "collector/ledger/journal.hpp"
#include "tests/ledger/books.hpp"

namespace shmeter::collector {

/// An event that owns its texts.
struct OwnedEvent {
  StoredEvent event;
  std::string request_id, name, endpoint, payer;

  explicit OwnedEvent(const StoredEvent& said)
      : event(said),
        request_id(said.request_id),
        name(said.name),
        endpoint(said.call.endpoint),
        payer(said.call.key) {}
  StoredEvent view() const {
    StoredEvent out = event;
    out.request_id = request_id;
    out.name = name;
    out.call.endpoint = endpoint;
    out.call.key = payer;
    return out;
  }
};

class MemoryStore : public Journal {
 public:
  using Place = std::tuple<u64, u64, bool>;

  void name(NameTable table, u32 number, std::string_view text) override {
    auto& names = names_[static_cast<std::size_t>(table)];
    EXPECT_EQ(number, names.size()) << text;
    names.emplace_back(text);
  }
  void keep(const StoredEvent& event) override {
    EXPECT_LT(event.session, names(NameTable::session).size());
    EXPECT_LT(event.agent, names(NameTable::agent).size());
    EXPECT_EQ(event.model != kNone, event.kind == EventKind::tokens);
    if (event.model != kNone) {
      EXPECT_LT(event.model, names(NameTable::model).size());
    }
    pending_.emplace_back(event);
  }
  void book(const Booking& booking) override {
    EXPECT_LT(booking.session, names(NameTable::session).size());
    EXPECT_LT(booking.model, names(NameTable::model).size());
    add(booked, booking.amount);
  }

  void join(const Joined& joined) override { pending_joined_.push_back(joined); }

  void commit() {
    for (const OwnedEvent& said : pending_) store(said);
    pending_.clear();
    for (const Joined& joined : pending_joined_) store(joined);
    pending_joined_.clear();
    committed_names_ = names_;
  }
  void lose_what_is_pending() {
    pending_.clear();
    pending_joined_.clear();
    names_ = committed_names_;
  }

  const std::vector<std::string>& names(NameTable table) const {
    return names_[static_cast<std::size_t>(table)];
  }
  const std::map<Place, OwnedEvent>& rows() const { return rows_; }
  std::vector<StoredEvent> since(i64 at_ms) const {
    std::vector<StoredEvent> out;
    for (const auto& [place, owned] : rows_) {
      if (owned.event.at_ms >= at_ms) out.push_back(owned.view());
    }
    return out;
  }
  /// Copies, as an answer that is on its way while the store goes on. What telemetry tells of their
  /// requests belongs to it.
  std::vector<OwnedEvent> look_up(std::span<const u64> messages) const {
    std::vector<OwnedEvent> out;
    std::set<u64> requests;
    for (const u64 message : messages) {
      for (auto at = rows_.lower_bound({message, 0, false});
           at != rows_.end() && std::get<0>(at->first) == message; ++at) {
        out.push_back(at->second);
        requests.insert(std::get<1>(at->first));
      }
    }
    for (const u64 message : messages) requests.erase(message);
    for (const u64 request : requests) {
      const auto told = rows_.find({request, request, false});
      if (told != rows_.end()) out.push_back(told->second);
    }
    return out;
  }

  /// Everything kept, by texts instead of numbers: what two stores must agree on.
  std::set<std::string> contents() const {
    std::set<std::string> out;
    for (const auto& [place, owned] : rows_) out.insert(describe(owned.view()));
    return out;
  }

  /// The books as whoever reads the rows makes them.
  Account counted() const {
    Account books;
    for (const auto& [place, owned] : rows_) {
      const StoredEvent& e = owned.event;
      const std::string& session = names(NameTable::session)[e.session];
      if (!e.counted) continue;
      if (e.kind != EventKind::tokens) {
        books.post_event(session, names(NameTable::agent)[e.agent],
                         {e.kind, e.source, e.session, e.agent, e.at_ms, e.value, +1});
        continue;
      }
      const Tokens& t = e.tokens;
      const bool priced = shm::known(e.cost_nanousd);
      books.post_all(session, names(NameTable::model)[e.model], e.at_ms,
                     {1, t.input, t.output, t.write_5m, t.write_1h, t.read,
                      priced ? e.cost_nanousd : 0, priced ? 0 : t.total()});
    }
    return books;
  }

  /// Sum of all that was booked, lost or not.
  shm::Usage booked = shm::no_usage();

 private:
  std::string describe(const StoredEvent& e) const {
    std::string text;
    const auto add = [&](auto number) { text += std::to_string(number) + ' '; };
    add(e.key.message), add(e.key.request), add(e.side_chain), add(e.counted);
    add(static_cast<int>(e.kind)), add(static_cast<int>(e.source)), add(e.at_ms), add(e.value);
    add(e.tokens.input), add(e.tokens.output), add(e.tokens.write_5m), add(e.tokens.write_1h);
    add(e.tokens.read), add(e.tokens.web_searches), add(e.fast), add(e.has_speed);
    add(e.us_inference), add(e.batch), add(e.cost_nanousd), add(e.cost_given);
    // Who tells of a request that does not count may have come before or after it.
    const bool tells = e.counted || e.source == Source::telemetry;
    const CallDetails call = tells ? e.call : CallDetails{};
    add(call.latency_ms), add(e.call.failed), add(e.only_counted);
    for (const std::string_view part :
         {std::string_view(names(NameTable::session)[e.session]),
          e.model == kNone ? std::string_view("-") : names(NameTable::model)[e.model],
          std::string_view(names(NameTable::agent)[e.agent]), e.request_id, e.name, call.endpoint,
          call.key})
      text.append(part).push_back('|');
    return text;
  }

  void store(const OwnedEvent& said) {
    const StoredEvent& e = said.event;
    const Place place{e.key.message, e.key.request, e.side_chain};
    const auto at = rows_.find(place);
    if (!e.only_counted) {
      if (at == rows_.end())
        rows_.emplace(place, said);
      else
        at->second = said;
      return;
    }
    ASSERT_NE(at, rows_.end()) << "only counted, and never kept";
    EXPECT_TRUE(said.request_id.empty() && said.name.empty() && e.call == CallDetails{});
    StoredEvent& kept = at->second.event;
    EXPECT_NE(kept.counted, e.counted);
    kept.counted = e.counted;
    // Nothing else may differ.
    OwnedEvent whole = at->second;
    whole.event = e;
    whole.event.only_counted = false;
    whole.event.call.latency_ms = kept.call.latency_ms;
    whole.event.call.failed = kept.call.failed;
    EXPECT_EQ(describe(whole.view()), describe(at->second.view()));
  }

  void store(const Joined& joined) {
    const auto from = rows_.find({joined.telemetry.message, joined.telemetry.request, false});
    const auto to = rows_.find({joined.request.message, joined.request.request, joined.side_chain});
    ASSERT_NE(from, rows_.end());
    ASSERT_NE(to, rows_.end());
    const CallDetails told = from->second.view().call;
    to->second.endpoint = told.endpoint;
    to->second.payer = told.key;
    to->second.event.call.latency_ms = told.latency_ms;
  }

  std::array<std::vector<std::string>, 4> names_, committed_names_;
  std::deque<OwnedEvent> pending_;
  std::vector<Joined> pending_joined_;
  std::map<Place, OwnedEvent> rows_;
};

}  // namespace shmeter::collector
