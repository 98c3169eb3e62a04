// SPDX-License-Identifier: MIT
// Packed bodies: any bytes as gzip, and any bytes packed. Never more than the limit is unpacked,
// what is cut off is not taken for whole, and what was packed comes out as it was.
#include "collector/source/gunzip.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include "tests/fuzz/fuzz.hpp"

namespace shmeter::fuzz {
namespace {

using collector::Errc;
using collector::gunzip;

constexpr std::size_t kMost = std::size_t{1} << 20;

std::string gzip(std::string_view text) {
  z_stream stream{};
  holds(deflateInit2(&stream, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib has memory");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  holds(deflate(&stream, Z_FINISH) == Z_STREAM_END, "it was packed");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void unpack(std::string_view bytes) {
  const auto plain = gunzip(bytes, kMost);
  if (!plain) {
    holds(plain.error().code == Errc::invalid || plain.error().code == Errc::unavailable,
          "it is damaged, or too long");
    holds(is_one_line(plain.error().message), "an error is one line", plain.error().message);
    return;
  }
  holds(plain->size() <= kMost, "no more than the limit is unpacked");
  holds(gunzip(bytes, plain->size()) == *plain, "exactly as much as it is fits");
  if (!plain->empty()) {
    const auto less = gunzip(bytes, plain->size() - 1);
    holds(!less && less.error().code == Errc::unavailable, "one byte more is too long");
  }
  holds(!gunzip(bytes.substr(0, bytes.size() - 1), kMost), "without its end it is not whole");
  holds(!gunzip(std::string(bytes) + 'x', kMost), "something behind it is not passed over");
  holds(gunzip(std::string(bytes) + gzip("more"), kMost) == *plain + "more",
        "members stand one after another");
}

void pack_and_unpack(std::string_view text) {
  const std::string packed = gzip(text);
  holds(gunzip(packed, kMost) == std::string(text), "what was packed comes out as it was");
  unpack(packed);
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  const std::string_view bytes = text_of(data, size);
  unpack(bytes);
  pack_and_unpack(bytes);
  return 0;
}
