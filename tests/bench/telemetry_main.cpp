// SPDX-License-Identifier: MIT
// bench_telemetry: OTLP records a second through POST /v1/logs, each body answered once it is
// durable, packed and not, over the unix socket and TCP, and what they cost the collector; and how
// long GET /api/usage takes meanwhile. Arguments: shmeterd= rounds= posts=
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
#include "tests/bench/otlp_bodies.hpp"

namespace shmeter::bench {
namespace {

using collector::ControlClient;

constexpr char kJson[] = "Content-Type: application/json\r\n";
constexpr char kPacked[] = "Content-Type: application/json\r\nContent-Encoding: gzip\r\n";

std::string ask(ControlClient& client, const std::string& line) {
  auto answer = client.ask(line, {});
  if (!answer) throw std::runtime_error(line + ": " + answer.error().message);
  return *answer;
}

/// A collector that HTTP is spoken with over both.
class Served {
 public:
  explicit Served(const std::string& shmeterd)
      : home_(std::filesystem::temp_directory_path().string()), port_(free_port()) {
    std::filesystem::create_directories(home_ / "claude/projects");
    daemon_.emplace(shmeterd, home_.path(), home_ / "claude", Keep::disk);
    daemon_->wait_until_complete(60);
    auto client = ControlClient::open(daemon_->control_socket());
    if (!client) throw std::runtime_error(client.error().message);
    client_.emplace(std::move(*client));
    std::ofstream(home_ / "config.toml") << "[http]\nlisten = \"127.0.0.1:" << port_ << "\"\n";
    if (ask(*client_, "RELOAD") != "OK") throw std::runtime_error("RELOAD: not OK");
  }

  HttpClient over_tcp(const std::string& token) const {
    std::string secret;
    std::ifstream(home_ / "runtime/" + token) >> secret;
    return HttpClient::tcp(port_, secret);
  }
  HttpClient over_unix() const { return HttpClient::local(home_ / "runtime/http.sock"); }
  double cpu_ns() const { return daemon_->used().cpu_ns; }
  /// Whether the collector has counted this much since it began.
  bool has(long long output_tokens) {
    return ask(*client_, "API_USAGE_ALL")
               .find("\"output_tokens\":" + std::to_string(output_tokens) + ",") !=
           std::string::npos;
  }

 private:
  TemporaryFolder home_;
  std::uint16_t port_;
  std::optional<Daemon> daemon_;
  std::optional<ControlClient> client_;
};

struct Way {
  const char* name;
  bool tcp;
  bool packed;
};

void records(Served& served, const Way& way, int posts, long long& output_tokens) {
  std::vector<std::string> bodies;
  for (int i = 0; i < posts; ++i) {
    bodies.push_back(otlp_body(std::string(way.name) + std::to_string(i)));
    if (way.packed) bodies.back() = gzip(bodies.back());
  }
  HttpClient client = way.tcp ? served.over_tcp("otel.token") : served.over_unix();
  const double cpu_ns = served.cpu_ns();
  const std::int64_t began = now_ns();
  bool wrong = false;
  for (const std::string& body : bodies) {
    const std::string answer = client.post("/v1/logs", way.packed ? kPacked : kJson, body);
    wrong = !HttpClient::is_ok(answer) || !answer.ends_with("\r\n\r\n{}") || wrong;
  }
  const auto took_ns = static_cast<double>(now_ns() - began);
  const double share = (served.cpu_ns() - cpu_ns) / took_ns;

  const int count = posts * kRecordsPerBody;
  output_tokens += static_cast<long long>(count) / 8 * kRequestsPerEight * kOutputTokens;
  const bool lost = !served.has(output_tokens);
  print_row(text("OTLP log records through `POST /v1/logs`, 512 a body, durable, %s", way.name),
            text("**%.0f records/s** at %.0f %% of a core, n = %d%s%s", count / took_ns * 1e9,
                 share * 100, count, wrong ? ", **WRONG**" : "", lost ? ", **LOST**" : ""),
            {"≥ 10000 records/s", "–"}, "one client that waits for each answer");
}

/// Posts as many records each `every_ns` until it is told to end.
class Poster {
 public:
  Poster(const Served& served, int each, std::int64_t every_ns)
      : client_(served.over_tcp("otel.token")), thread_([this, each, every_ns] {
          for (int i = 0; !done_; ++i) {
            const std::string body =
                otlp_body(std::to_string(each) + "w" + std::to_string(i), each);
            const std::int64_t began = now_ns();
            client_.post("/v1/logs", kJson, body);
            if (const std::int64_t left = every_ns - (now_ns() - began); left > 0) sleep_ns(left);
          }
        }) {}
  ~Poster() {
    done_ = true;
    thread_.join();
  }
  Poster(const Poster&) = delete;
  Poster& operator=(const Poster&) = delete;

 private:
  std::atomic<bool> done_ = false;
  HttpClient client_;
  std::thread thread_;
};

void usage_meanwhile(const Served& served, int each, int rounds) {
  constexpr std::int64_t kEvery_ns = 500'000;
  constexpr int kPerSecond = 2000;
  HttpClient browser = served.over_tcp("http.token");
  const Poster poster(served, each, std::int64_t{1'000'000'000} * each / kPerSecond);
  std::vector<double> took_ms;
  bool wrong = false;
  std::int64_t due_ns = now_ns();
  for (int i = 0; i < rounds; ++i, due_ns += kEvery_ns) {
    if (const std::int64_t early_ns = due_ns - now_ns(); early_ns > 0) sleep_ns(early_ns);
    const std::int64_t began = now_ns();
    wrong = !HttpClient::is_ok(browser.get("/api/usage")) || wrong;
    took_ms.push_back(static_cast<double>(now_ns() - began) / 1e6);
  }
  print_row(text("`GET /api/usage` over TCP, 2000 a second, while 2000 OTLP records a second come "
                 "in, %d a body",
                 each),
            text("**p50 %.3f ms**, p99 %.3f ms, n = %d%s", median(took_ms),
                 percentile(took_ms, 0.99), rounds, wrong ? ", **WRONG**" : ""),
            {}, "one client that waits for each answer");
}

int run_all(const Arguments& arguments) {
  Served served(arguments.text("shmeterd"));
  const int posts = static_cast<int>(arguments.number("posts", 100));
  const int rounds = static_cast<int>(arguments.number("rounds", 2000));
  long long output_tokens = 0;
  for (const Way& way : {Way{"unix socket", false, false}, Way{"unix socket, gzip", false, true},
                         Way{"TCP", true, false}, Way{"TCP, gzip", true, true}})
    records(served, way, posts, output_tokens);
  for (const int each : {100, kRecordsPerBody}) usage_meanwhile(served, each, rounds);
  return 0;
}

}  // namespace
}  // namespace shmeter::bench

int main(int argc, char** argv) {
  return shmeter::bench::run_program("bench_telemetry", argc, argv, shmeter::bench::run_all);
}
