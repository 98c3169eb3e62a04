// SPDX-License-Identifier: MIT
// HTTP requests that we send, by libcurl on the collector's loop. Invariant: only http and https,
// to that address and no other, with the server's certificate checked; each has a fixed time and
// takes in a bounded answer, of which only the head is looked at; nothing here waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/loop/handles.hpp"
#include "collector/result.hpp"

namespace shmeter::collector {

class HttpClient {
 public:
  struct Limits {
    std::uint64_t time_ms = 10'000;  // from the first look at its name to the end of the answer
    std::size_t answer_bytes = std::size_t{64} << 10;  // of its body; the rest is not taken
  };
  struct Post {
    std::string url;
    std::vector<std::string> headers;  // `Name: value`
    std::string body;
  };
  /// The head of an answer, also when its body was too long, or did not come to its end in time.
  struct Got {
    long status = 0;
    std::int64_t retry_after_s = 0;  // as the server wishes; 0 = it does not say
  };
  using Done = std::function<void(Result<Got>)>;

  /// Loads libcurl: some milliseconds and megabytes. Errors: not_found, unavailable.
  static Result<std::unique_ptr<HttpClient>> make(Loop& loop, Limits limits);
  static Result<std::unique_ptr<HttpClient>> make(Loop& loop) { return make(loop, Limits{}); }
  /// Lets go of what is on its way; nothing is answered then.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// `done` is called once, in a later turn of the loop; this must not be destroyed in there.
  /// Errors: invalid (no such address can be), unavailable (with why). How many run at once is the
  /// caller's to bound.
  void post(Post request, Done done);
  std::size_t running() const;

 private:
  class Curl;  // the library's side
  explicit HttpClient(std::unique_ptr<Curl> curl);
  std::unique_ptr<Curl> curl_;
};

}  // namespace shmeter::collector
