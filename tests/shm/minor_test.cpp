// SPDX-License-Identifier: MIT
// Readers and writers of different layout minors. data/region.minor-N.gz was published by the
// writer of that minor itself: Sample(2, 5), after another, with room for five sessions.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <array>
#include <fstream>
#include <map>
#include <sstream>

#include "old_reader.hpp"
#include "sample.hpp"
#include "shm/publisher.hpp"
#include "shm/reader.hpp"
#include "shm/schema.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Copied;
using test::Sample;
using test::TempDir;

struct Minor {
  u32 number;
  u32 summary_bytes, account_bytes;  // the others never grew
};
void PrintTo(const Minor& minor, std::ostream* out) { *out << minor.number; }
constexpr Minor kMinors[] = {{0, 592, 1112}, {1, 592, 1120}, {2, 736, 1120}};
constexpr u32 kModelBytes_0 = 112, kSessionBytes_0 = 840, kFormatBytes_0 = 32;

std::string kept_region(u32 minor) {
  const std::string path =
      std::string(SHMETER_KEPT_REGIONS) + "/region.minor-" + std::to_string(minor) + ".gz";
  std::string bytes;
  const gzFile file = ::gzopen(path.c_str(), "rb");
  if (file == nullptr) return bytes;
  std::array<char, 65536> some;
  for (int n = 0; (n = ::gzread(file, some.data(), some.size())) > 0;)
    bytes.append(some.data(), static_cast<std::size_t>(n));
  ::gzclose(file);
  return bytes;
}

void write_region(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
}

/// The record as a writer of so many bytes leaves it: what it does not have is unknown.
template <class Record>
Record front(const Record& record, u32 bytes) {
  Record cut;
  std::memcpy(&cut, &record, bytes);
  return cut;
}

/// "type at offset, size" of every field, by its section and name.
std::map<std::string, std::string> fields_of(std::istream& schema) {
  std::map<std::string, std::string> fields;
  for (std::string line; std::getline(schema, line);) {
    std::istringstream cells(line);
    std::string section, name, type, offset, size;
    std::getline(cells, section, '\t');
    std::getline(cells, name, '\t');
    std::getline(cells, type, '\t');
    std::getline(cells, offset, '\t');
    std::getline(cells, size, '\t');
    fields[section + "." + name] = type + " at " + offset + ", " + size;
  }
  return fields;
}

class KeptRegion : public testing::TestWithParam<Minor> {
 protected:
  KeptRegion() { write_region(dir_.region(), bytes_); }

  TempDir dir_;
  const std::string bytes_ = kept_region(GetParam().number);
  const Sample sample_{2, 5};
};

TEST_P(KeptRegion, IsReadByTodaysReaders) {
  const Picture& want = sample_.picture();
  FileReader reader;
  ASSERT_EQ(reader.open(dir_.region().c_str(), false), Opened::ok);
  EXPECT_EQ(reader.header().layout_minor, GetParam().number);
  EXPECT_EQ(reader.header().summary.record_bytes, GetParam().summary_bytes);
  EXPECT_EQ(reader.header().accounts.record_bytes, GetParam().account_bytes);
  EXPECT_EQ(reader.liveness(), Liveness::stale);
  MappedReader mapped;
  ASSERT_EQ(mapped.open(dir_.region().c_str(), false), Opened::ok);
  for (const bool in_place : {false, true}) {
    SCOPED_TRACE(in_place);
    Copied got;
    const auto copy = [&](auto& slot) {
      for (u32 i = 0; i < want.sessions.size(); ++i) {
        u32 position = 9;
        EXPECT_TRUE(slot.find_session(want.sessions[i]->session_id.view(), position));
        EXPECT_EQ(position, i);
      }
      return copy_all(slot, got, want.format_text.size());
    };
    ASSERT_EQ(in_place ? mapped.snapshot_in_place(copy) : reader.snapshot(copy), Opened::ok);
    Summary summary = front(want.summary, GetParam().summary_bytes);
    summary.sequence = 2;
    summary.checksum = got.summary.checksum;
    summary.accounts = summary.models = summary.formats = 2;
    summary.sessions = 4;
    EXPECT_EQ(got.summary, summary);
    EXPECT_EQ(got.first_account, front(want.accounts[0], GetParam().account_bytes));
    ASSERT_EQ(got.accounts.size(), 2u);
    EXPECT_EQ(got.accounts[1], front(want.accounts[1], GetParam().account_bytes));
    ASSERT_EQ(got.models.size(), 2u);
    EXPECT_EQ(got.models[1], want.models[1]);
    ASSERT_EQ(got.sessions.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(got.sessions[i], *want.sessions[i]) << i;
    ASSERT_EQ(got.formats.size(), 2u);
    EXPECT_EQ(got.formats[1], want.formats[1]);
    EXPECT_EQ(got.text, want.format_text);
  }
}

/// What its writer said of its fields still holds: none has moved or become something else.
TEST_P(KeptRegion, HasItsFieldsWhereTodaysAre) {
  Header header;
  ASSERT_GE(bytes_.size(), sizeof header);
  std::memcpy(&header, bytes_.data(), sizeof header);
  std::istringstream then(bytes_.substr(header.schema_offset, header.schema_bytes));
  std::istringstream now(schema_text());
  const std::map<std::string, std::string> fields = fields_of(then);
  std::map<std::string, std::string> todays = fields_of(now);
  if (GetParam().number == kLayoutMinor) {
    EXPECT_EQ(fields, todays) << "what is appended raises kLayoutMinor";
  }
  EXPECT_GE(fields.size(), 264u) << "those of minor 0";
  for (const auto& [name, place] : fields) EXPECT_EQ(todays[name], place) << name;
}

/// The reader of minor 0 finds in it what it knows, to the byte.
void expect_old_reader_reads(const std::string& path, const Picture& want) {
  OldPicture got;
  ASSERT_EQ(read_as_minor_0(path.c_str(), got), 0);
  const auto same = [](const std::string& a, const auto& b, std::size_t bytes) {
    return a.size() == bytes && std::memcmp(a.data(), &b, bytes) == 0;
  };
  const std::size_t all = offsetof(Summary, all);  // behind the counts
  ASSERT_EQ(got.summary.size(), kMinors[0].summary_bytes);
  EXPECT_TRUE(same(got.summary.substr(all), want.summary.all, kMinors[0].summary_bytes - all));
  ASSERT_EQ(got.accounts.size(), want.accounts.size());
  ASSERT_EQ(got.models.size(), want.models.size());
  ASSERT_EQ(got.sessions.size(), want.sessions.size());
  ASSERT_EQ(got.formats.size(), want.formats.size());
  for (std::size_t i = 0; i < got.accounts.size(); ++i)
    EXPECT_TRUE(same(got.accounts[i], want.accounts[i], kMinors[0].account_bytes)) << i;
  for (std::size_t i = 0; i < got.models.size(); ++i)
    EXPECT_TRUE(same(got.models[i], want.models[i], kModelBytes_0)) << i;
  for (std::size_t i = 0; i < got.sessions.size(); ++i)
    EXPECT_TRUE(same(got.sessions[i], *want.sessions[i], kSessionBytes_0)) << i;
  for (std::size_t i = 0; i < got.formats.size(); ++i)
    EXPECT_TRUE(same(got.formats[i], want.formats[i], kFormatBytes_0)) << i;
  EXPECT_TRUE(want.format_text.starts_with(got.format_text));
}

TEST_P(KeptRegion, IsReadByTheOldReader) {
  expect_old_reader_reads(dir_.region(), sample_.picture());
}

/// A collector that is updated: another layout is another file, and the numbers go on.
TEST_P(KeptRegion, IsTakenOverOrReplacedByTodaysWriter) {
  Failure why;
  std::optional<WriterLock> lock = WriterLock::take(dir_.path(), why);
  ASSERT_TRUE(lock) << why.message;
  const Sample next(7, 5);
  std::optional<Publisher> publisher = Publisher::open(*lock, 5, next.picture(), "0.1.0", why);
  ASSERT_TRUE(publisher) << why.message;
  EXPECT_EQ(publisher->sequence(), 3u);
  FileReader reader;
  ASSERT_EQ(reader.open(dir_.region().c_str(), false), Opened::ok);
  EXPECT_EQ(reader.header().layout_minor, kLayoutMinor);
  expect_old_reader_reads(dir_.region(), next.picture());
}

INSTANTIATE_TEST_SUITE_P(Minor, KeptRegion, testing::ValuesIn(kMinors),
                         [](const auto& one) { return std::to_string(one.param.number); });

TEST(Minor, OneRegionIsKeptOfEach) {
  EXPECT_EQ(std::size(kMinors), kLayoutMinor + 1)
      << "keep a region of the new minor: what its writer leaves after Sample(1, 5), Sample(2, 5)";
}

TEST(Minor, TheOldReaderReadsWhateverTodaysWriterPublishes) {
  const TempDir dir;
  Failure why;
  std::optional<WriterLock> lock = WriterLock::take(dir.path(), why);
  ASSERT_TRUE(lock) << why.message;
  std::optional<Publisher> publisher = Publisher::open(*lock, 40, Picture{}, "0.1.0", why);
  ASSERT_TRUE(publisher) << why.message;
  for (u64 n = 0; n < 100; ++n) {
    SCOPED_TRACE(n);
    const Sample sample(n, 40);
    publisher->publish(sample.picture());
    expect_old_reader_reads(dir.region(), sample.picture());
  }
}

}  // namespace
}  // namespace shmeter::shm
