// SPDX-License-Identifier: MIT
// What is published is what is read, by both readers, by every function of a slot.
#include "shm/reader.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <thread>

#include "sample.hpp"
#include "shm/image.hpp"
#include "shm/publisher.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Copied;
using test::Sample;
using test::TempDir;

/// A region with a writer over it.
struct Fixture {
  explicit Fixture(u32 capacity, const Picture& first = Picture{}) {
    Failure why;
    lock = WriterLock::take(dir.path(), why);
    if (lock) publisher = Publisher::open(*lock, capacity, first, "9.8.7", why);
    EXPECT_TRUE(publisher) << why.message;
  }
  TempDir dir;
  std::optional<WriterLock> lock;
  std::optional<Publisher> publisher;
};

TEST(Reader, BothReadEveryPictureWhole) {
  Fixture at(40);
  FileReader file;
  MappedReader mapped;
  ASSERT_EQ(file.open(at.dir.region().c_str(), false), Opened::ok);
  ASSERT_EQ(mapped.open(at.dir.region().c_str(), false), Opened::ok);
  EXPECT_EQ(file.snapshot([](FileSlot& slot) { return slot.sequence() == 1; }), Opened::ok);
  for (u64 n = 0; n < 200; ++n) {
    SCOPED_TRACE(n);
    const Sample sample(n, 40);
    at.publisher->publish(sample.picture());
    const std::size_t text = sample.picture().format_text.size();
    Copied got;
    ASSERT_EQ(file.snapshot([&](FileSlot& slot) { return copy_all(slot, got, text); }), Opened::ok);
    EXPECT_TRUE(is_whole(got, sample.picture()));
    EXPECT_EQ(got.summary.sequence, at.publisher->sequence());
    ASSERT_EQ(mapped.snapshot([&](FileSlot& slot) { return copy_all(slot, got, text); }),
              Opened::ok);
    EXPECT_TRUE(is_whole(got, sample.picture()));
    ASSERT_EQ(mapped.snapshot_in_place([&](MappedSlot& slot) { return copy_all(slot, got, text); }),
              Opened::ok);
    EXPECT_TRUE(is_whole(got, sample.picture()));
    EXPECT_EQ(mapped.head(), at.publisher->sequence());
  }
}

TEST(Reader, RecordsThatAreNotThere) {
  const Sample sample(8, 40);  // 0 models, 40 * n % 41 sessions
  Fixture at(40, sample.picture());
  FileReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  const auto refused = [&](auto&& read) {
    bool answer = true;
    EXPECT_EQ(reader.snapshot([&](FileSlot& slot) {
      answer = read(slot);
      return true;
    }),
              Opened::ok);
    return !answer;
  };
  const auto sessions = static_cast<u32>(sample.picture().sessions.size());
  Session session;
  Account account;
  Model model;
  std::array<Format, 4> formats_read;
  char byte = 0;
  u32 position = 0;
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.session(sessions, session); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.sessions(1, sessions, &session); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.sessions(0xffffffff, 2, &session); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.account(8, account); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.model(0, model); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.formats(3, formats_read.data()); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.format_text(kFormatTextBytes, 1, &byte); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.format_text(~u64{0}, 2, &byte); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.find_session("", position); }));
  EXPECT_TRUE(refused([&](FileSlot& s) { return s.find_session("nobody", position); }));
  EXPECT_TRUE(refused(
      [&](FileSlot& s) { return s.find_session(std::string(kIdBytes + 1, 'a'), position); }));
}

TEST(Reader, TextFromAnyOffset) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + ",";
  Picture picture;
  picture.format_text = text;
  Fixture at(1, picture);
  MappedReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  for (std::size_t offset = 0; offset < 20; ++offset)
    for (std::size_t n = 0; n < 40; ++n) {
      std::string a(n, '?');
      std::string b(n, '?');
      EXPECT_EQ(reader.snapshot([&](FileSlot& s) { return s.format_text(offset, n, a.data()); }),
                Opened::ok);
      EXPECT_EQ(reader.snapshot_in_place(
                    [&](MappedSlot& s) { return s.format_text(offset, n, b.data()); }),
                Opened::ok);
      EXPECT_EQ(a, text.substr(offset, n));
      EXPECT_EQ(b, a);
    }
}

/// Every id of a set is found where it stands, and what is near them is not.
void expect_found(const std::vector<std::string>& ids) {
  std::vector<Session> sessions(ids.size());
  std::vector<const Session*> pointers;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    sessions[i].session_id.assign(ids[i]);
    sessions[i].messages = static_cast<i64>(i);
    pointers.push_back(&sessions[i]);
  }
  Picture picture;
  picture.sessions = pointers;
  Fixture at(static_cast<u32>(ids.size()), picture);
  MappedReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  const auto look = [&](auto& slot) {
    Session found;
    u32 position = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      EXPECT_TRUE(slot.find_session(ids[i], found, position)) << ids[i];
      EXPECT_EQ(position, i);
      EXPECT_EQ(found.messages, static_cast<i64>(i));
      EXPECT_FALSE(slot.find_session(ids[i] + "!", position));
      EXPECT_FALSE(slot.find_session(ids[i].substr(1), position));
    }
    for (const char* other : {"0", "zzzzzzzzzzzz", "80000000-", "A"})
      EXPECT_FALSE(slot.find_session(other, position));
    return true;
  };
  EXPECT_EQ(reader.snapshot([&](FileSlot& slot) { return look(slot); }), Opened::ok);
  EXPECT_EQ(reader.snapshot_in_place([&](MappedSlot& slot) { return look(slot); }), Opened::ok);
}

TEST(Reader, FindsSessionsAmongRandomIds) {
  for (const u64 count : {0u, 1u, 2u, 3u, 127u, 128u, 129u, 300u, 1024u}) {
    SCOPED_TRACE(count);
    std::vector<std::string> ids;
    for (u64 i = 0; i < count; ++i)
      ids.push_back(test::hex16(test::mix(count, i)) + "-" + test::hex16(i));
    expect_found(ids);
  }
}

TEST(Reader, FindsSessionsAmongLikeIds) {
  std::vector<std::string> ids;
  for (int i = 0; i < 400; ++i) ids.push_back("session-" + std::to_string(i * 7919 % 400));
  for (int i = 0; i < 100; ++i) ids.push_back("short" + std::to_string(i));
  ids.push_back("s");
  expect_found(ids);
}

TEST(Reader, WhatExceedsACapacityIsLeftOut) {
  const Sample sample(9, 40);
  std::vector<Account> accounts(20);
  Picture picture = sample.picture();
  picture.accounts = accounts;
  const std::string text(kFormatTextBytes + 100, 't');
  const Format formats[] = {{{}, 0, 10}, {{}, kFormatTextBytes, 1}, {{}, 5, ~u64{0}}, {{}, 1, 2}};
  picture.format_text = text;
  picture.formats = formats;
  Fixture at(2, picture);
  FileReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  Summary summary;
  Session session;
  std::array<Format, 4> formats_read;
  ASSERT_EQ(reader.snapshot([&](FileSlot& slot) {
    return slot.summary(summary) && slot.session(0, session) &&
           slot.formats(2, formats_read.data());
  }),
            Opened::ok);
  EXPECT_EQ(summary.accounts, i64{kAccounts});
  EXPECT_EQ(summary.sessions, 2);
  EXPECT_EQ(session, *picture.sessions[0]) << "the newest stay";
  EXPECT_EQ(summary.formats, 2);
  EXPECT_EQ(formats_read[1].offset, 1u);
}

TEST(Reader, ACopyThatGivesUpIsCorrupt) {
  Fixture at(1);
  FileReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  EXPECT_EQ(reader.snapshot([](FileSlot&) { return false; }), Opened::corrupt);
}

TEST(Reader, ACopyThatIsOverwrittenIsDoneAgain) {
  Fixture at(1);
  FileReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  for (const u64 during : {0u, 3u, 4u, 9u}) {
    SCOPED_TRACE(during);
    int copies = 0;
    u64 number = 0;
    const u64 before = at.publisher->sequence();
    EXPECT_EQ(reader.snapshot([&](FileSlot& slot) {
      number = slot.sequence();
      for (u64 i = 0; copies == 0 && i < during; ++i) at.publisher->publish(Picture{});
      ++copies;
      return true;
    }),
              Opened::ok);
    EXPECT_EQ(copies, during < kSlots ? 1 : 2);
    EXPECT_EQ(number, during < kSlots ? before : before + during);
  }
}

TEST(Reader, GivesUpOnARingThatNeverStands) {
  Fixture at(1);
  FileReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  u32 copies = 0;
  EXPECT_EQ(reader.snapshot([&](FileSlot&) {
    for (u32 i = 0; i < kSlots; ++i) at.publisher->publish(Picture{});
    ++copies;
    return true;
  }),
            Opened::corrupt);
  EXPECT_EQ(copies, kMaxTries);
}

TEST(Liveness, TellsTheStatesApart) {
  Fixture at(1);
  FileReader reader;
  const std::string path = at.dir.region();
  const auto now = [&] {
    EXPECT_TRUE(reader.refresh());
    return reader.liveness();
  };
  const auto set_heartbeat = [&](i64 ns) {
    const int fd = ::open(path.c_str(), O_WRONLY);
    EXPECT_EQ(::pwrite(fd, &ns, 8, kLiveOffset + offsetof(Live, heartbeat_ns)), 8);
    ::close(fd);
  };
  ASSERT_EQ(reader.open(path.c_str(), false), Opened::ok);
  EXPECT_EQ(reader.writer_version(), "9.8.7");
  EXPECT_EQ(reader.writer_pid(), static_cast<u64>(::getpid()));
  EXPECT_EQ(now(), Liveness::live);
  set_heartbeat(os::monotonic_ns() - kWedgedAfter_ns + 5'000'000'000);
  EXPECT_EQ(now(), Liveness::live);
  set_heartbeat(os::monotonic_ns() - kWedgedAfter_ns - 1);
  EXPECT_EQ(now(), Liveness::wedged);
  EXPECT_GT(reader.heartbeat_age_ns(), kWedgedAfter_ns);
  set_heartbeat(os::monotonic_ns() + 3600'000'000'000);  // another boot
  EXPECT_EQ(now(), Liveness::live);
  EXPECT_EQ(reader.heartbeat_age_ns(), kUnknown);
  for (const i64 odd : {i64{0}, i64{-1}, kUnknown, i64{0x7fffffffffffffff}}) {
    set_heartbeat(odd);
    EXPECT_NE(now(), Liveness::superseded) << odd;
  }
  EXPECT_EQ(at.publisher->heartbeat(), Publisher::Beat::fine);
  EXPECT_EQ(now(), Liveness::live);
  at.publisher->stop();
  EXPECT_EQ(now(), Liveness::stale);
  at.publisher.reset();
  EXPECT_EQ(now(), Liveness::stale);
}

TEST(Liveness, AFreeLockIsAStalePicture) {
  Fixture at(1, Sample(3, 1).picture());
  FileReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  at.publisher.reset();  // as the kernel does when it dies: state still says running
  Copied got;
  EXPECT_EQ(reader.snapshot([&](FileSlot& slot) { return copy_all(slot, got); }), Opened::ok);
  EXPECT_EQ(reader.liveness(), Liveness::stale);
}

TEST(Watch, WakesOnAPublicationAndOnTheEnd) {
  Fixture at(1);
  MappedReader reader;
  ASSERT_EQ(reader.open(at.dir.region().c_str(), false), Opened::ok);
  const i64 far = os::monotonic_ns() + 60'000'000'000;
  u32 seen = reader.notify();
  std::thread waiter([&] { EXPECT_EQ(reader.wait(seen, far), 0); });
  at.publisher->publish(Picture{});
  waiter.join();
  EXPECT_NE(reader.notify(), seen);
  EXPECT_EQ(reader.wait(seen, far), 0) << "changed already: returns at once";
  seen = reader.notify();
  EXPECT_EQ(at.publisher->heartbeat(), Publisher::Beat::fine);
  EXPECT_EQ(reader.notify(), seen) << "a heartbeat wakes nobody";
  EXPECT_EQ(reader.wait(seen, os::monotonic_ns() + 1'000'000), -ETIMEDOUT);
  at.publisher->stop();
  EXPECT_NE(reader.notify(), seen);
}

TEST(Watch, NoticesThatThePathLeadsElsewhere) {
  Fixture at(1);
  MappedReader reader;
  const std::string path = at.dir.region();
  ASSERT_EQ(reader.open(path.c_str(), false), Opened::ok);
  EXPECT_TRUE(reader.path_still_ours(path.c_str()));
  EXPECT_TRUE(reader.intact());
  ASSERT_EQ(::rename(path.c_str(), (path + ".old").c_str()), 0);
  EXPECT_FALSE(reader.path_still_ours(path.c_str()));
  std::ofstream(path) << "another";
  EXPECT_FALSE(reader.path_still_ours(path.c_str()));
  EXPECT_TRUE(reader.path_still_ours((path + ".old").c_str()));
}

TEST(Watch, SurvivesAFileCutShortUnderIt) {
  Fixture at(4, Sample(3, 4).picture());
  MappedReader reader;
  const std::string path = at.dir.region();
  ASSERT_EQ(reader.open(path.c_str(), false), Opened::ok);
  const off_t whole = static_cast<off_t>(plan_header(4).file_bytes);
  for (const off_t size :
       {whole - 4096, off_t{8192}, off_t{4096}, off_t{1024}, off_t{513}, off_t{0}}) {
    SCOPED_TRACE(size);
    Copied got;
    u32 tries = 0;
    // Cut while the copy is under way, after the live words have been read.
    const Opened state = reader.snapshot([&](FileSlot& slot) {
      if (tries++ == 0) {
        EXPECT_EQ(::truncate(path.c_str(), size), 0);
      }
      return copy_all(slot, got);
    });
    EXPECT_TRUE(state == Opened::ok || state == Opened::corrupt);
    EXPECT_FALSE(reader.intact());
    EXPECT_FALSE(reader.path_still_ours(path.c_str()));
    const u32 seen = reader.notify();
    const long woken = reader.wait(seen, os::monotonic_ns() + 1'000'000);
    EXPECT_TRUE(woken == 0 || woken == -ETIMEDOUT || woken == -EFAULT) << woken;
    (void)reader.liveness();
  }
  EXPECT_EQ(reader.liveness(), Liveness::superseded);
}

}  // namespace
}  // namespace shmeter::shm
