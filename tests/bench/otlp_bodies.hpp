// SPDX-License-Identifier: MIT
// Bodies of POST /v1/logs as a client exports them: the attributes of captured records, with ids
// and times of our own. Every record is another one.
#pragma once

#include <string>
#include <vector>

namespace shmeter::bench {

/// A client's batch holds no more.
inline constexpr int kRecordsPerBody = 512;
/// Of these: so many requests, each of so many output tokens.
inline constexpr int kRequestsPerEight = 2;
inline constexpr int kOutputTokens = 57;

/// `series` names the ids apart from those of other bodies; the newest record is of now.
std::string otlp_body(const std::string& series, int records = kRecordsPerBody);

/// As a client packs them that was told to.
std::string gzip(const std::string& text);

}  // namespace shmeter::bench
