// SPDX-License-Identifier: MIT
// The formats of INGEST: which there are, and bytes of one of them into observations.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "collector/result.hpp"
#include "collector/source/observation_batch.hpp"

namespace shmeter::collector {

/// Longest body of any format.
inline constexpr std::size_t kMaxIngestBody = std::size_t{64} << 20;

struct Ingested {
  ObservationBatch batch;
  std::size_t count = 0;        // documents, lines or events that said something
  std::string transcript_path;  // where a document names one
};

struct IngestFormat {
  std::string_view name;
  std::size_t most_bytes;
  /// All or nothing. Errors: invalid, naming what is wrong.
  Result<Ingested> (*parse)(std::string_view bytes, i64 now_ms);
};

/// An id that nobody else has: 128 random bits in hex. Without randomness it is empty, and the
/// event is refused for it.
std::string make_event_id();

/// nullptr when there is no such format.
const IngestFormat* find_ingest_format(std::string_view name);
/// `cli-json, stream-json, ...`
std::string ingest_format_names();

}  // namespace shmeter::collector
