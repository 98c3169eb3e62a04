// SPDX-License-Identifier: MIT
// The HTTP server over real sockets, with a service of its own: no route of the product is known
// here.
#include "collector/serve/http_server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <deque>
#include <thread>

#include "tests/serve/http_client.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {
namespace {

using test::Client;
using test::get;
using test::HttpGot;
using test::next_answer;
using test::post;

/// /echo (its body, or the parameter `text`), /late (answered by release()), /stream (of `news`),
/// /refused.
class EchoService final : public HttpService {
 public:
  std::optional<HttpReply> refuse(const HttpHead& head, std::size_t& most) override {
    ++heads;
    most = 1000;
    local = head.local;
    if (head.path == "/refused") return http_error(403, "no");
    return {};
  }
  void run(const HttpHead& head, std::string body, HttpAnswer answer) override {
    HttpReply reply;
    reply.body = head.method == HttpMethod::post ? body : head.parameter("text");
    reply.etag = head.path == "/same" ? "\"1\"" : "";
    if (head.path == "/stream") reply.feed = std::make_unique<News>(*this);
    if (head.path == "/late")
      late.push_back([answer = std::move(answer), text = reply.body] {
        HttpReply late_reply;
        late_reply.body = text;
        answer(std::move(late_reply));
      });
    else
      answer(std::move(reply));
  }
  void release() {
    const auto one = std::move(late.front());
    late.pop_front();
    one();
  }

  int news = 0;
  int heads = 0;
  bool local = false;
  std::deque<std::function<void()>> late;

 private:
  struct News final : Feed {
    explicit News(EchoService& from) : service(from) {}
    std::string next() override {
      if (told == service.news) return {};
      told = service.news;
      return "data: " + std::to_string(told) + (told > 1000 ? std::string(300'000, 'x') : "") +
             "\n\n";
    }
    EchoService& service;
    int told = -1;
  };
};

class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() { open({}); }

  void open(HttpLimits limits) {
    server_.reset();
    auto opened = HttpServer::open(loop_, path_, service_, nobody_, limits);
    ASSERT_TRUE(opened) << opened.error().message;
    server_ = std::move(*opened);
  }
  Client client() { return Client(loop_, path_); }
  Client tcp() { return Client(loop_, server_->tcp_port()); }
  /// Turns the loop until the client was let go; false after three seconds.
  bool is_let_go(Client& client) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (std::chrono::steady_clock::now() < until) {
      if (client.at_end()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
  }

  shmeter::test::TempDir dir_;
  std::string path_ = dir_.path("http.sock");
  Loop loop_;
  EchoService service_;
  HttpServer::Say nobody_ = [](const std::string& trouble) { ADD_FAILURE() << trouble; };
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
  Client client = this->client();
  for (int i = 0; i < 3; ++i) {
    const HttpGot got = get(client, "/echo?text=a%20b%26c");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "a b&c");
    EXPECT_EQ(got.headers.at("content-type"), "application/json");
    EXPECT_EQ(got.headers.at("cache-control"), "private, no-cache");
    EXPECT_EQ(got.headers.at("x-content-type-options"), "nosniff");
  }
  EXPECT_TRUE(service_.local);
  EXPECT_FALSE(client.at_end());
  EXPECT_EQ(server_->clients(), 1u);
  client.close();
  for (int i = 0; i < 10; ++i) loop_.turn();
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(HttpServerTest, AnswersAreCountedByTheirClass) {
  Client client = this->client();
  get(client, "/echo?text=a");
  get(client, "/echo?text=b");
  get(client, "/refused");
  EXPECT_EQ(server_->answers(), (HttpServer::Answers{0, 0, 2, 0, 1, 0}));
}

TEST_F(HttpServerTest, OnlyTheUserMayReachTheSocket) {
  struct stat st {};
  ASSERT_EQ(::stat(path_.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600u);
}

TEST_F(HttpServerTest, HeadHasNoBodyButItsLength) {
  Client client = this->client();
  client.send("HEAD /echo?text=abc HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const HttpGot got = next_answer(client, true);
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.headers.at("content-length"), "3");
  EXPECT_EQ(get(client, "/echo?text=next").body, "next");
}

TEST_F(HttpServerTest, TheSameAgainIsNotSaidAgain) {
  Client client = this->client();
  EXPECT_EQ(get(client, "/same?text=x").headers.at("etag"), "\"1\"");
  const HttpGot got = get(client, "/same?text=x", "If-None-Match: \"0\", \"1\"\r\n");
  EXPECT_EQ(got.status, 304);
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(get(client, "/same?text=x", "If-None-Match: \"2\"\r\n").status, 200);
}

TEST_F(HttpServerTest, BodiesComeWholeInAnyPieces) {
  Client client = this->client();
  EXPECT_EQ(post(client, "/echo", std::string(1000, 'x')).body, std::string(1000, 'x'));
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char* const piece : {"3\r\nabc\r\n", "2\r\nde\r\n", "0\r\n\r\n"}) client.send(piece);
  EXPECT_EQ(next_answer(client).body, "abcde");
}

TEST_F(HttpServerTest, TooLongABodyIsRefusedBeforeItIsReadOrAtItsEnd) {
  Client little = client();
  EXPECT_EQ(post(little, "/echo", std::string(1001, 'x')).status, 413);
  EXPECT_EQ(get(little, "/echo?text=next").body, "next");
  Client much = client();
  much.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_EQ(next_answer(much).status, 413);
  EXPECT_TRUE(is_let_go(much));
  Client chunked = client();
  chunked.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 5; ++i) chunked.send("fa\r\n" + std::string(250, 'x') + "\r\n");
  chunked.send("0\r\n\r\n");
  EXPECT_EQ(next_answer(chunked).status, 413);
  EXPECT_EQ(get(chunked, "/echo?text=next").body, "next");
}

TEST_F(HttpServerTest, ManyBodiesAtOnceAreBounded) {
  open({.body_bytes = 1500});
  Client first = client();
  first.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n" +
             std::string(900, 'x'));
  Client second = client();
  const HttpGot got = post(second, "/echo", std::string(1000, 'y'));
  EXPECT_EQ(got.status, 503);
  EXPECT_EQ(got.headers.at("retry-after"), "1");
  first.send(std::string(100, 'x'));
  EXPECT_EQ(next_answer(first).body, std::string(1000, 'x'));
  EXPECT_EQ(post(second, "/echo", std::string(1000, 'y')).status, 200);
}

TEST_F(HttpServerTest, RefusedBeforeTheBody) {
  Client client = this->client();
  const HttpGot got = get(client, "/refused");
  EXPECT_EQ(got.status, 403);
  EXPECT_EQ(got.body, R"({"error":{"code":"forbidden","message":"no","field":null}})");
}

TEST_F(HttpServerTest, LateAnswersComeAndHoldNobodyUp) {
  Client patient = client();
  patient.send("GET /late?text=now HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(next_answer(patient).status, 0);
  Client other = client();
  EXPECT_EQ(get(other, "/echo?text=x").body, "x");
  service_.release();
  EXPECT_EQ(next_answer(patient).body, "now");
}

TEST_F(HttpServerTest, AnswersToWhoIsGoneAndOfAServerThatIsGoneAreDropped) {
  {
    Client gone = client();
    gone.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
    gone.close();
  }
  service_.release();
  for (int i = 0; i < 10; ++i) loop_.turn();
  EXPECT_EQ(server_->clients(), 0u);
  Client waiting = client();
  waiting.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n");
  ASSERT_EQ(next_answer(waiting).status, 0);
  ASSERT_EQ(service_.late.size(), 1u);
  server_.reset();
  service_.release();
  EXPECT_TRUE(waiting.at_end());
}

TEST_F(HttpServerTest, StreamsAreToldWhatIsNew) {
  open({.feed_every_ms = 1});
  Client client = this->client();
  client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto has = [&](const std::string& text) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    while (std::chrono::steady_clock::now() < until)
      if (client.receive().find(text) != std::string::npos) return true;
    return false;
  };
  EXPECT_TRUE(has("data: 0\n\n"));
  for (service_.news = 1; service_.news < 5; ++service_.news) {
    server_->changed();
    EXPECT_TRUE(has("data: " + std::to_string(service_.news) + "\n\n"));
  }
  Client other = this->client();
  EXPECT_EQ(get(other, "/echo?text=x").body, "x");
  client.close();
  service_.news = 9;
  server_->changed();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (server_->clients() > 1 && std::chrono::steady_clock::now() < until) {
    loop_.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(server_->clients(), 1u) << "the news could not be told";
}

TEST_F(HttpServerTest, AStreamThatNobodyReadsWaitsAndIsToldTheNewestThen) {
  open({.feed_every_ms = 1});
  Client client = this->client();
  client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  client.receive();
  for (service_.news = 1001; service_.news < 1050; ++service_.news) {
    server_->changed();
    for (int i = 0; i < 5; ++i) loop_.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (client.receive().find("data: 1050") == std::string::npos &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_NE(client.receive().find("data: 1050"), std::string::npos);
  EXPECT_LT(client.receive().size(), 40 * 300'000u) << "not all in between";
}

TEST_F(HttpServerTest, AStreamWhoseClientIsGoneIsNoticedWithoutNews) {
  open({.sign_of_life_ms = 20});
  Client client = this->client();
  client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(client.receive().find("data: 0"), std::string::npos);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  while (client.receive().find(":\n\n") == std::string::npos &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_NE(client.receive().find("\n:\n\n"), std::string::npos) << "a sign of life";
  client.close();
  while (server_->clients() > 0 && std::chrono::steady_clock::now() < until) {
    loop_.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(server_->clients(), 0u);
}

TEST_F(HttpServerTest, AServerWithStreamsEnds) {
  Client client = this->client();
  client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(client.receive().find("data: 0"), std::string::npos);
  server_.reset();
  EXPECT_TRUE(client.at_end());
}

TEST_F(HttpServerTest, DripsHoldNoConnection) {
  open({.head_ms = 200, .body_ms = 200});
  Client head = client();
  Client body = client();
  body.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  std::size_t sent = 0;
  bool open = true;
  while (open && std::chrono::steady_clock::now() < until) {
    open = head.push("G") == 1 && body.push("x") == 1;
    ++sent;
    loop_.turn();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LT(sent, 290u) << "let go before the three seconds were over";
  EXPECT_TRUE(is_let_go(head));
  EXPECT_TRUE(is_let_go(body));
}

TEST_F(HttpServerTest, SilentOnesAreLetGoToo) {
  open({.head_ms = 100});
  Client client = this->client();
  EXPECT_EQ(get(client, "/echo?text=x").body, "x");
  EXPECT_TRUE(is_let_go(client));
}

TEST_F(HttpServerTest, TcpOnlyWhenAskedAndGoneWhenNot) {
  EXPECT_EQ(server_->tcp_port(), 0);
  ASSERT_TRUE(server_->listen_tcp("127.0.0.1:0"));
  const std::uint16_t port = server_->tcp_port();
  ASSERT_NE(port, 0);
  Client client = tcp();
  EXPECT_EQ(get(client, "/echo?text=x").body, "x");
  EXPECT_FALSE(service_.local);
  server_->stop_tcp();
  EXPECT_TRUE(is_let_go(client));
  EXPECT_FALSE(Client(loop_, port).connected());
}

TEST_F(HttpServerTest, AddressesThatAreNone) {
  for (const char* const wrong :
       {"", "7483", "localhost:80", "127.0.0.1", "127.0.0.1:99999", "[::1:8", "1.2.3.4:x"})
    EXPECT_EQ(server_->listen_tcp(wrong).error().code, Errc::invalid) << wrong;
  ASSERT_TRUE(server_->listen_tcp("127.0.0.1:0"));
  const std::string taken = "127.0.0.1:" + std::to_string(server_->tcp_port());
  shmeter::test::TempDir dir;
  auto other = HttpServer::open(loop_, dir.path("http.sock"), service_, nobody_);
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->listen_tcp(taken).error().code, Errc::exists);
}

TEST_F(HttpServerTest, TcpCannotTakeThePlacesOfTheUnixSocket) {
  open({.local_clients = 2, .tcp_clients = 3});
  ASSERT_TRUE(server_->listen_tcp("127.0.0.1:0"));
  std::deque<Client> many;
  for (int i = 0; i < 10; ++i) many.push_back(tcp());
  for (int i = 0; i < 10; ++i) loop_.turn();
  EXPECT_EQ(server_->clients(), 3u);
  Client local = client();
  EXPECT_EQ(get(local, "/echo?text=x").body, "x");
  many.clear();
  for (int i = 0; i < 20; ++i) loop_.turn();
  EXPECT_EQ(server_->clients(), 1u);
  Client later = tcp();
  EXPECT_EQ(get(later, "/echo?text=y").body, "y");
}

TEST_F(HttpServerTest, WhatIsNoHttpIsRefusedOrDropped) {
  for (const std::string& text :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string(100'000, 'x') + "\r\n\r\n",
        "GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\n\r\n",
        std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        std::string("\0\1\2\3", 4)}) {
    Client client = this->client();
    client.send(text);
    client.half_close();
    const int heads = service_.heads;
    EXPECT_TRUE(is_let_go(client)) << text.substr(0, 40);
    EXPECT_NE(next_answer(client).status, 200) << text.substr(0, 40);
    EXPECT_EQ(service_.heads, heads);
  }
  Client client = this->client();
  EXPECT_EQ(get(client, "/echo?text=x").body, "x");
}

}  // namespace
}  // namespace shmeter::collector
