// SPDX-License-Identifier: MIT
// Observations as one line of text each, so that a test reads like a table and compares everything
// that was said; what was not said is left out.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "collector/source/observation.hpp"

namespace shmeter::test {

namespace detail {

class Line {
 public:
  explicit Line(const char* what) : text_(what) {}
  Line& add(const char* name, std::string_view value) {
    if (!value.empty()) text_ += std::string(" ") + name + '=' + std::string(value);
    return *this;
  }
  Line& add(const char* name, shm::i64 value) {
    return value == shm::kUnknown ? *this : add(name, std::string_view(std::to_string(value)));
  }
  Line& flag(const char* name, bool value) {
    return value ? add(name, std::string_view("yes")) : *this;
  }
  Line& window(const char* name, const collector::WindowSeen& seen) {
    const std::string prefix = name;
    return add((prefix + ".used").c_str(), seen.used_ppm)
        .add((prefix + ".resets").c_str(), seen.resets_at_s);
  }
  Line& call(const collector::CallDetails& call) {
    return add("endpoint", call.endpoint)
        .add("key", call.key)
        .add("latency", call.latency_ms)
        .flag("failed", call.failed);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

inline std::string text(const collector::RequestSeen& s) {
  Line line("request");
  line.add("uuid", s.uuid).add("session", s.session_id).add("model", s.model).add("at", s.at_ms);
  line.add("in", s.tokens.input).add("out", s.tokens.output).add("w5m", s.tokens.write_5m);
  line.add("w1h", s.tokens.write_1h).add("read", s.tokens.read).add("agent", s.agent);
  line.add("source", static_cast<shm::i64>(s.source)).add("cost", s.cost_nanousd).call(s.call);
  return line.text();
}

inline std::string text(const collector::EventSeen& s) {
  const char* names[] = {"?", "tokens", "tool_call", "message", "compute", "failure"};
  Line line(names[static_cast<int>(s.kind)]);
  line.add("session", s.session_id).add("id", s.id).add("agent", s.agent).add("name", s.name);
  line.add("at", s.at_ms).add("value", s.value).add("source", static_cast<shm::i64>(s.source));
  return line.call(s.call).text();
}

inline std::string text(const collector::SessionSeen& s) {
  Line line("session");
  line.add("id", s.session_id).add("cwd", s.cwd).add("version", s.version).add("model", s.model);
  return line.add("at", s.at_ms).text();
}

inline std::string text(const collector::AggregateSeen& s) {
  Line line("aggregate");
  line.add("session", s.session_id).add("cost", s.cost_nanousd).add("api", s.api_ms);
  line.add("at", s.at_ms).add("source", static_cast<shm::i64>(s.source));
  for (const auto& row : s.models) line.add(std::string(row.model).c_str(), row.tokens);
  return line.text();
}

inline std::string text(const collector::QuotaSeen& s) {
  Line line("quota");
  line.add("source", static_cast<shm::i64>(s.source)).add("login", s.login);
  line.add("at", s.observed_at_ms).window("5h", s.five_hour).window("7d", s.seven_day);
  line.flag("says_scoped", s.says_scoped);
  for (const auto& row : s.scoped) line.window(std::string(row.label).c_str(), row.window);
  if (s.says_extra_usage)
    line.add("extra.on", s.extra_usage.is_enabled)
        .add("extra.limit", s.extra_usage.monthly_limit_nanousd)
        .add("extra.used", s.extra_usage.used_nanousd)
        .add("extra.share", s.extra_usage.used_ppm);
  line.add("spend.used", s.spend_limit.used_ppm).add("spend.resets", s.spend_limit.resets_at_s);
  line.add("spend.usd", s.spend_limit.used_nanousd).add("spend.of", s.spend_limit.limit_nanousd);
  return line.add("spend.period", s.spend_limit.period.view()).text();
}

inline std::string text(const collector::HookSeen& s) {
  const char* events[] = {"other",       "session_start", "session_end",   "user_prompt_submit",
                          "stop",        "stop_failure",  "subagent_stop", "post_tool_use",
                          "notification"};
  Line line("hook");
  line.add("event", std::string_view(events[static_cast<int>(s.event)]));
  line.add("session", s.session_id).add("transcript", s.transcript_path);
  line.add("agent_transcript", s.agent_transcript_path).add("cwd", s.cwd).add("agent", s.agent_id);
  line.add("agent_type", s.agent_type).add("tool", s.tool_name).add("tool_use", s.tool_use_id);
  line.add("error", s.error).add("notification", s.notification_type).add("source", s.source);
  return line.add("reason", s.reason).add("at", s.received_at_ms).text();
}

inline std::string text(const collector::LiveSeen& s) {
  Line line(s.alive ? "alive" : "gone");
  line.add("session", s.session_id).add("pid", s.pid);
  if (s.status != shm::SessionStatus::unknown) line.add("status", static_cast<shm::i64>(s.status));
  line.add("status_at", s.status_at_ms).add("started", s.started_at_ms).add("name", s.name);
  return line.add("cwd", s.cwd).add("version", s.version).add("at", s.seen_at_ms).text();
}

inline std::string text(const collector::ReportedSeen& s) {
  Line line("reported");
  line.add("session", s.session_id).add("model", s.model).add("in", s.input_tokens);
  line.add("out", s.output_tokens).add("write", s.cache_creation_tokens);
  line.add("read", s.cache_read_tokens).add("cost", s.cost_nanousd).add("messages", s.messages);
  line.add("tools", s.tool_calls).add("compute", s.compute_ms).add("left", s.rate_limit_remaining);
  line.add("of", s.rate_limit_limit).add("reset", s.rate_limit_reset_s);
  return line.add("at", s.at_ms).text();
}

inline std::string text(const collector::LoginSeen& s) { return "login=" + std::string(s.login); }

template <class Other>
std::string text(const Other&) {
  return "?";
}

}  // namespace detail

/// Give `take()` to a source; `lines` is what it said.
struct Observed {
  std::vector<std::string> lines;

  std::function<void(const collector::Observation&)> take() {
    return [this](const collector::Observation& seen) {
      lines.push_back(std::visit([](const auto& value) { return detail::text(value); }, seen));
    };
  }
};

/// Calls `use` with thousands of damaged copies of `whole`: bytes changed, cut out, doubled, and
/// values put where others were.
template <class Use>
void for_mutations(const std::string& whole, int rounds, Use&& use) {
  std::mt19937 random(20261122);
  const char* odd[] = {
      "null", "-1", "1e308", "\"x\"", "[]", "{}", "true", "0.5", "99999999999999999999"};
  for (int round = 0; round < rounds; ++round) {
    std::string text = whole;
    const std::size_t at = random() % text.size();
    switch (round % 4) {
      case 0:
        for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, random() % 40);
        break;
      case 2:
        text.insert(at, text.substr(random() % text.size(), random() % 40));
        break;
      default:
        if (const auto colon = text.find(':', at); colon != std::string::npos)
          if (const auto end = text.find_first_of(",}", colon); end != std::string::npos)
            text.replace(colon + 1, end - colon - 1, odd[random() % std::size(odd)]);
    }
    use(text);
  }
}

}  // namespace shmeter::test
