// SPDX-License-Identifier: MIT
#include "collector/command/store_queries.hpp"

#include <utility>
#include <vector>

#include "collector/report/api_answers.hpp"

namespace shmeter::collector {
namespace {

// What is asked of the last days moves with the clock: so long an answer is the same.
constexpr i64 kSame_ms = 60'000;

ApiRoute route_of(UsageQueries::Question question) {
  switch (question) {
    case UsageQueries::Question::usage:
      return ApiRoute::usage;
    case UsageQueries::Question::events:
      return ApiRoute::events;
    case UsageQueries::Question::stats:
      return ApiRoute::stats;
    case UsageQueries::Question::history:
      return ApiRoute::history;
    case UsageQueries::Question::summary:
      return ApiRoute::summary;
    case UsageQueries::Question::timeline:
      break;
  }
  return ApiRoute::timeline;
}

HttpReply refusal(const ApiError& error) {
  const unsigned status = error.code == ApiError::Code::invalid     ? 400
                          : error.code == ApiError::Code::not_found ? 404
                                                                    : 503;
  return http_error(status, error.message, error.field);
}

/// What a question is answered from beside the store, as it was when it was asked.
struct Asked {
  ApiRoute route;
  ApiQuery query;
  Config config;
  i64 now_ms;
  std::string etag;
};

HttpReply reply_of(ApiResult<std::string> body, std::string etag) {
  if (!body) return refusal(body.error());
  HttpReply reply;
  reply.body = std::move(*body);
  reply.etag = std::move(etag);
  return reply;
}

HttpReply answered(StoreReader& store, const Asked& asked) {
  const Calendar calendar(asked.config.timezone, asked.config.week_start);
  return reply_of(answer(asked.route, store, asked.query, {asked.config, calendar, asked.now_ms}),
                  asked.etag);
}

}  // namespace

StoreQueries::StoreQueries(Loop& loop, Intake& intake, Store* store,
                           std::function<const Config&()> config)
    : intake_(intake), config_(std::move(config)) {
  if (store != nullptr) thread_ = std::make_shared<QueryThread>(loop, *store);
}

const Calendar& StoreQueries::calendar(const Config& config) {
  if (!calendar_ || zone_ != config.timezone || week_start_ != config.week_start) {
    zone_ = config.timezone;
    week_start_ = config.week_start;
    calendar_.emplace(zone_, week_start_);
  }
  calendar_->refresh();
  return *calendar_;
}

void StoreQueries::ask(Question question, Parameters parameters, HttpAnswer answer) {
  const Config& config = config_();
  const std::vector<ApiParameter> given(parameters.begin(), parameters.end());
  const ApiRoute route = route_of(question);
  const Calendar& calendar = this->calendar(config);
  auto query = parse_api_query(route, given, calendar);
  if (!query) return answer(refusal(query.error()));
  const i64 now_ms = intake_.now_ms();
  const auto accounts = intake_.picture().accounts;
  std::string etag = '"' + std::to_string(intake_.picture_number()) + '.' +
                     std::to_string(now_ms / kSame_ms) + '"';
  if (route == ApiRoute::usage)
    return answer(reply_of(answer_usage(accounts, *query, {config, calendar, now_ms}), etag));
  if (!thread_)
    return answer(http_error(503,
                             "no events are kept: [store] keep = \"memory\", or there is no "
                             "place to keep them"));
  const auto asked = std::make_shared<const Asked>(
      Asked{route, std::move(*query), config, now_ms, std::move(etag)});
  const auto work = [asked](StoreReader& store) { return answered(store, *asked); };
  const std::weak_ptr<QueryThread> thread = thread_;
  // Also what could not be stored is no reason not to say what is.
  intake_.flush([thread, work, answer = std::move(answer)](const Result<void>&) {
    if (const auto alive = thread.lock()) alive->ask(work, answer);
  });
}

}  // namespace shmeter::collector
