// SPDX-License-Identifier: MIT
#include "collector/serve/control_connection.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

// After sys/ioctl.h: SIOCOUTQ.
#include <linux/sockios.h>

#include "collector/serve/line_text.hpp"

namespace shmeter::collector {
namespace {

// Read in one turn of the loop; the others have theirs in between.
constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::size_t kKeptBytes = std::size_t{16} << 10;
// Of a client that does not stop although it was told that nothing is read any more.
constexpr std::size_t kMostThrownAway = std::size_t{64} << 20;

}  // namespace

Result<std::unique_ptr<ControlConnection>> ControlConnection::open(Loop& loop, Fd fd,
                                                                   std::uint64_t id, Host& host) {
  const int number = fd.get();
  std::unique_ptr<ControlConnection> made(new ControlConnection(std::move(fd), id, host));
  auto poll = Poll::make(loop, number, made.get());
  if (!poll) return tl::unexpected(poll.error());
  made->poll_.emplace(std::move(*poll));
  made->poll_->wait_for(UV_READABLE);
  return made;
}

ControlConnection::ControlConnection(Fd fd, std::uint64_t id, Host& host)
    : fd_(std::move(fd)), id_(id), host_(host), reader_(host.service), active_ms_(host.now_ms()) {}

void ControlConnection::ready() noexcept {
  send();  // makes room for answers
  receive();
  work();
  turn_ends();
}

bool ControlConnection::throttled() const {
  return out_.size() - sent_ > host_.most_waiting_bytes || slots_.size() >= host_.most_pending ||
         first_ < behind_;
}

void ControlConnection::receive() {
  if (at_end_ || throttled()) return;
  std::array<char, kReadBytes> bytes;
  const ssize_t n = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n < 0) {
    ended_ = ended_ || (errno != EAGAIN && errno != EINTR);
    return;
  }
  active_ms_ = host_.now_ms();
  at_end_ = n == 0;
  if (deaf_) ended_ = ended_ || (thrown_away_ += static_cast<std::size_t>(n)) > kMostThrownAway;
  if (!deaf_ && !has_feed()) reader_.append({bytes.data(), static_cast<std::size_t>(n)});
}

// Runs what has come, as far as its answers find room.
void ControlConnection::work() {
  using Step = RequestReader::Step;
  working_ = true;
  for (bool hungry = false; !hungry && !deaf_ && !has_feed() && !ended_ && !throttled();) {
    Step step = reader_.next();
    if (step == Step::hungry && at_end_) step = reader_.end();
    hungry = step == Step::hungry;
    if (step == Step::request) {
      slots_.emplace_back();
      if (!reader_.body().empty()) behind_ = first_ + slots_.size();
      host_.service.run(reader_.line(), reader_.body(),
                        host_.answer_for(id_, first_ + slots_.size() - 1));
    } else if (!hungry) {
      deaf_ = step == Step::lost;
      refuse(reader_.refusal());
    } else if (reader_.body_bytes() > 0 && host_.bodies_too_big()) {
      reader_.refuse_body();
      refuse("INGEST: too many bodies are being read at once; try again");
    }
    put_in_order();
  }
  working_ = false;
}

void ControlConnection::refuse(const std::string& reason) {
  slots_.emplace_back(Reply{error_line(reason), nullptr});
}

void ControlConnection::answered(std::uint64_t number, Reply reply) {
  if (number < first_ || number - first_ >= slots_.size()) return;
  slots_[number - first_] = std::move(reply);
  if (working_) return;
  put_in_order();
  work();  // what waited for room
  turn_ends();
}

void ControlConnection::put_in_order() {
  while (!slots_.empty() && slots_.front() && !has_feed()) {
    Reply& reply = *slots_.front();
    out_.append(reply.line).push_back('\n');
    feed_ = std::move(reply.feed);
    slots_.pop_front();
    ++first_;
  }
  if (has_feed()) slots_.clear();  // what a watcher asks behind its WATCH is not answered
}

void ControlConnection::send() {
  while (has_waiting()) {
    const ssize_t n =
        ::send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      ended_ = ended_ || errno != EAGAIN;
      break;
    }
    sent_ += static_cast<std::size_t>(n);
    active_ms_ = host_.now_ms();
  }
  if (has_waiting()) return;
  sent_ = 0;
  if (out_.capacity() > kKeptBytes)
    std::string().swap(out_);
  else
    out_.clear();
}

void ControlConnection::turn_ends() {
  send();
  // What was held back because too much was waiting goes on now; no event would tell us to.
  for (bool more = !has_waiting() && !working_; more && !ended_;) {
    const auto before = first_ + slots_.size();
    work();
    send();
    more = first_ + slots_.size() != before && !has_waiting();
  }
  if (at_end_ && has_feed()) look();
  if (!has_waiting() && slots_.empty() && !has_feed()) {
    if (at_end_) ended_ = true;
    // Closed with bytes of its own unread it would lose the answer: it closes first.
    if (deaf_ && !std::exchange(shut_, true)) ::shutdown(fd_.get(), SHUT_WR);
  }
  if (!ended_) {
    const bool reads = !at_end_ && !throttled();
    poll_->wait_for((reads ? UV_READABLE : 0) | (has_waiting() ? UV_WRITABLE : 0));
  }
  host_.turned(*this);
}

bool ControlConnection::feed() {
  int unread = 0;
  if (has_waiting() || (::ioctl(fd_.get(), SIOCOUTQ, &unread) == 0 && unread > 0)) return false;
  const std::string line = feed_->next();
  if (line.empty()) return true;
  out_.append(line).push_back('\n');
  turn_ends();
  return true;
}

void ControlConnection::look() {
  pollfd poll{.fd = fd_.get(), .events = 0, .revents = 0};
  if (::poll(&poll, 1, 0) > 0 && (poll.revents & (POLLHUP | POLLERR)) != 0) ended_ = true;
}

}  // namespace shmeter::collector
