// SPDX-License-Identifier: MIT
#include "collector/command/client_verbs.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "collector/command/answer_table.hpp"
#include "collector/command/client_words.hpp"
#include "collector/command/daemon.hpp"
#include "collector/command/exit_codes.hpp"
#include "collector/command/region_picture.hpp"
#include "collector/command/terminal.hpp"
#include "collector/loop/wall_clock.hpp"
#include "collector/report/surface.hpp"
#include "collector/serve/control_client.hpp"
#include "collector/serve/guard_words.hpp"
#include "collector/serve/picture_line.hpp"
#include "collector/serve/usage_object.hpp"
#include "formats/units.hpp"

namespace shmeter::collector {
namespace {

using shm::i64;

constexpr int kExitStop = 1;  // of guard
constexpr const char* kNobody = "no collector is running; `shmeter daemon start` starts one";

constexpr ClientOption kRuntimeDir{"runtime-dir"};
constexpr ClientOption kJson{"json", false};
constexpr ClientOption kHelp{"help", false};

i64 now_s() { return wall_clock_ms() / 1000; }

int refuse(const Error& error) {
  say(error.message);
  return error.code == Errc::invalid ? kExitUsage : kExitUnavailable;
}

int print(std::string_view text) {
  const bool newline = !text.ends_with('\n');
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
      (newline && std::fputc('\n', stdout) == EOF) || std::fflush(stdout) != 0)
    return kExitUnavailable;
  return kExitOk;
}

/// One verb's words and where its daemon may be.
struct Call {
  ClientWords words;
  shm::RuntimeDirs dirs;

  /// not_found when no daemon answers, whatever the reason.
  Result<std::string> ask(std::string_view line) const {
    auto client = ControlClient::open(dirs);
    if (!client) return fail(Errc::not_found, kNobody);
    auto answer = client->ask(line);
    if (!answer) return fail(Errc::not_found, answer.error().message);
    return without_error(std::move(answer));
  }
};

Result<Call> read_call(std::span<char* const> arguments, const Environment& environment,
                       std::span<const ClientOption> options, std::size_t most_words,
                       std::string_view form) {
  auto words = read_client_words(arguments, options, most_words, form);
  if (!words) return tl::unexpected(words.error());
  Flags flags;
  flags.runtime_dir = words->value("runtime-dir");
  return Call{std::move(*words), environment.runtime_dirs(flags)};
}

/// What stands there instead of an answer; says how old it is when nobody keeps it fresh.
std::optional<RegionPicture> fall_back(const Call& call, std::string_view session_id) {
  auto region = read_region(call.dirs, session_id, now_s());
  if (!region || region->live()) return region;
  std::string age;
  if (shm::known(region->age_s)) {
    formats::Word word;
    formats::write_age(word, region->age_s);
    age = ": these values are " + std::string(word.view()) + " old";
  }
  say("no collector is running" + age);
  return region;
}

bool is_called(const shm::Account& account, std::string_view name) {
  return name.empty() || account.name.view() == name || account.id.view() == name ||
         account.config_dir.view() == name || account.config_dir_hash == shm::hash_text(name);
}

Result<std::string> quota_from_region(const Call& call, std::string_view account) {
  auto region = fall_back(call, {});
  if (!region) return fail(Errc::not_found, kNobody);
  std::erase_if(region->accounts, [&](const auto& one) { return !is_called(one, account); });
  if (region->accounts.empty() && !account.empty())
    return fail(Errc::invalid, "unknown account " + std::string(account));
  return accounts_line(region->json(now_s()));
}

Result<std::string> usage_from_region(const Call& call, std::string_view session_id) {
  const auto region = fall_back(call, session_id);
  if (!region) return fail(Errc::not_found, kNobody);
  if (session_id.empty()) return usage_object(region->summary, {}, now_s());
  if (!region->session) return fail(Errc::invalid, "unknown session " + std::string(session_id));
  return usage_object(*region->session, now_s());
}

/// Only a picture that is kept fresh can say yes or no.
Result<std::string> guard_from_region(const Call& call, const GuardQuestion& question) {
  const auto region = read_region(call.dirs, {}, now_s());
  if (!region || !region->live())
    return to_json({.allowed = {}, .reason = "No collector is running.", .limiting = {}});
  const auto answer = guard(region->accounts, question, now_s());
  if (!answer) return fail(Errc::invalid, answer.error().message);
  return to_json(*answer);
}

}  // namespace

int run_set(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::string_view kForm = "shmeter set SESSION JSON";
  constexpr std::array kOptions = {kRuntimeDir, kHelp};
  const auto call = read_call(arguments, environment, kOptions, 2, kForm);
  if (!call) return refuse(call.error());
  if (call->words.has("help")) return print(kForm);
  const std::string_view session = call->words.word(0);
  if (call->words.words.size() != 2) return refuse({Errc::invalid, "usage: " + std::string(kForm)});
  if (!shm::valid_session_id(session))
    return refuse({Errc::invalid, "SESSION: 1-64 letters, digits or . _ : - are expected"});
  std::string json(call->words.word(1));
  // Outside a text a newline is a blank; inside, JSON does not allow one.
  std::replace_if(
      json.begin(), json.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const auto answer = call->ask("SET_USAGE " + std::string(session) + ' ' + json);
  return answer ? kExitOk : refuse(answer.error());
}

int run_guard(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::string_view kForm =
      "shmeter guard [NEED] [--window NAME] [--min-remaining SHARE] [--account NAME] [--fail-open] "
      "[--json]; NEED is tokens (50000), dollars ($1.50) or a share of a window (5%)";
  constexpr std::array kOptions = {kRuntimeDir,
                                   kJson,
                                   kHelp,
                                   ClientOption{"window"},
                                   ClientOption{"min-remaining"},
                                   ClientOption{"account"},
                                   ClientOption{"fail-open", false}};
  const auto call = read_call(arguments, environment, kOptions, 1, kForm);
  if (!call) return refuse(call.error());
  if (call->words.has("help")) return print(kForm);
  const std::string_view need = call->words.word(0);
  GuardWords words{.need = {},
                   .account = std::string(call->words.value("account")),
                   .window = std::string(call->words.value("window"))};
  if (!need.empty()) {
    const auto parsed = parse_need(need);
    if (!parsed) return refuse(parsed.error());
    words.need = *parsed;
  }
  if (call->words.has("min-remaining")) {
    const auto share = parse_min_remaining(call->words.value("min-remaining"));
    if (!share) return refuse(share.error());
    words.min_remaining_ppm = *share;
  }
  auto answer = call->ask(guard_line(need, words));
  if (!answer && answer.error().code == Errc::not_found)
    answer = guard_from_region(*call, words.question());
  if (!answer) return refuse(answer.error());
  const GuardSays says = read_guard_answer(*answer);
  print(call->words.has("json") ? *answer : says.reason);
  if (says.allowed) return *says.allowed ? kExitOk : kExitStop;
  return call->words.has("fail-open") ? kExitOk : kExitUnavailable;
}

int run_quota(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::string_view kForm = "shmeter quota [--account NAME] [--json]";
  constexpr std::array kOptions = {kRuntimeDir, kJson, kHelp, ClientOption{"account"}};
  const auto call = read_call(arguments, environment, kOptions, 0, kForm);
  if (!call) return refuse(call.error());
  if (call->words.has("help")) return print(kForm);
  const std::string_view account = call->words.value("account");
  auto answer = call->ask(account.empty() ? "QUOTA" : "QUOTA " + std::string(account));
  if (!answer && answer.error().code == Errc::not_found) answer = quota_from_region(*call, account);
  if (!answer) return refuse(answer.error());
  return print(call->words.has("json") ? *answer : write_quota_table(*answer, surface_of_stdout()));
}

int run_usage(std::span<char* const> arguments, const Environment& environment) {
  constexpr std::string_view kForm = "shmeter usage [SESSION] [--json]";
  constexpr std::array kOptions = {kRuntimeDir, kJson, kHelp};
  const auto call = read_call(arguments, environment, kOptions, 1, kForm);
  if (!call) return refuse(call.error());
  if (call->words.has("help")) return print(kForm);
  const std::string_view session = call->words.word(0);
  if (!session.empty() && !shm::valid_session_id(session))
    return refuse({Errc::invalid, "SESSION: 1-64 letters, digits or . _ : - are expected"});
  auto answer = call->ask(session.empty() ? "API_USAGE_ALL" : "API_USAGE " + std::string(session));
  if (!answer && answer.error().code == Errc::not_found) answer = usage_from_region(*call, session);
  if (!answer) return refuse(answer.error());
  return print(call->words.has("json") ? *answer
                                       : write_usage_table(*answer, now_s(), surface_of_stdout()));
}

}  // namespace shmeter::collector
