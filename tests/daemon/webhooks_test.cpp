// SPDX-License-Identifier: MIT
// What becomes of an alert that is told over HTTP: confirmed, refused, tried again, bounded,
// signed.
#include "collector/command/webhooks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "collector/fetch/signature.hpp"
#include "collector/loop/wall_clock.hpp"
#include "tests/fetch/receiver.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using test::Receiver;
using testing::HasSubstr;

TEST(WebhookDelay, DoublesUpToFiveMinutesAndHonoursWhatIsWished) {
  const struct {
    unsigned tries;
    std::int64_t retry_after_s;
    std::uint64_t most_ms;
  } rows[] = {{1, 0, 1000},     {2, 0, 2000},       {3, 0, 4000},    {9, 0, 256'000},
              {10, 0, 300'000}, {4000, 0, 300'000}, {1, 30, 30'000}, {1, 1'000'000, 3'600'000},
              {1, -5, 1000}};
  for (const auto& row : rows) {
    SCOPED_TRACE(testing::Message() << row.tries << ' ' << row.retry_after_s);
    EXPECT_EQ(webhook_delay_ms(row.tries, row.retry_after_s, 0), row.most_ms);
    const std::uint64_t least = row.retry_after_s > 0 ? row.most_ms : row.most_ms / 2;
    for (const std::uint32_t random : {1u, 512u, 1023u, 0xffffffffu}) {
      EXPECT_GE(webhook_delay_ms(row.tries, row.retry_after_s, random), least);
      EXPECT_LE(webhook_delay_ms(row.tries, row.retry_after_s, random), row.most_ms);
    }
  }
}

class WebhooksTest : public testing::Test {
 protected:
  AlertConfig& alert(const std::string& name, const std::string& url) {
    AlertConfig& one = config_.alerts.emplace_back();
    one.name = name;
    one.webhook.url = url;
    return one;
  }
  Webhooks::Hears hears() {
    return {.ended =
                [this](const ActionEnd& end) {
                  EXPECT_EQ(end.action, "webhook");
                  said_ += end.alert +
                           (end.how == ActionEnd::How::told    ? " told"
                            : end.how == ActionEnd::How::later ? " later"
                                                               : " failed") +
                           (end.what.empty() ? ";" : ": " + end.what + ";");
                },
            .changed = [this] { ++changes_; },
            .now_ms = [this] { return wall_clock_ms() + ahead_ms_; }};
  }
  /// Everything to its end.
  std::string send(Webhooks::Tries tries = Webhooks::Tries::many, int times = 1) {
    said_.clear();
    Webhooks webhooks(loop_, config_, hears(), tries);
    for (int i = 0; i < times; ++i)
      for (const AlertConfig& one : config_.alerts) webhooks.add(one, body_);
    webhooks.go();
    loop_.run();
    EXPECT_TRUE(webhooks.pending().empty());
    return said_;
  }

  Loop loop_;
  Receiver receiver_;
  Config config_;
  const std::string body_ = "{\"alert\":\"a\"}\n";
  std::string said_;
  int changes_ = 0;
  i64 ahead_ms_ = 0;
};

TEST_F(WebhooksTest, ConfirmedOnceAndSigned) {
  alert("a", receiver_.url()).webhook.secret = "s3cret";
  EXPECT_EQ(send(), "a told;");
  EXPECT_EQ(changes_, 1);
  ASSERT_EQ(receiver_.requests().size(), 1u);
  const auto request = receiver_.requests()[0];
  EXPECT_EQ(request.body, body_);
  EXPECT_EQ(request.header("Content-Type"), "application/json");
  EXPECT_EQ(request.header("X-Shmeter-Delivery").size(), 32u);
  const std::string at = request.header("X-Shmeter-Timestamp");
  EXPECT_NEAR(std::stod(at), static_cast<double>(wall_clock_ms()) / 1000, 20);
  EXPECT_EQ(request.header("X-Shmeter-Signature"),
            "sha256=" + *hmac_sha256("s3cret", at + '.' + body_));
  EXPECT_EQ(request.head.find("s3cret"), std::string::npos);
}

TEST_F(WebhooksTest, WithoutASecretItIsNotSigned) {
  alert("a", receiver_.url());
  EXPECT_EQ(send(), "a told;");
  EXPECT_EQ(receiver_.requests()[0].header("X-Shmeter-Signature"), "");
}

TEST_F(WebhooksTest, TriedAgainUnderTheSameId) {
  alert("a", receiver_.url());
  receiver_.then_status("500 Oops");
  receiver_.then_status("429 Slow", "Retry-After: 2\r\n");
  EXPECT_EQ(send(),
            "a later: it answered 500; it is tried again;"
            "a later: it answered 429; it is tried again;a told;");
  const auto requests = receiver_.requests();
  ASSERT_EQ(requests.size(), 3u);
  for (const auto& one : requests)
    EXPECT_EQ(one.header("X-Shmeter-Delivery"), requests[0].header("X-Shmeter-Delivery"));
  EXPECT_GE(requests[1].at - requests[0].at, std::chrono::milliseconds(490));
  EXPECT_GE(requests[2].at - requests[1].at, std::chrono::milliseconds(1950));
}

TEST_F(WebhooksTest, RefusedIsNotTriedAgain) {
  alert("a", receiver_.url());
  for (const char* const status : {"400 Bad", "301 There", "404 None", "410 Gone"})
    receiver_.then_status(status);
  EXPECT_EQ(send(), "a failed: it answered 400;");
  EXPECT_EQ(send(), "a failed: it answered 301;");
  EXPECT_EQ(send(Webhooks::Tries::many, 2), "a failed: it answered 404;a failed: it answered 410;");
  EXPECT_EQ(receiver_.requests().size(), 4u);
}

TEST_F(WebhooksTest, GivenUpAfterAnHourButNotBeforeOneTry) {
  alert("a", receiver_.url());
  receiver_.then_status("500 Oops");
  Webhooks webhooks(loop_, config_, hears());
  const std::vector<WebhookDelivery> old = {{"aa", "a", body_, wall_clock_ms() / 1000 - 3600}};
  webhooks.restore(old);
  EXPECT_EQ(webhooks.pending(), old);
  webhooks.go();
  loop_.run();
  EXPECT_EQ(said_, "a failed: it answered 500; given up after an hour;");
  EXPECT_EQ(receiver_.requests()[0].header("X-Shmeter-Delivery"), "aa");
}

TEST_F(WebhooksTest, WhatWaitsIsBoundedAndWhatIsDroppedIsSaid) {
  const AlertConfig one = alert("a", receiver_.url());
  Webhooks webhooks(loop_, config_, hears());
  for (std::size_t i = 0; i < kMaxPendingOfAlert + 2; ++i) webhooks.add(one, std::to_string(i));
  EXPECT_EQ(said_,
            "a failed: too many wait to be sent; the oldest is left out;"
            "a failed: too many wait to be sent; the oldest is left out;");
  EXPECT_EQ(webhooks.pending("a"), kMaxPendingOfAlert);
  EXPECT_EQ(webhooks.pending().front().body, "2");
  EXPECT_EQ(webhooks.pending("b"), 0u);
  webhooks.go();
  loop_.run();
  ASSERT_EQ(receiver_.requests().size(), kMaxPendingOfAlert);
  for (std::size_t i = 0; i < kMaxPendingOfAlert; ++i)
    EXPECT_EQ(receiver_.requests()[i].body, std::to_string(i + 2)) << "in their order";
}

TEST_F(WebhooksTest, OneThatIsSilentHoldsUpNoOther) {
  Receiver silent;
  silent.then("");
  alert("a", silent.url());
  for (const char* const name : {"b", "c", "d", "e", "f", "g"}) alert(name, receiver_.url());
  Webhooks webhooks(loop_, config_, hears());
  for (const AlertConfig& one : config_.alerts) webhooks.add(one, body_);
  webhooks.go();
  for (int i = 0; i < 1000 && webhooks.pending().size() > 1; ++i) {
    loop_.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(receiver_.requests().size(), 6u);
  ASSERT_EQ(webhooks.pending().size(), 1u);
  EXPECT_EQ(webhooks.pending()[0].alert, "a");
  config_.alerts.clear();
  webhooks.configure(config_);
  EXPECT_TRUE(webhooks.pending().empty()) << "nobody asks for it any more";
}

TEST_F(WebhooksTest, FourAtOnce) {
  std::array<Receiver, 6> silent;
  for (std::size_t i = 0; i < silent.size(); ++i) {
    silent[i].then("");
    alert(std::string(1, static_cast<char>('a' + i)), silent[i].url());
  }
  Webhooks webhooks(loop_, config_, hears());
  for (const AlertConfig& one : config_.alerts) webhooks.add(one, body_);
  webhooks.go();
  const auto asked = [&] {
    return std::count_if(silent.begin(), silent.end(),
                         [](Receiver& one) { return !one.requests().empty(); });
  };
  for (int i = 0; i < 100 && (i < 50 || asked() < 4); ++i) {
    loop_.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(asked(), 4);
  EXPECT_EQ(webhooks.pending().size(), 6u);
}

TEST_F(WebhooksTest, ASecretOthersCanReadSignsNothing) {
  test::TempDir dir;
  const std::string path = dir.path("secret");
  std::ofstream(path) << "from a file\n";
  alert("a", receiver_.url()).webhook.secret_file = path;
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(send(Webhooks::Tries::one), "a failed: " + path + ": others can read it; chmod 600;");
  EXPECT_TRUE(receiver_.requests().empty());
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(send(Webhooks::Tries::one), "a told;");
  const auto request = receiver_.requests()[0];
  EXPECT_EQ(
      request.header("X-Shmeter-Signature"),
      "sha256=" + *hmac_sha256("from a file", request.header("X-Shmeter-Timestamp") + '.' + body_));
  config_.alerts[0].webhook.secret_file = dir.path("none");
  EXPECT_THAT(send(Webhooks::Tries::one), HasSubstr("is no small file of yours"));
}

}  // namespace
}  // namespace shmeter::collector
