// SPDX-License-Identifier: MIT
// Regions that are not what they must be: each is refused by name, none is followed outside.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <random>

#include "sample.hpp"
#include "shm/geometry.hpp"
#include "shm/image.hpp"
#include "shm/reader.hpp"
#include "temp_dir.hpp"

namespace shmeter::shm {
namespace {

using test::Copied;
using test::Sample;
using test::TempDir;

/// The bytes of a good region with one picture.
std::vector<u64> good_words(const Header& plan, const Picture& picture) {
  std::vector<u64> words(plan.file_bytes / 8 + kPageBytes / 8);
  char* base = reinterpret_cast<char*>(words.data());
  Image image(base, plan);
  image.lay_out(0, "test");
  image.publish(picture);
  image.seal();
  words.resize(plan.file_bytes / 8);
  return words;
}

void write_file(const std::string& path, const void* bytes, std::size_t n) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(n));
  file.close();
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
}

/// What a reader that wants everything comes to.
Opened read_all(const std::string& path, Copied& out, bool any_owner = false) {
  FileReader reader;
  const Opened state = reader.open(path.c_str(), any_owner);
  if (state != Opened::ok) return state;
  (void)reader.liveness();
  return reader.snapshot([&](FileSlot& slot) {
    u32 position = 0;
    (void)slot.find_session("anything", position);
    return copy_all(slot, out);
  });
}

Opened read_all(const std::string& path) {
  Copied unwanted;
  return read_all(path, unwanted);
}

TEST(Broken, ByNameAndKind) {
  const TempDir dir;
  const std::string path = dir.region();
  const Header plan = plan_header(3);
  const std::vector<u64> good = good_words(plan, Sample(7, 3).picture());
  EXPECT_EQ(read_all(path), Opened::absent);
  EXPECT_EQ(read_all(dir / "no/such/region.1"), Opened::absent);
  write_file(path, good.data(), plan.file_bytes);
  EXPECT_EQ(read_all(path), Opened::ok);
  EXPECT_EQ(read_all(path + "/below"), Opened::absent);
  ASSERT_EQ(::symlink(path.c_str(), (dir / "link").c_str()), 0);
  EXPECT_EQ(read_all(dir / "link"), Opened::forbidden);
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_all(dir / "fifo"), Opened::forbidden);
  EXPECT_EQ(read_all(dir.path()), Opened::forbidden);
  EXPECT_EQ(read_all("/dev/null"), Opened::forbidden);
  for (const mode_t mode : {0620u, 0602u, 0666u}) {
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    EXPECT_EQ(read_all(path), Opened::forbidden) << mode;
  }
  Copied got;
  EXPECT_EQ(read_all(path, got, true), Opened::ok) << "the user named this file";
  ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(path.c_str(), 65534, 65534), 0);
    EXPECT_EQ(read_all(path), Opened::forbidden);
    EXPECT_EQ(read_all(path, got, true), Opened::ok);
  }
}

TEST(Broken, ShortAtEveryBoundary) {
  const TempDir dir;
  const std::string path = dir.region();
  const Header plan = plan_header(3);
  const std::vector<u64> good = good_words(plan, Sample(7, 3).picture());
  std::vector<u64> sizes{0,
                         1,
                         7,
                         8,
                         sizeof(Header),
                         kLiveOffset,
                         kHeaderBytes - 1,
                         kHeaderBytes,
                         plan.slots_offset,
                         plan.file_bytes - 1};
  for (u64 at = 0; at < plan.file_bytes; at += 1000) sizes.push_back(at);
  for (const u64 size : sizes) {
    write_file(path, good.data(), size);
    EXPECT_EQ(read_all(path), Opened::corrupt) << size;
  }
  const std::vector<char> nothing(plan.file_bytes);
  write_file(path, nothing.data(), nothing.size());
  EXPECT_EQ(read_all(path), Opened::not_ready);
}

TEST(Broken, Headers) {
  using Change = std::function<void(Header&)>;
  const u64 kHuge = ~u64{0};
  const struct {
    const char* name;
    Opened want;
    Change change;
  } rows[] = {
      {"good", Opened::ok, [](Header&) {}},
      {"magic not yet stored", Opened::not_ready, [](Header& h) { h.magic = 0; }},
      {"other magic", Opened::corrupt, [](Header& h) { h.magic += 1; }},
      {"other byte order", Opened::foreign_version,
       [](Header& h) { h.magic = __builtin_bswap64(h.magic); }},
      {"other endian mark", Opened::foreign_version, [](Header& h) { h.endian = 0x04030201; }},
      {"newer major", Opened::foreign_version, [](Header& h) { h.layout_major = 2; }},
      {"older major", Opened::foreign_version, [](Header& h) { h.layout_major = 0; }},
      {"minor that leaves us behind", Opened::foreign_version,
       [](Header& h) { h.layout_minor = h.layout_compat_minor = kLayoutMinor + 1; }},
      {"minor that does not", Opened::ok, [](Header& h) { h.layout_minor = 77; }},
      {"other slots", Opened::corrupt, [](Header& h) { h.slots = 3; }},
      {"short header", Opened::corrupt, [](Header& h) { h.header_bytes = 8; }},
      {"long header", Opened::corrupt, [](Header& h) { h.header_bytes = 600; }},
      {"file larger than it is", Opened::corrupt, [](Header& h) { h.file_bytes += 8; }},
      {"file huge", Opened::corrupt, [&](Header& h) { h.file_bytes = kHuge; }},
      {"schema outside", Opened::corrupt, [](Header& h) { h.schema_offset = h.slots_offset + 8; }},
      {"schema in the header", Opened::corrupt, [](Header& h) { h.schema_offset = 8; }},
      {"schema long", Opened::corrupt, [&](Header& h) { h.schema_bytes = kHuge; }},
      {"slots in the header", Opened::corrupt, [](Header& h) { h.slots_offset = 512; }},
      {"slots outside", Opened::corrupt, [](Header& h) { h.slots_offset = h.file_bytes + 8; }},
      {"slots far outside", Opened::corrupt, [&](Header& h) { h.slots_offset = kHuge - 7; }},
      {"slots crooked", Opened::corrupt, [](Header& h) { h.slots_offset += 4; }},
      {"slot stride long", Opened::corrupt, [](Header& h) { h.slot_stride += 8; }},
      {"slot stride wraps", Opened::corrupt, [](Header& h) { h.slot_stride = u64{1} << 62; }},
      {"slot stride crooked", Opened::corrupt, [](Header& h) { h.slot_stride -= 4; }},
      {"slot stride short", Opened::corrupt, [](Header& h) { h.slot_stride = 8; }},
      {"summary short", Opened::corrupt, [](Header& h) { h.summary.record_bytes = 584; }},
      {"two summaries", Opened::corrupt, [](Header& h) { h.summary.capacity = 2; }},
      {"index short", Opened::corrupt, [](Header& h) { h.index.record_bytes = 8; }},
      {"index smaller than sessions", Opened::corrupt, [](Header& h) { h.index.capacity = 1; }},
      {"text of words", Opened::corrupt, [](Header& h) { h.text.stride = 8; }},
      {"text long", Opened::corrupt, [](Header& h) { h.text.capacity = 0x7ffffff8; }},
      {"text crooked", Opened::corrupt, [](Header& h) { h.text.capacity -= 1; }},
      {"no sessions at all", Opened::corrupt, [](Header& h) { h.sessions.capacity = 0; }},
  };
  const TempDir dir;
  const Header plan = plan_header(3);
  const std::vector<u64> good = good_words(plan, Sample(7, 3).picture());
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    Header header = plan;
    row.change(header);
    std::vector<u64> words = good;
    std::memcpy(words.data(), &header, sizeof header);
    write_file(dir.region(), words.data(), plan.file_bytes);
    EXPECT_EQ(read_all(dir.region()), row.want);
  }
}

TEST(Broken, Sections) {
  const Header plan = plan_header(3);
  Section Header::*const kSections[] = {&Header::summary,  &Header::accounts, &Header::models,
                                        &Header::sessions, &Header::index,    &Header::formats};
  const std::function<void(Section&)> kChanges[] = {
      [](Section& s) { s.offset = ~u64{7}; },
      [](Section& s) { s.offset += 4; },
      [&](Section& s) { s.offset = plan.slot_stride; },
      [](Section& s) { s.stride = 0xfffffff8; },
      [](Section& s) { s.stride += 4; },
      [](Section& s) { s.stride -= 8; },  // shorter than the record
      [](Section& s) { s.record_bytes = 0; },
      [](Section& s) { s.record_bytes = 0xfffffff8; },
      [](Section& s) { s.record_bytes -= 1; },
      [](Section& s) { s.capacity = 0xffffffff; },
      [](Section& s) { s.stride = s.record_bytes = s.capacity = 0xfffffff8; },
  };
  for (Section Header::*const which : kSections) {
    for (const auto& change : kChanges) {
      Header header = plan;
      change(header.*which);
      EXPECT_EQ(check_header(header, plan.file_bytes), HeaderVerdict::corrupt)
          << &change - kChanges;
    }
  }
}

/// A slot in which one count or number is wrong, although its checksum is right.
TEST(Broken, Summaries) {
  const std::function<void(Summary&)> kChanges[] = {
      [](Summary& s) { s.sequence += kSlots; },      [](Summary& s) { s.sessions = 4; },
      [](Summary& s) { s.sessions = -1; },           [](Summary& s) { s.accounts = kUnknown; },
      [](Summary& s) { s.models = i64{1} << 40; },   [](Summary& s) { s.formats = kFormats + 1; },
      [](Summary& s) { s.accounts = kAccounts + 1; }};
  const TempDir dir;
  const Header plan = plan_header(3);
  const std::vector<u64> good = good_words(plan, Sample(7, 3).picture());
  const auto at = (plan.slots_offset + plan.slot_stride) / 8;  // picture 1
  for (const auto& change : kChanges) {
    std::vector<u64> words = good;
    Summary summary;
    load_words(&summary, &words[at], sizeof summary);
    change(summary);
    summary.checksum = summary_checksum(summary);
    std::memcpy(&words[at], &summary, sizeof summary);
    write_file(dir.region(), words.data(), plan.file_bytes);
    EXPECT_EQ(read_all(dir.region()), Opened::corrupt) << &change - kChanges;
  }
  std::vector<u64> words = good;
  words[at + 5] ^= 1;  // and one in which the checksum is not
  write_file(dir.region(), words.data(), plan.file_bytes);
  EXPECT_EQ(read_all(dir.region()), Opened::corrupt);
}

TEST(Broken, RingWords) {
  const struct {
    u64 begin, head;
    Opened want;
  } rows[] = {{1, 1, Opened::ok},
              {2, 1, Opened::ok},  // died while writing the second
              {4, 1, Opened::ok},  // no living writer does that; the slot is whole all the same
              {5, 1, Opened::corrupt},  // overwritten, and never again whole
              {0, 1, Opened::corrupt},
              {0, 0, Opened::not_ready},
              {~u64{0}, 1, Opened::corrupt},
              {~u64{0}, ~u64{0}, Opened::corrupt},
              {2, 2, Opened::corrupt}};  // slot 2 was never written
  const TempDir dir;
  const Header plan = plan_header(3);
  std::vector<u64> words = good_words(plan, Sample(7, 3).picture());
  for (const auto& row : rows) {
    words[kLiveOffset / 8] = row.begin;
    words[kLiveOffset / 8 + 1] = row.head;
    write_file(dir.region(), words.data(), plan.file_bytes);
    EXPECT_EQ(read_all(dir.region()), row.want) << row.begin << " " << row.head;
  }
}

/// The file of another minor: every record of `records` bytes in place of ours.
std::vector<u64> of_another_minor(const std::vector<u64>& good, const Header& plan, Header& other,
                                  int grown) {
  other = plan;
  other.layout_minor = grown > 0 ? kLayoutMinor + 1 : kLayoutMinor;
  u64 end = 0;
  for (Section Header::*const which :
       {&Header::summary, &Header::accounts, &Header::models, &Header::formats, &Header::index,
        &Header::text, &Header::sessions}) {
    Section& section = other.*which;
    section.offset = end;
    if (which != &Header::text && !(which == &Header::summary && grown < 0) &&
        !(which == &Header::index && grown < 0)) {
      section.stride = static_cast<u32>(static_cast<int>(section.stride) + grown);
      section.record_bytes = section.stride;
    }
    end += u64{section.stride} * section.capacity;
  }
  other.slot_stride = (end + 4095) / 4096 * 4096;
  other.file_bytes = other.slots_offset + kSlots * other.slot_stride;
  std::vector<u64> words(other.file_bytes / 8, 0x7777777777777777u);  // the fields we do not know
  std::memcpy(words.data(), good.data(), plan.slots_offset);
  std::memcpy(words.data(), &other, sizeof other);
  const char* from =
      reinterpret_cast<const char*>(good.data()) + plan.slots_offset + plan.slot_stride;
  char* to = reinterpret_cast<char*>(words.data()) + other.slots_offset + other.slot_stride;
  for (Section Header::*const which :
       {&Header::summary, &Header::accounts, &Header::models, &Header::formats, &Header::index,
        &Header::text, &Header::sessions}) {
    const Section& a = plan.*which;
    const Section& b = other.*which;
    for (u32 i = 0; i < a.capacity; ++i)
      std::memcpy(to + b.offset + u64{i} * b.stride, from + a.offset + u64{i} * a.stride,
                  std::min(a.record_bytes, b.record_bytes));
  }
  return words;
}

TEST(Minor, LongerRecordsAreReadAsFarAsWeKnowThem) {
  const TempDir dir;
  const Header plan = plan_header(30);
  const Sample sample(7, 30);
  Header other;
  const std::vector<u64> words =
      of_another_minor(good_words(plan, sample.picture()), plan, other, 24);
  write_file(dir.region(), words.data(), other.file_bytes);
  Copied got;
  ASSERT_EQ(read_all(dir.region(), got), Opened::ok);
  EXPECT_TRUE(is_whole(got, sample.picture()));
  FileReader reader;
  ASSERT_EQ(reader.open(dir.region().c_str(), false), Opened::ok);
  EXPECT_EQ(reader.snapshot([&](FileSlot& slot) {
    u32 position = 0;
    for (u32 i = 0; i < sample.picture().sessions.size(); ++i)
      EXPECT_TRUE(slot.find_session(sample.picture().sessions[i]->session_id.view(), position) &&
                  position == i);
    return true;
  }),
            Opened::ok);
}

TEST(Minor, ShorterRecordsLeaveTheRestUnknown) {
  const TempDir dir;
  const Header plan = plan_header(30);
  const Sample sample(7, 30);
  Header other;
  const std::vector<u64> words =
      of_another_minor(good_words(plan, sample.picture()), plan, other, -16);
  write_file(dir.region(), words.data(), other.file_bytes);
  Copied got;
  ASSERT_EQ(read_all(dir.region(), got), Opened::ok);
  const Session& want = *sample.picture().sessions[2];
  EXPECT_EQ(got.sessions[2].rate_limit_reset_s, want.rate_limit_reset_s);
  EXPECT_TRUE(got.sessions[2].pane.empty());
  EXPECT_EQ(got.accounts[1].health_ppm, sample.picture().accounts[1].health_ppm);
  EXPECT_EQ(got.accounts[1].input_tokens_limit, sample.picture().accounts[1].input_tokens_limit);
  EXPECT_EQ(got.accounts[1].weekly_unpriced_tokens, kUnknown);
  EXPECT_EQ(got.first_account.weekly_unpriced_tokens, kUnknown);
  EXPECT_EQ(got.models[0].usage.cost_nanousd, kUnknown);
}

/// Any bytes anywhere: an answer, and never a read outside of the buffer (AddressSanitizer looks
/// on).
TEST(Broken, RandomBytesNeverLeadOutside) {
  const TempDir dir;
  const Header plan = plan_header(3);
  const std::vector<u64> good = good_words(plan, Sample(7, 3).picture());
  std::mt19937_64 random(20261121);
  int answers[6] = {};
  for (int round = 0; round < 4000; ++round) {
    std::vector<u64> words = good;
    const u64 changes = 1 + random() % 8;
    for (u64 i = 0; i < changes; ++i) {
      // Mostly where it hurts: header, ring words, and the start of the slots.
      const u64 area = random() % 4;
      const u64 at = area < 2    ? random() % (sizeof(Header) / 8)
                     : area == 2 ? kLiveOffset / 8 + random() % 4
                                 : (plan.slots_offset + plan.slot_stride) / 8 + random() % 1000;
      const u64 values[] = {random(),
                            random() % 64,
                            u64{1} << random() % 64,
                            ~u64{0},
                            words[at] ^ (u64{1} << random() % 64),
                            words[at] + 8};
      words[at] = values[random() % 6];
    }
    if (round % 3 == 0) words[0] = kMagic;
    // In place, with the summary's checksum mended every other time so that more gets through.
    Header header;
    load_words(&header, words.data(), sizeof header);
    Copied got;
    if (check_header(header, words.size() * 8) == HeaderVerdict::good) {
      const u64 sequence = words[kLiveOffset / 8 + 1];
      const u64 slot =
          header.slots_offset + sequence % kSlots * header.slot_stride + header.summary.offset;
      Summary summary;
      load_words(&summary, reinterpret_cast<char*>(words.data()) + slot, sizeof summary);
      summary.sequence = sequence;
      summary.checksum = summary_checksum(summary);
      if (round % 2 == 0)
        std::memcpy(reinterpret_cast<char*>(words.data()) + slot, &summary, kCheckedSummaryBytes);
      (void)snapshot_in_place(
          reinterpret_cast<const char*>(words.data()), header, [&](MappedSlot& s) {
            u32 position = 0;
            (void)s.find_session(Sample(7, 3).picture().sessions[0]->session_id.view(), position);
            return copy_all(s, got, 300);
          });
    }
    if (round % 4 == 0) {
      write_file(dir.region(), words.data(), words.size() * 8);
      ++answers[static_cast<int>(read_all(dir.region(), got))];
    }
  }
  EXPECT_GT(answers[static_cast<int>(Opened::ok)], 0) << "some of it must get through";
  EXPECT_GT(answers[static_cast<int>(Opened::corrupt)], 0);
}

}  // namespace
}  // namespace shmeter::shm
