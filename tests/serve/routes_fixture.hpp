// SPDX-License-Identifier: MIT
// All routes behind a real socket, over a real model and a store that answers what it is told to.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include "collector/serve/http_routes.hpp"
#include "collector/serve/http_server.hpp"
#include "tests/serve/http_client.hpp"
#include "tests/serve/test_intake.hpp"
#include "tests/source/temp_dir.hpp"

namespace shmeter::collector {

using test::Client;
using test::HttpGot;

class TestQueries final : public UsageQueries {
 public:
  void ask(Question question, Parameters parameters, HttpAnswer answer) override {
    asked = question;
    given = std::move(parameters);
    HttpReply reply;
    reply.body = "{\"answered\":true}";
    answer(std::move(reply));
  }
  std::optional<Question> asked;
  Parameters given;
};

class HttpRoutesTest : public testing::Test {
 protected:
  HttpRoutesTest() {
    auto opened = HttpServer::open(loop_, dir_.path("http.sock"), routes_,
                                   [](const std::string& trouble) { ADD_FAILURE() << trouble; });
    EXPECT_TRUE(opened) << opened.error().message;
    server_ = std::move(*opened);
    client_.emplace(loop_, dir_.path("http.sock"));
  }

  HttpGot get(const std::string& target) { return test::get(*client_, target); }
  HttpGot post(const std::string& target, const std::string& body) {
    return test::post(*client_, target, body);
  }
  std::string error(const HttpGot& got, const char* member) {
    simdjson::dom::parser parser;
    std::string_view text;
    if (parser.parse(got.body)["error"][member].get(text) != simdjson::SUCCESS) return "(none)";
    return std::string(text);
  }

  shmeter::test::TempDir dir_;
  Loop loop_;
  test::TestIntake intake_;
  TestQueries queries_;
  HttpGate gate_{{"all", "hand"}};
  std::vector<std::string> said_;
  HttpRoutes routes_{intake_, queries_, gate_,
                     [this](const std::string& line) { said_.push_back(line); }};
  std::unique_ptr<HttpServer> server_;
  std::optional<Client> client_;
};

}  // namespace shmeter::collector
