// SPDX-License-Identifier: MIT
// The bytes of one client of the control socket, over the real commands and a real model. Whatever
// cuts they come in, each request gets one answer, which is one line; and a body that is refused
// hands nothing over.
#include <vector>

#include "collector/serve/commands.hpp"
#include "collector/serve/line_text.hpp"
#include "collector/serve/request_reader.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/serve/test_intake.hpp"

namespace shmeter::fuzz {
namespace {

using collector::Reply;
using collector::RequestReader;
using Step = RequestReader::Step;

void check_answer(std::string_view line) {
  holds(line.find('\n') == line.npos, "an answer is one line", line);
  if (line == "OK" || line.starts_with("OK ")) return;
  if (line.starts_with("ERROR "))
    return holds(is_one_line(line) && line.size() <= collector::kMaxErrorLine,
                 "an error can be shown", line);
  holds(line.starts_with('{') && is_json(line), "everything else is JSON", line);
}

class Conversation {
 public:
  void append(std::string_view bytes) {
    if (over_) return;
    reader_.append(bytes);
    while (one()) {
    }
  }
  void end() {
    if (!over_ && reader_.end() != Step::hungry) refused();
  }
  const std::vector<std::string>& answers() const { return answers_; }

 private:
  bool one() {
    const Step step = reader_.next();
    if (step == Step::hungry) return false;
    if (step != Step::request) {
      refused();
      return step != Step::lost;
    }
    run();
    return !over_;
  }
  void refused() {
    answers_.push_back(collector::error_line(reader_.refusal()));
    check_answer(answers_.back());
  }
  void run() {
    int answered = 0;
    const int before = intake_.observations;
    commands_.run(reader_.line(), reader_.body(), [&](Reply reply) {
      ++answered;
      check_answer(reply.line);
      if (reply.line.starts_with("ERROR "))
        holds(intake_.observations == before, "what is refused changes nothing", reply.line);
      answers_.push_back(reply.line);
      // A stream is asked nothing more.
      if (!reply.feed) return;
      if (const std::string next = reply.feed->next(); !next.empty()) check_answer(next);
      over_ = true;
    });
    holds(answered == 1, "a request has one answer", reader_.line());
  }

  test::TestIntake intake_;
  collector::Commands commands_{intake_};
  RequestReader reader_{commands_};
  std::vector<std::string> answers_;
  bool over_ = false;
};

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  const std::string_view bytes = text_of(data, size);
  Conversation whole, cut;
  whole.append(bytes);
  whole.end();
  for (std::size_t at = 0; at < bytes.size(); at += 5) cut.append(bytes.substr(at, 5));
  cut.end();
  holds(whole.answers() == cut.answers(), "cuts do not matter");
  return 0;
}
