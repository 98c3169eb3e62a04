// SPDX-License-Identifier: MIT
#include "collector/report/api_answers.hpp"

namespace shmeter::collector {

ApiResult<std::string> answer(ApiRoute route, StoreReader& store, const ApiQuery& query,
                              const ApiContext& context) {
  switch (route) {
    case ApiRoute::usage:
      return tl::unexpected<ApiError>(
          ApiError{ApiError::Code::invalid, "this is not answered from the store", {}});
    case ApiRoute::events:
      return answer_events(store, query, context);
    case ApiRoute::stats:
      return answer_stats(store, query, context);
    case ApiRoute::history:
      return answer_history(store, query, context);
    case ApiRoute::summary:
      return answer_summary(store, query, context);
    case ApiRoute::timeline:
      break;
  }
  return answer_timeline(store, query, context);
}

}  // namespace shmeter::collector
