// SPDX-License-Identifier: MIT
// What `claude -p` prints, as a whole document and as a stream: a document with an error says
// nothing, a stream says the same in whatever cuts it comes.
#include "collector/source/cli_json.hpp"
#include "tests/fuzz/observed.hpp"

namespace shmeter::fuzz {
namespace {

using collector::StreamJson;

constexpr shm::i64 kNow_ms = 1'795'300'000'000;

struct Streamed {
  std::vector<std::string> lines;
  StreamJson::Status status;
};

Streamed stream(std::string_view bytes, std::size_t piece) {
  Checked seen;
  StreamJson reader(seen.take());
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    reader.feed(bytes.substr(0, piece), kNow_ms);
  reader.finish(kNow_ms);
  return {seen.lines(), reader.status()};
}

void check_document(std::string_view bytes) {
  Checked seen;
  const auto done = collector::parse_cli_json(bytes, kNow_ms, seen.take());
  if (done) return holds(is_json(bytes), "nothing is believed of what is no JSON", bytes);
  holds(seen.lines().empty(), "what is wrong hands nothing over");
  holds(is_one_line(done.error().message), "an error is one line", done.error().message);
}

void check_stream(std::string_view bytes) {
  const Streamed whole = stream(bytes, std::max<std::size_t>(bytes.size(), 1));
  const auto& status = whole.status;
  holds(status.too_long <= status.lines, "only lines are too long");
  holds(status.messages > 0 || whole.lines.empty(), "only messages say something");
  holds((status.damaged > 0) == !status.trouble.empty(), "what is damaged is told");
  holds(is_one_line(status.trouble), "trouble is one line", status.trouble);
  for (const std::size_t piece : {1u, 7u}) {
    const Streamed cut = stream(bytes, piece);
    holds(cut.lines == whole.lines && cut.status.lines == status.lines &&
              cut.status.damaged == status.damaged && cut.status.trouble == status.trouble,
          "cuts do not matter");
  }
}

}  // namespace
}  // namespace shmeter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace shmeter::fuzz;
  check_document(text_of(data, size));
  check_stream(text_of(data, size));
  return 0;
}
