// SPDX-License-Identifier: MIT
#include "collector/command/store_queries.hpp"

#include <utility>
#include <vector>

#include "collector/report/api_answers.hpp"
#include "collector/serve/picture_line.hpp"

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

std::vector<ApiLiveAccount> live_accounts(const shm::Picture& picture, i64 now_s) {
  std::vector<ApiLiveAccount> all;
  for (const shm::Account& account : picture.accounts) {
    ApiLiveAccount& one = all.emplace_back();
    one.name = account.name.view();
    one.windows.clear();
    formats::write_windows(account, now_s, append_to, &one.windows);
    one.block_began_s = account.block.started_at_s;
  }
  return all;
}

/// What a question is answered from beside the store, as it was when it was asked.
struct Asked {
  ApiRoute route;
  ApiQuery query;
  Config config;
  i64 now_ms;
  std::vector<ApiLiveAccount> accounts;
  std::string etag;
};

HttpReply answered(StoreReader& store, const Asked& asked) {
  const Calendar calendar(asked.config.timezone, asked.config.week_start);
  ApiContext context{asked.config, calendar, asked.now_ms};
  // Who has one account means that one.
  if (asked.accounts.size() == 1) context.windows = asked.accounts.front().windows;
  context.accounts = asked.accounts;
  auto body = answer(asked.route, store, asked.query, context);
  if (!body) return refusal(body.error());
  HttpReply reply;
  reply.body = std::move(*body);
  reply.etag = asked.etag;
  return reply;
}

}  // namespace

StoreQueries::StoreQueries(Loop& loop, Intake& intake, Store* store,
                           std::function<const Config&()> config)
    : intake_(intake), config_(std::move(config)) {
  if (store != nullptr) thread_ = std::make_shared<QueryThread>(loop, *store);
}

void StoreQueries::ask(Question question, Parameters parameters, HttpAnswer answer) {
  if (!thread_)
    return answer(http_error(503,
                             "no events are kept: [store] keep = \"memory\", or there is no "
                             "place to keep them"));
  const Config& config = config_();
  const std::vector<ApiParameter> given(parameters.begin(), parameters.end());
  const ApiRoute route = route_of(question);
  auto query = parse_api_query(route, given, Calendar(config.timezone, config.week_start));
  if (!query) return answer(refusal(query.error()));
  const i64 now_ms = intake_.now_ms();
  const auto asked = std::make_shared<const Asked>(Asked{
      route, std::move(*query), config, now_ms, live_accounts(intake_.picture(), now_ms / 1000),
      '"' + std::to_string(intake_.picture_number()) + '.' + std::to_string(now_ms / kSame_ms) +
          '"'});
  const auto work = [asked](StoreReader& store) { return answered(store, *asked); };
  const std::weak_ptr<QueryThread> thread = thread_;
  // Also what could not be stored is no reason not to say what is.
  intake_.flush([thread, work, answer = std::move(answer)](const Result<void>&) {
    if (const auto alive = thread.lock()) alive->ask(work, answer);
  });
}

}  // namespace shmeter::collector
