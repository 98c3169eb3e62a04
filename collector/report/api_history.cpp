// SPDX-License-Identifier: MIT
// Days, weeks or months in which something was used; what lies between is left out.
#include <map>

#include "collector/ledger/ledger.hpp"
#include "collector/report/api_answers.hpp"
#include "collector/report/api_reading.hpp"
#include "collector/report/day.hpp"
#include "collector/report/json_text.hpp"

namespace shmeter::collector {
namespace {

Period period_of(const Calendar& calendar, ApiSpan granularity, i64 at_s) {
  switch (granularity) {
    case ApiSpan::day:
      return calendar.day(at_s);
    case ApiSpan::week:
      return calendar.week(at_s);
    case ApiSpan::month:
      break;
  }
  return calendar.month(at_s);
}

std::string write_time(const Calendar& calendar, i64 at_s) {
  return write_iso_local(at_s, calendar.offset_s(at_s));
}

}  // namespace

ApiResult<std::string> answer_history(StoreReader& store, const ApiQuery& query,
                                      const ApiContext& context) {
  const auto reading = ApiReading::of(store);
  if (!reading) return tl::unexpected(reading.error());
  struct Sum {
    Period period;
    shm::Usage usage = shm::no_usage();
  };
  std::map<i64, Sum> sums;
  Sum* last = nullptr;  // amounts come by time
  const auto read =
      reading->totals({query.after_ms, query.before_ms}, [&](i64 at_s, const shm::Usage& amount) {
        if (last == nullptr || !last->period.contains(at_s)) {
          const Period period = period_of(context.calendar, query.granularity, at_s);
          last = &sums[period.begin_s];
          last->period = period;
        }
        add(last->usage, amount);
      });
  if (!read) return tl::unexpected(read.error());
  JsonText out;
  out.open('{').name("periods").open('[');
  for (const auto& [begin_s, sum] : sums) {
    if (sum.usage == shm::no_usage()) continue;  // booked, and taken back
    out.open('{').name("period_start").text(write_time(context.calendar, begin_s));
    out.name("period_end").text(write_time(context.calendar, sum.period.end_s));
    out.usage(sum.usage).close('}');
  }
  return out.close(']').close('}').take();
}

}  // namespace shmeter::collector
