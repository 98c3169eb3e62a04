// SPDX-License-Identifier: MIT
// What an alert says, for people and for programs. Invariant: names that came from outside are
// clean text in each of them: valid UTF-8 without control characters.
#pragma once

#include <string>
#include <vector>

#include "collector/model/alerts.hpp"
#include "formats/fields.hpp"

namespace shmeter::collector {

enum class Sample { no, yes };

/// What the alert's field is a number of.
formats::Kind alert_kind(const AlertConfig& alert);
/// "85%", "at least $21.00"; empty when it is not known.
std::string alert_value_text(const AlertConfig& alert, i64 value, bool at_least);

/// "five_hour 85%, work, session mine; resets in 2h".
std::string alert_text(const Firing& firing, i64 now_s);
/// One object on one line, with its newline. Numbers in percent, dollars, seconds or a count.
std::string alert_json(const Firing& firing, i64 now_s, Sample sample);
/// The same as SHMETER_ALERT_NAME=VALUE; what is not known is empty.
std::vector<std::string> alert_environment(const Firing& firing, i64 now_s, Sample sample);

/// As tmux must see it to show just that: it expands # and % in messages.
std::string for_tmux(std::string_view text);
/// As a notification's body must hold it: there it is markup.
std::string for_markup(std::string_view text);

}  // namespace shmeter::collector
