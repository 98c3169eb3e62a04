// SPDX-License-Identifier: MIT
#include "collector/serve/request_reader.hpp"

#include <algorithm>
#include <utility>

#include "collector/serve/line_text.hpp"

namespace shmeter::collector {
namespace {

// A body's memory grows with what has come, not with what was announced.
constexpr std::size_t kFirstBody = std::size_t{64} << 10;
// What is not given back between requests.
constexpr std::size_t kKeptBytes = std::size_t{16} << 10;

void let_go(std::string& text) {
  if (text.capacity() > kKeptBytes)
    std::string().swap(text);
  else
    text.clear();
}

}  // namespace

void RequestReader::append(std::string_view bytes) {
  if (lost_) return;
  in_.erase(0, std::exchange(at_, 0));
  const std::size_t skipped = std::min(skip_, in_.empty() ? bytes.size() : 0);
  skip_ -= skipped;
  in_ += bytes.substr(skipped);
}

RequestReader::Step RequestReader::next() {
  if (std::exchange(done_, false)) let_go(body_);
  if (lost_) return Step::hungry;
  const std::size_t skipped = std::min(skip_, in_.size() - at_);
  skip_ -= skipped;
  at_ += skipped;
  if (!in_body_)
    if (const Step step = take_line(); step != Step::request || need_ == 0) return step;
  take_body();
  if (need_ > 0) return Step::hungry;
  in_body_ = false;
  done_ = true;
  return Step::request;
}

// A whole line and no body to wait for is a request at once; a body is then still needed.
RequestReader::Step RequestReader::take_line() {
  const std::string_view rest = std::string_view(in_).substr(at_);
  const auto newline = rest.find('\n');
  if (newline > kMaxRequestLine &&
      (newline != std::string_view::npos || rest.size() > kMaxRequestLine))
    return refuse("line too long: at most 65536 bytes are read", Step::lost);
  if (newline == std::string_view::npos) {
    if (at_ == in_.size()) let_go(in_), at_ = 0;
    return Step::hungry;
  }
  line_ = rest.substr(0, newline);
  at_ += newline + 1;
  if (line_.ends_with('\r')) line_.pop_back();
  Body body = service_.body_of(line_);
  if (body.refused) {
    skip_ = body.bytes;
    return refuse(std::move(*body.refused), body.hopeless ? Step::lost : Step::refused);
  }
  need_ = body.bytes;
  in_body_ = need_ > 0;
  done_ = !in_body_;
  return Step::request;
}

void RequestReader::take_body() {
  const std::size_t n = std::min(need_, in_.size() - at_);
  if (body_.capacity() < body_.size() + n)
    body_.reserve(std::min(body_.size() + need_, std::max(2 * body_.capacity(), kFirstBody)));
  body_.append(in_, at_, n);
  need_ -= n;
  at_ += n;
}

RequestReader::Step RequestReader::end() {
  if (lost_) return Step::hungry;
  const bool line_left = !in_body_ && skip_ == 0 && at_ < in_.size();
  if (!line_left && !in_body_) return Step::hungry;
  return refuse(in_body_ ? "the last " + std::to_string(need_) + " bytes of the body did not come"
                         : std::string("the last line has no newline"),
                Step::lost);
}

void RequestReader::refuse_body() {
  skip_ = std::exchange(need_, 0);
  in_body_ = false;
  std::string().swap(body_);
}

RequestReader::Step RequestReader::refuse(std::string reason, Step step) {
  refusal_ = std::move(reason);
  lost_ = step == Step::lost;
  if (lost_) {
    std::string().swap(in_);
    std::string().swap(body_);
    at_ = need_ = 0;
    in_body_ = false;
  }
  return step;
}

}  // namespace shmeter::collector
