// SPDX-License-Identifier: MIT
// See json_writer.hpp.
#include "formats/json_writer.hpp"

#include <cstring>

#include "formats/utf8.hpp"

namespace shmeter::formats {

void JsonWriter::put(std::string_view bytes) {
  while (!bytes.empty()) {
    if (size_ == buffer_.size()) {
      sink_(context_, buffer_.data(), size_);
      size_ = 0;
    }
    const std::string_view part = bytes.substr(0, buffer_.size() - size_);
    std::memcpy(buffer_.data() + size_, part.data(), part.size());
    size_ += part.size();
    bytes.remove_prefix(part.size());
  }
}

void JsonWriter::string(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  comma();
  put('"');
  while (!text.empty()) {
    const Decoded one = decode(text);
    const auto c = static_cast<std::size_t>(one.code);
    if (!one.valid) {
      put("\uFFFD");
    } else if (c < 0x20) {
      put("\\u00");
      put(kHex[c >> 4]);
      put(kHex[c & 15]);
    } else {
      if (c == '"' || c == '\\') put('\\');
      put(text.substr(0, one.bytes));
    }
    text.remove_prefix(one.bytes);
  }
  put('"');
}

}  // namespace shmeter::formats
