// SPDX-License-Identifier: MIT
// The whole transcript source over a real loop, real directories and the real inotify, and what it
// said so far.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "collector/source/transcripts.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::test {

using namespace shmeter::collector;
using shm::Completeness;

inline std::string line(const std::string& message_id, int input,
                        const std::string& session = "s") {
  return R"({"type":"assistant","timestamp":"2026-11-21T21:06:54Z","sessionId":")" + session +
         R"(","message":{"id":")" + message_id +
         R"(","model":"claude-sonnet-5-5","usage":{"input_tokens":)" + std::to_string(input) +
         "}}}\n";
}

class TranscriptsTest : public testing::Test {
 protected:
  Transcripts& start(Transcripts::Options options = {}, KnownTranscripts::List known = {}) {
    source_ = std::make_unique<Transcripts>(
        loop_, std::vector<TranscriptRoot>{{dir_.path("c"), dir_.path("c/projects")}},
        Transcripts::Sink{
            .observed =
                [this](std::size_t, const Observation& seen) {
                  if (const auto* event = std::get_if<EventSeen>(&seen))
                    events_.insert(std::string(event->id) + '=' + std::to_string(event->value));
                  if (const auto* request = std::get_if<RequestSeen>(&seen)) {
                    ++observed_;
                    order_.emplace_back(request->message_id);
                    ids_.insert(std::string(request->message_id));
                  }
                },
            .turn_begins = [] {},
            .turn_ends = [this] { statuses_.push_back(source_->status()); },
            .say = [this](const std::string& text) { said_.push_back(text); },
            .file_read =
                [this](std::size_t, const std::string& path, const FileCursor& cursor) {
                  ++told_[path];
                  cursors_[path] = cursor;
                },
            .file_gone =
                [this](const std::string& path) {
                  gone_.push_back(path);
                  cursors_.erase(path);
                }},
        options);
    source_->start();
    source_->go_on_from(std::move(known));
    return *source_;
  }
  void start_and_scan(Transcripts::Options options = {}, KnownTranscripts::List known = {}) {
    start(options, std::move(known));
    ASSERT_TRUE(
        run_until([&] { return source_->status().completeness == Completeness::complete; }));
  }

  // Turns the loop until it is so; false after far longer than it may take.
  bool run_until(const std::function<bool()>& is_so) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < end) {
      loop_.turn();
      if (is_so()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }
  bool saw(const std::string& id) {
    return run_until([&] { return ids_.contains(id); });
  }
  std::string project(const std::string& below = "") const {
    return dir_.path("c/projects/-p" + (below.empty() ? below : "/" + below));
  }
  // What a test wants to see through events alone must not come from the slow net.
  static constexpr Transcripts::Options kEventsOnly = {.rescan_every_ms = 3'600'000};

  test::TempDir dir_;
  Loop loop_;
  std::set<std::string> ids_;
  std::vector<std::string> order_;
  int observed_ = 0;
  std::set<std::string> events_;               // id=value
  std::map<std::string, int> told_;            // how often a file's position was
  std::map<std::string, FileCursor> cursors_;  // as told last, by path
  std::vector<std::string> gone_;
  std::vector<std::string> said_;
  std::vector<Transcripts::Status> statuses_;
  std::unique_ptr<Transcripts> source_;
};

}  // namespace shmeter::test
