// SPDX-License-Identifier: MIT
#include "collector/source/transcript_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "collector/loop/fd.hpp"
#include "collector/source/transcript_line.hpp"

namespace shmeter::collector {
namespace {

using shm::i64;
using shm::u64;

constexpr std::size_t kTailBytes = 64;
constexpr std::size_t kBufferBytes = kMaxBufferedLine + kReadChunk + kLinePadding;

// pread until `bytes` came or the file ended; -1 with errno on trouble.
ssize_t read_at(int fd, char* to, std::size_t bytes, u64 offset) {
  ssize_t n = 0;
  do {
    n = ::pread(fd, to, bytes, static_cast<off_t>(offset));
  } while (n < 0 && errno == EINTR);
  return n;
}

}  // namespace

// One read of one file: the open descriptor, and what of the file stands in the buffer.
class TranscriptReader::Pass {
 public:
  Pass(TranscriptReader& reader, const std::string& path, FileCursor& cursor, const TakeLine& take)
      : reader_(reader), path_(path), cursor_(cursor), take_(take) {}

  Result<ReadReport> run(const std::atomic<bool>* stop) {
    if (auto ready = open(); !ready) return tl::unexpected(ready.error());
    if (nothing_new()) return report_;
    auto report = read_on(stop);
    cursor_.tail_hash = tail_hash();
    return report;
  }

 private:
  Result<ReadReport> read_on(const std::atomic<bool>* stop) {
    while (stop == nullptr || !stop->load(std::memory_order_relaxed)) {
      const auto more = have_ > kMaxBufferedLine ? long_line() : chunk();
      if (!more) return tl::unexpected(more.error());
      if (!*more) break;
    }
    return report_;
  }

  tl::unexpected<Error> trouble(int error) const {
    const Errc code = error == ENOENT || error == ENOTDIR ? Errc::not_found
                      : error == EACCES || error == EPERM ? Errc::forbidden
                                                          : Errc::unavailable;
    return fail(code, path_ + ": " + std::strerror(error));
  }

  // Opens the file and starts over when it is not the one, or no longer the text, that was read.
  Result<void> open() {
    fd_ = Fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd_) return trouble(errno);
    struct stat st {};
    if (::fstat(fd_.get(), &st) != 0) return trouble(errno);
    if (!S_ISREG(st.st_mode)) return trouble(S_ISDIR(st.st_mode) ? EISDIR : EINVAL);
    size_ = static_cast<u64>(st.st_size);
    const bool known = cursor_.inode != 0;
    const bool same = cursor_.device == st.st_dev && cursor_.inode == st.st_ino &&
                      size_ >= std::max(cursor_.offset, cursor_.searched) &&
                      tail_hash() == cursor_.tail_hash;
    if (!same) {
      report_.started_over = known;
      cursor_ = {};
      cursor_.device = st.st_dev;
      cursor_.inode = st.st_ino;
      cursor_.tail_hash = tail_hash();
    }
    cursor_.modified_ns = i64{st.st_mtim.tv_sec} * 1'000'000'000 + st.st_mtim.tv_nsec;
    at_ = cursor_.offset;
    if (!reader_.buffer_) reader_.buffer_ = Mapping(kBufferBytes);
    if (!reader_.buffer_) return trouble(ENOMEM);
    return {};
  }

  // Cut and written anew between two looks, a file may be as long as it was or longer. The end of a
  // line holds ids and times: bytes that no other line has.
  u64 tail_hash() const {
    std::array<char, kTailBytes> tail{};
    const std::size_t bytes = std::min<u64>(kTailBytes, cursor_.offset);
    if (read_at(fd_.get(), tail.data(), bytes, cursor_.offset - bytes) !=
        static_cast<ssize_t>(bytes))
      return 0;
    return shm::hash_text({tail.data(), bytes});
  }

  // True when the file did not grow, or only its torn last line did: a line that comes in many
  // pieces must not be read from its start for each of them.
  bool nothing_new() {
    if (size_ == cursor_.offset) return true;
    if (cursor_.searched <= cursor_.offset) return false;
    return !find_newline(cursor_.searched).has_value();
  }

  // Where the next newline from `from` on stands, by chunks; moves `searched` when there is none.
  std::optional<u64> find_newline(u64 from) {
    char* const scratch = reader_.buffer_.data() + kMaxBufferedLine;
    for (;;) {
      const ssize_t n = read_at(fd_.get(), scratch, kReadChunk, from);
      reader_.touched_ = kBufferBytes;
      if (n <= 0) break;
      if (const void* hit = std::memchr(scratch, '\n', static_cast<std::size_t>(n)))
        return from + static_cast<u64>(static_cast<const char*>(hit) - scratch);
      from += static_cast<u64>(n);
    }
    cursor_.searched = from;
    return std::nullopt;
  }

  // Reads the next chunk and hands over the lines that it completes. False at the end of the file.
  Result<bool> chunk() {
    char* const buffer = reader_.buffer_.data();
    const ssize_t n = read_at(fd_.get(), buffer + have_, kReadChunk, at_ + have_);
    if (n < 0) return trouble(errno);
    const std::size_t end = have_ + static_cast<std::size_t>(n);
    reader_.touched_ = std::max(reader_.touched_, end + kLinePadding);
    const std::size_t begin = hand_over(have_, end);
    std::memmove(buffer, buffer + begin, end - begin);
    have_ = end - begin;
    at_ += begin;
    cursor_.offset = at_;
    cursor_.searched = have_ == 0 ? 0 : at_ + have_;
    return static_cast<std::size_t>(n) == kReadChunk;
  }

  // Lines of the buffer's first `end` bytes, where none ends before `fresh`. Returns where the last
  // one ended.
  std::size_t hand_over(std::size_t fresh, std::size_t end) {
    const char* const buffer = reader_.buffer_.data();
    const std::size_t last = std::string_view(buffer + fresh, end - fresh).rfind('\n');
    if (last == std::string_view::npos) return 0;
    const std::string_view together(buffer, fresh + last + 1);
    for (std::size_t begin = 0; begin < together.size();) {
      const std::size_t newline = together.find('\n', std::max(begin, fresh));
      give(together.substr(begin, newline - begin), together);
      begin = newline + 1;
    }
    return together.size();
  }

  // The buffer is full and its line goes on. True when the line was found to end.
  Result<bool> long_line() {
    const auto newline = find_newline(at_ + have_);
    if (!newline) return false;
    const u64 length = *newline - at_;
    if (length > kMaxLine) {
      ++report_.skipped_lines;
    } else {
      const auto bytes = static_cast<std::size_t>(length);
      const Mapping memory(bytes + kLinePadding);
      if (!memory) return trouble(ENOMEM);
      for (std::size_t got = 0; got < bytes;) {
        const ssize_t n = read_at(fd_.get(), memory.data() + got, bytes - got, at_ + got);
        if (n < 0) return trouble(errno);
        if (n == 0) return false;  // cut under our hands: the next look starts over
        got += static_cast<std::size_t>(n);
      }
      const std::string_view line(memory.data(), bytes);
      give(line, line);
    }
    at_ = cursor_.offset = *newline + 1;
    cursor_.searched = 0;
    have_ = 0;
    return true;
  }

  void give(std::string_view line, std::string_view together) {
    ++report_.lines;
    take_(line, together);
  }

  TranscriptReader& reader_;
  const std::string& path_;
  FileCursor& cursor_;
  const TakeLine& take_;
  Fd fd_;
  u64 size_ = 0;
  u64 at_ = 0;            // file offset of the buffer's first byte
  std::size_t have_ = 0;  // bytes in the buffer, all of one line without its end
  ReadReport report_;
};

Result<ReadReport> TranscriptReader::read(const std::string& path, FileCursor& cursor,
                                          const TakeLine& take, const std::atomic<bool>* stop) {
  auto report = Pass(*this, path, cursor, take).run(stop);
  if (touched_ > 2 * kReadChunk) shrink();
  return report;
}

void TranscriptReader::shrink() {
  if (buffer_) buffer_.drop_from(kReadChunk);
  touched_ = 0;
}

}  // namespace shmeter::collector
