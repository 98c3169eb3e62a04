// SPDX-License-Identifier: MIT
// bench_protocol: what the control socket costs its users, everything durable before it is
// answered: the time from SET_USAGE to its OK, and how many posted events a second go through
// INGEST. Arguments: shmeterd= rounds= events=
#include <algorithm>
#include <exception>
#include <filesystem>
#include <stdexcept>

#include "collector/serve/control_client.hpp"
#include "tests/bench/arguments.hpp"
#include "tests/bench/daemon.hpp"
#include "tests/bench/measure.hpp"

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

std::string events(int first) {
  std::string body = "[";
  for (int i = first; i < first + kPerIngest; ++i) {
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

int run_all(const Arguments& arguments) {
  const TemporaryFolder home(std::filesystem::temp_directory_path().string());
  std::filesystem::create_directories(home / "claude/projects");
  const int count = static_cast<int>(arguments.number("events", 300'000));
  for (const bool many : {true, false}) {
    std::filesystem::remove_all(home / "state");
    Daemon daemon(arguments.text("shmeterd"), home.path(), home / "claude", Keep::disk);
    daemon.wait_until_complete(60);
    auto client = ControlClient::open(daemon.control_socket());
    if (!client) throw std::runtime_error(client.error().message);
    if (many)
      ingest(*client, count);
    else
      set_usage(*client, static_cast<int>(arguments.number("rounds", 2000)));
  }
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  try {
    return shmeter::bench::run_all({argc - 1, argv + 1});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_protocol: %s\n", e.what());
    return 1;
  }
}
