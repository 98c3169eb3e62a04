// SPDX-License-Identifier: MIT
#include "collector/source/timestamp.hpp"

#include <gtest/gtest.h>

#include <string>

namespace shmeter::collector {
namespace {

using shm::kUnknown;

TEST(Timestamp, Table) {
  const struct {
    std::string_view text;
    shm::i64 want;
  } rows[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"2026-11-21T21:06:54.065Z", 1795295214065},
      {"2026-11-21T21:06:54Z", 1795295214000},
      {"2026-11-21T21:06:54.1Z", 1795295214100},
      {"2026-11-21T21:06:54.123456789Z", 1795295214123},
      {"2026-11-21T22:06:54.065+01:00", 1795295214065},
      {"2026-11-21T22:06:54.065+0100", 1795295214065},
      {"2026-11-21T15:36:54.065-05:30", 1795295214065},
      {"2024-02-29T00:00:00Z", 1709164800000},
      {"1969-12-31T23:59:59Z", kUnknown},
      {"2023-02-29T00:00:00Z", kUnknown},  // no such day
      {"2026-13-01T00:00:00Z", kUnknown},
      {"2026-13-01T00:00:00.000Z", kUnknown},
      {"2026-00-01T00:00:00.000Z", kUnknown},
      {"2026-02-29T00:00:00.000Z", kUnknown},
      {"2026-11-21T24:00:00.000Z", kUnknown},
      {"1999-12-31T23:59:59.999Z", 946684799999},
      {"2000-02-29T00:00:00.001Z", 951782400001},
      {"2026-11-21T24:00:00Z", kUnknown},
      {"2026-11-21T21:60:00Z", kUnknown},
      {"2026-11-21T21:06:54", kUnknown},  // whose time?
      {"2026-11-21T21:06:54.Z", kUnknown},
      {"2026-11-21 21:06:54Z", kUnknown},
      {"2026-11-21T21:06:54Z ", kUnknown},
      {"2026-11-21T21:06:54Zulu", kUnknown},
      {"2026-11-21T2106:54Z", kUnknown},
      {"20261-1-21T21:06:54Z", kUnknown},
      {"1795295214065", kUnknown},
      {"-026-11-21T21:06:54Z", kUnknown},
      {"", kUnknown},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(parse_timestamp_ms(row.text), row.want);
  }
}

// The form that all clients write has a path of its own: it must agree with the other one, to which
// a digit more leads.
TEST(Timestamp, TheUsualFormReadsAsAnyOther) {
  const std::string usual = "2028-02-29T23:59:58.765Z";
  for (std::size_t at = 0; at < usual.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = usual;
      text[at] = static_cast<char>(byte);
      std::string longer = text;
      longer.insert(23, "0");
      EXPECT_EQ(parse_timestamp_ms(text), parse_timestamp_ms(longer)) << text;
    }
  }
}

TEST(Timestamp, EveryPrefixOfATimeIsUnknown) {
  const std::string_view whole = "2026-11-21T21:06:54.065Z";
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_EQ(parse_timestamp_ms(whole.substr(0, n)), kUnknown) << n;
}

}  // namespace
}  // namespace shmeter::collector
