// SPDX-License-Identifier: MIT
// libshmeter, through its header alone: what was published is what a C caller gets, of one
// publication, whatever the sizes that caller was compiled with; and what is not a region is a
// reason.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <shmeter/shmeter.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "sample.hpp"
#include "shm/image.hpp"
#include "shm/location.hpp"
#include "shm/publisher.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Sample;
using test::TempDir;

struct Close {
  void operator()(shmeter_handle* handle) const { shmeter_close(handle); }
};
using Handle = std::unique_ptr<shmeter_handle, Close>;

/// Same bytes?
template <class InC, class Ours>
bool same(const InC& a, const Ours& b) {
  static_assert(sizeof a == sizeof b);
  return std::memcmp(&a, &b, sizeof a) == 0;
}

class CApi : public testing::Test {
 protected:
  CApi() { ::setenv("SHMETER_RUNTIME_DIR", dir_.path().c_str(), 1); }
  ~CApi() override { ::unsetenv("SHMETER_RUNTIME_DIR"); }

  void start(u32 capacity, const Picture& first = Picture{}) {
    Failure why;
    lock_ = WriterLock::take(dir_.path(), why);
    ASSERT_TRUE(lock_) << why.message;
    publisher_ = Publisher::open(*lock_, capacity, first, "1.2.3", why);
    ASSERT_TRUE(publisher_) << why.message;
  }
  /// As a killed collector does.
  void leave() {
    publisher_.reset();
    lock_.reset();
  }
  static int why_not(const char* path = nullptr) {
    int why = SHMETER_OK;
    const Handle handle(shmeter_open(path, &why));
    EXPECT_EQ(handle == nullptr, why != SHMETER_OK);
    return why;
  }

  TempDir dir_;
  std::optional<WriterLock> lock_;
  std::optional<Publisher> publisher_;
};

TEST_F(CApi, EverySnapshotIsOnePublicationWhole) {
  start(40);
  const Handle handle(shmeter_open(nullptr, nullptr));
  ASSERT_TRUE(handle);
  for (u64 n = 0; n < 100; ++n) {
    SCOPED_TRACE(n);
    const Sample sample(n, 40);
    const Picture& want = sample.picture();
    publisher_->publish(want);
    shmeter_summary summary;
    ASSERT_EQ(shmeter_snapshot(handle.get(), &summary, sizeof summary), SHMETER_OK);
    publisher_->publish(Picture{});  // changes nothing in what the handle holds
    EXPECT_EQ(summary.sequence, publisher_->sequence() - 1);
    EXPECT_EQ(summary.published_at_ms, static_cast<i64>(n));
    ASSERT_EQ(summary.sessions, static_cast<i64>(want.sessions.size()));
    ASSERT_EQ(summary.accounts, static_cast<i64>(want.accounts.size()));
    ASSERT_EQ(summary.models, static_cast<i64>(want.models.size()));
    EXPECT_TRUE(same(summary.fleet, want.summary.fleet));
    shmeter_account account;
    for (u32 i = 0; i < want.accounts.size(); ++i) {
      ASSERT_EQ(shmeter_account_at(handle.get(), i, &account, sizeof account), SHMETER_OK);
      EXPECT_TRUE(same(account, want.accounts[i]));
    }
    shmeter_model model;
    for (u32 i = 0; i < want.models.size(); ++i) {
      ASSERT_EQ(shmeter_model_at(handle.get(), i, &model, sizeof model), SHMETER_OK);
      EXPECT_TRUE(same(model, want.models[i]));
    }
    shmeter_session session;
    for (u32 i = 0; i < want.sessions.size(); ++i) {
      ASSERT_EQ(shmeter_session_at(handle.get(), i, &session, sizeof session), SHMETER_OK);
      EXPECT_TRUE(same(session, *want.sessions[i]));
      const std::string id(want.sessions[i]->session_id.view());
      std::memset(&session, 0, sizeof session);
      ASSERT_EQ(shmeter_session_by_id(handle.get(), id.c_str(), &session, sizeof session),
                SHMETER_OK);
      EXPECT_TRUE(same(session, *want.sessions[i]));
    }
    const auto none = [](std::size_t count) { return static_cast<u32>(count); };
    EXPECT_EQ(
        shmeter_account_at(handle.get(), none(want.accounts.size()), &account, sizeof account),
        SHMETER_E_NO_RECORD);
    EXPECT_EQ(shmeter_model_at(handle.get(), none(want.models.size()), &model, sizeof model),
              SHMETER_E_NO_RECORD);
    EXPECT_EQ(
        shmeter_session_at(handle.get(), none(want.sessions.size()), &session, sizeof session),
        SHMETER_E_NO_RECORD);
    EXPECT_EQ(shmeter_session_by_id(handle.get(), "nobody", &session, sizeof session),
              SHMETER_E_NO_RECORD);
    EXPECT_EQ(shmeter_session_by_id(handle.get(), "", &session, sizeof session),
              SHMETER_E_NO_RECORD);
  }
}

/// A caller of another version: its records are shorter or longer than the library's.
TEST_F(CApi, RecordsAreAsLongAsTheCallerSays) {
  const Sample sample(7, 8);
  start(8, sample.picture());
  const Handle handle(shmeter_open(nullptr, nullptr));
  ASSERT_TRUE(handle);
  const Account& want = sample.picture().accounts[1];
  ASSERT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_OK);
  constexpr std::size_t kLongest = sizeof(shmeter_account) + 64;
  for (std::size_t bytes = 8; bytes <= kLongest; bytes += 8) {
    SCOPED_TRACE(bytes);
    alignas(8) char out[kLongest + 8];
    std::memset(out, 0x5a, sizeof out);
    ASSERT_EQ(shmeter_account_at(handle.get(), 1, reinterpret_cast<shmeter_account*>(out), bytes),
              SHMETER_OK);
    const std::size_t known = std::min(bytes, sizeof want);
    EXPECT_EQ(std::memcmp(out, &want, known), 0);
    for (std::size_t at = known; at < bytes; at += 8) {
      i64 word = 0;
      std::memcpy(&word, out + at, 8);
      EXPECT_EQ(word, SHMETER_UNKNOWN) << at;
      EXPECT_STREQ(out + at, "") << "and no text, where it is one";
    }
    for (std::size_t at = bytes; at < sizeof out; ++at) ASSERT_EQ(out[at], 0x5a) << at;
  }
  shmeter_account account;
  for (const std::size_t odd : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{12},
                                sizeof account + 4, ~std::size_t{0}})
    EXPECT_EQ(shmeter_account_at(handle.get(), 1, &account, odd), SHMETER_E_INVALID) << odd;
  alignas(8) char front[592];
  ASSERT_EQ(shmeter_snapshot(handle.get(), reinterpret_cast<shmeter_summary*>(front), sizeof front),
            SHMETER_OK)
      << "the summary of minor 0";
  EXPECT_EQ(std::memcmp(front + 160, &sample.picture().summary.all, sizeof(Usage)), 0);
}

TEST_F(CApi, NothingIsBelievedOfTheCaller) {
  start(2);
  const Handle handle(shmeter_open(nullptr, nullptr));
  shmeter_summary summary;
  shmeter_session session;
  EXPECT_EQ(shmeter_session_at(handle.get(), 0, &session, sizeof session), SHMETER_E_NO_RECORD)
      << "no snapshot yet";
  EXPECT_EQ(shmeter_snapshot(nullptr, &summary, sizeof summary), SHMETER_E_INVALID);
  EXPECT_EQ(shmeter_snapshot(handle.get(), nullptr, 8), SHMETER_E_INVALID);
  EXPECT_EQ(shmeter_snapshot(handle.get(), &summary, 0), SHMETER_E_INVALID);
  EXPECT_EQ(shmeter_session_at(nullptr, 0, &session, sizeof session), SHMETER_E_INVALID);
  EXPECT_EQ(shmeter_session_by_id(handle.get(), nullptr, &session, sizeof session),
            SHMETER_E_INVALID);
  EXPECT_EQ(shmeter_wait(nullptr, 5), SHMETER_E_INVALID);
  EXPECT_EQ(shmeter_state(nullptr, nullptr), SHMETER_IS_ABSENT);
  shmeter_close(nullptr);
  EXPECT_EQ(why_not(""), SHMETER_E_INVALID);
  EXPECT_EQ(why_not(("/" + std::string(400, 'x')).c_str()), SHMETER_E_INVALID);
  for (int result = 5; result > -20; --result)
    EXPECT_GT(std::strlen(shmeter_error_text(result)), 9u);
  EXPECT_STREQ(shmeter_version(), SHMETER_VERSION);
}

TEST_F(CApi, StatesAndTheirAge) {
  Picture picture;
  picture.summary.completeness = SHMETER_COMPLETENESS_TODAY_ONLY;
  start(2, picture);
  const Handle handle(shmeter_open(nullptr, nullptr));
  int64_t age_s = 7;
  EXPECT_EQ(shmeter_state(handle.get(), &age_s), SHMETER_IS_ABSENT);
  EXPECT_EQ(age_s, SHMETER_UNKNOWN);
  const auto state = [&] {
    EXPECT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_OK);
    return shmeter_state(handle.get(), &age_s);
  };
  EXPECT_EQ(state(), SHMETER_IS_PARTIAL);
  EXPECT_EQ(age_s, 0);
  picture.summary.completeness = SHMETER_COMPLETENESS_COMPLETE;
  publisher_->publish(picture);
  EXPECT_EQ(state(), SHMETER_IS_LIVE);
  const i64 long_ago = os::monotonic_ns() - 40'000'000'000;
  const int fd = ::open(dir_.region().c_str(), O_WRONLY | O_CLOEXEC);
  EXPECT_EQ(::pwrite(fd, &long_ago, 8, kLiveOffset + offsetof(Live, heartbeat_ns)), 8);
  ::close(fd);
  EXPECT_EQ(state(), SHMETER_IS_WEDGED);
  EXPECT_GE(age_s, 40);
  leave();
  EXPECT_EQ(shmeter_state(handle.get(), nullptr), SHMETER_IS_STALE) << "asked anew";
  EXPECT_EQ(state(), SHMETER_IS_STALE) << "the last values stay";
  EXPECT_GE(age_s, 40);
  ASSERT_EQ(::unlink(dir_.region().c_str()), 0);
  EXPECT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_E_ABSENT);
  EXPECT_EQ(shmeter_state(handle.get(), &age_s), SHMETER_IS_ABSENT);
}

TEST_F(CApi, FollowsAnotherCollectorIntoALargerRegion) {
  start(2, Sample(1, 2).picture());
  const Handle handle(shmeter_open(nullptr, nullptr));
  ASSERT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_OK);
  leave();
  const Sample more(9, 50);
  start(50, more.picture());
  shmeter_summary summary;
  ASSERT_EQ(shmeter_snapshot(handle.get(), &summary, sizeof summary), SHMETER_OK);
  ASSERT_EQ(summary.sessions, 45);
  shmeter_session session;
  ASSERT_EQ(shmeter_session_at(handle.get(), 44, &session, sizeof session), SHMETER_OK);
  EXPECT_TRUE(same(session, *more.picture().sessions[44]));
}

TEST_F(CApi, WaitsForAPublicationOrTheTime) {
  start(2);
  const Handle handle(shmeter_open(nullptr, nullptr));
  constexpr int kLong_ms = 60'000;
  EXPECT_EQ(shmeter_wait(handle.get(), kLong_ms), 1) << "there is a picture that it has not seen";
  ASSERT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_OK);
  EXPECT_EQ(shmeter_wait(handle.get(), 1), 0);
  EXPECT_EQ(shmeter_wait(handle.get(), -1), 0);
  std::thread writer([this] { publisher_->publish(Picture{}); });
  EXPECT_EQ(shmeter_wait(handle.get(), kLong_ms), 1);
  writer.join();
  ASSERT_EQ(::truncate(dir_.region().c_str(), 0), 0);
  EXPECT_EQ(shmeter_wait(handle.get(), 1), 0) << "a word that is gone";
  EXPECT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_E_CORRUPT);
  EXPECT_EQ(shmeter_wait(handle.get(), 1), 0) << "no region at all";
}

TEST_F(CApi, WhatIsNoRegionIsAReason) {
  const std::string path = dir_.region();
  EXPECT_EQ(why_not(), SHMETER_E_ABSENT);
  EXPECT_EQ(why_not(path.c_str()), SHMETER_E_ABSENT);
  EXPECT_EQ(why_not(dir_.path().c_str()), SHMETER_E_FORBIDDEN);
  EXPECT_EQ(why_not("/dev/null"), SHMETER_E_FORBIDDEN);
  std::ofstream(path) << std::string(8192, 'x');
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(why_not(), SHMETER_E_CORRUPT);
  ASSERT_EQ(::truncate(path.c_str(), 100), 0);
  EXPECT_EQ(why_not(), SHMETER_E_CORRUPT);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  start(3, Sample(7, 3).picture());
  EXPECT_EQ(why_not(), SHMETER_OK);
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_EQ(why_not(), SHMETER_E_FORBIDDEN) << "others may write it";
  EXPECT_EQ(why_not(path.c_str()), SHMETER_OK) << "but this one was named";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    EXPECT_EQ(why_not(), SHMETER_E_FORBIDDEN);
    ASSERT_EQ(::chown(path.c_str(), 0, 0), 0);
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const u32 other = 2;
  EXPECT_EQ(::pwrite(fd, &other, 4, offsetof(Header, layout_major)), 4);
  EXPECT_EQ(why_not(), SHMETER_E_FOREIGN_VERSION);
  EXPECT_EQ(::pwrite(fd, &kLayoutMajor, 4, offsetof(Header, layout_major)), 4);
  EXPECT_EQ(why_not(), SHMETER_OK);
  ::close(fd);
}

/// Cut to any length after it was opened.
TEST_F(CApi, ARegionThatIsCutIsNeverACrash) {
  start(3, Sample(7, 3).picture());
  std::stringstream good;
  good << std::ifstream(dir_.region(), std::ios::binary).rdbuf();
  const std::string path = dir_ / "copy";
  const auto whole = static_cast<off_t>(good.str().size());
  for (off_t size = whole - 1; size > 0; size -= 1009) {
    SCOPED_TRACE(size);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << good.str();
    const Handle handle(shmeter_open(path.c_str(), nullptr));
    ASSERT_TRUE(handle);
    ASSERT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_OK);
    ASSERT_EQ(::truncate(path.c_str(), size), 0);
    EXPECT_EQ(shmeter_state(handle.get(), nullptr), SHMETER_IS_STALE);
    EXPECT_GE(shmeter_wait(handle.get(), 0), 0);
    EXPECT_EQ(shmeter_snapshot(handle.get(), nullptr, 0), SHMETER_E_CORRUPT);
  }
}

}  // namespace
}  // namespace shmeter::shm
