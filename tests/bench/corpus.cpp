// SPDX-License-Identifier: MIT
// The plan of a made-up history. What makes counting hard is in it on purpose, each kind at a low
// rate: several lines for one response, placeholders that grow, responses without request id,
// forks that repeat a prefix of another file (with its session id or with their own), side chains
// that replay a parent's message under another request id, and lines that only look like usage.
#include "tests/bench/corpus.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "collector/bench/random.hpp"
#include "tests/bench/corpus_lines.hpp"
#include "tests/bench/corpus_price.hpp"

namespace shmeter::bench {
namespace {

namespace fs = std::filesystem;

constexpr i64 kDay_s = 86'400;
constexpr i64 kLinesBytesPerRequest = 3600;  // what a request's lines take before any text

/// A request as it was written, and who owns it: the smallest session id that holds it.
struct Written {
  i64 day;
  std::string_view name;
  Sum sum;
  std::string owner;
};

/// What a later file may begin with.
struct Donor {
  std::string session_id;
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> cuts;  // bytes, requests written by then
  std::size_t first_written = 0;
};

Sum sum_of(const Request& r) {
  const i64 cost = cost_nanousd(r);
  Sum s{1, r.input, r.output, r.write_5m, r.write_1h, r.read, std::max<i64>(cost, 0), 0};
  if (cost < 0) s.unpriced_tokens = s.tokens();
  return s;
}

void write_file(const fs::path& path, std::string_view text, i64 mtime_s) {
  std::ofstream file(path, std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) throw std::runtime_error(path.string() + ": cannot be written");
  const timespec times[2] = {{mtime_s, 0}, {mtime_s, 0}};
  if (utimensat(AT_FDCWD, path.c_str(), times, 0) != 0) {
    throw std::runtime_error(path.string() + ": its time cannot be set");
  }
}

class Builder {
 public:
  Builder(fs::path root, const CorpusOptions& options)
      : root_(std::move(root)), options_(options), random_(options.seed), filler_(random_) {
    const i64 per_request = options.bytes / std::max<i64>(options.requests, 1);
    text_bytes_ = std::max<i64>(per_request - kLinesBytesPerRequest, 160);
  }

  Truth build() {
    const std::vector<i64> shares = requests_per_session();
    for (std::size_t i = 0; i < shares.size(); ++i) session(i, shares[i]);
    for (const Written& w : written_) {
      truth_.all += w.sum;
      truth_.models[std::string(w.name)] += w.sum;
      truth_.sessions[w.owner] += w.sum;
      truth_.days[w.day] += w.sum;
    }
    return std::move(truth_);
  }

 private:
  /// Few long sessions and many short ones, as people have them.
  std::vector<i64> requests_per_session() {
    std::vector<double> weights;
    weights.reserve(static_cast<std::size_t>(options_.sessions));
    double total = 0;
    for (i64 i = 0; i < options_.sessions; ++i) {
      const double u = (static_cast<double>(random_.below(1'000'000)) + 1) / 1'000'001;
      weights.push_back(std::pow(1 - u, -1.8));
      weights.back() = std::min(weights.back(), 60.0);
      total += weights.back();
    }
    std::vector<i64> shares;
    shares.reserve(weights.size());
    for (const double w : weights) {
      shares.push_back(
          std::max<i64>(1, std::lround(w / total * static_cast<double>(options_.requests))));
    }
    return shares;
  }

  /// A length with a long tail, `text_bytes_` in the mean.
  i64 length() {
    const i64 u = random_.below(1000);
    const i64 limit = u < 850 ? text_bytes_ * 4 / 5 : u < 980 ? text_bytes_ * 4 : text_bytes_ * 40;
    return random_.below(limit);
  }

  std::string named(const char* prefix) { return std::string(prefix).append(make_uuid(random_)); }

  Request next_request(i64 at_ms) {
    Request r;
    r.message_id = named("msg_");
    if (!gateway_) r.request_id = named("req_");
    r.at_ms = at_ms;
    choose_model(r, random_.below(1000));
    r.input = random_.below(40);
    r.output = 10 + random_.below(1500);
    r.read = context_;
    const i64 written = 200 + random_.below(6000);
    (random_.permille(600) ? r.write_1h : r.write_5m) = written;
    context_ = context_ > 180'000 ? 20'000 : context_ + written;
    if (r.name == "claude-opus-5-5") {
      r.fast = random_.permille(30);
      r.us = random_.permille(20);
      r.searches = random_.permille(10) ? 1 + random_.below(3) : 0;
    }
    if (r.name.starts_with("claude-sonnet")) r.batch = random_.permille(10);
    return r;
  }

  /// The lines of one response. Full figures come in every line, or only in the last one.
  void respond(Lines& lines, const Speaker& who, Request& r, i64& at_ms) {
    const i64 blocks = 1 + (random_.permille(650) ? 1 : 0) + (random_.permille(200) ? 1 : 0);
    const bool placeholders = !who.recent && random_.permille(500);
    for (i64 block = 0; block < blocks; ++block) {
      at_ms += 20 + random_.below(3000);
      const bool placeholder = placeholders && block + 1 < blocks;
      if (!placeholder && (block == 0 || placeholders)) r.at_ms = at_ms;  // the winner dates it
      const i64 output = placeholder ? std::min<i64>(r.output, 1 + random_.below(8)) : r.output;
      lines.assistant(who, r, block, at_ms, output, !who.agent_id.empty(), length() / 4);
    }
  }

  void book(const Request& r, const std::string& owner) {
    written_.push_back({r.at_ms / 1000 / kDay_s, r.name, sum_of(r), owner});
  }

  void session(std::size_t number, i64 requests) {
    const i64 span_s = options_.days * kDay_s;
    i64 at_ms = (options_.end_s - random_.below(span_s)) * 1000;
    gateway_ = random_.permille(20);
    context_ = 15'000 + random_.below(10'000);
    const i64 project = random_.below(1 + options_.sessions / 20);
    Speaker who{make_uuid(random_), "", "/home/dev/proj" + std::to_string(project), "main",
                random_.permille(400)};
    const fs::path folder = root_ / "projects" / ("-home-dev-proj" + std::to_string(project));
    fs::create_directories(folder);

    std::string text;
    begin_as_fork(number, who, text);
    Donor donor{who.session_id, "", {}, written_.size()};
    const bool may_donate = text.empty();
    Lines lines(text, random_, filler_);
    lines.opening(who);
    std::vector<Request> main_chain;
    const i64 agents = requests > 20 && random_.permille(300) ? 1 + random_.below(3) : 0;
    const i64 agent_requests = agents * std::max<i64>(requests / 10, 1);
    for (i64 i = 0; i < requests - agent_requests; ++i) {
      turn(lines, who, at_ms, main_chain);
      donor.cuts.emplace_back(text.size(), written_.size());
    }
    if (random_.permille(30)) lines.synthetic(who, at_ms);
    save(folder / (who.session_id + ".jsonl"), text, at_ms);
    for (i64 a = 0; a < agents; ++a) {
      agent(folder, who, agent_requests / agents, at_ms, main_chain);
    }
    if (may_donate && text.size() < (std::size_t{4} << 20)) {
      donor.text = std::move(text);
      donor_ = std::move(donor);
    }
  }

  void turn(Lines& lines, const Speaker& who, i64& at_ms, std::vector<Request>& chain) {
    at_ms = std::min(at_ms + 500 + random_.below(90'000), (options_.end_s - 60) * 1000);
    if (random_.permille(120)) {
      lines.prompt(who, at_ms, length() / 3);
      lines.attachment(who, at_ms, length() / 3);
    }
    Request r = next_request(at_ms);
    if (who.recent) lines.api_request(who, at_ms, r.model);
    if (who.recent && random_.permille(100)) lines.api_request_blob(who, 4 * length());
    respond(lines, who, r, at_ms);
    lines.tool_result(who, at_ms + 40, length());
    if (random_.permille(80)) lines.turn_end(who, at_ms + 50);
    book(r, who.session_id);
    chain.push_back(std::move(r));
  }

  /// A helper's transcript: side chain throughout; some begin with what their parent was told.
  void agent(const fs::path& folder, const Speaker& parent, i64 requests, i64 at_ms,
             const std::vector<Request>& chain) {
    Speaker who = parent;
    who.agent_id = make_uuid(random_).substr(0, 8);
    std::string text;
    Lines lines(text, random_, filler_);
    lines.prompt(who, at_ms, length());
    if (!chain.empty() && random_.permille(500)) {
      Request replay =
          chain[static_cast<std::size_t>(random_.below(static_cast<i64>(chain.size())))];
      if (!replay.request_id.empty()) replay.request_id = named("req_");
      lines.assistant(who, replay, 0, at_ms, replay.output, true, length() / 4);
    }
    std::vector<Request> own;
    for (i64 i = 0; i < requests; ++i) turn(lines, who, at_ms, own);
    const fs::path agents = folder / parent.session_id / "subagents";
    fs::create_directories(agents);
    save(agents / ("agent-" + who.agent_id + ".jsonl"), text, at_ms);
  }

  /// Resumed and forked sessions repeat what came before in a file of their own.
  void begin_as_fork(std::size_t number, const Speaker& who, std::string& text) {
    if (number == 0 || donor_.cuts.empty() || !random_.permille(50)) return;
    const auto& [bytes, upto] =
        donor_.cuts[static_cast<std::size_t>(random_.below(static_cast<i64>(donor_.cuts.size())))];
    text.assign(donor_.text, 0, bytes);
    if (random_.permille(500)) return;  // the copy keeps the old session id
    for (std::size_t at = 0; (at = text.find(donor_.session_id, at)) != std::string::npos;) {
      text.replace(at, who.session_id.size(), who.session_id);
    }
    for (std::size_t i = donor_.first_written; i < upto; ++i) {
      written_[i].owner = std::min(written_[i].owner, who.session_id);
    }
  }

  void save(const fs::path& path, const std::string& text, i64 at_ms) {
    const i64 mtime_s = options_.shuffled_mtimes
                            ? options_.end_s - random_.below(options_.days * kDay_s)
                            : at_ms / 1000;
    write_file(path, text, mtime_s);
    truth_.files += 1;
    truth_.lines += std::count(text.begin(), text.end(), '\n');
    truth_.bytes += static_cast<i64>(text.size());
  }

  fs::path root_;
  CorpusOptions options_;
  Random random_;
  Filler filler_;
  i64 text_bytes_ = 0;
  i64 context_ = 0;
  bool gateway_ = false;
  std::vector<Written> written_;
  Donor donor_;
  Truth truth_;
};

}  // namespace

Sum& Sum::operator+=(const Sum& o) {
  requests += o.requests;
  input += o.input;
  output += o.output;
  write_5m += o.write_5m;
  write_1h += o.write_1h;
  read += o.read;
  cost_nanousd += o.cost_nanousd;
  unpriced_tokens += o.unpriced_tokens;
  return *this;
}

Truth write_corpus(const fs::path& root, const CorpusOptions& options) {
  return Builder(root, options).build();
}

std::string describe(const Truth& truth) {
  const Sum& s = truth.all;
  char text[512];
  const int n = std::snprintf(
      text, sizeof text,
      "{\"files\":%lld,\"lines\":%lld,\"bytes\":%lld,\"requests\":%lld,\"input_tokens\":%lld,"
      "\"output_tokens\":%lld,\"cache_creation_5m_tokens\":%lld,\"cache_creation_1h_tokens\":%lld,"
      "\"cache_read_tokens\":%lld,\"cost_nanousd\":%lld,\"unpriced_tokens\":%lld}",
      static_cast<long long>(truth.files), static_cast<long long>(truth.lines),
      static_cast<long long>(truth.bytes), static_cast<long long>(s.requests),
      static_cast<long long>(s.input), static_cast<long long>(s.output),
      static_cast<long long>(s.write_5m), static_cast<long long>(s.write_1h),
      static_cast<long long>(s.read), static_cast<long long>(s.cost_nanousd),
      static_cast<long long>(s.unpriced_tokens));
  return {text, static_cast<std::size_t>(n)};
}

fs::path newest_transcript(const fs::path& root) {
  fs::path newest;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".jsonl" ||
        entry.path().string().find("subagents") != std::string::npos)
      continue;
    if (newest.empty() || entry.last_write_time() > fs::last_write_time(newest))
      newest = entry.path();
  }
  return newest;
}

std::string live_line(std::string_view session_id, i64 id, i64 at_ms) {
  const std::string number = std::to_string(id);
  std::string line = "{\"parentUuid\":null,\"isSidechain\":false,\"message\":{\"id\":\"msg_live";
  line.append(number).append("\",\"type\":\"message\",\"role\":\"assistant\",");
  line.append(
      "\"model\":\"claude-opus-5-5\",\"content\":[{\"type\":\"text\",\"text\":\"Done.\"}],");
  line.append("\"stop_reason\":\"end_turn\",\"usage\":{\"input_tokens\":3,\"output_tokens\":5,");
  line.append("\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0}},");
  line.append("\"requestId\":\"req_live").append(number).append("\",\"type\":\"assistant\",");
  line.append("\"uuid\":\"live-")
      .append(number)
      .append("\",\"timestamp\":\"")
      .append(iso8601(at_ms));
  line.append("\",\"cwd\":\"/home/dev/proj\",\"sessionId\":\"").append(session_id);
  line.append("\",\"version\":\"2.1.330\"}\n");
  return line;
}

}  // namespace shmeter::bench
