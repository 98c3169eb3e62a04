// SPDX-License-Identifier: MIT
#include "collector/serve/commands.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "collector/serve/guard_words.hpp"
#include "collector/serve/ingest_formats.hpp"
#include "collector/serve/line_text.hpp"
#include "collector/serve/page_sessions.hpp"
#include "collector/serve/picture_feed.hpp"
#include "collector/serve/picture_line.hpp"
#include "collector/serve/usage_object.hpp"
#include "collector/source/quota_json.hpp"
#include "collector/source/usage_json.hpp"
#include "formats/json_writer.hpp"

namespace shmeter::collector {
namespace {

/// A request on its way: what it may ask, and how it is answered.
struct Request {
  Intake& intake;
  std::string_view arguments;  // without blanks around them
  std::string_view body;
  Answer answer;

  void line(std::string text) const { answer({std::move(text), nullptr}); }
  void error(std::string_view reason) const { line(error_line(reason)); }
  i64 now_s() const { return intake.now_ms() / 1000; }
};

/// The answer to a change: `ok` once it is durable.
Intake::Done when_stored(const Request& request, std::string ok) {
  return [answer = request.answer, ok = std::move(ok)](const Result<void>& stored) {
    answer({stored ? ok : error_line("not stored: " + stored.error().message), nullptr});
  };
}

bool check_session_id(const Request& request, std::string_view id) {
  if (valid_session_id(id)) return true;
  if (id.empty())
    request.error("a session id is expected");
  else
    request.error("session id " + visible(id) + " (" + std::to_string(id.size()) +
                  " bytes): 1-64 letters, digits or . _ : - are expected");
  return false;
}

/// kNoAccount after answering that there is none of that name.
u32 account_named(const Request& request, std::string_view name) {
  const u32 account = request.intake.find_account(name);
  if (account == Model::kNoAccount) request.error("unknown account " + visible(name));
  return account;
}

void ping(const Request& request) { request.line("OK"); }

void flush(const Request& request) { request.intake.flush(when_stored(request, "OK")); }

void alerts(const Request& request) { request.line(request.intake.alerts_line()); }

/// What was heard since the collector began, by kind, and when the last of it came.
void sources(const Request& request) {
  const TakenIn& taken = request.intake.model().taken_in();
  std::string line;
  formats::JsonWriter out(append_to, &line);
  out.open('{');
  out.number("schema", 1);
  out.name("sources");
  out.open('[');
  for (std::size_t i = 0; i < TakenIn::kObservations.size(); ++i) {
    out.open('{');
    out.text("name", TakenIn::kObservations[i]);
    out.number("observations", static_cast<i64>(taken.observations[i]));
    const bool heard = taken.heard_ms[i] > 0;
    out.number("heard_at", heard ? taken.heard_ms[i] / 1000 : shm::kUnknown);
    out.close('}');
  }
  out.close(']');
  out.close('}');
  out.end();
  request.line(std::move(line));
}

void reload(const Request& request) {
  const auto done = request.intake.reload();
  if (!done) return request.error(done.error().message);
  request.line("OK");
}

void dashboard(const Request& request) {
  const auto link = request.intake.dashboard_link();
  if (!link) return request.error(link.error().message);
  std::string line;
  formats::JsonWriter out(append_to, &line);
  out.open('{');
  out.text("url", *link);
  out.number("opens_within_s", PageSessions::kLinkLasts_ms / 1000);
  out.close('}');
  out.end();
  request.line(std::move(line));
}

void api_usage(const Request& request) {
  if (!check_session_id(request, request.arguments)) return;
  const shm::Session* session = request.intake.model().find_session(request.arguments);
  if (session != nullptr) return request.line(usage_object(*session, request.now_s()));
  const auto& summary = request.intake.picture().summary;
  const bool complete = summary.completeness == static_cast<i64>(shm::Completeness::complete);
  request.error(complete ? "unknown session" : "unknown session; transcripts are still being read");
}

void api_usage_all(const Request& request) {
  const shm::Picture& picture = request.intake.picture();
  request.line(usage_object(picture.summary, picture.sessions, request.now_s()));
}

void set_usage(const Request& request) {
  std::string_view json = request.arguments;
  const std::string_view id = take_word(json);
  if (!check_session_id(request, id)) return;
  if (json.empty()) return request.error("a JSON object is expected behind the session id");
  ObservationBatch batch;
  const auto parsed = parse_usage(id, json, request.intake.now_ms(),
                                  [&](const Observation& seen) { batch.add(seen); });
  if (!parsed) return request.error(parsed.error().message);
  request.intake.take(std::move(batch), Model::kNoAccount, when_stored(request, "OK"));
}

void set_quota(const Request& request) {
  // Names may have blanks in them; JSON begins where the first brace does.
  const auto brace = std::min(request.arguments.find('{'), request.arguments.size());
  const std::string_view name = trimmed(request.arguments.substr(0, brace));
  if (name.empty())
    return request.error("an account is expected: its name, id or config directory");
  const u32 account = account_named(request, name);
  if (account == Model::kNoAccount) return;
  if (brace == request.arguments.size())
    return request.error("a JSON object is expected behind the account");
  ObservationBatch batch;
  const auto parsed =
      parse_quota(request.arguments.substr(brace), request.intake.now_ms(),
                  shm::QuotaSource::manual, [&](const Observation& seen) { batch.add(seen); });
  if (!parsed) return request.error(parsed.error().message);
  request.intake.take(std::move(batch), account, when_stored(request, "OK"));
}

void quota(const Request& request) {
  u32 which = Model::kNoAccount;
  if (!request.arguments.empty()) {
    which = account_named(request, request.arguments);
    if (which == Model::kNoAccount) return;
  }
  formats::JsonPicture picture = own_picture(request.intake.picture(), request.now_s());
  if (which < picture.accounts.size()) picture.accounts = picture.accounts.subspan(which, 1);
  request.line(accounts_line(picture));
}

void guard(const Request& request) {
  const auto words = parse_guard_words(request.arguments);
  if (!words) return request.error(words.error().message);
  const auto answer =
      collector::guard(request.intake.picture().accounts, words->question(), request.now_s());
  if (!answer) return request.error(answer.error().message);
  request.line(to_json(*answer));
}

void watch(const Request& request) {
  if (!request.arguments.empty() && request.arguments != "quota")
    return request.error(visible(request.arguments) + ": `quota` or nothing is expected");
  auto feed = std::make_unique<PictureFeed>(request.intake, request.arguments.empty()
                                                                ? PictureFeed::About::everything
                                                                : PictureFeed::About::quota);
  std::string first = feed->next();
  request.answer({std::move(first), std::move(feed)});
}

/// `<format> <length> [account]`.
struct IngestWords {
  explicit IngestWords(std::string_view arguments)
      : format(take_word(arguments)), length(take_word(arguments)), account(arguments) {}
  std::string_view format, length, account;
};

u32 ingest_account(const Request& request, std::string_view name, const Ingested& seen) {
  if (name.empty()) return request.intake.account_of(seen.transcript_path, {});
  const u32 known = request.intake.find_account(name);
  if (known != Model::kNoAccount || !name.starts_with('/')) return known;
  return request.intake.account_of(seen.transcript_path, name);  // a config dir seen first here
}

void book(const Request& request, std::string_view name, Ingested seen) {
  const u32 account = ingest_account(request, name, seen);
  if (account == Model::kNoAccount && !name.empty() && name.front() != '/')
    return request.error("unknown account " + visible(name));
  request.intake.take(std::move(seen.batch), account,
                      when_stored(request, "OK " + std::to_string(seen.count)));
}

void ingest(const Request& request) {
  const IngestWords words(request.arguments);
  const IngestFormat* format = find_ingest_format(words.format);  // body_of has found it before
  const auto parse = [format, now_ms = request.intake.now_ms()](const std::string& body) {
    return format->parse(body, now_ms);
  };
  const auto follow = [&intake = request.intake, name = std::string(words.account),
                       answer = request.answer](Result<Ingested> seen) {
    const Request later{intake, {}, {}, answer};
    if (!seen) return later.error(seen.error().message);
    book(later, name, std::move(*seen));
  };
  if (!parse_aside(request.intake, std::string(request.body), parse, follow))
    request.error(kTooMuchAtOnce);
}

Body ingest_body(std::string_view arguments) {
  const IngestWords words(arguments);
  const auto length = whole_number(words.length);
  if (!length)
    return {
        .bytes = 0,
        .refused = "INGEST <format> <length>: the length of the body in bytes is expected, not " +
                   (words.length.empty() ? "nothing" : visible(words.length)),
        .hopeless = true};
  const IngestFormat* format = find_ingest_format(words.format);
  const std::size_t most = format == nullptr ? kMaxIngestBody : format->most_bytes;
  Body body{.bytes = 0, .refused = {}, .hopeless = *length > kMaxIngestBody};
  if (!body.hopeless) body.bytes = static_cast<std::size_t>(*length);
  if (format == nullptr)
    body.refused =
        "unknown format " + visible(words.format) + "; expected " + ingest_format_names();
  else if (*length > most)
    body.refused = "INGEST " + std::string(format->name) + ": " + std::to_string(*length) +
                   " bytes are too many, at most " + std::to_string(most) + " are taken";
  else if (*length == 0)
    body.refused = "INGEST " + std::string(format->name) + ": a body of 0 bytes says nothing";
  return body;
}

enum class Arguments { none, some };

struct Command {
  std::string_view name;
  Arguments arguments;
  void (*run)(const Request&);
};
constexpr std::array<Command, 14> kCommands = {{
    {"API_USAGE", Arguments::some, api_usage},
    {"API_USAGE_ALL", Arguments::none, api_usage_all},
    {"SET_USAGE", Arguments::some, set_usage},
    {"SET_QUOTA", Arguments::some, set_quota},
    {"QUOTA", Arguments::some, quota},
    {"GUARD", Arguments::some, guard},
    {"ALERTS", Arguments::none, alerts},
    {"PING", Arguments::none, ping},
    {"RELOAD", Arguments::none, reload},
    {"SOURCES", Arguments::none, sources},
    {"DASHBOARD", Arguments::none, dashboard},
    {"FLUSH", Arguments::none, flush},
    {"INGEST", Arguments::some, ingest},
    {"WATCH", Arguments::some, watch},
}};

const Command* find_command(std::string_view name) {
  for (const Command& command : kCommands)
    if (command.name == name) return &command;
  return nullptr;
}

std::string unknown_command(std::string_view name) {
  if (name.empty()) return "an empty line is no command";
  std::string text = "unknown command " + visible(name) + "; expected";
  for (const Command& command : kCommands)
    text.append(&command == kCommands.data() ? " " : ", ").append(command.name);
  return text;
}

}  // namespace

Body Commands::body_of(std::string_view line) {
  std::string_view arguments = line;
  if (take_word(arguments) != "INGEST") return {};
  return ingest_body(arguments);
}

void Commands::run(std::string_view line, std::string_view body, Answer answer) {
  std::string_view arguments = line;
  const std::string_view name = take_word(arguments);
  const Command* command = find_command(name);
  const Request request{intake_, arguments, body, std::move(answer)};
  if (command == nullptr) return request.error(unknown_command(name));
  if (command->arguments == Arguments::none && !arguments.empty())
    return request.error(std::string(name) + " takes no arguments, not " + visible(arguments));
  command->run(request);
}

}  // namespace shmeter::collector
