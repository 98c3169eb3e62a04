// SPDX-License-Identifier: MIT
#include "collector/fetch/http_client.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "collector/fetch/libcurl.hpp"
#include "collector/loop/uv_handle.hpp"

namespace shmeter::collector {
namespace {

constexpr const char* kProtocols = "http,https";

/// One request on its way. What it points to must stay until the library has let go of it.
struct Transfer {
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  HttpClient::Post request;
  HttpClient::Done done;
  std::size_t room = 0;  // for the answer's body
  std::array<char, CURL_ERROR_SIZE> trouble{};
};

/// Looks at nothing of it; ends the transfer when there is too much.
std::size_t take_body(char*, std::size_t, std::size_t bytes, void* place) noexcept {
  Transfer& transfer = *static_cast<Transfer*>(place);
  if (bytes > transfer.room) return CURL_WRITEFUNC_ERROR;
  transfer.room -= bytes;
  return bytes;
}

}  // namespace

class HttpClient::Curl {
 public:
  Curl(Loop& loop, const Libcurl& lib, Limits limits)
      : loop_(loop),
        lib_(lib),
        limits_(limits),
        timer_(loop, [this] { act(CURL_SOCKET_TIMEOUT, 0); }) {}
  ~Curl();
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;

  bool open();
  void post(Post request, Done done);
  std::size_t running() const { return transfers_.size() + refused_.size(); }

 private:
  struct Socket {
    Curl* curl = nullptr;
    curl_socket_t fd = CURL_SOCKET_BAD;
    UvHandle<uv_poll_t> poll;
  };

  void set_options(Transfer& transfer) const;
  void refuse(Done done);
  void act(curl_socket_t fd, int events);
  void finish(CURL* easy, CURLcode code);
  Result<Got> result_of(const Transfer& transfer, CURLcode code) const;
  void let_go(Transfer& transfer);
  bool watch(curl_socket_t fd, int what);

  // What the libraries call.
  static int socket_changed(CURL* easy, curl_socket_t fd, int what, void* self, void*) noexcept;
  static int timer_changed(CURLM* multi, long after_ms, void* self) noexcept;
  static void socket_ready(uv_poll_t* handle, int status, int events) noexcept;

  Loop& loop_;
  const Libcurl& lib_;
  Limits limits_;
  CURLM* multi_ = nullptr;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers_;
  std::vector<Done> refused_;  // by the library; answered in a turn of their own
  std::map<curl_socket_t, std::unique_ptr<Socket>> sockets_;
  Timer timer_;
};

bool HttpClient::Curl::open() {
  multi_ = lib_.curl_multi_init();
  return multi_ != nullptr &&
         lib_.curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Curl::socket_changed) ==
             CURLM_OK &&
         lib_.curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this) == CURLM_OK &&
         lib_.curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Curl::timer_changed) == CURLM_OK &&
         lib_.curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this) == CURLM_OK;
}

HttpClient::Curl::~Curl() {
  for (auto& [easy, transfer] : transfers_) let_go(*transfer);
  if (multi_ != nullptr) lib_.curl_multi_cleanup(multi_);
}

void HttpClient::Curl::let_go(Transfer& transfer) {
  lib_.curl_multi_remove_handle(multi_, transfer.easy);
  lib_.curl_easy_cleanup(transfer.easy);
  lib_.curl_slist_free_all(transfer.headers);
}

void HttpClient::Curl::set_options(Transfer& transfer) const {
  const auto set = [&](CURLoption option, auto value) {
    lib_.curl_easy_setopt(transfer.easy, option, value);
  };
  set(CURLOPT_PROTOCOLS_STR, kProtocols);
  set(CURLOPT_REDIR_PROTOCOLS_STR, kProtocols);
  set(CURLOPT_FOLLOWLOCATION, 0L);  // what is signed for one address is not taken to another
  set(CURLOPT_URL, transfer.request.url.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.request.body.size()));
  set(CURLOPT_POSTFIELDS, transfer.request.body.c_str());
  set(CURLOPT_HTTPHEADER, transfer.headers);
  set(CURLOPT_USERAGENT, "shmeter/" SHMETER_VERSION);
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, &transfer);
  set(CURLOPT_ERRORBUFFER, transfer.trouble.data());
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.time_ms));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);  // they are rare: nothing stays open between them
  set(CURLOPT_QUICK_EXIT, 1L);    // a name that is still looked up holds up no end
}

void HttpClient::Curl::refuse(Done done) {
  refused_.push_back(std::move(done));
  timer_.start_once(0);
}

void HttpClient::Curl::post(Post request, Done done) {
  auto transfer = std::make_unique<Transfer>();
  transfer->easy = lib_.curl_easy_init();
  if (transfer->easy == nullptr) return refuse(std::move(done));
  transfer->request = std::move(request);
  transfer->done = std::move(done);
  transfer->room = limits_.answer_bytes;
  transfer->request.headers.emplace_back("Expect:");  // it would wait for a leave that few give
  for (const std::string& line : transfer->request.headers)
    transfer->headers = lib_.curl_slist_append(transfer->headers, line.c_str());
  set_options(*transfer);
  CURL* const easy = transfer->easy;
  Transfer& kept = *(transfers_[easy] = std::move(transfer));
  if (lib_.curl_multi_add_handle(multi_, easy) == CURLM_OK) return;
  refuse(std::move(kept.done));
  let_go(kept);
  transfers_.erase(easy);
}

void HttpClient::Curl::act(curl_socket_t fd, int events) {
  int running = 0;
  lib_.curl_multi_socket_action(multi_, fd, events, &running);
  int left = 0;
  while (const CURLMsg* message = lib_.curl_multi_info_read(multi_, &left))
    if (message->msg == CURLMSG_DONE) finish(message->easy_handle, message->data.result);
  for (const Done& done : std::exchange(refused_, {}))
    done(fail(Errc::unavailable, "libcurl takes no more requests"));
}

/// The message is gone with its handle.
void HttpClient::Curl::finish(CURL* easy, CURLcode code) {
  const auto at = transfers_.find(easy);
  if (at == transfers_.end()) return;
  const std::unique_ptr<Transfer> transfer = std::move(at->second);
  transfers_.erase(at);
  const Result<Got> result = result_of(*transfer, code);
  let_go(*transfer);
  transfer->done(result);
}

Result<HttpClient::Got> HttpClient::Curl::result_of(const Transfer& transfer, CURLcode code) const {
  Got got;
  curl_off_t after_s = 0;
  lib_.curl_easy_getinfo(transfer.easy, CURLINFO_RESPONSE_CODE, &got.status);
  lib_.curl_easy_getinfo(transfer.easy, CURLINFO_RETRY_AFTER, &after_s);
  got.retry_after_s = std::max<std::int64_t>(after_s, 0);
  // Its head said all that we want to know.
  if (code == CURLE_OK || got.status >= 200) return got;
  const bool never = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
  const char* const why =
      transfer.trouble[0] != '\0' ? transfer.trouble.data() : lib_.curl_easy_strerror(code);
  return fail(never ? Errc::invalid : Errc::unavailable, why);
}

bool HttpClient::Curl::watch(curl_socket_t fd, int what) {
  auto& socket = sockets_[fd];
  if (!socket) {
    socket = std::make_unique<Socket>();
    socket->curl = this;
    socket->fd = fd;
    auto poll = UvHandle<uv_poll_t>::make("poll", socket.get(), uv_poll_init, loop_.get(), fd);
    if (!poll) {
      sockets_.erase(fd);
      return false;
    }
    socket->poll = std::move(*poll);
  }
  const int events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) |
                     ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
  return uv_poll_start(socket->poll.get(), events, &Curl::socket_ready) == 0;
}

int HttpClient::Curl::socket_changed(CURL*, curl_socket_t fd, int what, void* self,
                                     void*) noexcept {
  Curl& curl = *static_cast<Curl*>(self);
  if (what != CURL_POLL_REMOVE) return curl.watch(fd, what) ? 0 : -1;
  curl.sockets_.erase(fd);
  return 0;
}

int HttpClient::Curl::timer_changed(CURLM*, long after_ms, void* self) noexcept {
  Timer& timer = static_cast<Curl*>(self)->timer_;
  if (after_ms < 0)
    timer.stop();
  else
    timer.start_once(static_cast<std::uint64_t>(after_ms));
  return 0;
}

void HttpClient::Curl::socket_ready(uv_poll_t* handle, int status, int events) noexcept {
  const auto* const socket = static_cast<const Socket*>(handle->data);
  if (socket == nullptr) return;
  int what = 0;
  if (status < 0) what |= CURL_CSELECT_ERR;
  if ((events & UV_READABLE) != 0) what |= CURL_CSELECT_IN;
  if ((events & UV_WRITABLE) != 0) what |= CURL_CSELECT_OUT;
  socket->curl->act(socket->fd, what);
}

// ---- The face -----------------------------------------------------------------------------------

HttpClient::HttpClient(std::unique_ptr<Curl> curl) : curl_(std::move(curl)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::make(Loop& loop, Limits limits) {
  const auto library = load_libcurl();
  if (!library) return tl::unexpected(library.error());
  auto curl = std::make_unique<Curl>(loop, **library, limits);
  if (!curl->open()) return fail(Errc::unavailable, "libcurl does not start");
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(curl)));
}

void HttpClient::post(Post request, Done done) { curl_->post(std::move(request), std::move(done)); }

std::size_t HttpClient::running() const { return curl_->running(); }

}  // namespace shmeter::collector
