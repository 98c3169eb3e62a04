// SPDX-License-Identifier: MIT
// The ingest datagram: a first line that says what follows and where it comes from, then the bytes
// as they came. A doorbell: it never waits, and nobody learns whether it arrived.
#pragma once

#include <string_view>

#include "plugin/region.hpp"
#include "plugin/text.hpp"

namespace shmeter::plugin {

/// `shmeter 1 claude pane=%253 config=/home/ann/.claude` and a newline; `kind` is claude or hook,
/// and what is not known is left out. Values are percent-encoded.
using IngestHead = FixedText<1024>;
void write_head(IngestHead& out, std::string_view kind, std::string_view pane,
                std::string_view config_dir);

/// The config dir a transcript lies in: what stands before /projects/. Empty if that cannot be
/// told.
std::string_view config_dir_of(std::string_view transcript_path);

/// Sends to the collector of the place whose region opened, else to that of every place.
void send_to_collector(const Places& places, shm::u32 which, std::string_view datagram);

}  // namespace shmeter::plugin
