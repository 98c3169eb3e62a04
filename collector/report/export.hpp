// SPDX-License-Identifier: MIT
// Counted events as lines of CSV (RFC 4180) or JSON, with the fields of GET /api/usage. Invariant:
// with redaction nothing is written that a person chose or that tells one id from the text: only
// labels, which stand for the same thing in every line, public model names, times and numbers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/ledger/journal.hpp"
#include "collector/report/catalogue.hpp"

namespace shmeter::collector {

enum class Redact { no, yes };

class ExportWriter {
 public:
  /// `catalogue` must outlive it.
  ExportWriter(ExportFormat format, Redact redact, const Catalogue& catalogue)
      : format_(format), redact_(redact), catalogue_(catalogue) {}

  /// What stands above the events: the names of the fields, or nothing.
  std::string header() const;
  /// One line with its end. Empty for what is no usage event: failures.
  std::string line(const StoredEvent& event);

 private:
  struct Field;
  std::vector<Field> fields(const StoredEvent& event);
  /// The text, or the label that stands for it: `kind`-1, -2, … in the order they are met.
  std::string say(const char* kind, std::string text);
  std::string csv(const std::vector<Field>& fields) const;
  std::string json(const std::vector<Field>& fields) const;

  ExportFormat format_;
  Redact redact_;
  const Catalogue& catalogue_;
  u32 events_ = 0;                                            // labelled so far
  std::map<std::string, std::map<std::string, u32>> labels_;  // by kind, then by text
};

/// A field of CSV: quoted when it must be. A text that a spreadsheet would take for a formula gets
/// an apostrophe in front.
std::string csv_field(std::string_view text);

/// The 32 hex digits that name an event everywhere.
std::string event_id(const EventKey& key);

/// What its request adds to the books; nothing for other kinds.
shm::Usage usage_of(const StoredEvent& event);

}  // namespace shmeter::collector
