// SPDX-License-Identifier: MIT
#include "collector/source/gunzip.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

namespace shmeter::collector {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;
constexpr std::string_view kMagic = "\x1f\x8b";
constexpr std::size_t kStep = std::size_t{32} << 10;

/// zlib's state, ended with it.
class Inflater {
 public:
  explicit Inflater(std::string_view bytes) {
    stream_.next_in = reinterpret_cast<const Bytef*>(bytes.data());
    stream_.avail_in = static_cast<uInt>(bytes.size());
    ready_ = inflateInit2(&stream_, kGzipOnly) == Z_OK;
  }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ready() const { return ready_; }
  std::string_view left() const {
    return {reinterpret_cast<const char*>(stream_.next_in), stream_.avail_in};
  }
  bool next_member() { return inflateReset(&stream_) == Z_OK; }
  /// zlib's answer; `got` is a view of what it unpacked.
  int step(std::string_view& got) {
    stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
    stream_.avail_out = static_cast<uInt>(room_.size());
    const int answer = inflate(&stream_, Z_NO_FLUSH);
    got = {room_.data(), room_.size() - stream_.avail_out};
    return answer;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
  std::array<char, kStep> room_;
};

}  // namespace

Result<std::string> gunzip(std::string_view bytes, std::size_t most) {
  if (!bytes.starts_with(kMagic)) return fail(Errc::invalid, "not gzip");
  if (bytes.size() > std::numeric_limits<uInt>::max()) return fail(Errc::invalid, "too long");
  Inflater inflater(bytes);
  if (!inflater.ready()) return fail(Errc::unavailable, "no memory to unpack");
  std::string out;
  for (;;) {
    std::string_view got;
    const int answer = inflater.step(got);
    if (got.size() > most - out.size())
      return fail(Errc::unavailable, "more than " + std::to_string(most) + " bytes");
    out += got;
    if (answer == Z_STREAM_END) {
      if (inflater.left().empty()) return out;
      if (!inflater.left().starts_with(kMagic))
        return fail(Errc::invalid, "gzip: something else behind it");
      if (!inflater.next_member()) return fail(Errc::unavailable, "no memory to unpack");
    } else if (answer == Z_BUF_ERROR) {
      return fail(Errc::invalid, "gzip: ends in the middle");
    } else if (answer == Z_MEM_ERROR) {
      return fail(Errc::unavailable, "no memory to unpack");
    } else if (answer != Z_OK) {
      return fail(Errc::invalid, "gzip: damaged");
    }
  }
}

}  // namespace shmeter::collector
