// SPDX-License-Identifier: MIT
// Tables of the members that are read, object by object, and the walk over them.
#include "plugin/statusline_json.hpp"

#include <span>

namespace shmeter::plugin {
namespace {

using shm::i64;
using Kind = JsonValue::Kind;

// Bounds of belief: what lies outside is unknown.
constexpr i64 kMostCount = 1'000'000'000'000;  // tokens, lines, ms
constexpr i64 kMostMoney_nanousd = 1'000'000'000'000'000'000;
constexpr i64 kMostShare_ppm = 1'000'000'000;  // a spend limit can be overrun
constexpr i64 kLatest_s = 100'000'000'000;     // a time in ms is not taken for seconds
constexpr i64 kPerCent_ppm = 10'000;

i64 number(const JsonValue& value, int scale, i64 least, i64 most) {
  const bool said = value.kind == Kind::number || value.kind == Kind::string;
  return said ? scaled_number(value.text, scale, least, most) : shm::kUnknown;
}
i64 count(const JsonValue& value) { return number(value, 0, 0, kMostCount); }
i64 time_s(const JsonValue& value) { return number(value, 0, 1, kLatest_s); }
i64 money_nanousd(const JsonValue& value) { return number(value, 9, 0, kMostMoney_nanousd); }
i64 share_ppm(const JsonValue& value) { return number(value, 4, 0, kMostShare_ppm); }
/// A share of something that cannot be more than used up.
i64 full_share_ppm(const JsonValue& value) {
  const i64 share = share_ppm(value);
  return share > 100 * kPerCent_ppm ? 100 * kPerCent_ppm : share;
}
i64 truth(const JsonValue& value) {
  return value.kind == Kind::boolean ? i64{value.truth} : shm::kUnknown;
}
std::string_view text(const JsonValue& value) {
  return value.kind == Kind::string ? value.text : std::string_view();
}

/// What one object holds that is read.
struct Member {
  std::string_view key;
  void (*take)(const JsonValue&, StatusLine&) = nullptr;  // the value; of an object, that it is one
  std::span<const Member> object = {};                    // the members of an object
};

constexpr Member kModel[] = {
    {"id", [](const JsonValue& v, StatusLine& s) { s.session.model.assign(text(v)); }},
    {"display_name",
     [](const JsonValue& v, StatusLine& s) { s.session.model_name.assign(text(v)); }},
};

constexpr Member kCost[] = {
    {"total_cost_usd",
     [](const JsonValue& v, StatusLine& s) { s.session.cost_nanousd = money_nanousd(v); }},
    {"total_api_duration_ms",
     [](const JsonValue& v, StatusLine& s) { s.session.api_ms = count(v); }},
    {"total_lines_added",
     [](const JsonValue& v, StatusLine& s) { s.session.lines_added = count(v); }},
    {"total_lines_removed",
     [](const JsonValue& v, StatusLine& s) { s.session.lines_removed = count(v); }},
};

// total_input_tokens says the same since 2.1.132, but was a session's sum before: not read.
constexpr Member kCurrentUsage[] = {
    {"input_tokens", [](const JsonValue& v, StatusLine& s) { s.context.input = count(v); }},
    {"cache_creation_input_tokens",
     [](const JsonValue& v, StatusLine& s) { s.context.cache_write = count(v); }},
    {"cache_read_input_tokens",
     [](const JsonValue& v, StatusLine& s) { s.context.cache_read = count(v); }},
};
constexpr Member kContextWindow[] = {
    {"current_usage", nullptr, kCurrentUsage},
    {"context_window_size",
     [](const JsonValue& v, StatusLine& s) { s.session.context_size_tokens = count(v); }},
    {"used_percentage",
     [](const JsonValue& v, StatusLine& s) { s.session.context_used_ppm = full_share_ppm(v); }},
};

constexpr Member kPromptCache[] = {
    {"warm", [](const JsonValue& v, StatusLine& s) { s.session.prompt_cache_warm = truth(v); }},
    {"expires_at",
     [](const JsonValue& v, StatusLine& s) { s.session.prompt_cache_expires_at_s = time_s(v); }},
};

constexpr Member kFiveHour[] = {
    {"used_percentage",
     [](const JsonValue& v, StatusLine& s) { s.five_hour.used_ppm = full_share_ppm(v); }},
    {"resets_at", [](const JsonValue& v, StatusLine& s) { s.five_hour.resets_at_s = time_s(v); }},
};
constexpr Member kSevenDay[] = {
    {"used_percentage",
     [](const JsonValue& v, StatusLine& s) { s.seven_day.used_ppm = full_share_ppm(v); }},
    {"resets_at", [](const JsonValue& v, StatusLine& s) { s.seven_day.resets_at_s = time_s(v); }},
};
constexpr Member kSpendLimit[] = {
    {"used_percentage",
     [](const JsonValue& v, StatusLine& s) { s.spend_limit.used_ppm = share_ppm(v); }},
    {"resets_at", [](const JsonValue& v, StatusLine& s) { s.spend_limit.resets_at_s = time_s(v); }},
    {"used_usd",
     [](const JsonValue& v, StatusLine& s) { s.spend_limit.used_nanousd = money_nanousd(v); }},
    {"limit_usd",
     [](const JsonValue& v, StatusLine& s) { s.spend_limit.limit_nanousd = money_nanousd(v); }},
    {"period", [](const JsonValue& v, StatusLine& s) { s.spend_limit.period.assign(text(v)); }},
};
constexpr Member kRateLimits[] = {
    {"five_hour", nullptr, kFiveHour},
    {"seven_day", nullptr, kSevenDay},
    {"spend_limit", nullptr, kSpendLimit},
};

constexpr Member kEffort[] = {
    {"level", [](const JsonValue& v, StatusLine& s) { s.session.effort.assign(text(v)); }}};
constexpr Member kThinking[] = {
    {"enabled", [](const JsonValue& v, StatusLine& s) { s.session.thinking = truth(v); }}};
constexpr Member kAgent[] = {
    {"name", [](const JsonValue& v, StatusLine& s) { s.session.agent.assign(text(v)); }}};
constexpr Member kWorktree[] = {
    {"branch", [](const JsonValue& v, StatusLine& s) { s.session.git_branch.assign(text(v)); }}};
constexpr Member kPullRequest[] = {
    {"number", [](const JsonValue& v, StatusLine& s) { s.session.pr = count(v); }}};

void set_cwd(std::string_view cwd, shm::Session& session) {
  session.cwd.assign(cwd);
  session.cwd_hash = cwd.empty() ? 0 : shm::hash_text(cwd);
}
void take_cwd(const JsonValue& v, StatusLine& s) {
  if (!s.has_workspace) set_cwd(text(v), s.session);
}
/// The same as `cwd`, and preferred, wherever it stands.
void take_current_dir(const JsonValue& v, StatusLine& s) {
  if (text(v).empty()) return;
  s.has_workspace = true;
  set_cwd(text(v), s.session);
}
constexpr Member kWorkspace[] = {{"current_dir", take_current_dir}};

void take_session_id(const JsonValue& v, StatusLine& s) {
  const std::string_view id = text(v);
  s.session.session_id.assign(shm::valid_session_id(id) ? id : std::string_view());
}

constexpr Member kTop[] = {
    {"session_id", take_session_id},
    {"session_name", [](const JsonValue& v, StatusLine& s) { s.session.name.assign(text(v)); }},
    {"transcript_path", [](const JsonValue& v, StatusLine& s) { s.transcript_path = text(v); }},
    {"cwd", take_cwd},
    {"workspace", nullptr, kWorkspace},
    {"model", [](const JsonValue& v, StatusLine& s) { s.session.model.assign(text(v)); }, kModel},
    {"version", [](const JsonValue& v, StatusLine& s) { s.session.version.assign(text(v)); }},
    {"cost", nullptr, kCost},
    {"context_window", [](const JsonValue&, StatusLine& s) { s.has_context = true; },
     kContextWindow},
    {"effort", nullptr, kEffort},
    {"thinking", nullptr, kThinking},
    {"fast_mode", [](const JsonValue& v, StatusLine& s) { s.session.fast_mode = truth(v); }},
    {"prompt_cache", nullptr, kPromptCache},
    {"rate_limits", nullptr, kRateLimits},
    {"agent", nullptr, kAgent},
    {"pr", nullptr, kPullRequest},
    {"worktree", nullptr, kWorktree},
};

const Member* find(std::span<const Member> members, std::string_view key) {
  for (const Member& member : members)
    if (member.key == key) return &member;
  return nullptr;
}

/// What is in the context: the sum of what is known of it.
void sum_context(StatusLine& out) {
  i64& used = out.session.context_used_tokens;
  for (const i64 part : {out.context.input, out.context.cache_write, out.context.cache_read})
    if (shm::known(part)) used = shm::known(used) ? used + part : part;
}

constexpr JsonValue kObject = {Kind::object, false, {}, true};

/// The walk over one status line.
class Walk {
 public:
  Walk(std::string_view json, StatusLineScratch& scratch, StatusLine& out)
      : in_(json, scratch.decoded), scratch_(scratch), out_(out) {}

  bool run() {
    if (!in_.enter_object()) return false;
    object(kTop);
    sum_context(out_);
    return in_.finish();
  }

 private:
  /// The object just entered. Recurses only as deep as the tables.
  void object(std::span<const Member> members) {
    std::string_view key;
    while (in_.member(key)) {
      const Member* member = find(members, key);
      if (member != nullptr && !member->object.empty() && in_.enter_object()) {
        if (member->take != nullptr) member->take(kObject, out_);
        object(member->object);
        continue;
      }
      const JsonValue value = in_.value();
      if (member == nullptr || member->take == nullptr) continue;
      member->take(value, out_);
      if (!value.borrowed) keep_transcript_path();
    }
  }

  /// The next escape would overwrite it where it was decoded.
  void keep_transcript_path() {
    const std::string_view path = out_.transcript_path;
    if (path.data() != scratch_.decoded.view().data()) return;
    for (std::size_t i = 0; i < path.size(); ++i) scratch_.transcript_path[i] = path[i];
    out_.transcript_path = {scratch_.transcript_path.data(), path.size()};
  }

  JsonScanner in_;
  StatusLineScratch& scratch_;
  StatusLine& out_;
};

}  // namespace

bool read_status_line(std::string_view json, StatusLineScratch& scratch, StatusLine& out) {
  return Walk(json, scratch, out).run();
}

}  // namespace shmeter::plugin
