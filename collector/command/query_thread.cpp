// SPDX-License-Identifier: MIT
#include "collector/command/query_thread.hpp"

#include <utility>

namespace shmeter::collector {

QueryThread::QueryThread(Loop& loop, Store& store)
    : store_(store), worker_(loop, [this] { reader_.reset(); }) {}

void QueryThread::ask(Work work, HttpAnswer answer) {
  if (worker_.waiting() >= kMostWaiting)
    return answer(http_error(503, "too many questions wait; try again in a second"));
  const auto reply = std::make_shared<HttpReply>();
  worker_.post([this, work = std::move(work), reply] { *reply = perform(work); },
               [answer = std::move(answer), reply] { answer(std::move(*reply)); });
}

HttpReply QueryThread::perform(const Work& work) {
  if (!reader_) {
    auto reader = store_.reader();
    if (!reader) return http_error(503, reader.error().message);
    reader_ = std::move(*reader);
  }
  return work(*reader_);
}

}  // namespace shmeter::collector
