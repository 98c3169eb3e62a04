// SPDX-License-Identifier: MIT
// Answers over HTTP as a test's client reads them from the socket.
#pragma once

#include <cctype>
#include <map>
#include <string>

#include "tests/serve/client.hpp"

namespace shmeter::test {

struct HttpGot {
  int status = 0;                              // 0 = no whole answer has come
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// The next answer that the client has got, taken from it. `head`: it has no body to wait for.
inline HttpGot next_answer(Client& client, bool head = false) {
  std::string& got = client.receive();
  HttpGot answer;
  const auto end = got.find("\r\n\r\n");
  if (end == std::string::npos || !got.starts_with("HTTP/1.1 ")) return answer;
  for (auto at = got.find("\r\n") + 2; at < end + 2;) {
    const auto line_end = got.find("\r\n", at);
    const auto colon = got.find(": ", at);
    std::string name = got.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    answer.headers[name] = got.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  const bool none = head || got.substr(9, 3) == "304";
  const std::size_t length = none ? 0 : std::stoul("0" + answer.headers["content-length"]);
  if (got.size() < end + 4 + length) return {};
  answer.status = std::stoi(got.substr(9, 3));
  answer.body = got.substr(end + 4, length);
  got.erase(0, end + 4 + length);
  return answer;
}

inline HttpGot get(Client& client, const std::string& target, const std::string& headers = {}) {
  client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  return next_answer(client);
}

inline HttpGot post(Client& client, const std::string& target, const std::string& body,
                    const std::string& headers = {}) {
  client.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
  return next_answer(client);
}

}  // namespace shmeter::test
