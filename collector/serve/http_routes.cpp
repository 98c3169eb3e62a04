// SPDX-License-Identifier: MIT
#include "collector/serve/http_routes.hpp"

#include <algorithm>
#include <array>

#include "collector/serve/dashboard_page.hpp"
#include "collector/serve/guard_words.hpp"
#include "collector/serve/ingest_formats.hpp"
#include "collector/serve/line_text.hpp"
#include "collector/serve/openapi.hpp"
#include "collector/serve/picture_feed.hpp"
#include "collector/serve/picture_line.hpp"
#include "collector/source/events_json.hpp"
#include "formats/json_writer.hpp"

namespace shmeter::collector {
namespace {

using Question = UsageQueries::Question;

/// A request on its way.
struct Request {
  Intake& intake;
  UsageQueries& queries;
  OtlpIntake& otlp;
  HttpGate& gate;
  const HttpHead& head;
  std::string_view rest;  // of the path, behind the route's own
  std::string& body;
  HttpAnswer answer;
  HighWater& said;

  i64 now_s() const { return intake.now_ms() / 1000; }
  void error(unsigned status, std::string_view message, std::string_view field = {}) const {
    answer(http_error(status, message, field));
  }
  /// Of the picture: it stays the same until that changes, ages left out.
  void picture(std::string text) const {
    HttpReply reply;
    reply.body = std::move(text);
    reply.etag = '"' + std::to_string(intake.picture_number()) + '"';
    answer(std::move(reply));
  }
};

/// The member of that name, in the line of `shmeter json`.
std::string member_of(const std::string& line, std::string_view name, std::string_view next) {
  // A quote inside a text is escaped, so these stand in no text.
  const auto begin = line.find(",\"" + std::string(name) + "\":") + 1;
  return line.substr(begin, line.find(",\"" + std::string(next) + "\":", begin) - begin);
}

std::string sessions_member(const Request& request, std::span<const shm::Session> sessions) {
  formats::JsonPicture picture = own_picture(request.intake.picture(), request.now_s());
  picture.sessions = sessions;
  return member_of(picture_line(picture), "sessions", "problems");
}

void healthz(const Request& request) {
  const bool complete = request.intake.picture().summary.completeness ==
                        static_cast<i64>(shm::Completeness::complete);
  HttpReply reply;
  reply.body = std::string(R"({"status":")") + (complete ? "ok" : "starting") +
               R"(","version":")" SHMETER_VERSION R"("})";
  request.answer(std::move(reply));
}

void quota(const Request& request) {
  formats::JsonPicture picture = own_picture(request.intake.picture(), request.now_s());
  const std::string_view name = request.head.parameter("account");
  if (!name.empty()) {
    const u32 account = request.intake.find_account(name);
    if (account == Model::kNoAccount)
      return request.error(404, "unknown account " + visible(name), "account");
    picture = own_picture(request.intake.picture(), request.now_s());
    if (account < picture.accounts.size()) picture.accounts = picture.accounts.subspan(account, 1);
  }
  request.picture(accounts_line(picture));
}

void sessions(const Request& request) {
  const shm::Picture& picture = request.intake.picture();
  std::vector<shm::Session> all;
  const std::size_t most = std::min<std::size_t>(picture.sessions.size(), shm::kSessions);
  all.reserve(most);
  for (const shm::Session* session : picture.sessions.first(most)) all.push_back(*session);
  request.picture('{' + sessions_member(request, all) + '}');
}

void session(const Request& request) {
  const shm::Session* found =
      valid_session_id(request.rest) ? request.intake.model().find_session(request.rest) : nullptr;
  if (found == nullptr) return request.error(404, "unknown session " + visible(request.rest));
  const shm::Session copy = *found;
  const std::string member = sessions_member(request, {&copy, 1});
  const auto begin = member.find('[') + 1;
  request.picture(member.substr(begin, member.size() - begin - 1));
}

void allowed(const Request& request) {
  GuardQuestion question;
  const std::string_view need = request.head.parameter("need");
  if (!need.empty()) {
    const auto parsed = parse_need(need);
    if (!parsed) return request.error(400, parsed.error().message, "need");
    question.need = *parsed;
  }
  question.account = request.head.parameter("account");
  question.window = request.head.parameter("window");
  const auto answer = guard(request.intake.picture().accounts, question, request.now_s());
  if (!answer) {
    const bool no_account = answer.error().code == Errc::not_found;
    return request.error(no_account ? 404 : 400, answer.error().message,
                         no_account ? "account" : "window");
  }
  request.picture(to_json(*answer));
}

void metrics(const Request& request) {
  const MetricsForm form = metrics_form(request.head.accept);
  HttpReply reply;
  reply.type = form == MetricsForm::openmetrics ? kOpenMetricsType : kMetricsType;
  reply.body = metrics_text(
      {request.intake.picture(), request.now_s(), process_figures(), request.intake.figures()},
      request.said, form);
  request.answer(std::move(reply));
}

/// What a watcher of the control socket is told, as server-sent events with the picture's number.
class EventStream final : public Feed {
 public:
  EventStream(Intake& intake, std::string_view last_event_id)
      : intake_(intake), feed_(intake, PictureFeed::About::everything) {
    // Who has this picture already is told what changes in it.
    if (last_event_id == std::to_string(intake.picture_number())) feed_.next();
  }
  std::string next() override {
    const std::string line = feed_.next();
    const bool first = std::exchange(first_, false);
    if (line.empty()) return first ? ":\n\n" : "";
    return "id: " + std::to_string(intake_.picture_number()) + "\ndata: " + line + "\n\n";
  }

 private:
  Intake& intake_;
  PictureFeed feed_;
  bool first_ = true;  // a head goes out with something behind it
};

void stream(const Request& request) {
  HttpReply reply;
  reply.type = "text/event-stream";
  reply.feed = std::make_unique<EventStream>(request.intake, request.head.last_event_id);
  request.answer(std::move(reply));
}

void openapi(const Request& request) {
  HttpReply reply;
  reply.body = kOpenApi;
  request.answer(std::move(reply));
}

UsageQueries::Parameters parameters_of(const HttpHead& head) {
  UsageQueries::Parameters all;
  for (const auto& [name, value] : head.query) all.emplace_back(name, value);
  return all;
}

template <Question question>
void ask(const Request& request) {
  request.queries.ask(question, parameters_of(request.head), request.answer);
}

/// One route, two answers: with a filter the events, else the running period.
void usage(const Request& request) {
  const bool filtered =
      std::any_of(request.head.query.begin(), request.head.query.end(),
                  [](const auto& parameter) { return parameter.first != "account"; });
  filtered ? ask<Question::events>(request) : ask<Question::usage>(request);
}

/// `[2].value: negative` is about the member `[2].value`.
HttpReply refused_body(const std::string& message) {
  const auto colon = message.find(": ");
  const bool names_member = colon != message.npos && message.find(' ') > colon;
  return http_error(400, message, names_member ? std::string_view(message).substr(0, colon) : "");
}

HttpReply stored_ids(const std::vector<std::string>& ids) {
  HttpReply reply;
  formats::JsonWriter out(append_to, &reply.body);
  out.open('{');
  out.name("ids");
  out.open('[');
  for (const std::string& id : ids) out.string(id);
  out.close(']');
  out.close('}');
  out.end();
  return reply;
}

struct Posted {
  ObservationBatch batch;
  std::vector<std::string> ids;
};

void post_events(const Request& request) {
  const auto parse = [now_ms = request.intake.now_ms()](const std::string& body) -> Result<Posted> {
    Posted posted;
    auto ids = parse_events(body, now_ms, make_event_id,
                            [&](const Observation& seen) { posted.batch.add(seen); });
    if (!ids) return tl::unexpected<Error>(ids.error());
    posted.ids = std::move(*ids);
    return posted;
  };
  const auto follow = [&intake = request.intake, answer = request.answer](Result<Posted> posted) {
    if (!posted) return answer(refused_body(posted.error().message));
    intake.take(std::move(posted->batch), intake.account_of({}, {}),
                [answer, ids = std::move(posted->ids)](const Result<void>& stored) {
                  answer(stored ? stored_ids(ids)
                                : http_error(503, "not stored: " + stored.error().message));
                });
  };
  if (!parse_aside(request.intake, std::move(request.body), parse, follow))
    request.answer(http_error(503, kTooMuchAtOnce));
}

template <OtlpSignal signal>
void post_otlp(const Request& request) {
  request.otlp.take(signal, request.head, std::move(request.body), request.answer);
}

constexpr std::string_view kPage = "/";
constexpr std::string_view kLink = "once";

bool is_link(const HttpHead& head) { return head.path == kPage && !head.parameter(kLink).empty(); }

/// Who comes with a link that opens goes on with a cookie.
void page(const Request& request) {
  if (is_link(request.head)) {
    const auto secret =
        request.gate.pages().open(request.head.parameter(kLink), request.intake.now_ms());
    return request.answer(secret.empty() ? dashboard_closed(401)
                                         : dashboard_opened(request.gate.session_cookie(secret)));
  }
  auto file = dashboard_file(request.head.path);
  if (!file) return request.error(404, "there is nothing at " + visible(request.head.path));
  request.answer(std::move(*file));
}

struct Route {
  HttpMethod method;
  std::string_view path;        // with a `/` at its end: and one name behind it
  std::string_view parameters;  // by a space each
  HttpAccess access;
  std::size_t most_body;
  void (*run)(const Request&);
};

constexpr auto kGet = HttpMethod::get;
constexpr auto kRead = HttpAccess::read;
constexpr std::array<Route, 21> kRoutes = {{
    {kGet, kPage, kLink, kRead, 0, page},
    {kGet, "/chart.js", "", kRead, 0, page},
    {kGet, "/dashboard.css", "", kRead, 0, page},
    {kGet, "/dashboard.js", "", kRead, 0, page},
    {kGet, "/dashboard/", "", kRead, 0, page},
    {kGet, "/healthz", "", HttpAccess::open, 0, healthz},
    {kGet, "/api/openapi.json", "", kRead, 0, openapi},
    {kGet, "/api/quota", "account", kRead, 0, quota},
    {kGet, "/api/sessions", "", kRead, 0, sessions},
    {kGet, "/api/sessions/", "", kRead, 0, session},
    {kGet, "/api/stream", "", kRead, 0, stream},
    {kGet, "/api/usage", "account sessionId agentName eventType after before limit cursor", kRead,
     0, usage},
    {kGet, "/api/usage/allowed", "need account window", kRead, 0, allowed},
    {kGet, "/api/usage/history", "granularity after before", kRead, 0, ask<Question::history>},
    {kGet, "/api/usage/stats", "account sessionId agentName eventType after before", kRead, 0,
     ask<Question::stats>},
    {kGet, "/api/usage/summary", "period after before", kRead, 0, ask<Question::summary>},
    {kGet, "/api/usage/timeline", "period groupBy", kRead, 0, ask<Question::timeline>},
    {kGet, "/metrics", "", kRead, 0, metrics},
    {HttpMethod::post, "/api/usage/events", "", HttpAccess::write, kMaxEventsJson, post_events},
    {HttpMethod::post, "/v1/logs", "", HttpAccess::write, OtlpIntake::kMostBytes,
     post_otlp<OtlpSignal::logs>},
    {HttpMethod::post, "/v1/metrics", "", HttpAccess::write, OtlpIntake::kMostBytes,
     post_otlp<OtlpSignal::metrics>},
}};

bool takes(const Route& route, std::string_view parameter) {
  std::string_view rest = route.parameters;
  for (auto word = take_word(rest); !word.empty(); word = take_word(rest))
    if (word == parameter) return true;
  return false;
}

/// The first that is not known here, or there twice; empty = none.
std::string_view wrong_parameter(const Route& route, const HttpHead& head) {
  for (auto one = head.query.begin(); one != head.query.end(); ++one) {
    const auto same = [&](const auto& other) { return other.first == one->first; };
    if (!takes(route, one->first) || std::any_of(head.query.begin(), one, same)) return one->first;
  }
  return {};
}

bool matches(const Route& route, std::string_view path) {
  if (!route.path.ends_with('/') || route.path == kPage) return path == route.path;
  return path.starts_with(route.path) && path.size() > route.path.size() &&
         path.find('/', route.path.size()) == path.npos;
}

/// What is asked for, or what there is at that path instead.
struct Found {
  const Route* route = nullptr;
  std::string allow;
};

Found find_route(const HttpHead& head) {
  Found found;
  for (const Route& route : kRoutes) {
    if (!matches(route, head.path)) continue;
    if (route.method == head.method) found.route = &route;
    found.allow = route.method == HttpMethod::get ? "GET, HEAD" : "POST";
  }
  return found;
}

}  // namespace

std::vector<HttpRoutes::Known> HttpRoutes::all() {
  std::vector<Known> known;
  for (const Route& route : kRoutes) known.push_back({route.method, route.path, route.parameters});
  return known;
}

std::optional<HttpReply> HttpRoutes::refuse(const HttpHead& head, std::size_t& most) {
  const Found found = find_route(head);
  // Who has no token does not learn either what there is.
  const HttpAccess access = found.route == nullptr ? HttpAccess::read
                            : is_link(head)        ? HttpAccess::open
                                                   : found.route->access;
  if (auto refused = gate_.refuse(head, access, intake_.now_ms())) {
    if (refused->status == 401 && head.path.starts_with("/v1/")) return refuse_telemetry();
    const bool by_people = head.path == kPage && (refused->status == 401 || refused->status == 403);
    return by_people ? dashboard_closed(refused->status) : std::move(refused);
  }
  if (found.route != nullptr) {
    most = found.route->most_body;
    return {};
  }
  if (found.allow.empty()) return http_error(404, "there is nothing at " + visible(head.path));
  HttpReply reply = http_error(405, "only " + found.allow + " at " + visible(head.path));
  reply.allow = found.allow;
  return reply;
}

/// A client that was set up long ago: nobody looks at what it is answered.
HttpReply HttpRoutes::refuse_telemetry() {
  const char* const why =
      "telemetry has no token, or an old one: run `shmeter setup otel`, then start the client anew";
  if (!std::exchange(said_refused_, true)) say_(why);
  return http_error(401, why);
}

void HttpRoutes::run(const HttpHead& head, std::string body, HttpAnswer answer) {
  const Route& route = *find_route(head).route;
  if (const auto wrong = wrong_parameter(route, head); !wrong.empty())
    return answer(http_error(400, visible(wrong) + " is not known here, or is there twice", wrong));
  const std::string_view rest = head.path.substr(std::min(route.path.size(), head.path.size()));
  route.run({intake_, queries_, otlp_, gate_, head, rest, body, std::move(answer), said_});
}

}  // namespace shmeter::collector
