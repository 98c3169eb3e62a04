// SPDX-License-Identifier: MIT
// bench_protocol: what the sockets cost their users. Everything durable before it is answered: the
// time from SET_USAGE to its OK, and how many posted events a second go through INGEST. And how
// long GET /api/usage takes over TCP while events come in. Arguments: shmeterd= rounds= events=
#include <atomic>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "collector/bench/measure.hpp"
#include "collector/serve/control_client.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/http_client.hpp"

namespace shmeter::bench {
namespace {

using collector::ControlClient;

constexpr int kPerIngest = 1000;

std::string ask(ControlClient& client, const std::string& line, const std::string& body = {}) {
  auto answer = client.ask(line, body);
  if (!answer) throw std::runtime_error(line.substr(0, 40) + ": " + answer.error().message);
  return *answer;
}

void set_usage(ControlClient& client, int rounds) {
  std::vector<double> took_ms;
  for (int i = 0; i < rounds; ++i) {
    const std::string line = "SET_USAGE bench-" + std::to_string(i % 50) +
                             " {\"input_tokens\":" + std::to_string(i) + ",\"output_tokens\":7}";
    const std::int64_t began = now_ns();
    if (ask(client, line) != "OK") throw std::runtime_error("SET_USAGE was not answered with OK");
    took_ms.push_back(static_cast<double>(now_ns() - began) / 1e6);
  }
  print_row("`SET_USAGE` → `OK`, durable, one at a time",
            text("**p50 %.3f ms**, p99 %.3f ms, n = %d", median(took_ms), percentile(took_ms, 0.99),
                 rounds),
            {"p50 ≤ 1 ms", "–"}, "survives SIGKILL; synced to the disk at checkpoints");
}

std::string events(int first, int count = kPerIngest) {
  std::string body = "[";
  for (int i = first; i < first + count; ++i) {
    const std::string n = std::to_string(i);
    body += std::string(i == first ? "" : ",") + "{\"id\":\"bench-" + n + "\",\"session_id\":\"s-" +
            std::to_string(i % 100) +
            "\",\"event_type\":\"tokens\",\"value\":30,\"input_tokens\":10,\"output_tokens\":20,"
            "\"model\":\"claude-sonnet-5-5\"}";
  }
  return body + "]";
}

void ingest(ControlClient& client, int count) {
  std::vector<std::string> bodies;
  for (int i = 0; i < count; i += kPerIngest) bodies.push_back(events(i));
  const std::int64_t began = now_ns();
  for (const std::string& body : bodies)
    ask(client, "INGEST events " + std::to_string(body.size()), body);
  const double seconds = static_cast<double>(now_ns() - began) / 1e9;
  const std::string all = ask(client, "API_USAGE_ALL");

  const bool lost =
      all.find("\"output_tokens\":" + std::to_string(20LL * count)) == std::string::npos;
  print_row("posted events through `INGEST`, 1000 a body, durable",
            text("**%.0f events/s**, n = %d%s", count / seconds, count, lost ? ", **LOST**" : ""),
            {"≥ 100000 events/s", "–"}, "one client that waits for each OK");
}

void http(ControlClient& client, const std::string& socket, const std::string& home, int rounds) {
  constexpr std::int64_t kEvery_ns = 500'000;
  constexpr int kFew = 100;  // each 50 ms
  const std::uint16_t port = free_port();
  std::ofstream(home + "/config.toml") << "[http]\nlisten = \"127.0.0.1:" << port << "\"\n";
  if (ask(client, "RELOAD") != "OK") throw std::runtime_error("RELOAD was not answered with OK");
  std::string token;
  std::ifstream(home + "/runtime/http.token") >> token;
  HttpClient browser = HttpClient::tcp(port, token);
  std::atomic<bool> done = false;
  std::thread poster([&] {
    auto own = ControlClient::open(socket);
    for (int first = 0; own && !done; first += kFew) {
      const std::string body = events(first, kFew);
      static_cast<void>(own->ask("INGEST events " + std::to_string(body.size()), body));
      sleep_ns(50'000'000);
    }
  });
  std::vector<double> took_ms;
  bool wrong = false;
  std::int64_t due_ns = now_ns();
  for (int i = 0; i < rounds; ++i, due_ns += kEvery_ns) {
    if (const std::int64_t early_ns = due_ns - now_ns(); early_ns > 0) sleep_ns(early_ns);
    const std::int64_t began = now_ns();
    wrong = !HttpClient::is_ok(browser.get("/api/usage")) || wrong;
    took_ms.push_back(static_cast<double>(now_ns() - began) / 1e6);
  }
  done = true;
  poster.join();
  print_row("`GET /api/usage` over TCP, 2000 a second, while 2000 events a second come in",
            text("**p50 %.3f ms**, p99 %.3f ms, n = %d%s", median(took_ms),
                 percentile(took_ms, 0.99), rounds, wrong ? ", **WRONG**" : ""),
            {"p99 ≤ 0.5 ms", "–"}, "one client that waits for each answer");
}

int run_all(const Arguments& arguments) {
  const TemporaryFolder home(std::filesystem::temp_directory_path().string());
  std::filesystem::create_directories(home / "claude/projects");
  const int count = static_cast<int>(arguments.number("events", 300'000));
  const int rounds = static_cast<int>(arguments.number("rounds", 2000));
  for (const bool many : {true, false}) {
    std::filesystem::remove_all(home / "state");
    Daemon daemon(arguments.text("shmeterd"), home.path(), home / "claude", Keep::disk);
    daemon.wait_until_complete(60);
    auto client = ControlClient::open(daemon.control_socket());
    if (!client) throw std::runtime_error(client.error().message);
    if (many)
      ingest(*client, count);
    else
      set_usage(*client, rounds);
    if (!many) http(*client, daemon.control_socket(), home.path(), rounds);
  }
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  return shmeter::bench::run_program("bench_protocol", argc, argv, shmeter::bench::run_all);
}
