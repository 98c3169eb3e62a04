// SPDX-License-Identifier: MIT
// A region of which words are others than they were written, read by both readers: whatever they
// accept is in range, and can be shown. Input: records of a word's place (2 bytes) and its value (8
// bytes); the place 0xffff cuts the file at that many words instead.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "formats/json.hpp"
#include "shm/image.hpp"
#include "shm/reader.hpp"
#include "tests/formats/sample.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/shm/sample.hpp"
#include "tests/shm/temp_dir.hpp"

namespace shmeter::fuzz {
namespace {

using shm::u64;
using shm::test::Copied;

constexpr shm::u32 kCapacity = 3;
constexpr std::uint16_t kCut = 0xffff;
constexpr std::size_t kRecord = 10;

/// A good region, and a file to put others in.
class World {
 public:
  World() : plan_(shm::plan_header(kCapacity)), words_(plan_.file_bytes / 8 + shm::kPageBytes / 8) {
    const shm::test::Sample picture(7, kCapacity);
    shm::Image image(reinterpret_cast<char*>(words_.data()), plan_);
    image.lay_out(0, "fuzz");
    image.publish(picture.picture());
    image.seal();
    words_.resize(plan_.file_bytes / 8);
    fd_ = ::open(path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    holds(fd_ >= 0, "there is room for a region");
  }
  ~World() { ::close(fd_); }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  std::string path() const { return dir_ / "region"; }

  void put(std::string_view edits) {
    std::vector<u64> words = words_;
    std::size_t count = words.size();
    for (; edits.size() >= kRecord; edits.remove_prefix(kRecord)) {
      std::uint16_t at;
      u64 value;
      std::memcpy(&at, edits.data(), sizeof at);
      std::memcpy(&value, edits.data() + sizeof at, sizeof value);
      if (at == kCut)
        count = value % (words.size() + 1);
      else
        words[at % words.size()] = value;
    }
    const auto bytes = static_cast<off_t>(count * 8);
    holds(::ftruncate(fd_, 0) == 0 && ::pwrite(fd_, words.data(), count * 8, 0) == bytes,
          "a region can be written");
  }

 private:
  shm::test::TempDir dir_;
  shm::Header plan_;
  std::vector<u64> words_;
  int fd_ = -1;
};

void check(const Copied& got, const shm::Header& header) {
  const auto within = [](std::size_t count, const shm::Section& section) {
    return count <= section.capacity;
  };
  holds(within(got.accounts.size(), header.accounts) && within(got.models.size(), header.models) &&
            within(got.sessions.size(), header.sessions) &&
            within(got.formats.size(), header.formats),
        "no more records than there is room for");
  std::string line;
  const auto sink = [](void* to, const char* bytes, std::size_t n) {
    static_cast<std::string*>(to)->append(bytes, n);
  };
  formats::JsonPicture picture;
  picture.summary = &got.summary;
  picture.accounts = got.accounts;
  picture.models = got.models;
  picture.sessions = got.sessions;
  picture.freshness = formats::Freshness::live;
  picture.now_s = formats::kNow;
  formats::write_json(picture, sink, &line);
  holds(is_json(line) && line.ends_with('\n'), "its line is JSON", line);
  formats::Values values;
  values.summary = &got.summary;
  values.account = got.accounts.empty() ? nullptr : &got.accounts.front();
  values.session = got.sessions.empty() ? nullptr : &got.sessions.front();
  values.now_s = formats::kNow;
  values.freshness = formats::Freshness::live;
  for (const std::string_view templ : {formats::rich_template(), formats::full_template()}) {
    const std::string shown = formats::shown(templ, values);
    holds(simdjson::validate_utf8(shown.data(), shown.size()), "its lines are UTF-8", shown);
  }
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter;
  using namespace shmeter::fuzz;
  static World world;
  world.put(text_of(data, size));
  const std::string path = world.path();
  Copied got;
  const auto copy = [&](auto& slot) {
    shm::Session session;
    shm::u32 position = 0;
    if (slot.find_session("0123", session, position))
      holds(session.session_id.view() == "0123", "the session that was asked for");
    return shm::test::copy_all(slot, got);
  };
  shm::FileReader file;
  const shm::Opened opened = file.open(path.c_str(), false);
  if (opened == shm::Opened::ok) {
    (void)file.liveness();
    (void)file.heartbeat_age_ns();
    if (file.snapshot(copy) == shm::Opened::ok) check(got, file.header());
  }
  shm::MappedReader mapped;
  holds(mapped.open(path.c_str(), false) == opened, "both readers open the same");
  if (opened == shm::Opened::ok && mapped.intact() &&
      mapped.snapshot_in_place(copy) == shm::Opened::ok)
    check(got, file.header());
  return 0;
}
